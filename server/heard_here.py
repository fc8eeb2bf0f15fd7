"""What a hamlet, or a loudspeaker, hears in the time to come, day by day: a use case.

Imported by the web and tests. What is approved is merged by the loudspeakers' own function, so that this is what they
do; what waits for approval stands apart.
"""

from datetime import date, timedelta

import msgspec

from schedules.clock import UtcMs, at_civil, civil_day
from schedules.lunar import LunarDay
from schedules.rundown import Entry
from schedules.suspension import Suspension
from server import oversight, timetable
from server.access import Person
from server.area import HAMLET, Area
from server.readiness import kind_of
from server.repositories.store import Store
from server.timetable import Line


class HeardDay(msgspec.Struct, frozen=True):
    """A civil day: by the moon as well, what is suspended, what sounds or would, and what waits for approval."""

    day: date
    moon: LunarDay | None
    suspensions: tuple[Suspension, ...]
    entries: tuple[Entry, ...]
    waiting: tuple[Line, ...]


class Heard(msgspec.Struct, frozen=True):
    """What is heard in a place. `apart`: its loudspeakers, where they do not all do the same: then the days are those
    of the first."""

    area: Area
    days: tuple[HeardDay, ...]
    apart: tuple[Area, ...] = ()


def heard(store: Store, person: Person, area: str, since: UtcMs, until: UtcMs, now: UtcMs) -> Heard:
    """What is heard in [since, until). Raises `NotFound`."""
    found, entries = oversight.hamlet_preview(store, person, area, since, until)
    waits = timetable.waiting(store, person, [found.path], since, until, now)
    around = timetable.around(store, found.path)
    first, last = civil_day(since), civil_day(until - 1)
    return Heard(
        found,
        tuple(
            HeardDay(
                day,
                timetable.moon(day),
                timetable.held_on(around, day),
                tuple(each for each in entries if civil_day(_start(each)) == day),
                tuple(sorted((each for each in waits if civil_day(each.at) == day), key=lambda each: each.at)),
            )
            for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
        ),
        _apart(store, found),
    )


def span(first: date, count: int) -> tuple[UtcMs, UtcMs]:
    """So many civil days from this one on."""
    return at_civil(first, 0), at_civil(first + timedelta(days=count), 0)


def _start(entry: Entry) -> UtcMs:
    return entry.start if entry.plays else entry.slot.start


def _apart(store: Store, area: Area) -> tuple[Area, ...]:
    """The loudspeakers of a hamlet, if some get other programmes or follow other rules."""
    if area.level != HAMLET:
        return ()
    loudspeakers = store.fleet.below([area.path])
    assignments = store.fleet.assignments(each.id for each in loudspeakers)
    programmes = store.fleet.programmes({above for a in assignments.values() for above in a.area_path})
    kinds = {kind_of(a, {id_ for id_, p in programmes.items() if p.slots}) for a in assignments.values()}
    return tuple(loudspeakers) if len(kinds) > 1 else ()
