"""Moving a broadcast on the timetable: what it changes is shown first, and somebody else approves the new time.

Imported by pytest alone.
"""

from datetime import date

import pytest
from starlette.testclient import TestClient

from schedules.clock import HOUR, UtcMs, at_civil
from schedules.programme import BroadcastClass
from schedules.recurrence import Once, Weekly
from server import bulletins
from server.access import Role
from server.lifecycle import BroadcastState
from tests.web.stage import NOON, House, text_of

AT, LATER = NOON + 24 * HOUR, at_civil(date(2026, 12, 6), 17 * 60)
FORM = {"lan": str(AT), "ngay": "06/12/2026", "gio": "17:00"}


@pytest.fixture
def planned(house: House) -> str:
    broadcast = house.write("Họp thôn", at=AT)
    house.approve(broadcast)
    return broadcast


def _states(house: House) -> dict[str, tuple[BroadcastState, UtcMs | None]]:
    with house.stores.open() as store:
        pages = bulletins.pages(store, house.person(store, "pheduyet"), house.clock.now + 1)
    return {
        p.broadcast.id: (p.state, p.broadcast.recurrence.at if isinstance(p.broadcast.recurrence, Once) else None)
        for p in pages
    }


def _move(browser: TestClient, broadcast: str, **form: str) -> str:
    answer = browser.post(f"/ban-tin/{broadcast}/doi-gio", data={**FORM, **form})
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["location"]).rpartition("/")[2]


def test_the_page_says_what_changes_and_that_somebody_must_approve_it(
    house: House, editor: TestClient, planned: str
) -> None:
    house.approve(house.write("Ưu tiên", at=LATER, klass=BroadcastClass.priority))
    said = text_of(editor.get(f"/ban-tin/{planned}/doi-gio", params=FORM).text)
    for part in (
        "Hiện nay 05/12/2026 12:00",
        "Dời đến 06/12/2026 17:00",
        "Đợi “Ưu tiên” phát xong.",
        "Giờ mới phải được người khác phê duyệt lại. Trong lúc chờ, loa vẫn phát theo giờ cũ.",
    ):
        assert part in said, part
    assert len(house.broadcasts()) == 2, "looking changes nothing"


def test_what_is_moved_airs_at_its_old_time_until_somebody_else_approves(
    house: House, editor: TestClient, planned: str
) -> None:
    moved = _move(editor, planned)
    assert _states(house) == {planned: (BroadcastState.approved, AT), moved: (BroadcastState.submitted, LATER)}
    house.clock.now += 1
    house.approve(moved)
    assert _states(house) == {planned: (BroadcastState.superseded, AT), moved: (BroadcastState.approved, LATER)}
    with house.stores.open() as store:
        starts = {slot.start for p in store.fleet.programmes().values() for slot in p.slots}
        line = next(each for each in store.trail.lines() if each.act == "move")
    assert starts == {LATER}
    assert (line.subject, line.before, line.after) == (moved, f"{planned}@{AT}", str(LATER))


def test_who_moves_it_does_not_approve_it(house: House, approver: TestClient, planned: str) -> None:
    moved = _move(approver, planned)
    answer = approver.post(f"/ban-tin/{moved}/duyet", data={"seal": "x", "by_text": ["vi"]})
    assert answer.status_code == 403
    assert _states(house)[moved][0] is BroadcastState.submitted


def test_what_waits_is_replaced_at_once(house: House, editor: TestClient) -> None:
    waiting = house.write("Họp thôn", at=AT)
    said = text_of(editor.get(f"/ban-tin/{waiting}/doi-gio", params=FORM).text)
    assert "vẫn chờ phê duyệt như trước, với giờ mới" in said
    moved = _move(editor, waiting)
    assert _states(house)[waiting][0] is BroadcastState.superseded
    again = editor.post(f"/ban-tin/{waiting}/doi-gio", data=FORM)
    assert again.status_code in (403, 409), "a second press moves nothing"
    assert set(house.broadcasts()) == {waiting, moved}


def test_what_recurs_is_moved_as_a_whole(house: House, editor: TestClient, planned: str) -> None:
    with house.stores.open() as store:
        found = store.broadcasts.find(house.write("Hằng tuần", at=AT))
        assert found is not None
        rule = Weekly((5,), 12 * 60, date(2026, 12, 1))
        assert store.broadcasts.set_recurrence(found, rule)
    page = editor.get(f"/ban-tin/{found.id}/doi-gio", params=FORM)
    assert "Tất cả các lượt" in text_of(page.text)
    moved = _move(editor, found.id)
    with house.stores.open() as store:
        fresh = store.broadcasts.find(moved)
    assert fresh is not None
    assert fresh.recurrence == Weekly((6,), 17 * 60, date(2026, 12, 1))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"ngay": "31/02/2026"}, "Không có ngày"),
        ({"gio": "25:00"}, "Không có giờ"),
        ({"ngay": "01/12/2026"}, "đã qua"),
        ({"ngay": ""}, "Vui lòng điền"),
    ],
)
def test_a_time_that_is_none_moves_nothing(
    house: House, editor: TestClient, planned: str, typed: dict[str, str], said: str
) -> None:
    for answer in (
        editor.get(f"/ban-tin/{planned}/doi-gio", params={**FORM, **typed}),
        editor.post(f"/ban-tin/{planned}/doi-gio", data={**FORM, **typed}),
    ):
        assert answer.status_code == 422
        assert said in text_of(answer.text)
    assert house.broadcasts() == [planned]


def test_who_may_only_look_sees_no_handle_and_moves_nothing(house: House, planned: str) -> None:
    house.grant("xem", "tinh-lao-cai", Role.overseer)
    overseer = house.somebody("xem")
    assert "/doi-gio" not in overseer.get("/lich-phat").text
    assert overseer.get(f"/ban-tin/{planned}/doi-gio", params=FORM).status_code == 403
    assert overseer.post(f"/ban-tin/{planned}/doi-gio", data=FORM).status_code == 403
    house.grant("noikhac", "xa-02647", Role.approver)
    assert house.somebody("noikhac").post(f"/ban-tin/{planned}/doi-gio", data=FORM).status_code == 404
    assert house.broadcasts() == [planned]


def test_the_timetable_has_a_handle_on_what_this_person_may_move(
    house: House, editor: TestClient, planned: str
) -> None:
    house.approve(house.write("Lũ", at=AT + HOUR, klass=BroadcastClass.emergency))
    page = editor.get("/lich-phat").text
    assert page.count("data-move ") == 1
    assert f'href="/ban-tin/{planned}/doi-gio?lan={AT}"' in page
    house.clock.now = AT + 1
    editor = house.somebody("bientap")  # a day later
    assert "data-move " not in editor.get("/lich-phat").text, "what has begun stays"
    assert editor.post(f"/ban-tin/{planned}/doi-gio", data=FORM).status_code == 409
