"""The dashboard: each figure is the number of rows that its link leads to; who sees what. A row with its ladder and its
corrections; choices of the log that people keep.

Imported by pytest alone.
"""

import re
from html import unescape

import msgspec
import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY, HOUR, MINUTE, ClockTrust
from schedules.playback import Evidence, Outcome
from schedules.wire import Status
from server import dashboard
from server.access import Role
from server.compose_form import Mode
from server.dashboard import Age, Heat
from server.ledger import SILENT_AFTER
from tests.web.stage import NOON, House, text_of

TA_PHIN = ("thon-mau-can-ngai", "thon-mau-sa-xeng", "thon-mau-ta-chai")
Y_TY = ("thon-mau-trung-tam", "thon-mau-sim-san", "thon-mau-lao-chai")


@pytest.fixture
def week(house: House) -> House:
    """Three days: of Tả Phìn most sounded, of Y Tý nothing; and something that lies ahead."""
    for number in range(3):
        first = house.write(f"Họp {number}", at=house.clock.now + HOUR, targets=TA_PHIN)
        second = house.write(f"Chợ {number}", at=house.clock.now + 2 * HOUR, targets=Y_TY)
        for broadcast in (first, second):
            house.approve(broadcast)
        house.clock.now += 3 * HOUR
        outcomes = {"loa-mau-4": Outcome.played, "loa-mau-5": Outcome.late, "loa-mau-6": Outcome.failed}
        for device, outcome in outcomes.items():
            told = msgspec.structs.replace(
                house.expected(device, first),
                sequence=number + 1,
                outcome=outcome,
                missing=("mww",) if device == "loa-mau-4" else (),
            )
            house.report(device, told)
        house.report(
            "loa-mau-1",
            msgspec.structs.replace(house.expected("loa-mau-1", second), sequence=number + 1, outcome=Outcome.missed),
        )
        house.clock.now += 21 * HOUR
    house.clock.now = NOON + 3 * DAY
    house.approve(house.write("Ngày mai", at=house.clock.now + 5 * HOUR, targets=TA_PHIN))
    return house


def rows_behind(browser: TestClient, link: str) -> int:
    """All rows of a page of the log, with those of the pages behind it."""
    found, address = 0, link
    while address:
        html = browser.get(address).text
        found += html.partition("<tbody>")[2].count('<td class="where"')
        later = re.search(r'<a class="button" href="(/nhat-ky\?[^"]*sau=[^"]*)"', html)
        address = unescape(later[1]) if later else ""
    return found


def figures(html: str) -> list[tuple[int, str]]:
    """What a dashboard counts, and where that leads."""
    cells = re.findall(r'href="(/nhat-ky\?[^"]*)" title="[^"]*: \d+/(\d+)"', html)
    strong = [(link, number) for link, number in re.findall(r'href="([^"]*)"><strong>(\d+)</strong>', html)]
    above = re.findall(r'href="(/nhat-ky\?[^"]*)">[^<]*: \d+/(\d+)</a>', html)
    return [(int(number), unescape(link)) for link, number in (*cells, *strong, *above)]


def counted(browser: TestClient, link: str) -> int:
    if link.startswith("/nhat-ky"):
        return rows_behind(browser, link)
    return browser.get(link).text.count('<li class="card')


@pytest.mark.parametrize("username", ["tinh", "huyenbatxat", "pheduyet", "truongban"])
def test_every_figure_is_the_number_of_rows_behind_it(week: House, username: str) -> None:
    week.grant("truongban", "thon-mau-ta-chai", Role.overseer)
    week.hear("loa-mau-1", Status(online=False, journal="j"))
    browser = week.somebody(username)
    html = browser.get("/bang-dieu-khien").text
    found = figures(html)
    assert len(found) >= 3
    for number, link in found:
        assert counted(browser, link) == number > 0, link
    days = [number for number, link in found if "ket_qua=awaited" in link]
    assert (
        days
        == {"tinh": [3, 3, 3, 3, 3, 3, 3], "huyenbatxat": [3] * 3, "pheduyet": [3] * 7, "truongban": [1] * 8}[username]
    )


def test_the_figures_hold_after_two_communes_are_one(week: House) -> None:
    """A hamlet of Tả Phìn comes to Y Tý: its past stays with Tả Phìn, and what comes is Y Tý's."""
    with week.stores.open() as store:
        hamlet, commune = store.areas.find("thon-mau-ta-chai"), store.areas.find("xa-02701")
        assert hamlet is not None
        assert commune is not None
        path = f"{commune.path}{hamlet.id}/"
        for loudspeaker in store.fleet.below([hamlet.path]):
            store.areas.keep(msgspec.structs.replace(loudspeaker, path=f"{path}{loudspeaker.id}/"))
        store.areas.keep(msgspec.structs.replace(hamlet, parent=commune.id, path=path))
    week.follow()
    browser = week.somebody("tinh")
    found = figures(browser.get("/bang-dieu-khien").text)
    assert sorted(number for number, link in found if "xa=xa-02701" in link) == [1, 3, 3, 3]
    assert sorted(number for number, link in found if "xa=xa-03013" in link) == [2, 3, 3, 3]
    for number, link in found:
        assert counted(browser, link) == number, link
    week.grant("moi", "xa-02701", Role.overseer)
    said = text_of(week.somebody("moi").get("/nhat-ky?loa=loa-mau-6").text)
    assert said.count("Xã Tả Phìn · Thôn Tả Chải (mẫu)") == 3, "the past of its own hamlet, under the name of then"
    assert said.count("Xã Y Tý · Thôn Tả Chải (mẫu)") == 1


def test_stations_that_broadcast_nothing_and_languages_that_were_missing_are_named(week: House) -> None:
    browser = week.somebody("tinh")
    html = browser.get("/bang-dieu-khien").text
    assert "đài không phát được gì trong những ngày này" in text_of(html)
    link = unescape(re.search(r'href="(/bang-dieu-khien/im-lang[^"]*)"', html)[1])  # type: ignore[index]
    assert "Xã Y Tý" in text_of(browser.get(link).text)
    assert "Xã Tả Phìn" not in text_of(browser.get(link).text)
    assert "3 lượt phát thiếu Mông (Trắng)" in text_of(html)


def test_a_commune_sees_its_own_and_what_came_from_above(week: House) -> None:
    week.grant("tinhvan", "tinh-lao-cai", Role.approver)
    broadcast = week.write("Từ tỉnh", at=week.clock.now + HOUR, targets=("tinh-lao-cai",), author="tinhvan")
    week.grant("lanhdao", "tinh-lao-cai", Role.approver)
    with week.stores.open() as store:
        from server import bulletins

        leader = week.person(store, "lanhdao")
        seal = bulletins.page(store, leader, broadcast).seal
        bulletins.approve(store, leader, broadcast, seal, week.clock.now, by_text=store.areas.languages())
    week.follow()
    week.grant("yty", "xa-02701", Role.overseer)
    html = week.somebody("yty").get("/bang-dieu-khien").text
    said = text_of(html)
    assert "Từ cấp trên" in said
    assert "Từ tỉnh: 0/3" in said
    assert "Xã Tả Phìn" not in said
    assert "Từ cấp trên" not in text_of(week.somebody("tinh").get("/bang-dieu-khien").text)
    assert week.somebody("yty").get("/bang-dieu-khien?khu_vuc=xa-03013").status_code == 404
    assert week.somebody("yty").get("/nhat-ky?xa=xa-03013").status_code == 404


def test_an_emergency_without_review_stands_there(house: House) -> None:
    from server import alarms, bulletins
    from server.compose_form import ComposeForm
    from server.composing import Draft, check

    form = ComposeForm(
        title="Lũ", topic="an-ninh", broadcast_class="emergency", text="Bà con sơ tán ngay.", targets=("thon-mau-ta-chai",),
        mode=Mode.now.value, authority="UBND xã", responsible="Chủ tịch", reason="Lũ",
    )  # fmt: skip
    with house.stores.open() as store:
        officer, sound = house.person(store, "trucbao"), house.studio.record(b"RIFF alone", "vi")
        draft = check(form, bulletins.offered(store, officer), house.clock.now)
        assert isinstance(draft, Draft)
        alarms.alarm(store, officer, draft, {"vi": sound}, house.clock.now, house.desk.new_id)
    browser = house.somebody("tinh")
    assert "1 bản tin khẩn cấp chưa được xem lại" in text_of(browser.get("/bang-dieu-khien").text)
    assert "Lũ" in text_of(browser.get("/bang-dieu-khien/khan-cap").text)


@pytest.mark.parametrize(
    ("silent", "age"),
    [(None, Age.never), (HOUR, Age.hours), (6 * HOUR, Age.day), (DAY, Age.week), (7 * DAY, Age.longer)],
)
def test_silence_has_an_age(silent: int | None, age: Age) -> None:
    assert dashboard.age_of(None if silent is None else NOON - silent, NOON) is age


@pytest.mark.parametrize(
    ("sounded", "awaited", "over", "heat"),
    [
        (0, 0, True, Heat.none),
        (1, 1, False, Heat.going),
        (95, 100, True, Heat.good),
        (94, 100, True, Heat.fair),
        (79, 100, True, Heat.bad),
    ],
)
def test_a_share_has_a_colour(sounded: int, awaited: int, over: bool, heat: Heat) -> None:
    assert dashboard.heat_of(sounded, awaited, over=over) is heat


@pytest.fixture
def guessed(house: House) -> str:
    """A row that a loudspeaker reported by a clock that guesses; its address."""
    broadcast = house.write("Họp thôn", at=NOON + HOUR)
    house.approve(broadcast)
    house.clock.now += HOUR + MINUTE
    told = msgspec.structs.replace(
        house.expected("loa-mau-6", broadcast),
        outcome=Outcome.missed,
        evidence=Evidence.stored,
        trust=ClockTrust.guessed,
        bound_ms=90_000,
    )
    house.report("loa-mau-6", told)
    return f"/nhat-ky/loa-mau-6/{told.occurrence}"


def test_a_row_tells_its_ladder_and_that_the_time_was_a_guess(house: House, guessed: str) -> None:
    browser = house.somebody("tinh")
    assert "⚠ giờ chỉ là ước đoán" in text_of(browser.get("/nhat-ky").text)
    said = text_of(browser.get(guessed).text)
    assert "✓ đã lưu đủ âm thanh" in said or "✓" in said
    assert said.count("chưa chứng minh được") == 4
    assert "± 90000 ms" in said
    assert "Thực tế khác với dòng này" not in said, "an overseer corrects nothing"
    house.grant("khac", "xa-02701", Role.approver)
    assert house.somebody("khac").get(guessed).status_code == 404


def test_a_correction_is_a_line_of_its_own_that_names_the_old(house: House, guessed: str) -> None:
    leader = house.somebody("pheduyet")
    form = {"names": "journal-1 1", "outcome": "played", "why": "Tôi đứng dưới loa, nghe đủ."}
    assert leader.post(f"{guessed}/dinh-chinh", data={**form, "why": " "}).status_code == 422
    assert leader.post(f"{guessed}/dinh-chinh", data={**form, "names": "other 1"}).status_code == 409
    assert leader.post(f"{guessed}/dinh-chinh", data=form).status_code == 303
    assert leader.post(f"{guessed}/dinh-chinh", data=form).status_code == 409, "it says so already"
    said = text_of(leader.get(guessed).text)
    assert "loa đã báo: Không phát được" in said or "loa đã báo" in said
    assert "“Tôi đứng dưới loa, nghe đủ.”" in said
    assert "đính chính dòng journal-1 1" in said
    log = leader.get("/nhat-ky?ket_qua=played").text
    assert "✎" in log
    assert "Tôi đứng dưới loa" in leader.get("/nhat-ky.csv?ket_qua=played").text
    with house.stores.open() as store:
        assert store.summary.recount() == []
        assert store.trail.latest(1)[0].act == "correct"
        told = store.logbook.reported("loa-mau-6", guessed.rpartition("/")[2])
        assert [each.outcome for each in told] == [Outcome.missed]
    again = {**form, "names": "#1", "outcome": "failed", "why": "Nhầm loa."}
    assert leader.post(f"{guessed}/dinh-chinh", data=again).status_code == 303
    assert "Nhầm loa." in leader.get("/nhat-ky?ket_qua=failed").text


def test_nobody_corrects_what_is_not_due_yet(house: House) -> None:
    broadcast = house.write(at=NOON + HOUR)
    house.approve(broadcast)
    address = f"/nhat-ky/loa-mau-6/{house.expected('loa-mau-6', broadcast).occurrence}"
    form = {"names": "", "outcome": "played", "why": "x"}
    assert house.somebody("pheduyet").post(f"{address}/dinh-chinh", data=form).status_code == 403


def test_who_never_reports_is_amber_and_then_red(house: House) -> None:
    house.approve(house.write(at=NOON + HOUR))
    browser = house.somebody("tinh")
    house.clock.now = NOON + HOUR + 15 * MINUTE + SILENT_AFTER + 1
    assert "badge log-unknown" in browser.get("/nhat-ky").text
    house.clock.now += DAY
    assert "badge log-long_unknown" in house.somebody("tinh").get("/nhat-ky").text


def test_a_choice_is_kept_and_forgotten_by_whom_it_belongs_to(house: House) -> None:
    mine, other = house.somebody("tinh"), house.somebody("pheduyet")
    query = "khu_vuc=xa-03013&ket_qua=silent&evil=1"
    assert mine.post("/nhat-ky/xem", data={"name": " ", "query": query}).status_code == 422
    assert mine.post("/nhat-ky/xem", data={"name": "Chưa phát", "query": query}).headers["location"] == (
        "/nhat-ky?khu_vuc=xa-03013&ket_qua=silent"
    )
    assert "★ Chưa phát" in mine.get("/nhat-ky").text
    assert "★" not in other.get("/nhat-ky").text
    assert other.post("/nhat-ky/xem/bo", data={"number": "1"}).status_code == 404
    assert mine.post("/nhat-ky/xem/bo", data={"number": "1"}).status_code == 303
    assert "★" not in mine.get("/nhat-ky").text
    for number in range(30):
        mine.post("/nhat-ky/xem", data={"name": f"v{number}", "query": ""})
    assert mine.post("/nhat-ky/xem", data={"name": "v30", "query": ""}).status_code == 409
    assert mine.post("/nhat-ky/xem", data={"name": "v3", "query": "tieng=vi"}).status_code == 303


def test_the_log_is_narrowed_down(week: House) -> None:
    browser = week.somebody("tinh")
    wanted = {
        "noi=ta+phin": 12,
        "noi=TẢ PHÌN": 12,
        "noi=thôn": 21,
        "noi=nowhere": 0,
        "loa=loa-mau-4": 4,
        "loai=priority": 0,
        "loai=ordinary": 21,
        "loai=nonsense": 21,
        "tieng=vi": 21,
        "thieu=mww": 3,
        "tieng=mww": 3,
        "thieu=mww&ket_qua=failed": 0,
        "ket_qua=sounded": 6,
        "ket_qua=silent": 15,
        "tu=05/12/2026&den=05/12/2026": 6,
        "den=04/12/2026": 6,
        "tu=06/12/2026": 9,
        "tu=07/12/2026&den=05/12/2026": 15,
    }
    assert {query: rows_behind(browser, f"/nhat-ky?{query}") for query in wanted} == wanted


def test_old_names_are_found_and_many_places_are_asked_about(week: House) -> None:
    with week.stores.open() as store:
        commune = store.areas.find("xa-03013")
        assert commune is not None
        store.areas.keep(msgspec.structs.replace(commune, former_names="Xã Cũ Kỹ"))
    browser = week.somebody("tinh")
    assert rows_behind(browser, "/nhat-ky?noi=cu+ky") == 12
    assert "Anh/chị muốn xem nơi nào?" in text_of(browser.get("/nhat-ky?noi=sa+pa").text)
    shortened = text_of(browser.get("/nhat-ky?tu=01/01/2026&den=31/12/2026").text)
    assert "tối đa 92 ngày" in shortened
