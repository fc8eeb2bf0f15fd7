"""Tests of setting guards: what tightens holds at once, what loosens takes a second administrator, whoever began.

Nobody imports this module.
"""

import msgspec
import pytest

from schedules import wire
from schedules.assignment import Guards, QuietHours, VolumePreset
from schedules.clock import DAY, MINUTE
from server import administration, guarding, oversight, programmes
from server.access import Person, Role
from server.area import AreaSettings
from server.loosening import Guard
from server.proposal import STANDS_FOR, Proposal, ProposalState
from server.refusals import Changed, NotAllowed, NotFound, OwnProposal
from server.repositories.store import Store, Stores
from tests.store.stage import NOW

PROVINCE, COMMUNE, HAMLET = "tinh-lao-cai", "Xã Y Tý", "thon-mau-sim-san"
STRICT = AreaSettings(quiet_hours=QuietHours(21 * 60, 6 * 60), quiet_hours_off=False, longest_ms=20 * MINUTE)
LOOSE = msgspec.structs.replace(STRICT, longest_ms=90 * MINUTE)


def administrator(store: Store, name: str, area: str = PROVINCE, role: Role = Role.administrator) -> Person:
    if store.staff.find(name) is None:
        store.staff.add(name, name, name.title(), "x")
        store.staff.grant(name, area, role)
    found = store.staff.person(name, NOW)
    assert found is not None
    return found


def settings_of(store: Store, area: str) -> AreaSettings:
    found = store.areas.find(area)
    assert found is not None
    return found.settings


def told(store: Store, device: str = "loa-mau-2") -> tuple[QuietHours | None, Guards]:
    programmes.bring_up_to_date(store, NOW)
    assignment = store.fleet.assignments()[device]
    return assignment.quiet_hours, assignment.guards


def seen(store: Store, person: Person, proposal: Proposal, now: int = NOW) -> str:
    return next(w.seen for w in guarding.waiting(store, person, now) if w.proposal.id == proposal.id)


def test_what_tightens_holds_at_once_and_reaches_the_loudspeakers(stores: Stores) -> None:
    with stores.open() as store:
        one = administrator(store, "an")
        assert guarding.wish(store, one, HAMLET, STRICT, NOW) is None
        hours, guards = told(store)
        assert (hours, guards.longest_ms) == (QuietHours(21 * 60, 6 * 60), 20 * MINUTE)
        line = store.trail.latest(1)[0]
        assert (line.act, line.staff, line.subject) == ("guards", "an", HAMLET)
        assert "longest_ms" not in line.before
        assert "1200000" in line.after


def test_what_loosens_waits_for_another_person_and_holds_when_they_confirm(stores: Stores) -> None:
    with stores.open() as store:
        one, other = administrator(store, "an"), administrator(store, "binh")
        guarding.wish(store, one, HAMLET, STRICT, NOW)
        proposal = guarding.wish(store, one, HAMLET, LOOSE, NOW + 1)
        assert proposal is not None
        assert told(store)[1].longest_ms == 20 * MINUTE
        with pytest.raises(OwnProposal):
            guarding.confirm(store, one, proposal.id, seen(store, one, proposal), NOW + 2)
        [wanted] = guarding.waiting(store, other, NOW + 2)
        assert (wanted.guards, wanted.by, wanted.may_decide) == ((Guard.longest,), "An", True)
        guarding.confirm(store, other, proposal.id, wanted.seen, NOW + 3)
        assert told(store)[1].longest_ms == 90 * MINUTE
        acts = {line.act: line for line in store.trail.latest(4)}
        assert acts["propose_guards"].staff == "an"
        assert (acts["confirm_guards"].staff, acts["confirm_guards"].role) == ("binh", "administrator")
        assert "1200000" in acts["confirm_guards"].before
        assert "5400000" in acts["confirm_guards"].after
        with pytest.raises(Changed):
            guarding.confirm(store, other, proposal.id, wanted.seen, NOW + 4)


def test_of_one_form_the_stricter_part_holds_and_the_looser_waits(stores: Stores) -> None:
    with stores.open() as store:
        one = administrator(store, "an")
        guarding.wish(store, one, HAMLET, STRICT, NOW)
        both = msgspec.structs.replace(LOOSE, gap_ms=5 * MINUTE)
        proposal = guarding.wish(store, one, HAMLET, both, NOW)
        assert proposal is not None
        assert (told(store)[1].gap_ms, told(store)[1].longest_ms) == (5 * MINUTE, 20 * MINUTE)
        assert proposal.before.gap_ms == proposal.wish.gap_ms == 5 * MINUTE


def test_to_inherit_again_loosens_and_a_change_above_too(stores: Stores) -> None:
    with stores.open() as store:
        one = administrator(store, "an")
        guarding.wish(store, one, HAMLET, STRICT, NOW)
        assert guarding.wish(store, one, HAMLET, AreaSettings(), NOW) is not None
        assert settings_of(store, HAMLET).longest_ms == 20 * MINUTE
        province = settings_of(store, PROVINCE)
        assert guarding.wish(store, one, PROVINCE, msgspec.structs.replace(province, daily_ms=MINUTE), NOW) is None
        assert told(store)[1].daily_ms == MINUTE
        assert guarding.wish(store, one, PROVINCE, province, NOW) is not None
        assert told(store)[1].daily_ms == MINUTE


def test_what_somebody_did_not_see_is_not_confirmed(stores: Stores) -> None:
    with stores.open() as store:
        one, other = administrator(store, "an"), administrator(store, "binh")
        guarding.wish(store, one, HAMLET, STRICT, NOW)
        proposal = guarding.wish(store, one, HAMLET, LOOSE, NOW)
        assert proposal is not None
        looked_at = seen(store, other, proposal)
        province = settings_of(store, PROVINCE)
        guarding.wish(store, one, PROVINCE, msgspec.structs.replace(province, gap_ms=MINUTE), NOW)
        with pytest.raises(Changed):
            guarding.confirm(store, other, proposal.id, looked_at, NOW)
        guarding.confirm(store, other, proposal.id, seen(store, other, proposal), NOW)


def test_what_is_set_anew_replaces_what_waited(stores: Stores) -> None:
    with stores.open() as store:
        one, other = administrator(store, "an"), administrator(store, "binh")
        guarding.wish(store, one, HAMLET, STRICT, NOW)
        first = guarding.wish(store, one, HAMLET, LOOSE, NOW)
        assert first is not None
        looked_at = seen(store, other, first)
        assert guarding.wish(store, one, HAMLET, msgspec.structs.replace(STRICT, gap_ms=MINUTE), NOW) is None
        assert guarding.waiting(store, other, NOW) == ()
        with pytest.raises(Changed):
            guarding.confirm(store, other, first.id, looked_at, NOW)
        found = store.proposals.find(first.id)
        assert found is not None
        assert found.state is ProposalState.replaced


def test_a_proposal_ends_after_seven_days(stores: Stores) -> None:
    with stores.open() as store:
        one, other = administrator(store, "an"), administrator(store, "binh")
        guarding.wish(store, one, HAMLET, STRICT, NOW)
        proposal = guarding.wish(store, one, HAMLET, LOOSE, NOW)
        assert proposal is not None
        looked_at = seen(store, other, proposal)
        assert guarding.waiting(store, other, NOW + STANDS_FOR - 1)
        assert guarding.waiting(store, other, NOW + STANDS_FOR) == ()
        with pytest.raises(Changed):
            guarding.confirm(store, other, proposal.id, looked_at, NOW + STANDS_FOR)


def test_only_administrators_of_the_area_propose_and_confirm(stores: Stores) -> None:
    with stores.open() as store:
        one = administrator(store, "an")
        guarding.wish(store, one, HAMLET, STRICT, NOW)
        proposal = guarding.wish(store, one, HAMLET, LOOSE, NOW)
        assert proposal is not None
        for role in Role:
            if role is not Role.administrator:
                somebody = administrator(store, f"nguoi-{role.value}", role=role)
                with pytest.raises(NotAllowed):
                    guarding.wish(store, somebody, HAMLET, LOOSE, NOW)
                with pytest.raises(NotAllowed):
                    guarding.confirm(store, somebody, proposal.id, "x", NOW)
                assert guarding.waiting(store, somebody, NOW) == ()
        elsewhere = administrator(store, "noi-khac", "thon-mau-ta-chai")
        with pytest.raises(NotFound):
            guarding.wish(store, elsewhere, HAMLET, LOOSE, NOW)
        with pytest.raises(NotFound):
            guarding.confirm(store, elsewhere, proposal.id, "x", NOW)
        with pytest.raises(NotFound):
            guarding.refuse(store, one, proposal.id + 1, NOW)


@pytest.mark.parametrize(("who", "state"), [("an", ProposalState.taken_back), ("binh", ProposalState.refused)])
def test_it_can_be_refused_or_taken_back_and_the_audit_knows(stores: Stores, who: str, state: ProposalState) -> None:
    with stores.open() as store:
        one = administrator(store, "an")
        guarding.wish(store, one, HAMLET, STRICT, NOW)
        proposal = guarding.wish(store, one, HAMLET, LOOSE, NOW)
        assert proposal is not None
        guarding.refuse(store, administrator(store, who), proposal.id, NOW)
        found = store.proposals.find(proposal.id)
        assert found is not None
        assert (found.state, found.decided_by) == (state, who)
        assert store.trail.latest(1)[0].act == f"{state.value}_guards"
        assert told(store)[1].longest_ms == 20 * MINUTE


def test_the_terminal_sets_up_alone_and_proposes_once_loudspeakers_have_reported(stores: Stores) -> None:
    with stores.open() as store:
        assert administration.set_quiet_hours(store, HAMLET, "22:00-05:00", NOW) is None
        assert administration.set_quiet_hours(store, HAMLET, "off", NOW) is None
        assert administration.set_quiet_hours(store, HAMLET, "22:00-05:00", NOW) is None
        oversight.file_status(store, "loa-mau-2", wire.Status(online=True, journal="j", run="r"), NOW)
        proposal = administration.set_quiet_hours(store, HAMLET, "off", NOW)
        assert proposal is not None
        assert told(store)[0] == QuietHours(22 * 60, 5 * 60)
        one = administrator(store, "an")
        guarding.confirm(store, one, proposal.id, seen(store, one, proposal), NOW)
        assert told(store)[0] is None
        assert administration.set_quiet_hours(store, "thon-mau-ta-chai", "off", NOW) is None, "none has reported there"


def test_guards_are_set_from_the_command_line(stores: Stores) -> None:
    with stores.open() as store:
        for guard, value in (("ceiling", "00:00=50,6:00=90"), ("longest", "20"), ("rest", "5"), ("daily", "120")):
            assert administration.set_guard(store, COMMUNE, guard, value, NOW) is None
        ceiling = (VolumePreset(0, 50), VolumePreset(6 * 60, 90))
        assert told(store)[1] == Guards(ceiling, 20 * MINUTE, 5 * MINUTE, 120 * MINUTE)
        administration.set_guard(store, COMMUNE, "longest", "inherit", NOW)
        assert told(store)[1].longest_ms == Guards().longest_ms


@pytest.mark.parametrize(
    ("guard", "value"),
    [("ceiling", "06:00=101"), ("ceiling", "06:00=50,6:00=60"), ("ceiling", ""), ("ceiling", "24:00=5"),
     ("longest", "1441"), ("longest", "-1"), ("rest", "121"), ("daily", "x"), ("loudest", "5")],
)  # fmt: skip
def test_what_cannot_be_a_guard_is_refused(stores: Stores, guard: str, value: str) -> None:
    with pytest.raises(administration.Unfit), stores.open() as store:
        administration.set_guard(store, COMMUNE, guard, value, NOW)


def test_what_a_page_shows_says_where_it_comes_from(stores: Stores) -> None:
    with stores.open() as store:
        one = administrator(store, "an")
        guarding.wish(store, one, HAMLET, AreaSettings(longest_ms=20 * MINUTE), NOW)
        page = guarding.page(store, one, "loa-mau-2", NOW + DAY)
        assert page.holds.longest_ms == 20 * MINUTE
        source = {guard: area.id if area else None for guard, area in page.source.items()}
        assert source == {
            Guard.quiet: PROVINCE, Guard.ceiling: None, Guard.longest: HAMLET, Guard.rest: None, Guard.daily: None
        }  # fmt: skip
