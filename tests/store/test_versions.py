"""Tests of drafts and versions on a real database: what airs until when, who may still decide, and that two who write at
once lose no word.

Nobody imports this module.
"""

from datetime import date

import msgspec
import pytest

from schedules.clock import DAY, HOUR, MINUTE, civil_day
from schedules.programme import BroadcastClass
from schedules.recurrence import Daily, Once
from server import bulletins, drafts, programmes
from server.access import Role
from server.compose_form import ComposeForm
from server.draft import Basis
from server.lifecycle import BroadcastState
from server.refusals import Changed, NotAllowed, NotFound, OwnWork, Stale
from server.repositories.store import Store, Stores
from tests.store.stage import NOW, approve, communes, compose, new_id, on_air, person

FORM = ComposeForm(title="Họp thôn", topic="an-ninh", text="Mời bà con", targets=("xa-02647",))


def state_of(store: Store, broadcast: str) -> BroadcastState:
    return bulletins.page(store, person(store, "pheduyet"), broadcast).state


def on_programmes(store: Store, now: int) -> set[str]:
    programmes.bring_up_to_date(store, now)
    return {slot.broadcast for p in store.fleet.programmes().values() for slot in p.slots}


def second_leader(store: Store) -> None:
    store.staff.add("leader2", "leader2", "Lãnh đạo hai", "x")
    for commune in communes(store):
        store.staff.grant("leader2", commune, Role.approver)


def test_the_old_version_airs_until_the_new_one_is_approved(stores: Stores) -> None:
    old = on_air(stores)
    with stores.open() as store:
        new = compose(store, NOW + 2 * HOUR, communes(store), basis=Basis(replaces=old))
        assert state_of(store, old) is BroadcastState.approved
        assert on_programmes(store, NOW) == {old}
        approve(store, new)
        assert state_of(store, old) is BroadcastState.superseded
        assert on_programmes(store, NOW) == {new}
        found = store.broadcasts.find(new)
        assert found is not None
        assert (found.version, found.replaces) == (2, old)
        acts = [line.act for line in store.trail.latest(4)]
        assert acts[:2] == ["supersede", "approve"]


def test_what_does_not_air_is_superseded_at_once_and_its_reason_stays(stores: Stores) -> None:
    with stores.open() as store:
        old = compose(store, targets=communes(store))
        bulletins.send_back(store, person(store, "pheduyet"), old, "Sai giờ", NOW)
        assert drafts.last_note(store, old) == "Sai giờ"
        new = compose(store, targets=communes(store), basis=Basis(replaces=old))
        assert state_of(store, old) is BroadcastState.superseded
        page = bulletins.page(store, person(store, "pheduyet"), new)
        [before] = bulletins.earlier(store, person(store, "pheduyet"), page)
        assert before.broadcast.decision is not None
        assert before.broadcast.decision.note == "Sai giờ"


def test_an_approved_one_is_superseded_over_versions_that_were_sent_back(stores: Stores) -> None:
    first = on_air(stores)
    with stores.open() as store:
        second = compose(store, targets=communes(store), basis=Basis(replaces=first))
        bulletins.send_back(store, person(store, "pheduyet"), second, "Sai", NOW)
        third = compose(store, targets=communes(store), basis=Basis(replaces=second))
        assert on_programmes(store, NOW) == {first}
        approve(store, third)
        assert on_programmes(store, NOW) == {third}


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_version_that_is_superseded_or_withdrawn_is_never_approved(stores: Stores, withdrawn: bool) -> None:
    with stores.open() as store:
        old = compose(store, targets=communes(store))
        if withdrawn:
            bulletins.withdraw(store, person(store, "bientap"), old, NOW)
        else:
            compose(store, targets=communes(store), basis=Basis(replaces=old))
        with pytest.raises((Changed, NotAllowed)):
            approve(store, old)
        with pytest.raises(NotAllowed):
            bulletins.withdraw(store, person(store, "bientap"), old, NOW)


def test_what_sounds_while_it_is_superseded_is_not_cut(stores: Stores) -> None:
    old = on_air(stores, NOW + HOUR)
    with stores.open() as store:
        new = compose(store, NOW + 3 * HOUR, communes(store), basis=Basis(replaces=old))
        approve(store, new, at=NOW + HOUR + MINUTE)
        assert on_programmes(store, NOW + HOUR + 2 * MINUTE) == {old, new}


def test_an_emergency_that_is_superseded_stops(stores: Stores) -> None:
    old = on_air(stores, NOW + HOUR, klass=BroadcastClass.emergency)
    with stores.open() as store:
        new = compose(store, NOW + 3 * HOUR, communes(store), basis=Basis(replaces=old), klass=BroadcastClass.emergency)
        approve(store, new, at=NOW + HOUR + MINUTE)
        assert on_programmes(store, NOW + HOUR + 2 * MINUTE) == {new}


def test_who_edits_what_another_wrote_cannot_approve_it_nor_any_version_after_it(stores: Stores) -> None:
    with stores.open() as store:
        second_leader(store)
        first = compose(store, targets=communes(store))
        second = compose(store, targets=communes(store), who="pheduyet", basis=Basis(replaces=first))
        with pytest.raises(OwnWork):
            approve(store, second)
        third = compose(store, targets=communes(store), basis=Basis(replaces=second))
        with pytest.raises(OwnWork):
            approve(store, third)
        approve(store, third, who="leader2")
        assert state_of(store, third) is BroadcastState.approved


def test_who_saved_an_edition_of_a_draft_has_written_in_it(stores: Stores) -> None:
    with stores.open() as store:
        kept = drafts.keep(store, person(store, "pheduyet"), FORM, Basis(), NOW, new_id)
        kept = drafts.keep(store, person(store, "bientap"), FORM, kept, NOW, new_id)
        sent = compose(store, targets=communes(store), basis=kept)
        with pytest.raises(OwnWork):
            approve(store, sent)
        assert "Lãnh đạo phê duyệt (mẫu)" in bulletins.page(store, person(store, "bientap"), sent).writers


def test_two_who_save_at_once_are_told_and_both_editions_stay(stores: Stores) -> None:
    theirs = msgspec.structs.replace(FORM, text="Bản của lãnh đạo")
    with stores.open() as store:
        begun = drafts.keep(store, person(store, "bientap"), FORM, Basis(), NOW, new_id)
        drafts.keep(store, person(store, "pheduyet"), theirs, begun, NOW + MINUTE, new_id)
        with pytest.raises(Stale) as stale:
            drafts.keep(store, person(store, "bientap"), FORM, begun, NOW + 2 * MINUTE, new_id)
        assert (stale.value.by, stale.value.at) == ("pheduyet", NOW + MINUTE)
        fresh = drafts.caught_up(store, begun)
        assert fresh.number == 2
        kept = drafts.keep(store, person(store, "bientap"), FORM, fresh, NOW + 3 * MINUTE, new_id)
        for number, text in ((1, FORM.text), (2, theirs.text), (3, FORM.text)):
            assert drafts.opened(store, person(store, "bientap"), kept.draft, number)[1].form.text == text


def test_two_who_send_a_newer_version_at_once_make_no_two(stores: Stores) -> None:
    old = on_air(stores)
    with stores.open() as store:
        theirs = compose(store, targets=communes(store), who="pheduyet", basis=Basis(replaces=old))
    with stores.open() as store, pytest.raises(Stale) as stale:
        compose(store, targets=communes(store), basis=Basis(replaces=old))
    assert stale.value.broadcast == theirs
    with stores.open() as store:
        fresh = drafts.caught_up(store, Basis(replaces=old))
        assert fresh.replaces == theirs
        again = compose(store, targets=communes(store), basis=fresh)
        assert state_of(store, theirs) is BroadcastState.superseded
        assert state_of(store, again) is BroadcastState.submitted
        assert on_programmes(store, NOW) == {old}


def test_a_draft_that_was_sent_or_dropped_is_not_saved_again(stores: Stores) -> None:
    with stores.open() as store:
        editor = person(store, "bientap")
        kept = drafts.keep(store, editor, FORM, Basis(), NOW, new_id)
        sent = compose(store, targets=communes(store), basis=kept)
        with pytest.raises(Stale) as stale:
            drafts.keep(store, editor, FORM, kept, NOW, new_id)
        assert stale.value.broadcast == sent
        assert drafts.caught_up(store, kept) == Basis(replaces=sent)
        assert drafts.unsent(store, editor) == []
        other = drafts.keep(store, editor, FORM, Basis(), NOW, new_id)
        assert [line.title for line in drafts.unsent(store, editor)] == ["Họp thôn"]
        drafts.drop(store, editor, other.draft, other.number, NOW)
        with pytest.raises(Stale):
            drafts.keep(store, editor, FORM, other, NOW, new_id)
        assert drafts.opened(store, editor, other.draft)[1].form == FORM, "nothing is deleted"


def test_a_draft_is_for_those_who_may_write_there(stores: Stores) -> None:
    with stores.open() as store:
        kept = drafts.keep(store, person(store, "bientap"), FORM, Basis(), NOW, new_id)
        for stranger in ("tinh", "huyenbatxat"):
            with pytest.raises(NotFound):
                drafts.opened(store, person(store, stranger), kept.draft)
            assert drafts.unsent(store, person(store, stranger)) == []


def test_the_form_comes_back_with_its_hour(stores: Stores) -> None:
    with stores.open() as store:
        editor = person(store, "bientap")
        daily = Daily(5 * 60, _day(0), _day(3))
        for recurrence, last in ((Once(NOW + DAY), ""), (daily, _day(3).strftime("%d/%m/%Y"))):
            sent = compose(store, targets=communes(store), recurrence=recurrence)
            found = store.broadcasts.find(sent)
            assert found is not None
            form = drafts.form_to_edit(store, bulletins.page(store, editor, sent))
            assert (form.time != "", form.last) == (True, last)
            assert form.targets == found.targets


def _day(ahead: int) -> date:
    return civil_day(NOW + ahead * DAY)


def test_a_stranger_writes_no_newer_version(stores: Stores) -> None:
    old = on_air(stores)
    with stores.open() as store:
        store.staff.add("la", "la", "Người lạ", "x")
        own = communes(store)[0]
        store.staff.grant("la", own, Role.editor)
        with pytest.raises(NotAllowed):  # it airs in a commune that is not theirs as well
            compose(store, targets=(own,), who="la", basis=Basis(replaces=old))
