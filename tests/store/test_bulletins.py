"""Tests of the way from a draft to a programme, on a real database.

Nobody imports this module.
"""

import msgspec
import pytest

from schedules.clock import DAY, HOUR, MINUTE, SECOND, at_civil, civil_day
from schedules.playback import Reason
from schedules.programme import BroadcastClass
from schedules.recurrence import Daily, Once
from server import bulletins, clashing, oversight, programmes
from server.compose_form import Mode
from server.ledger import LogState
from server.lifecycle import BroadcastState
from server.refusals import Changed, OwnWork, TooLate
from server.repositories.logbook import LogFilter
from server.repositories.store import Stores
from tests.store.stage import BY_TEXT, NOW, communes, compose, on_air, person, sound


def test_the_way_from_draft_to_programme_and_log(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = compose(store, NOW + HOUR, communes(store))
        programmes.bring_up_to_date(store, NOW)
        assert store.fleet.programmes() == {}, "nobody has approved it"
        editor, leader = person(store, "bientap"), person(store, "pheduyet")
        page = bulletins.page(store, leader, broadcast)
        assert [p.broadcast.id for p in bulletins.waiting(store, leader, NOW + 1)] == [broadcast]
        assert bulletins.waiting(store, editor, NOW + 1) == []
        with pytest.raises(OwnWork):
            bulletins.approve(store, editor, broadcast, page.seal, NOW, BY_TEXT)
        with pytest.raises(Changed):
            bulletins.approve(store, leader, broadcast, "0" * 64, NOW, BY_TEXT)
        bulletins.approve(store, leader, broadcast, page.seal, NOW, BY_TEXT)
        programmes.bring_up_to_date(store, NOW)
        assert {a: len(p.slots) for a, p in store.fleet.programmes().items()} == dict.fromkeys(communes(store), 1)
        wanted = LogFilter(("/tinh-lao-cai/",), NOW, NOW + DAY)
        rows = oversight.log_page(store, wanted, NOW).rows
        assert len(rows) == 6
        assert {row.state for row in rows} == {LogState.not_reached}


@pytest.mark.parametrize(
    ("recurrence", "last"),
    [
        (Once(NOW + HOUR), NOW + HOUR),
        (Daily(6 * 60, civil_day(NOW), civil_day(NOW + DAY)), at_civil(civil_day(NOW + DAY), 6 * 60)),
    ],
    ids=["once", "daily until tomorrow"],
)
def test_nobody_approves_what_can_never_sound(stores: Stores, recurrence: Once | Daily, last: int) -> None:
    with stores.open() as store:
        broadcast = compose(store, targets=communes(store), recurrence=recurrence)
        leader = person(store, "pheduyet")
        seal = bulletins.page(store, leader, broadcast).seal
        with pytest.raises(TooLate) as late:
            bulletins.approve(store, leader, broadcast, seal, last + 1, BY_TEXT)
        assert late.value.hour == last
        assert bulletins.page(store, leader, broadcast).state is BroadcastState.submitted
        bulletins.approve(store, leader, broadcast, seal, last, BY_TEXT)
        bulletins.approve(
            store, leader, broadcast, seal, last + DAY, BY_TEXT
        )  # it has been: a second press moves nothing
        assert bulletins.page(store, leader, broadcast).state is BroadcastState.approved


def test_a_new_rendering_voids_the_approval(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        page = bulletins.page(store, person(store, "pheduyet"), broadcast)
        assert page.state is BroadcastState.approved
        bulletins.render_again(store, page.bulletin.id, "vi", sound("b"), NOW)
        assert bulletins.page(store, person(store, "pheduyet"), broadcast).state is BroadcastState.voided
        programmes.bring_up_to_date(store, NOW)
        assert all(p.slots == () for p in store.fleet.programmes().values())


def test_what_is_withdrawn_leaves_programme_and_log_says_so(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        bulletins.withdraw(store, person(store, "bientap"), broadcast, NOW + MINUTE)
        programmes.bring_up_to_date(store, NOW + MINUTE)
        assert all(p.slots == () for p in store.fleet.programmes().values())
        rows = oversight.log_page(store, LogFilter(("/",), NOW, NOW + DAY), NOW + MINUTE).rows
        assert {row.state for row in rows} == {LogState.withdrawn}


def test_what_is_withdrawn_after_its_start_may_have_sounded(stores: Stores) -> None:
    broadcast = on_air(stores)
    with stores.open() as store:
        bulletins.withdraw(store, person(store, "bientap"), broadcast, NOW + HOUR)
        programmes.bring_up_to_date(store, NOW + HOUR)
        wanted = LogFilter(("/",), NOW, NOW + DAY)
        assert {r.state for r in oversight.log_page(store, wanted, NOW + HOUR).rows} == {LogState.due}
        assert {r.state for r in oversight.log_page(store, wanted, NOW + 2 * HOUR).rows} == {LogState.unknown}


def test_now_begins_soon_after_its_approval(stores: Stores) -> None:
    broadcast = on_air(stores, mode=Mode.now)
    with stores.open() as store:
        found = store.broadcasts.find(broadcast)
        assert found is not None
        assert found.recurrence == Once(NOW + 15 * SECOND)
        assert bulletins.page(store, person(store, "pheduyet"), broadcast).state is BroadcastState.approved


def test_what_has_long_been_aired_is_not_looked_at_again(stores: Stores) -> None:
    once = on_air(stores)
    with stores.open() as store:
        assert [b.id for b in store.broadcasts.active(NOW + HOUR)] == [once]
        assert store.broadcasts.active(NOW + HOUR + 1) == []
        programmes.bring_up_to_date(store, NOW + DAY)
        assert all(len(p.slots) == 1 for p in store.fleet.programmes().values()), "yesterday's still stand"
        programmes.bring_up_to_date(store, NOW + 2 * DAY)
        assert all(p.slots == () for p in store.fleet.programmes().values())


def test_a_second_press_of_the_button_moves_nothing(stores: Stores) -> None:
    broadcast = on_air(stores, mode=Mode.now)
    with stores.open() as store:
        leader = person(store, "pheduyet")
        page = bulletins.page(store, leader, broadcast)
        bulletins.approve(store, leader, broadcast, page.seal, NOW + 5 * SECOND, BY_TEXT)
        assert bulletins.page(store, leader, broadcast) == page
        with pytest.raises(Changed):
            bulletins.send_back(store, leader, broadcast, "muộn rồi", NOW + 6 * SECOND)
        assert not store.broadcasts.set_recurrence(msgspec.structs.replace(page.broadcast, recurrence=None), Once(1))


def test_clashes_are_told_once_with_the_one_that_was_in_the_way(stores: Stores) -> None:
    better = on_air(stores, NOW + HOUR - 5 * SECOND, klass=BroadcastClass.priority)
    with stores.open() as store:
        page = bulletins.page(store, person(store, "pheduyet"), compose(store, targets=communes(store)))
        (entry,) = clashing.clashes(store, page, NOW, NOW + 14 * DAY)
        assert (entry.slot.broadcast, entry.reason) == (page.broadcast.id, Reason.delayed)
        assert entry.other == f"{better}@{NOW + HOUR - 5 * SECOND}"
        far = bulletins.page(store, person(store, "pheduyet"), compose(store, NOW + 9 * HOUR, communes(store)))
        assert clashing.clashes(store, far, NOW, NOW + 14 * DAY) == []


def test_the_preview_shows_what_the_hamlet_hears_and_why_not(stores: Stores) -> None:
    first = on_air(stores, NOW + HOUR)
    second = on_air(stores, NOW + HOUR, klass=BroadcastClass.priority)
    with stores.open() as store:
        viewer = person(store, "tinh")
        _, entries = oversight.hamlet_preview(store, viewer, "thon-mau-trung-tam", NOW, NOW + DAY)
        by_name = {e.slot.broadcast: e for e in entries}
        assert by_name[second].start == NOW + HOUR
        assert (by_name[first].reason, by_name[first].other) == (Reason.delayed, by_name[second].slot.occurrence)
