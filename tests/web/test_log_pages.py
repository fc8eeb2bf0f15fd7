"""The playback log and its file, loudspeakers, and what a hamlet will hear.

Imported by pytest alone.
"""

import csv
import io
from datetime import date

import msgspec
import pytest
from starlette.testclient import TestClient

from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust, at_civil
from schedules.playback import Evidence, Outcome, Reason
from schedules.programme import BroadcastClass
from schedules.wire import Status
from server.access import Role
from server.area import AreaSettings
from server.readiness import SILENT_FOR
from tests.web.stage import NOON, House, text_of

LATER = NOON + HOUR


@pytest.fixture
def played(house: House) -> str:
    """A bulletin that one loudspeaker has played, and that two others should have."""
    broadcast = house.write("Họp thôn", at=LATER, targets=("thon-mau-ta-chai", "thon-mau-sa-xeng", "thon-mau-sim-san"))
    house.approve(broadcast)
    house.clock.now = LATER + MINUTE
    playback = msgspec.structs.replace(house.expected("loa-mau-6", broadcast), missing=("mww",))
    house.report("loa-mau-6", playback)
    return broadcast


def _file(browser: TestClient, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(f"/nhat-ky.csv?{query}")
    assert answer.content.startswith(b"\xef\xbb\xbf"), "without this mark, spreadsheets guess the letters wrong"
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


def test_a_row_leads_to_the_approval_that_it_sounded_by(house: House, editor: TestClient) -> None:
    broadcast = house.write("Mưa lớn", at=house.clock.now + HOUR, klass=BroadcastClass.emergency)
    house.approve(broadcast)
    with house.stores.open() as store:
        found = store.broadcasts.find(broadcast)
    assert found is not None
    assert found.decision is not None
    planned = _file(editor)[0]
    assert planned["Mã niêm phong"] == found.decision.seal
    assert (planned["Cơ quan ban hành"], planned["Lý do khẩn cấp"]) == ("UBND xã (mẫu)", "Mưa lớn")
    playback = msgspec.structs.replace(house.expected("loa-mau-6", broadcast), seal="a" * 64)
    house.report("loa-mau-6", playback)
    assert _file(editor)[0]["Mã niêm phong"] == "a" * 64, "what the loudspeaker says counts"


def test_a_row_says_all_that_is_known(house: House, editor: TestClient, played: str) -> None:
    said = text_of(editor.get("/nhat-ky").text)
    for part in (
        "04/12/2026 13:00",
        "13:00:00",
        "Xã Tả Phìn · Thôn Tả Chải (mẫu) · Loa mẫu số 6",
        "Họp thôn",
        "Đã phát",
        "Chưa có âm thanh bằng: Mông (Trắng).",
        "âm thanh đã ra khỏi bộ phát, có đếm",
        "2,0/2,0 s",
        "đồng hồ theo máy chủ ± 12 ms",
        "Đang chờ báo cáo",
    ):
        assert part in said, part


def test_a_planned_instant_with_seconds_is_shown_with_them(house: House, editor: TestClient) -> None:
    """Otherwise a "now" that sounded to the second looks half a minute late."""
    house.approve(house.write(at=LATER + 37 * SECOND))
    assert "04/12/2026 13:00:37" in text_of(editor.get("/nhat-ky").text)


def test_who_never_reports_ends_as_unknown(house: House, editor: TestClient, played: str) -> None:
    house.clock.now = LATER + 2 * HOUR
    assert "Chưa rõ: không có báo cáo" in text_of(editor.get("/nhat-ky").text)
    assert "Chưa rõ: không có báo cáo" in text_of(editor.get("/").text)


@pytest.mark.parametrize(
    ("query", "loudspeakers"),
    [
        ("", {"2", "5", "6"}),
        ("khu_vuc=huyen-bat-xat", {"2"}),
        ("khu_vuc=thi-xa-sa-pa", {"5", "6"}),
        ("khu_vuc=tinh-lao-cai", {"2", "5", "6"}),
        ("khu_vuc=thon-mau-ta-chai", {"6"}),
        ("khu_vuc=loa-mau-5", {"5"}),
        ("ngay=04/12/2026", {"2", "5", "6"}),
        ("ngay=4/12/2026", {"2", "5", "6"}),
        ("ngay=03/12/2026", set()),
        ("ket_qua=played", {"6"}),
        ("ket_qua=none", {"2", "5"}),
        ("ket_qua=failed", set()),
        ("khu_vuc=thi-xa-sa-pa&ket_qua=none&ngay=04/12/2026", {"5"}),
    ],
)
def test_filters_on_the_page_and_in_the_file(house: House, played: str, query: str, loudspeakers: set[str]) -> None:
    overseer = house.somebody("tinh")
    table = overseer.get(f"/nhat-ky?{query}").text.partition("<tbody>")[2]
    assert {n for n in "123456" if f"Loa mẫu số {n}" in table} == loudspeakers
    assert {row["Loa"][-1] for row in _file(overseer, query)} == loudspeakers


def test_the_filter_for_a_bulletin_offers_and_finds_it(house: House, played: str) -> None:
    overseer = house.somebody("tinh")
    house.approve(house.write("Tiêm phòng", at=LATER + 10 * MINUTE))
    with house.stores.open() as store:
        found = store.broadcasts.find(played)
    assert found is not None
    page = overseer.get("/nhat-ky").text
    assert f'<option value="{found.bulletin}">Họp thôn</option>' in page
    assert {row["Bản tin"] for row in _file(overseer, f"ban_tin={found.bulletin}")} == {"Họp thôn"}
    assert {row["Bản tin"] for row in _file(overseer)} == {"Họp thôn", "Tiêm phòng"}


def test_the_choice_of_bulletins_is_of_the_place_and_of_the_days(house: House) -> None:
    """Whatever is asked, and however it is asked: a title of another commune is offered to nobody."""
    places = {"Tả Phìn": "thon-mau-ta-chai", "Y Tý": "thon-mau-sim-san", "Cả hai": "tinh-lao-cai"}
    for title, target in places.items():
        author = "tinhviet" if target == "tinh-lao-cai" else "bientap"
        house.grant("tinhviet", "tinh-lao-cai", Role.editor)
        house.grant("pheduyet", "tinh-lao-cai", Role.approver)
        house.approve(house.write(title, targets=(target,), author=author))
    with house.stores.open() as store:
        areas = store.areas.named([*places.values(), "xa-03013", "xa-02701", "loa-mau-6"])

        def offered(*names: str, since: int = NOON, until: int = NOON + DAY) -> set[str]:
            return {*store.logbook.bulletins_named([areas[name].path for name in names], since, until).values()}

        assert offered("tinh-lao-cai") == {"Tả Phìn", "Y Tý", "Cả hai"}
        for name in ("xa-03013", "thon-mau-ta-chai", "loa-mau-6"):
            assert offered(name) == {"Tả Phìn", "Cả hai"}
        assert offered("xa-02701") == {"Y Tý", "Cả hai"}
        assert offered("xa-03013", "xa-02701") == {"Tả Phìn", "Y Tý", "Cả hai"}
        assert offered("xa-03013", since=NOON + 2 * DAY, until=NOON + 3 * DAY) == set()
        assert offered("tinh-lao-cai", since=NOON - 2 * DAY, until=NOON - DAY) == set()


@pytest.mark.parametrize("day", ["31/02/2026", "mai", '"><script>', "2026-12-04", "9" * 5000])
def test_a_day_that_does_not_exist_is_told_beside_its_field(house: House, editor: TestClient, day: str) -> None:
    page = editor.get("/nhat-ky", params={"ngay": day}).text
    assert "Không có ngày" in page
    assert "<script>" not in page.replace("<script src", "")


def test_pages_of_the_log_lead_to_the_end(house: House) -> None:
    for number in range(18):
        at = LATER + number * 20 * MINUTE
        house.approve(
            house.write(
                f"Bản tin {number}", at=at, targets=("thon-mau-ta-chai", "thon-mau-sa-xeng", "thon-mau-can-ngai")
            )
        )
    overseer, seen, address = house.somebody("tinh"), list[str](), "/nhat-ky"
    for _ in range(5):
        page = overseer.get(address).text
        seen += [part.partition("<")[0] for part in page.split('data-head="Bản tin">')[1:]]
        if "Các dòng cũ hơn" not in page:
            break
        address = "/nhat-ky?" + page.split('href="/nhat-ky?')[1].split('"')[0].replace("&amp;", "&")
    assert len(seen) == 18 * 3
    assert len(_file(overseer)) == 18 * 3


def test_the_file_is_for_spreadsheets(house: House) -> None:
    house.approve(house.write('=HYPERLINK("x";"y")', at=LATER))
    house.approve(house.write("+1; xuống\tdòng", at=LATER + HOUR))
    rows = _file(house.somebody("tinh"))
    assert {row["Bản tin"] for row in rows} == {'\'=HYPERLINK("x";"y")', "'+1; xuống\tdòng"}
    assert rows[0]["Giờ dự kiến"].startswith("04/12/2026 1")
    editor = house.somebody("tinh")
    editor.post("/ngon-ngu", data={"language": "en"})
    assert list(_file(editor)[0])[:3] == ["Commune", "Hamlet", "Loudspeaker"]


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.unknown])
def test_every_outcome_has_its_row(house: House, editor: TestClient, outcome: Outcome) -> None:
    broadcast = house.write(at=LATER)
    house.approve(broadcast)
    house.clock.now = LATER + MINUTE
    fields = {"outcome": outcome, "started": None, "sounded_ms": None, "evidence": Evidence.told}
    house.report("loa-mau-6", msgspec.structs.replace(house.expected("loa-mau-6", broadcast), **fields))
    page = editor.get(f"/nhat-ky?ket_qua={outcome.value}").text
    assert f"badge outcome-{outcome.value}" in page.partition("<tbody>")[2]
    assert len(_file(editor, f"ket_qua={outcome.value}")) == 1


def test_who_was_in_the_way_is_named_even_from_another_page(house: House, editor: TestClient) -> None:
    first = house.write("Tin khẩn", at=LATER - 2 * DAY + HOUR * 47, klass=BroadcastClass.priority)
    house.approve(first)
    broadcast = house.write("Họp thôn", at=LATER)
    house.approve(broadcast)
    house.clock.now = LATER + MINUTE
    other = house.expected("loa-mau-6", first).occurrence
    cut = {"outcome": Outcome.cut, "reason": Reason.cut_in, "other": other}
    house.report("loa-mau-6", msgspec.structs.replace(house.expected("loa-mau-6", broadcast), **cut))
    with house.stores.open() as store:
        found = store.broadcasts.find(broadcast)
    assert found is not None
    said = text_of(editor.get(f"/nhat-ky?ban_tin={found.bulletin}").text)
    assert "“Tin khẩn” thuộc loại cao hơn đã chen vào" in said


def test_loudspeakers_tell_how_they_are(house: House, editor: TestClient) -> None:
    house.follow()
    assert "chưa từng báo về" in text_of(editor.get("/loa").text)
    house.hear("loa-mau-6", Status(online=True, trust=ClockTrust.ntp, bound_ms=40, refused={"bad_signature": 3}))
    house.hear("loa-mau-5", Status(online=False, sound_card="unplugged"))
    said = text_of(editor.get("/loa").text)
    for part in ("Đang kết nối", "± 40 ms", "Mất kết nối", "Bộ phát âm thanh", "Tiếng Việt, Mông (Trắng), Dao (Đỏ)"):
        assert part in said, part
    assert "3 × sai chữ ký" in said
    assert "mất kết nối từ 04/12/2026 12:00" in text_of(editor.get("/").text)


def test_who_was_linked_and_has_said_nothing_since_is_told_as_lost(house: House, editor: TestClient) -> None:
    """Its power and the broker went together: there was nobody to tell its last will."""
    house.hear("loa-mau-1", Status(online=True, journal="j", sounding="ps-1@1"))
    house.clock.now += SILENT_FOR
    assert "Đang kết nối" in text_of(editor.get("/loa").text)
    house.hear("loa-mau-1", Status(online=True, journal="j", sounding="ps-1@1"))  # a broker says what it has kept
    house.clock.now += 1
    for page in ("/loa", "/loa?mat=1"):
        assert "Mất kết nối từ 04/12/2026 12:00" in text_of(editor.get(page).text)


def test_a_hamlet_hears_by_the_rules_of_its_loudspeakers(house: House, editor: TestClient) -> None:
    at = NOON + HOUR
    house.approve(house.write("Bản tin thường", at=at, languages=("vi", "mww")))
    house.approve(house.write("Bản tin ưu tiên", at=at, klass=BroadcastClass.priority))
    house.approve(house.write("Chỉ tiếng Hà Nhì", at=at + HOUR, languages=("hni",)))
    said = text_of(editor.get("/nghe/thon-mau-ta-chai?ngay=04/12/2026").text)
    assert "Thôn Tả Chải (mẫu) nghe gì ngày 04/12/2026" in said
    assert "Đợi “Bản tin ưu tiên” phát xong. Chưa có âm thanh bằng: Dao (Đỏ)." in said
    assert "không phát" in said
    assert "Không có âm thanh bằng thứ tiếng nào của thôn này." in said
    assert "%(" not in said
    assert "Ngày này không có lịch phát" in text_of(editor.get("/nghe/thon-mau-ta-chai?ngay=05/12/2026").text)


def test_quiet_hours_are_told_before_they_silence(house: House, editor: TestClient) -> None:
    with house.stores.open() as store:
        province = store.areas.find("tinh-lao-cai")
        assert province is not None
        store.areas.keep(msgspec.structs.replace(province, settings=AreaSettings()))
    house.approve(house.write(at=at_civil(date(2026, 12, 4), 23 * 60)))
    said = text_of(editor.get("/nghe/thon-mau-ta-chai?ngay=04/12/2026").text)
    assert "không phát" in said
    assert "Đang giờ yên lặng: chỉ phát tin khẩn cấp." in said


@pytest.mark.parametrize("day", ["31/02/2026", "x", '"><script>alert(1)</script>'])
def test_a_day_that_does_not_exist_is_told_on_the_preview(house: House, editor: TestClient, day: str) -> None:
    answer = editor.get("/nghe/thon-mau-ta-chai", params={"ngay": day})
    assert "Không có ngày" in answer.text
    assert "<script>alert" not in answer.text


def test_the_overview_says_what_needs_somebody(house: House, editor: TestClient, played: str) -> None:
    house.hear("loa-mau-6", Status(online=True, sounding="x@1"))
    said = text_of(editor.get("/").text)
    assert "Loa tự báo đang phát gì vào lúc này. Xã Tả Phìn · Thôn Tả Chải (mẫu) · Loa mẫu số 6" in said
    house.hear("loa-mau-5", Status(online=False, journal="j"))
    said = text_of(editor.get("/").text)
    assert said.index("Loa mẫu số 5 : mất kết nối từ") < said.index(": chưa từng báo về"), "who was lost comes first"
    assert "Không có lịch phát trong 24 giờ tới" in said
    house.approve(house.write("Sáng mai", at=house.clock.now + 16 * HOUR))
    assert "Sáng mai" in text_of(editor.get("/").text)


def test_a_silent_loudspeaker_says_why_and_who_acts_next(house: House, editor: TestClient) -> None:
    """Three of a commune went silent together: that is the network or the mains, not three boxes. One alone is another matter."""
    well = Status(online=True, trust=ClockTrust.server, bound_ms=5)
    for number in range(1, 7):
        house.hear(f"loa-mau-{number}", well)
    house.clock.now += SILENT_FOR + MINUTE
    for number in (4, 5, 6):
        house.hear(f"loa-mau-{number}", msgspec.structs.replace(well, number=2))
    page = text_of(editor.get("/loa").text)
    assert page.count("Nhiều khả năng cả vùng mất sóng hoặc mất điện.") == 3
    assert "2/2 loa cùng xã cũng mất kết nối vào lúc đó" in page
    assert "(nhà mạng hoặc điện lực, qua xã)" in page
    house.hear("loa-mau-6", msgspec.structs.replace(well, number=3, online=False))
    page = text_of(editor.get("/loa").text)
    assert page.count("Nhiều khả năng do nguồn điện, SIM hoặc ăng-ten của riêng loa này.") == 1
    assert "2 loa cùng xã không mất kết nối theo" in page
    assert "(trưởng thôn)" in page
