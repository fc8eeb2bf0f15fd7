"""What a broadcast would change at the loudspeakers of its areas, and what can be done about it: use cases.

Imported by the web. Everything is asked of the function by which the loudspeakers themselves decide.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from schedules.assembly import whole_length
from schedules.assignment import Assignment
from schedules.clock import MINUTE, DurationMs, UtcMs, civil_day
from schedules.playback import Reason
from schedules.programme import Programme, Slot, Turn, occurrence_name
from schedules.recurrence import Once
from schedules.rundown import GAP, Entry, merge, slots_between
from server.area import Area
from server.bulletins import LIST_LENGTH, BroadcastPage
from server.compose_form import Mode
from server.planning import NOW_LEAD, Approved, slots_by_area, useful_for
from server.readiness import first_near, kind_of, last_near
from server.repositories.store import Store
from server.yielding import Precedence, rule_between

STEP: DurationMs = 15 * MINUTE
MOST_STEPS = 48
"""So many quarters of an hour are tried for a free time: half a day."""
MOST_SLOTS = 60
"""Of a campaign, so many are compared: what clashes clashes among the first."""
_NO_CLASH = (Reason.none, Reason.language_missing, Reason.no_language)
Kind = tuple[Assignment, list[Programme]]
"""Loudspeakers that get the same programmes and follow the same rules."""


class Clash(msgspec.Struct, frozen=True):
    """What would be changed. `entry`: what becomes of the first occurrence that it happens to, `ours`: of this
    broadcast, else of another; `times`: how often it happens; `other`: the other one, None where there is none (quiet
    hours); `rule`: by which one of the two goes first; `after`: when this broadcast would begin right behind the other.
    `key` names it, so that somebody may say that it is to stay so."""

    key: str
    entry: Entry
    ours: bool
    times: int = 1
    other: Slot | None = None
    rule: Precedence | None = None
    after: UtcMs | None = None


class Foreseen(msgspec.Struct, frozen=True):
    """All clashes of a broadcast, the soonest first, and a `free` time near the first one, if there is any; `at`: the
    occurrence of this broadcast that would be moved there."""

    clashes: tuple[Clash, ...] = ()
    at: UtcMs = 0
    free: UtcMs | None = None


def clashes(
    store: Store, found: BroadcastPage, since: UtcMs, until: UtcMs, here: Area | None = None, turn: Turn = Turn.as_ruled
) -> list[Entry]:
    """What this broadcast would change at the loudspeakers of its areas: every entry that would be delayed or
    displaced by it, or that delays or displaces it, by the loudspeakers' own function. An occurrence is told once.
    `here`: only in this area, which has put it there among its priority items (`turn`)."""
    own = own_slots(found, store.areas.find(found.bulletin.area), since, until)
    own = tuple(msgspec.structs.replace(slot, turn=turn) for slot in own)
    if found.broadcast.withdrawn_at is not None or not own:
        return []
    told: dict[str, Entry] = {}
    ours, names = {slot.occurrence for slot in own}, (found.broadcast.id, found.broadcast.replaces)
    for kind in kinds(store, found.areas if here is None else (here,)):
        for entry in _involved(kind, own, names, since, until):
            if _touches(entry, ours) and entry.reason not in (Reason.none, Reason.language_missing):
                told.setdefault(entry.slot.occurrence, entry)
    return sorted(told.values(), key=lambda entry: entry.slot.start)[:LIST_LENGTH]


def foreseen(
    alike: Sequence[Kind], own: Sequence[Slot], names: Collection[str], since: UtcMs, until: UtcMs
) -> Foreseen:
    """The clashes of slots that nobody has approved yet, each kind of clash with another broadcast once. `names`: the
    broadcasts in whose place they come."""
    own = tuple(own[:MOST_SLOTS])
    ours = {slot.occurrence for slot in own}
    found: dict[str, Clash] = {}
    clashing: list[Kind] = []
    for kind in alike:
        entries = _involved(kind, own, names, since, until)
        mine = {entry.slot.occurrence: entry for entry in entries}
        worth = [entry for entry in entries if _touches(entry, ours) and entry.reason not in _NO_CLASH]
        clashing += [kind] if worth else []
        for entry in worth:
            _add(found, _clash(entry, kind[0], ours, mine))
    if not found:
        return Foreseen()
    told = sorted(found.values(), key=lambda clash: clash.entry.slot.start)
    first = next((slot.start for slot in own if slot.occurrence in _own_of(told[0])), own[0].start)
    ordered = [*clashing, *(kind for kind in alike if kind not in clashing)]
    return Foreseen(tuple(told[:LIST_LENGTH]), first, _free(ordered, own, first, names, until))


def kinds(store: Store, areas: Iterable[Area]) -> list[Kind]:
    """Of the loudspeakers in these areas, one of each kind: they do the same, and a province has thousands of them."""
    return kinds_of(store, store.fleet.assignments(area.id for area in store.fleet.below(a.path for a in areas)))


def kinds_of(store: Store, assignments: dict[str, Assignment]) -> list[Kind]:
    """One of each kind."""
    programmes = store.fleet.programmes({area for a in assignments.values() for area in a.area_path})
    found: dict[object, Kind] = {}
    for a in assignments.values():
        heard = [programmes[area] for area in a.area_path if area in programmes]
        found.setdefault(kind_of(a, programmes), (a, heard))
    return list(found.values())


def _involved(kind: Kind, own: Sequence[Slot], names: Collection[str], since: UtcMs, until: UtcMs) -> list[Entry]:
    """What becomes of these slots at one kind of loudspeaker, and of those that they meet there."""
    assignment, programmes = kind
    ours = {slot.occurrence for slot in own}
    others = [s for s in slots_between(programmes, since, until) if s.broadcast not in names]
    stretches = [(first_near(slot.start, assignment), last_near(slot.start, assignment)) for slot in own]
    near = [s for s in others if any(first <= s.start <= last for first, last in stretches)]
    entries = merge([*near, *own], assignment, since)
    beside = {entry.other for entry in entries if entry.slot.occurrence in ours}
    return [e for e in entries if e.slot.occurrence in ours | beside or e.other in ours]


def _touches(entry: Entry, ours: Collection[str]) -> bool:
    return entry.slot.occurrence in ours or entry.other in ours


def _clash(entry: Entry, assignment: Assignment, ours: Collection[str], beside: dict[str, Entry]) -> Clash:
    mine, met = entry.slot.occurrence in ours, beside.get(entry.other)
    if met is None:
        return Clash(entry.reason.value, entry, mine)
    other, own = (met.slot, entry.slot) if mine else (entry.slot, met.slot)
    rule = rule_between(other, own, own_priority_first=assignment.own_priority_first)
    key = f"{other.broadcast}:{entry.reason.value}:{'' if mine else 'x'}"
    return Clash(
        key, entry, mine, 1, other, rule, _after(entry, met, assignment) if mine else _behind(entry, assignment)
    )


def _after(entry: Entry, met: Entry, assignment: Assignment) -> UtcMs:
    """The first whole minute at which ours sounds behind what it gave way to."""
    return _whole_minute(entry.start if entry.plays else met.end + _rest(assignment))


def _behind(entry: Entry, assignment: Assignment) -> UtcMs:
    """The first whole minute behind what would have given way to ours."""
    return _whole_minute(entry.slot.start + whole_length(entry.slot, assignment) + _rest(assignment))


def _rest(assignment: Assignment) -> DurationMs:
    return max(assignment.guards.gap_ms, GAP)


def _whole_minute(at: UtcMs) -> UtcMs:
    return -(-at // MINUTE) * MINUTE


def _add(found: dict[str, Clash], clash: Clash) -> None:
    """The same at another loudspeaker is the same; the same on another day is one time more."""
    known = found.get(clash.key)
    if known is None:
        found[clash.key] = clash
        return
    start, before = clash.entry.slot.start, known.entry.slot.start
    later = max(filter(None, (known.after, clash.after)), default=None) if start == before else known.after
    found[clash.key] = msgspec.structs.replace(known, times=known.times + (start > before), after=later)


def _own_of(clash: Clash) -> tuple[str, str]:
    return clash.entry.slot.occurrence, clash.entry.other


def _free(alike: Sequence[Kind], own: Sequence[Slot], at: UtcMs, names: Collection[str], until: UtcMs) -> UtcMs | None:
    """The next quarter of an hour to which all of ours can be moved, so that nothing is changed anywhere. What comes
    again stays on its day."""
    for moved in _quarters(own, at):
        slots = [_moved(slot, moved - at) for slot in own]
        if not any(_changes(kind, slots, names, until) for kind in alike):
            return moved
    return None


def _quarters(own: Sequence[Slot], at: UtcMs) -> Iterator[UtcMs]:
    first = (at // STEP + 1) * STEP
    for number in range(MOST_STEPS):
        moved = first + number * STEP
        if len(own) > 1 and civil_day(moved) != civil_day(at):
            return
        yield moved


def _moved(slot: Slot, by: DurationMs) -> Slot:
    start = slot.start + by
    name = occurrence_name(slot.broadcast, start)
    return msgspec.structs.replace(slot, occurrence=name, start=start, useful_until=slot.useful_until + by)


def _changes(kind: Kind, own: Sequence[Slot], names: Collection[str], until: UtcMs) -> bool:
    since = min(first_near(slot.start, kind[0]) for slot in own)
    ours = {slot.occurrence for slot in own}
    entries = _involved(kind, own, names, since, until)
    return any(entry.reason not in _NO_CLASH and _touches(entry, ours) for entry in entries)


def own_slots(found: BroadcastPage, area: Area | None, since: UtcMs, until: UtcMs) -> tuple[Slot, ...]:
    """The slots that this broadcast has, or would have if it were approved now."""
    recurrence = found.broadcast.recurrence or Once(since + NOW_LEAD)
    broadcast = Approved(
        id=found.broadcast.id,
        bulletin=found.bulletin.id,
        title=found.bulletin.title,
        broadcast_class=found.bulletin.broadcast_class,
        authority=area.depth if area else 0,
        targets=("here",),
        recurrence=recurrence,
        clips=tuple(variant.clip for variant in found.bulletin.variants),
        not_before=since,
        useful_for=useful_for(found.bulletin.broadcast_class, now_mode=found.broadcast.mode == Mode.now.value),
        seal=found.seal,
        opening=found.bulletin.opening,
        exercise=found.bulletin.exercise,
        closing=found.bulletin.closing,
    )
    return tuple(s for s in slots_by_area([broadcast], since).get("here", ()) if s.start < until)
