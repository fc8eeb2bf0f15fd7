"""The timetable: what is to sound on which days in the places that somebody may see. A use case.

Imported by the web and tests. What is approved is merged by the loudspeakers' own function, so that what will be silent
or late says so; what waits for approval stands beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from audio.language import VIETNAMESE
from schedules.clock import DAY, UtcMs, at_civil, civil_day
from schedules.lunar import LunarDay, lunar_of
from schedules.playback import Reason
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.recurrence import occurrences
from schedules.rundown import merge, slots_between
from schedules.suspension import Suspension
from server import programmes
from server.access import Act, Person, scope
from server.area import Area
from server.bulletins import BroadcastPage, visible
from server.lifecycle import BroadcastState
from server.moving import may_move
from server.planning import Approved, slots_within
from server.readiness import kind_of
from server.repositories.store import Store

MOST = 2_000
"""Lines of one timetable."""
WEEK, LONGEST = 7, 42
"""Days: of a week, and of a month with the weeks that it begins and ends in."""
_TOLD = (Reason.none, Reason.language_missing)


class Line(msgspec.Struct, frozen=True):
    """One broadcast at one instant. `broadcast`: empty where the person may not open it; `waits`: it is not approved;
    `moves`: this person may move it; `silent`: it would sound at no loudspeaker; `reason`, `other`: why, or what delays
    it somewhere (an occurrence)."""

    at: UtcMs
    broadcast: str
    title: str
    broadcast_class: BroadcastClass
    areas: tuple[str, ...]
    languages: tuple[str, ...]
    waits: bool = False
    moves: bool = False
    silent: bool = False
    reason: Reason = Reason.none
    other: str = ""


class Day(msgspec.Struct, frozen=True):
    """A civil day, by the moon as well (None beyond what is known), what is suspended and what is to sound."""

    day: date
    moon: LunarDay | None
    suspensions: tuple[Suspension, ...]
    lines: tuple[Line, ...]


class Told(msgspec.Struct, frozen=True):
    """What the loudspeakers will do with an occurrence, taken together."""

    plays: bool
    reason: Reason
    other: str


def days(store: Store, person: Person, area: Area | None, first: date, count: int, now: UtcMs) -> tuple[Day, ...]:
    """So many days from `first` on, in this area or in all that the person may see."""
    paths = (area.path,) if area else tuple(scope(person.grants, Act.see))
    since = at_civil(first, 0)
    until = since + min(count, LONGEST) * DAY
    lines = [*_approved(store, person, paths, since, until, now), *waiting(store, person, paths, since, until, now)]
    held = {s for path in paths for s in around(store, path)}
    by_day: dict[date, list[Line]] = {}
    for line in sorted(lines, key=lambda each: (each.at, each.title))[:MOST]:
        by_day.setdefault(civil_day(line.at), []).append(line)
    every = [first + timedelta(days=n) for n in range((until - since) // DAY)]
    return tuple(Day(day, moon(day), held_on(held, day), tuple(by_day.get(day, ()))) for day in every)


def _approved(store: Store, person: Person, paths: Sequence[str], since: UtcMs, until: UtcMs, now: UtcMs) -> list[Line]:
    found = [each for each in programmes.approved(store, since) if occurrences(each.recurrence, since, until)]
    meant = {b.id: b.targets for b in store.broadcasts.named(each.id for each in found)}
    areas = store.areas.named(
        {target for each in found for target in each.targets}.union(*(targets for targets in meant.values()))
    )
    here = [each for each in found if any(_meets(areas[target].path, paths) for target in each.targets)]
    told = _told(store, here, paths, since, until)
    pages = visible(store, person, store.broadcasts.named(each.id for each in here))
    seen = {page.broadcast.id: may_move(page) for page in pages}
    lines = []
    for slot, each in _slots(here, since, until):
        names = tuple(areas[target].name for target in meant[each.id])
        mine = each.id if each.id in seen else ""
        tags = _ordered(clip.language for clip in each.clips)
        moves = seen.get(each.id, False) and slot.start > now
        line = Line(slot.start, mine, each.title, each.broadcast_class, names, tags, moves=moves)
        what = told.get(slot.occurrence)
        if what is not None:
            line = msgspec.structs.replace(line, silent=not what.plays, reason=what.reason, other=what.other)
        lines.append(line)
    return lines


def _slots(found: Iterable[Approved], since: UtcMs, until: UtcMs) -> list[tuple[Slot, Approved]]:
    """Each occurrence once, however many areas it is for."""
    by_id = {each.id: each for each in found}
    once: dict[str, Slot] = {}
    for slots in slots_within(by_id.values(), since, until).values():
        once.update((slot.occurrence, slot) for slot in slots)
    return [(slot, by_id[slot.broadcast]) for slot in once.values()]


def _told(store: Store, found: Sequence[Approved], paths: Sequence[str], since: UtcMs, until: UtcMs) -> dict[str, Told]:
    """What the loudspeakers below these paths will do with each occurrence, of those that do the same only one."""
    slots = slots_within(found, since, until)
    plans = {area: Programme(area, 0, since, until, given, since) for area, given in slots.items()}
    assignments = store.fleet.assignments(area.id for area in store.fleet.below(paths))
    kinds = {kind_of(a, plans): a for a in assignments.values()}
    told: dict[str, Told] = {}
    for assignment in kinds.values():
        heard = [plans[area] for area in assignment.area_path if area in plans]
        for entry in merge(slots_between(heard, since, until), assignment, since):
            before = told.get(entry.slot.occurrence)
            reason = Reason.none if entry.reason in _TOLD else entry.reason
            if before is None:
                told[entry.slot.occurrence] = Told(entry.plays, reason, entry.other)
            elif before.reason is Reason.none or (entry.plays and not before.plays):
                kept = before if before.reason is not Reason.none else Told(before.plays, reason, entry.other)
                told[entry.slot.occurrence] = msgspec.structs.replace(kept, plays=before.plays or entry.plays)
    return told


def waiting(store: Store, person: Person, paths: Sequence[str], since: UtcMs, until: UtcMs, now: UtcMs) -> list[Line]:
    """What is to sound below these paths once it is approved."""
    undecided = store.broadcasts.undecided(scope(person.grants, Act.see), since)
    lines = []
    for page in visible(store, person, [each for each in undecided if each.recurrence is not None]):
        if page.state is BroadcastState.submitted and any(_meets(area.path, paths) for area in page.areas):
            lines += [_waits(page, at, moves=may_move(page) and at > now) for at in _due(page, since, until)]
    return lines


def _due(page: BroadcastPage, since: UtcMs, until: UtcMs) -> tuple[UtcMs, ...]:
    rule = page.broadcast.recurrence
    return occurrences(rule, since, until) if rule is not None else ()


def _waits(page: BroadcastPage, at: UtcMs, *, moves: bool) -> Line:
    return Line(
        at,
        page.broadcast.id,
        page.bulletin.title,
        page.bulletin.broadcast_class,
        tuple(area.name for area in page.areas),
        _ordered(variant.language for variant in page.bulletin.variants),
        waits=True,
        moves=moves,
    )


def _ordered(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(tags, key=lambda tag: (tag != VIETNAMESE, tag)))


def _meets(path: str, paths: Iterable[str]) -> bool:
    """Whether what is for this path sounds somewhere below one of these."""
    return any(path.startswith(each) or each.startswith(path) for each in paths)


def around(store: Store, path: str) -> tuple[Suspension, ...]:
    """The suspensions that hold at this path: those of its areas."""
    areas: Mapping[str, Area] = store.areas.named(path.strip("/").split("/"))
    return tuple(s for area in areas.values() for s in area.settings.suspensions or ())


def held_on(held: Iterable[Suspension], day: date) -> tuple[Suspension, ...]:
    """Those of these that hold on a day."""
    return tuple(sorted((s for s in held if s.first <= day <= s.last), key=lambda s: (s.start, s.name)))


def moon(day: date) -> LunarDay | None:
    """A day by the moon; None beyond what is known."""
    try:
        return lunar_of(day)
    except ValueError:
        return None
