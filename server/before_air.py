"""Before air: how far loudspeakers are prepared for the coming occurrences of a broadcast. A use case.

Imported by the web. A province has thousands of loudspeakers: they are counted, and only the first few are named.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from schedules.assignment import Assignment
from schedules.clock import SECOND, DurationMs, UtcMs
from schedules.playback import Reason
from schedules.programme import Programme, Slot, start_of
from schedules.rundown import slots_between
from server.access import Act, Person, scope
from server.ledger import Planned
from server.oversight import names_of, where_of
from server.readiness import Deadline, Heard, Lack, Standing, deadline, kind_of, silenced, standing
from server.repositories.store import Store

OCCURRENCES = 3
WORTH_SAYING: DurationMs = 30 * SECOND
NAMED = 5
"""Loudspeakers that are named of those that lack the same."""


class Lagging(msgspec.Struct, frozen=True):
    """A loudspeaker that is not ready: where it is (names from its commune down), what it lacks, when it last spoke,
    and until when what is missing may still come."""

    where: tuple[str, ...]
    standing: Standing
    heard_at: UtcMs | None
    until: Deadline


class Coming(msgspec.Struct, frozen=True):
    """An occurrence to come, or one that may still begin. Of `total` loudspeakers, `reported` have said how it went,
    `sounding` are at it, `ready` are prepared, `unlinked` of them out of contact; `silenced` stay silent by the plan,
    counted by reason; the others lack something, counted by the lack that is told first. `lagging`: the first few of
    each of those."""

    occurrence: str
    planned: UtcMs
    useful_until: UtcMs
    total: int = 0
    reported: int = 0
    sounding: int = 0
    ready: int = 0
    unlinked: int = 0
    silenced: dict[Reason, int] = {}
    lacks: dict[Lack, int] = {}
    lagging: tuple[Lagging, ...] = ()

    @property
    def awaited(self) -> int:
        """The loudspeakers that are to sound."""
        return self.total - sum(self.silenced.values())

    @property
    def behind(self) -> int:
        """The loudspeakers that lack something."""
        return sum(self.lacks.values())

    @property
    def until(self) -> Deadline | None:
        """Until when what is missing may still come, so that it is in time for all that are named and can still be in
        time; None where none can."""
        in_time = [row.until for row in self.lagging if row.until.all is not None]
        wholes, latest = ([at for d in in_time if (at := getattr(d, name)) is not None] for name in ("all", "any"))
        return Deadline(min(wholes), min(latest)) if in_time else None

    @property
    def hurry(self) -> tuple[DurationMs, UtcMs] | None:
        """How long a weak link takes for what the slowest of those lacks that can still be in time, and when all of
        them must have begun; None where that is no matter."""
        rows = [(row.standing.takes, row.until.all) for row in self.lagging if row.until.all is not None]
        slow = [(takes, at - takes) for takes, at in rows if takes >= WORTH_SAYING]
        return (max(takes for takes, _ in slow), min(begin for _, begin in slow)) if slow else None

    def unnamed(self, lack: Lack) -> int:
        """How many of those that lack this first are counted only."""
        return self.lacks[lack] - sum(row.standing.lacks[0] is lack for row in self.lagging)


class _Fleet(msgspec.Struct, frozen=True):
    """All that is known of the loudspeakers in question."""

    assignments: dict[str, Assignment]
    heard: dict[str, Heard]
    programmes: dict[str, Programme]
    named: dict[str, dict[str, int]]


class _Plan(msgspec.Struct, frozen=True):
    """What the loudspeakers of one kind are told of an occurrence, and why the plan keeps them silent, if it does."""

    slot: Slot
    since: dict[str, int]
    silent: Reason
    programmes: tuple[Programme, ...]


_Plans = dict[object, _Plan | None]
_UNKNOWN = Standing((Lack.never_heard,), linked=False)
_ORDER = {lack: number for number, lack in enumerate(Lack)}


def coming(store: Store, person: Person, broadcast: str, now: UtcMs) -> tuple[Coming, ...]:
    """The nearest occurrences of a broadcast that not all have reported yet, and how ready the loudspeakers are that
    the person may see."""
    paths = scope(person.grants, Act.see)
    found = _prepared(store, paths, store.logbook.coming(broadcast, paths, now, OCCURRENCES), now)
    return tuple(coming for coming in found if coming.reported < coming.total)


def prepared(store: Store, person: Person, plays: Iterable[Planned], now: UtcMs) -> dict[str, Coming]:
    """The same of single occurrences, each given by one of its plays; by name."""
    nearest = [(play.occurrence, play.planned, play.useful_until) for play in plays]
    return {found.occurrence: found for found in _prepared(store, scope(person.grants, Act.see), nearest, now)}


def of_occurrence(store: Store, person: Person, name: str, useful_until: UtcMs, now: UtcMs) -> Coming | None:
    """The same of one occurrence, by its name."""
    nearest = [(name, start_of(name), useful_until)]
    return next(iter(_prepared(store, scope(person.grants, Act.see), nearest, now)), None)


def standings(store: Store, occurrence: str, devices: Iterable[str], now: UtcMs) -> dict[str, tuple[Standing, Reason]]:
    """How each of these loudspeakers stands for an occurrence, and why the plan itself keeps it silent, if it does."""
    fleet, plans = _fleet(store, set(devices), now), dict[object, _Plan | None]()
    found = {}
    for device in fleet.assignments:
        plan = _plan(plans, fleet, device, occurrence)
        found[device] = (_standing(fleet, device, plan, now), plan.silent if plan else Reason.none)
    return found


def _prepared(
    store: Store, paths: tuple[str, ...], nearest: list[tuple[str, UtcMs, UtcMs]], now: UtcMs
) -> tuple[Coming, ...]:
    if not nearest:
        return ()
    plays = store.logbook.awaited([name for name, _, _ in nearest], paths)
    fleet = _fleet(store, {loudspeaker for _, loudspeaker, _, _ in plays}, now)
    found = []
    for name, planned, useful_until in nearest:
        rows = sorted((path, device, outcome) for occurrence, device, path, outcome in plays if occurrence == name)
        found.append(_counted(store, fleet, Coming(name, planned, useful_until), rows, now))
    return tuple(found)


def _fleet(store: Store, devices: set[str], now: UtcMs) -> _Fleet:
    assignments = store.fleet.assignments(devices)
    areas = {area for a in assignments.values() for area in a.area_path}
    programmes, named = store.fleet.programmes(areas), store.fleet.named_since(areas)
    return _Fleet(assignments, store.fleet.heard(devices, now), programmes, named)


def _counted(store: Store, fleet: _Fleet, coming: Coming, rows: Iterable[tuple[str, str, str]], now: UtcMs) -> Coming:
    """`rows`: path, loudspeaker and outcome of each play, in the order of the paths."""
    plans: _Plans = {}
    reported = sounding = ready = unlinked = total = 0
    silent, lacks = Counter[Reason](), Counter[Lack]()
    lagging: list[tuple[str, Standing, _Plan | None]] = []
    for _, device, outcome in rows:
        total += 1
        plan = _plan(plans, fleet, device, coming.occurrence)
        found = _standing(fleet, device, plan, now)
        if outcome:
            reported += 1
        elif found.sounding:
            sounding += 1
        elif plan is not None and plan.silent is not Reason.none:
            silent[plan.silent] += 1
        elif found.lacks:
            lacks[found.lacks[0]] += 1
            if lacks[found.lacks[0]] <= NAMED:
                lagging.append((device, found, plan))
        else:
            ready += 1
            unlinked += not found.linked
    return msgspec.structs.replace(
        coming,
        total=total,
        reported=reported,
        sounding=sounding,
        ready=ready,
        unlinked=unlinked,
        silenced=dict(silent),
        lacks=dict(sorted(lacks.items(), key=lambda pair: _ORDER[pair[0]])),
        lagging=_told(store, fleet, lagging, now),
    )


def _plan(plans: _Plans, fleet: _Fleet, device: str, occurrence: str) -> _Plan | None:
    """What this loudspeaker is told, worked out once for all of its kind; None for one that is told nothing."""
    assignment = fleet.assignments.get(device)
    if assignment is None:
        return None
    kind = kind_of(assignment, fleet.programmes)
    if kind not in plans:
        plans[kind] = _planned(fleet, assignment, occurrence)
    return plans[kind]


def _planned(fleet: _Fleet, assignment: Assignment, occurrence: str) -> _Plan | None:
    path = [area for area in assignment.area_path if area in fleet.programmes]
    programmes = tuple(fleet.programmes[area] for area in path)
    start = start_of(occurrence)
    slot = next((s for s in slots_between(programmes, start, start + 1) if s.occurrence == occurrence), None)
    if slot is None:
        return None
    since = {area: revision for area in path if (revision := fleet.named.get(area, {}).get(occurrence)) is not None}
    return _Plan(slot, since, silenced(slot, assignment, programmes), programmes)


def _standing(fleet: _Fleet, device: str, plan: _Plan | None, now: UtcMs) -> Standing:
    assignment = fleet.assignments.get(device)
    if plan is None or assignment is None:
        return _UNKNOWN
    return standing(plan.slot, assignment, fleet.heard.get(device), plan.since, now)


def _told(
    store: Store, fleet: _Fleet, shown: list[tuple[str, Standing, _Plan | None]], now: UtcMs
) -> tuple[Lagging, ...]:
    areas = store.areas.named(device for device, _, _ in shown)
    names = names_of(store, areas.values())
    untils: dict[object, Deadline] = {}
    found = []
    for device, standing_, plan in shown:
        assignment, heard = fleet.assignments.get(device), fleet.heard.get(device)
        if plan is not None and assignment is not None and id(plan) not in untils:
            untils[id(plan)] = deadline(plan.slot, assignment, plan.programmes, now)
        until = untils.get(id(plan), Deadline(None, None))
        found.append(Lagging(where_of(areas[device], names), standing_, heard.received_at if heard else None, until))
    return tuple(found)
