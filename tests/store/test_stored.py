"""Tests of stored emergencies: kept at the loudspeakers from their approval on, silent until they are ordered, and then
sounding once, however often the button is pressed.

Nobody imports this module.
"""

import pytest

from schedules.clock import MINUTE
from schedules.programme import BroadcastClass
from server import alarms, bulletins, programmes
from server.compose_form import Mode
from server.lifecycle import BroadcastState
from server.refusals import NotAllowed
from server.repositories.store import Stores
from tests.store.stage import NOW, approve, communes, compose, new_id, person, sound


def stored(stores: Stores, *, approved: bool = True) -> str:
    with stores.open() as store:
        broadcast = compose(store, targets=communes(store), mode=Mode.stored, klass=BroadcastClass.emergency)
        if approved:
            approve(store, broadcast)
        programmes.bring_up_to_date(store, NOW)
    return broadcast


def pinned(stores: Stores) -> set[str]:
    with stores.open() as store:
        return {clip.sha256 for p in store.fleet.programmes().values() for clip in p.pinned}


def slots(stores: Stores, now: int) -> list[tuple[str, int]]:
    with stores.open() as store:
        programmes.bring_up_to_date(store, now)
        return [(s.broadcast, s.start) for p in store.fleet.programmes().values() for s in p.slots]


def test_nothing_is_kept_before_it_is_approved(stores: Stores) -> None:
    stored(stores, approved=False)
    assert pinned(stores) == set()


def test_it_is_kept_and_silent(stores: Stores) -> None:
    stored(stores)
    assert pinned(stores) == {sound().clip.sha256}
    assert slots(stores, NOW + MINUTE) == []
    with stores.open() as store:
        found = programmes.desired(store, {}, {}, NOW)
        assert found.clips.keys() == found.later == pinned(stores)


def test_an_order_sounds_it_once(stores: Stores) -> None:
    broadcast = stored(stores)
    with stores.open() as store:
        approver = person(store, "pheduyet")
        assert bulletins.page(store, approver, broadcast).may_order
        first = alarms.order(store, approver, broadcast, NOW, new_id)
        again = alarms.order(store, approver, broadcast, NOW + MINUTE, new_id)
        found = bulletins.page(store, approver, first)
    assert first == again != broadcast
    assert found.state is BroadcastState.approved
    assert not found.may_order
    assert set(slots(stores, NOW + 1)) == {(first, NOW + 1_000)}, "after the lead of an alert"
    with stores.open() as store:
        later = alarms.order(store, person(store, "pheduyet"), broadcast, NOW + 2 * MINUTE, new_id)
    assert later not in (first, broadcast)


def test_only_who_may_approve_may_order(stores: Stores) -> None:
    broadcast = stored(stores)
    with stores.open() as store:
        editor = person(store, "bientap")
        assert not bulletins.page(store, editor, broadcast).may_order
        with pytest.raises(NotAllowed):
            alarms.order(store, editor, broadcast, NOW, new_id)


def test_withdrawn_it_is_no_longer_kept(stores: Stores) -> None:
    broadcast = stored(stores)
    with stores.open() as store:
        bulletins.withdraw(store, person(store, "bientap"), broadcast, NOW)
        programmes.bring_up_to_date(store, NOW)
        with pytest.raises(NotAllowed):
            alarms.order(store, person(store, "pheduyet"), broadcast, NOW, new_id)
    assert pinned(stores) == set()
