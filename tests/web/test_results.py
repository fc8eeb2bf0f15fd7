"""The pages "Kết quả" and "Phát lại cho loa lỗi": what became of a bulletin where, and saying it again there.

Imported by pytest alone.
"""

import re
from typing import Any

import msgspec
import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from schedules.clock import HOUR, MINUTE, ClockTrust
from schedules.playback import Evidence, Outcome, Reason
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from schedules.wire import Status
from server import bulletins
from server.access import Role
from server.area import Area, AreaSettings
from server.bulletin import Broadcast, passage_of, state_of
from server.compose_form import Mode
from server.ledger import SILENT_AFTER
from server.lifecycle import BroadcastState, airs
from server.planning import NOW_LEAD
from tests.web.stage import NOON, House, text_of

COMMUNES = ("xa-03013", "xa-02701")
AT = NOON + HOUR
SILENT: dict[str, Any] = {"started": None, "ended": None, "sounded_ms": 0}
ENDINGS: dict[str, dict[str, Any]] = {
    "loa-mau-1": {},
    "loa-mau-2": {"outcome": Outcome.late, "reason": Reason.delayed},
    "loa-mau-3": {**SILENT, "outcome": Outcome.skipped, "reason": Reason.no_language},
    "loa-mau-4": {**SILENT, "outcome": Outcome.failed, "reason": Reason.card_missing, "evidence": Evidence.decoded},
    "loa-mau-5": {"outcome": Outcome.cut, "reason": Reason.restarted, "sounded_ms": 900},
}
"""Of the sixth nothing is ever heard."""


@pytest.fixture(autouse=True)
def _people(house: House) -> None:
    house.grant("viet", "tinh-lao-cai", Role.editor)
    house.grant("duyet", "tinh-lao-cai", Role.approver)
    house.grant("xem", "tinh-lao-cai", Role.overseer)


@pytest.fixture
def aired(house: House) -> str:
    """A bulletin that sounded at two loudspeakers, failed in other ways at three, and was never told of by one."""
    broadcast = house.write("Họp thôn", at=AT, targets=COMMUNES, languages=("vi", "mww"), author="viet")
    _approve(house, broadcast)
    house.clock.now = AT + MINUTE
    for name, changes in ENDINGS.items():
        house.report(name, msgspec.structs.replace(house.expected(name, broadcast), **changes))
    house.clock.now = AT + HOUR
    return broadcast


def _approve(house: House, broadcast: str) -> None:
    page = house.somebody("duyet").get(f"/ban-tin/{broadcast}").text
    seal = re.search(r'name="seal" value="(\w+)"', page)
    assert seal
    form = {"seal": seal[1], "by_text": ["vi", "mww"]}
    assert house.somebody("duyet").post(f"/ban-tin/{broadcast}/duyet", data=form).status_code == 303
    house.follow()


def _found(house: House, broadcast: str) -> tuple[Broadcast, BroadcastState]:
    with house.stores.open() as store:
        found = store.broadcasts.find(broadcast)
        assert found is not None
        return found, state_of(store.broadcasts.bulletins([found.bulletin])[found.bulletin], found)


def _order(browser: TestClient, broadcast: str, **form: Any) -> str:
    """Order a make-up as the form has it; the broadcast that one is sent to."""
    given = {"lan": f"{broadcast}@{AT}", "loai": ["silent", "partly"], "luc": "soonest", **form}
    answer = browser.post(f"/ban-tin/{broadcast}/phat-lai", data=given)
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["location"]).rpartition("/")[2]


def test_each_loudspeaker_tells_what_became_of_it_and_what_to_do(house: House, aired: str) -> None:
    house.hear("loa-mau-4", Status(online=True, trust=ClockTrust.server, sound_card="no such card"))
    said = text_of(house.somebody("xem").get(f"/ban-tin/{aired}/ket-qua").text)
    assert "2/6 loa đã phát" in said
    for part in (
        "✓ Đã phát: 2",
        "✗ Không phát: 2",
        "◐ Đứt giữa chừng: 1",
        "? Chưa có báo cáo: 1",
        "Tiếng Việt: 2,0 trên 2,0 giây",
        "0,9 trên 2,0 giây",
        "âm thanh đã ra khỏi bộ phát, có đếm (13:00:00).",
        "Không thấy bộ phát âm thanh; kiểm tra dây và nguồn của bộ phát.",
        "Nhờ kiểm tra dây và nguồn của bộ phát âm thanh. Sau đó phát lại.",
        "Nhờ ghi âm bằng một thứ tiếng của thôn này",
        "Có thể loa đã phát: khi có mạng, báo cáo sẽ về.",
    ):
        assert part in said, part


def test_only_those_that_failed(house: House, aired: str) -> None:
    page = house.somebody("xem").get(f"/ban-tin/{aired}/ket-qua?loi=1").text.partition("<tbody>")[2]
    shown = {number for number in range(1, 7) if f"Loa mẫu số {number}" in text_of(page)}
    assert shown == {3, 4, 5, 6}


def test_before_its_hour_the_page_says_who_is_ready(house: House) -> None:
    broadcast = house.write("Họp thôn", at=AT, targets=("thon-mau-ta-chai",))
    house.approve(broadcast)
    said = text_of(house.somebody("xem").get(f"/ban-tin/{broadcast}/ket-qua").text)
    assert "0/1 loa đã phát" in said
    assert "chưa liên lạc lần nào" in said or "chưa từng" in said
    assert "Phát lại cho loa lỗi" not in said


def test_results_are_one_press_from_home_and_a_make_up_two(house: House, aired: str) -> None:
    home = house.somebody("duyet").get("/").text
    results = f"/ban-tin/{aired}/ket-qua?lan={aired}@{AT}"
    repeat = f"/ban-tin/{aired}/phat-lai?lan={aired}@{AT}"
    assert f'href="{results}"' in home.replace("%40", "@")
    assert f'href="{repeat}"' in home.replace("%40", "@")
    assert "2/6 đã phát" in text_of(home)
    form = house.somebody("duyet").get(repeat).text
    assert re.search(r'value="silent" checked', form)
    assert re.search(r'value="partly" checked', form)
    assert re.search(r'value="unreported">', form), "who has not reported may have sounded"
    assert "1 loa không đưa vào: phát lại cũng sẽ bị bỏ qua" in text_of(form)
    assert "nên lệnh này cũng là phê duyệt" in text_of(form)


def test_an_approver_orders_the_same_sound_at_exactly_the_loudspeakers_that_failed(house: House, aired: str) -> None:
    again = _order(house.somebody("duyet"), aired)
    made, state = _found(house, again)
    first, _ = _found(house, aired)
    assert made.bulletin == first.bulletin
    assert set(made.targets) == {"loa-mau-4", "loa-mau-5"}
    assert (made.mode, made.recurrence) == (Mode.now.value, Once(house.clock.now + NOW_LEAD))
    assert state is BroadcastState.approved
    assert made.decision is not None
    assert made.decision.approver == "duyet"
    house.follow()
    with house.stores.open() as store:
        programmes = store.fleet.programmes()
    sounding = {area for area, programme in programmes.items() if any(s.broadcast == again for s in programme.slots)}
    assert sounding == {"loa-mau-4", "loa-mau-5"}
    said = text_of(house.somebody("xem").get(f"/ban-tin/{aired}/ket-qua?lan={aired}@{AT}").text)
    assert "Lượt phát lại do" in said
    house.clock.now += HOUR
    house.report("loa-mau-4", msgspec.structs.replace(house.expected("loa-mau-4", again), sequence=2))
    said = text_of(house.somebody("xem").get(f"/ban-tin/{again}/ket-qua").text)
    assert "1/2 loa đã phát" in said
    assert "Đây là lượt phát lại cho các loa lỗi của: Họp thôn" in said


def test_what_somebody_without_the_right_to_approve_orders_waits_for_an_approver(house: House, aired: str) -> None:
    again = _order(house.somebody("viet"), aired)
    made, state = _found(house, again)
    assert state is BroadcastState.submitted
    house.follow()
    with house.stores.open() as store:
        assert not any(s.broadcast == again for p in store.fleet.programmes().values() for s in p.slots)
    assert again in house.somebody("duyet").get("/phe-duyet").text
    _approve(house, again)
    made, state = _found(house, again)
    assert state is BroadcastState.approved
    with house.stores.open() as store:
        assert airs(passage_of(store.broadcasts.bulletins([made.bulletin])[made.bulletin], made))
        assert any(s.broadcast == again for s in store.fleet.programmes()["loa-mau-4"].slots)


def test_a_second_press_orders_nothing_new(house: House, aired: str) -> None:
    leader = house.somebody("duyet")
    assert _order(leader, aired) == _order(leader, aired)
    assert _order(house.somebody("viet"), aired) in house.broadcasts()
    assert len(house.broadcasts()) == 2
    more = _order(leader, aired, loai=["silent", "partly", "unreported"])
    assert _found(house, more)[0].targets == ("loa-mau-6",), "only what is not ordered yet"


def test_what_was_withdrawn_can_be_ordered_again(house: House, aired: str) -> None:
    leader = house.somebody("duyet")
    again = _order(leader, aired)
    assert leader.post(f"/ban-tin/{again}/rut").status_code == 303
    assert _order(leader, aired) != again


def test_who_withdraws_a_bulletin_withdraws_what_makes_up_for_it(house: House, aired: str) -> None:
    again = _order(house.somebody("duyet"), aired)
    house.somebody("duyet").post(f"/ban-tin/{aired}/rut")
    assert _found(house, again)[1] is BroadcastState.withdrawn


def test_quiet_hours_are_kept(house: House, aired: str) -> None:
    with house.stores.open() as store:
        province = store.areas.find("tinh-lao-cai")
        assert province is not None
        store.areas.keep(msgspec.structs.replace(province, settings=AreaSettings()))
    house.clock.now = AT + 10 * HOUR  # 23:00
    house.follow()
    leader = house.somebody("duyet")
    assert "Sớm nhất được phép: 05/12/2026 05:00" in text_of(leader.get(f"/ban-tin/{aired}/phat-lai").text)
    form = {"lan": f"{aired}@{AT}", "loai": ["silent"], "luc": "at", "date": "05/12/2026", "time": "04:00"}
    refused = leader.post(f"/ban-tin/{aired}/phat-lai", data=form)
    assert refused.status_code == 422
    assert "Đang giờ yên lặng" in text_of(refused.text)
    assert 'value="04:00"' in refused.text
    assert _found(house, _order(leader, aired))[0].recurrence == Once(AT + 16 * HOUR)


@pytest.mark.parametrize(
    ("day", "hour", "said"), [("31/02/2026", "10:00", "Không có ngày"), ("", "25:00", "Không có giờ")]
)
def test_a_time_that_is_none_is_told_beside_its_field(house: House, aired: str, day: str, hour: str, said: str) -> None:
    form = {"lan": f"{aired}@{AT}", "loai": ["silent"], "luc": "at", "date": day, "time": hour}
    answer = house.somebody("duyet").post(f"/ban-tin/{aired}/phat-lai", data=form)
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert len(house.broadcasts()) == 1


def test_who_may_only_look_orders_nothing(house: House, aired: str) -> None:
    overseer = house.somebody("xem")
    assert "Phát lại cho loa lỗi" not in overseer.get(f"/ban-tin/{aired}/ket-qua").text
    assert "Phát lại cho loa lỗi" not in overseer.get("/").text
    assert overseer.get(f"/ban-tin/{aired}/phat-lai").status_code == 403
    form = {"lan": f"{aired}@{AT}", "loai": ["silent"]}
    assert overseer.post(f"/ban-tin/{aired}/phat-lai", data=form).status_code == 403
    commune = house.somebody("pheduyet")  # of one of the two communes alone
    assert commune.get(f"/ban-tin/{aired}/ket-qua").status_code == 200
    assert len(house.broadcasts()) == 1


def test_an_emergency_is_never_said_again_from_here(house: House) -> None:
    broadcast = house.write("Lũ", at=AT, targets=COMMUNES, klass=BroadcastClass.emergency, author="duyet")
    house.grant("khac", "tinh-lao-cai", Role.approver)
    with house.stores.open() as store:
        leader = house.person(store, "khac")
        seal = bulletins.page(store, leader, broadcast).seal
        bulletins.approve(store, leader, broadcast, seal, house.clock.now, by_text=["vi"])
    house.follow()
    house.clock.now = AT + 3 * HOUR
    page = house.somebody("duyet").get(f"/ban-tin/{broadcast}/ket-qua").text
    assert "Phát lại cho loa lỗi" not in page
    assert "Tin khẩn cấp không phát lại từ trang này" in text_of(page)
    assert house.somebody("duyet").get(f"/ban-tin/{broadcast}/phat-lai").status_code == 403


def test_others_see_their_own_loudspeakers_alone(house: House, aired: str) -> None:
    house.grant("xa", "xa-03013", Role.overseer)
    page = house.somebody("xa").get(f"/ban-tin/{aired}/ket-qua").text
    assert "/3 loa đã phát" in text_of(page)
    assert "Loa mẫu số 1" not in text_of(page)
    house.grant("noikhac", "xa-02647", Role.approver)
    assert house.somebody("noikhac").get(f"/ban-tin/{aired}/ket-qua").status_code == 404
    assert house.somebody("xa").get(f"/ban-tin/{aired}/ket-qua?khu_vuc=xa-02701").status_code == 404
    assert house.somebody("xa").get(f"/ban-tin/{aired}/ket-qua?lan=khac@1").status_code == 404


def test_a_late_report_takes_a_loudspeaker_from_the_list(house: House, aired: str) -> None:
    house.clock.now = AT + HOUR + SILENT_AFTER
    house.report("loa-mau-6", house.expected("loa-mau-6", aired))
    said = text_of(house.somebody("duyet").get(f"/ban-tin/{aired}/phat-lai?lan={aired}@{AT}").text)
    assert "Loa mẫu số 6" not in said


def test_it_is_noted_who_ordered_what(house: House, aired: str) -> None:
    again = _order(house.somebody("duyet"), aired)
    with house.stores.open() as store:
        line = next(each for each in store.trail.lines() if each.subject == again)
    assert (line.act, line.staff, line.before) == ("repeat", "duyet", f"{aired}@{AT}")
    assert "2 loudspeakers" in line.after


def test_sixty_loudspeakers_cost_no_more_questions_than_one(house: House) -> None:
    """The database counts and joins; nothing asks once for each loudspeaker."""
    with house.stores.open() as store:
        hamlet = store.areas.find("thon-mau-ta-chai")
        assert hamlet is not None
        for number in range(60):
            path = f"{hamlet.path}loa-{number}/"
            store.fleet.keep(Area(f"loa-{number}", hamlet.id, path, hamlet.depth + 1, "loudspeaker", f"Loa {number}"))
    house.follow()
    one = house.write("Một loa", at=AT, targets=("loa-1",))
    many = house.write("Nhiều loa", at=AT + MINUTE, targets=("thon-mau-ta-chai",))
    for broadcast in (one, many):
        house.approve(broadcast)
    house.clock.now = AT + HOUR
    asked: list[str] = []
    event.listen(house.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for broadcast in (one, many):
        browser = house.somebody("xem")
        asked.clear()
        assert "loa đã phát" in browser.get(f"/ban-tin/{broadcast}/ket-qua").text
        counts.append(len(asked))
    assert counts[1] <= counts[0]
