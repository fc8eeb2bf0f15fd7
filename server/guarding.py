"""The guards of an area: what holds there, and how it is set. What tightens one holds at once; what loosens one waits
until a second administrator confirms it. Use cases.

Imported by the command line's use cases, the web and tests.
"""

from collections.abc import Iterable

import msgspec

from schedules.clock import UtcMs
from server.access import Act, Person, may, scope
from server.area import Area, AreaSettings, Effective
from server.loosening import Guard, changed, digest_of, guards_of, holding, loosened, with_guards
from server.oversight import visible_area
from server.proposal import Proposal, ProposalState
from server.refusals import Changed, NotAllowed, NotFound, OwnProposal
from server.repositories.store import Store

Maker = Person | str
"""Who sets: somebody who is signed in; empty for the terminal of the server."""


class Wanted(msgspec.Struct, frozen=True):
    """A proposal as a page shows it: what holds in its area, what would hold, and which guards would be looser there or
    below. `seen` names exactly this; who confirms must have seen it. `is_own`: the person made it."""

    proposal: Proposal
    area: Area
    where: tuple[str, ...]
    before: Effective
    after: Effective
    guards: tuple[Guard, ...]
    by: str
    seen: str
    may_decide: bool
    is_own: bool


class GuardsPage(msgspec.Struct, frozen=True):
    """What holds in an area, which area says so (None: nobody, it is the default), and what waits there."""

    area: Area
    holds: Effective
    source: dict[Guard, Area | None]
    waiting: tuple[Wanted, ...]
    may_set: bool


def page(store: Store, person: Person, area: str, now: UtcMs) -> GuardsPage:
    """All of an area that the person may see. Raises `NotFound`."""
    found = visible_area(store, person, area)
    areas = _around(store, found)
    above = [areas[id_] for id_ in found.ids]
    source: dict[Guard, Area | None] = {
        guard: next((a for a in reversed(above) if guard in changed(AreaSettings(), a.settings)), None)
        for guard in Guard
    }
    waiting = tuple(_wanted(store, person, each) for each in store.proposals.waiting(now, found.id))
    may_set = may(person.grants, Act.set_area, found.path)
    return GuardsPage(found, holding(areas, found.ids), source, waiting, may_set)


def waiting(store: Store, person: Person, now: UtcMs) -> tuple[Wanted, ...]:
    """What waits where this person sets areas, their own among it."""
    found = store.proposals.waiting(now)
    areas = store.areas.named({each.area for each in found})
    ours = [each for each in found if may(person.grants, Act.set_area, areas[each.area].path)]
    return tuple(_wanted(store, person, each) for each in ours)


def places(store: Store, person: Person) -> list[Area]:
    """The areas whose guards the person may look at."""
    return store.areas.below(scope(person.grants, Act.see))


def wish(store: Store, person: Person, area: str, wanted: AreaSettings, now: UtcMs) -> Proposal | None:
    """Set the guards of an area. What does not loosen holds now; the rest is returned as the proposal that waits."""
    found = visible_area(store, person, area)
    if not may(person.grants, Act.set_area, found.path):
        raise NotAllowed
    return _wish(store, person, found, wanted, now)


def wish_at_terminal(store: Store, area: Area, wanted: AreaSettings, now: UtcMs) -> Proposal | None:
    """The same by whoever holds the server itself. While no loudspeaker below has ever reported, the province is being
    set up, and all of it holds at once."""
    return _wish(store, "", area, wanted, now, free=not store.fleet.has_heard_from(area.path))


def confirm(store: Store, person: Person, proposal: int, seen: str, now: UtcMs) -> Area:
    """Another administrator agrees: it holds from now on, in the area that is returned."""
    wanted = _to_decide(store, person, proposal, now)
    if wanted.is_own:
        raise OwnProposal
    if seen != wanted.seen or guards_of(wanted.area.settings) != wanted.proposal.before:
        raise Changed
    _decided(store, person, wanted, ProposalState.confirmed, now)
    _keep(store, person, wanted.area, wanted.proposal.wish, "confirm_guards", now)
    _replace(store, person, wanted.area, now)
    return wanted.area


def refuse(store: Store, person: Person, proposal: int, now: UtcMs) -> None:
    """It shall not be; who made it takes it back."""
    wanted = _to_decide(store, person, proposal, now)
    _decided(store, person, wanted, ProposalState.taken_back if wanted.is_own else ProposalState.refused, now)


def _wish(
    store: Store, by: Maker, area: Area, wanted: AreaSettings, now: UtcMs, *, free: bool = False
) -> Proposal | None:
    areas, before = _around(store, area), guards_of(area.settings)
    waits: list[Guard] = []
    holds = area.settings
    for guard in changed(before, guards_of(wanted)):
        alone = with_guards(area.settings, wanted, [guard])
        if not free and loosened(areas, area.id, alone):
            waits.append(guard)
        else:
            holds = with_guards(holds, wanted, [guard])
    if holds != area.settings or waits:
        _replace(store, by, area, now)
    if holds != area.settings:
        _keep(store, by, area, holds, "guards", now)
    if not waits:
        return None
    fresh = guards_of(holds)
    made = store.proposals.add(Proposal(0, area.id, fresh, with_guards(fresh, wanted, waits), _id(by), now))
    store.trail.note(
        now, by, "propose_guards", str(made.id), area=area.id, before=_shown(made.before), after=_shown(made.wish)
    )
    return made


def _keep(store: Store, by: Maker, area: Area, settings: AreaSettings, act: str, now: UtcMs) -> None:
    fresh = with_guards(area.settings, settings)
    store.areas.keep(msgspec.structs.replace(area, settings=fresh))
    store.trail.note(
        now, by, act, area.id, area=area.id, before=_shown(guards_of(area.settings)), after=_shown(guards_of(fresh))
    )


def _replace(store: Store, by: Maker, area: Area, now: UtcMs) -> None:
    """Whatever else waits in this area was meant for what held before."""
    for each in store.proposals.waiting(now, area.id):
        if store.proposals.decide(each.id, ProposalState.replaced, _id(by), now):
            store.trail.note(now, by, "replace_guards", str(each.id), area=area.id, before=_shown(each.wish))


def _to_decide(store: Store, person: Person, proposal: int, now: UtcMs) -> Wanted:
    found = store.proposals.find(proposal)
    area = store.areas.find(found.area) if found is not None else None
    if found is None or area is None or not may(person.grants, Act.see, area.path):
        raise NotFound
    if not may(person.grants, Act.set_area, area.path):
        raise NotAllowed
    if not found.waits(now):
        raise Changed
    return _wanted(store, person, found)


def _decided(store: Store, person: Person, wanted: Wanted, state: ProposalState, now: UtcMs) -> None:
    if not store.proposals.decide(wanted.proposal.id, state, person.id, now):
        raise Changed
    if state is not ProposalState.confirmed:
        found = wanted.proposal
        store.trail.note(
            now, person, f"{state.value}_guards", str(found.id), area=found.area, before=_shown(found.wish)
        )


def _wanted(store: Store, person: Person, proposal: Proposal) -> Wanted:
    area = store.areas.named([proposal.area])[proposal.area]
    areas = _around(store, area)
    after = with_guards(area.settings, proposal.wish)
    then = {**areas, area.id: msgspec.structs.replace(area, settings=after)}
    before, result = holding(areas, area.ids), holding(then, area.ids)
    guards = loosened(areas, area.id, after)
    return Wanted(
        proposal=proposal,
        area=area,
        where=tuple(areas[id_].name for id_ in area.ids[1:]) or (area.name,),
        before=before,
        after=result,
        guards=tuple(guard for guard in Guard if guard in guards),
        by=store.staff.names().get(proposal.by, proposal.by),
        seen=digest_of(proposal.id, before, result, sorted(guard.value for guard in guards)),
        may_decide=may(person.grants, Act.set_area, area.path) and person.id != proposal.by,
        is_own=person.id == proposal.by,
    )


def _around(store: Store, area: Area) -> dict[str, Area]:
    """All areas above and below one, by id."""
    found: Iterable[Area] = [*store.areas.chain(area), *store.areas.below([area.path])]
    return {each.id: each for each in found}


def _id(by: Maker) -> str:
    return by if isinstance(by, str) else by.id


def _shown(settings: AreaSettings) -> str:
    """What is set, for the audit."""
    return msgspec.json.encode(settings).decode()
