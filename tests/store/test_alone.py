"""Tests of emergencies on one signature, on a real database: what an emergency officer may, and what stands red until a
second person has looked.

Nobody imports this module.
"""

from collections.abc import Callable

import msgspec
import pytest

from schedules.clock import DAY, MINUTE
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import alarms, bulletins, drafts, programmes
from server.access import Role
from server.compose_form import ComposeForm, Mode
from server.composing import Draft, DraftVariant
from server.draft import Basis
from server.lifecycle import BroadcastState
from server.refusals import Changed, NoEmergency, NotAllowed, NotFound, Refused
from server.repositories.store import Store, Stores
from tests.store.stage import NOW, communes, compose, new_id, on_air, person, sound

OFFICER, SECOND = "truc", "leader2"


@pytest.fixture
def stores(stores: Stores) -> Stores:
    """With an emergency officer and a second approver in the first of the two communes."""
    with stores.open() as store:
        for username, role in ((OFFICER, Role.emergency_officer), (SECOND, Role.approver)):
            store.staff.add(username, username, username, "x")
            store.staff.grant(username, communes(store)[0], role)
    return stores


def draft(store: Store, **changes: object) -> Draft:
    variants = (DraftVariant("vi", "Sơ tán ngay", "sơ tán ngay"),)
    emergency = Draft(
        "Lũ quét",
        "an-ninh",
        BroadcastClass.emergency,
        variants,
        communes(store)[:1],
        Mode.now,
        None,
        "UBND",
        "CT",
        "Lũ",
    )
    return msgspec.structs.replace(emergency, **changes)


def air(store: Store, who: str = OFFICER, **changes: object) -> str:
    return alarms.alarm(store, person(store, who), draft(store, **changes), {"vi": sound()}, NOW, new_id)


def test_an_officer_has_an_emergency_sound_at_once(stores: Stores) -> None:
    with stores.open() as store:
        sent = air(store)
        programmes.bring_up_to_date(store, NOW)
        [slot] = [slot for p in store.fleet.programmes().values() for slot in p.slots]
        page = bulletins.page(store, person(store, OFFICER), sent)
        assert (page.state, page.alone, slot.seal) == (BroadcastState.approved, True, page.seal)
        assert slot.start - NOW <= MINUTE
        line = store.trail.latest(1)[0]
        assert (line.act, line.staff, line.before) == ("alarm", OFFICER, "Lũ")
        assert slot.seal in line.after


ATTACKS: dict[str, Callable[[Store], object]] = {
    "an ordinary bulletin": lambda store: air(store, broadcast_class=BroadcastClass.ordinary),
    "a priority one": lambda store: air(store, broadcast_class=BroadcastClass.priority),
    "one for later": lambda store: air(store, mode=Mode.once, recurrence=Once(NOW + DAY)),
    "one to be stored": lambda store: air(store, mode=Mode.stored),
    "another commune": lambda store: air(store, targets=communes(store)[1:]),
    "one place too many": lambda store: air(store, targets=communes(store)),
    "the province": lambda store: air(store, targets=("tinh-lao-cai",)),
    "as an editor": lambda store: air(store, who="bientap"),
    "as an approver": lambda store: air(store, who="pheduyet"),
    "as an overseer": lambda store: air(store, who="tinh"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_one_signature_airs_nothing_but_an_emergency_of_ones_own_area(stores: Stores, attack: str) -> None:
    with stores.open() as store, pytest.raises((NoEmergency, NotAllowed)):
        ATTACKS[attack](store)
    with stores.open() as store:
        programmes.bring_up_to_date(store, NOW)
        assert all(p.slots == () for p in store.fleet.programmes().values())
        assert store.broadcasts.unreviewed() == []


def test_an_officer_writes_emergencies_and_nothing_else(stores: Stores) -> None:
    with stores.open() as store:
        officer, place = person(store, OFFICER), communes(store)[0]
        offered = bulletins.offered(store, officer)
        assert (place in offered.places("emergency"), offered.places("ordinary")) == (True, frozenset())
        for klass, mode in ((BroadcastClass.ordinary, Mode.once), (BroadcastClass.priority, Mode.now)):
            with pytest.raises(NotAllowed):
                changed = draft(store, broadcast_class=klass, mode=mode)
                bulletins.compose(store, officer, changed, {"vi": sound()}, NOW, new_id)
        with pytest.raises(NotAllowed):
            drafts.keep(store, officer, ComposeForm(title="Họp", targets=(place,)), Basis(), NOW, new_id)
        sent = bulletins.compose(store, officer, draft(store), {"vi": sound()}, NOW, new_id)
        assert bulletins.page(store, officer, sent).state is BroadcastState.submitted
        ordinary = compose(store, targets=(place,))
        with pytest.raises(NotAllowed):
            bulletins.withdraw(store, officer, ordinary, NOW)
        with pytest.raises(NotAllowed):
            bulletins.compose(store, officer, draft(store), {"vi": sound()}, NOW, new_id, Basis(replaces=ordinary))


def test_it_stands_red_until_a_second_person_has_looked(stores: Stores) -> None:
    with stores.open() as store:
        sent = air(store)
        for who in ("bientap", "pheduyet", "tinh", OFFICER):
            [red] = alarms.unreviewed(store, person(store, who), NOW + DAY)
            assert (red.page.broadcast.id, red.overdue) == (sent, False)
        assert alarms.unreviewed(store, person(store, "tinh"), NOW + DAY + 1)[0].overdue
        alarms.review(store, person(store, SECOND), sent, confirmed=True, note="", now=NOW + MINUTE)
        assert alarms.unreviewed(store, person(store, "tinh"), NOW + DAY + 1) == []
        page = bulletins.page(store, person(store, "tinh"), sent)
        assert (page.reviewer, page.state) == (SECOND, BroadcastState.approved)
        assert store.trail.latest(1)[0].act == "confirm_alarm"
        with pytest.raises(Changed):
            alarms.review(store, person(store, "pheduyet"), sent, confirmed=False, note="Sai", now=NOW)


def test_what_one_may_not_see_stands_red_elsewhere(stores: Stores) -> None:
    with stores.open() as store:
        air(store)
        store.staff.add("xa", "xa", "Người xã khác", "x")
        store.staff.grant("xa", communes(store)[1], Role.approver)
        assert alarms.unreviewed(store, person(store, "xa"), NOW) == []


@pytest.mark.parametrize("who", [OFFICER, "bientap", "tinh", "xa"])
def test_nobody_reviews_their_own_nor_without_the_right(stores: Stores, who: str) -> None:
    with stores.open() as store:
        sent = air(store)
        store.staff.add("xa", "xa", "Người xã khác", "x")
        store.staff.grant("xa", communes(store)[1], Role.approver)
        # Also who has got the right to review since: it was their own signature.
        store.staff.grant(OFFICER, communes(store)[0], Role.approver)
        with pytest.raises((NotAllowed, NotFound)):
            alarms.review(store, person(store, who), sent, confirmed=True, note="", now=NOW)
        assert len(store.broadcasts.unreviewed()) == 1


def test_who_wrote_in_it_does_not_review_it(stores: Stores) -> None:
    with stores.open() as store:
        officer = person(store, OFFICER)
        form = ComposeForm(title="Lũ", broadcast_class="emergency", targets=communes(store)[:1])
        kept = drafts.keep(store, person(store, SECOND), form, Basis(), NOW, new_id)
        sent = alarms.alarm(store, officer, draft(store), {"vi": sound()}, NOW, new_id, kept)
        with pytest.raises(NotAllowed):
            alarms.review(store, person(store, SECOND), sent, confirmed=True, note="", now=NOW)
        alarms.review(store, person(store, "pheduyet"), sent, confirmed=True, note="", now=NOW)


def test_an_objection_stops_no_sound_and_a_withdrawal_does(stores: Stores) -> None:
    with stores.open() as store:
        sent = air(store)
        alarms.review(store, person(store, SECOND), sent, confirmed=False, note="Không có lũ", now=NOW)
        programmes.bring_up_to_date(store, NOW)
        assert any(p.slots for p in store.fleet.programmes().values())
        bulletins.withdraw(store, person(store, SECOND), sent, NOW)
        programmes.bring_up_to_date(store, NOW)
        assert not any(p.slots for p in store.fleet.programmes().values())
        review = bulletins.page(store, person(store, "tinh"), sent).broadcast.review
        assert review is not None
        assert (review.confirmed, review.note) == (False, "Không có lũ")


def test_what_two_signed_needs_no_second_look(stores: Stores) -> None:
    sent = on_air(stores, klass=BroadcastClass.emergency)
    with stores.open() as store:
        assert store.broadcasts.unreviewed() == []
        with pytest.raises(Refused):
            alarms.review(store, person(store, SECOND), sent, confirmed=True, note="", now=NOW)


def test_who_has_two_roles_speaks_on_one_signature_for_the_lower_area(stores: Stores) -> None:
    with stores.open() as store:
        store.staff.grant(OFFICER, "tinh-lao-cai", Role.editor)
        page = bulletins.page(store, person(store, "tinh"), air(store))
        assert page.bulletin.area == communes(store)[0]


def test_an_officer_orders_a_stored_emergency(stores: Stores) -> None:
    with stores.open() as store:
        place = communes(store)[:1]
        stored = compose(store, targets=place, mode=Mode.stored, klass=BroadcastClass.emergency)
        with pytest.raises(NotAllowed):  # nobody has approved it yet
            alarms.order(store, person(store, OFFICER), stored, NOW, new_id)
