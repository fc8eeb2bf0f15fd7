"""The dashboard: which share sounded where and when, and what somebody has to act upon. The use case.

Imported by the web and tests. Every figure counts rows that can be looked at: it says which.
"""

import enum
from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import DAY, HOUR, DurationMs, UtcMs, civil_midnight
from server import alarms, oversight
from server.access import Act, Person, scope
from server.area import COMMUNE, Area, sort_key
from server.ledger import DID_SOUND, WAS_TO, outcomes_in
from server.readiness import SILENT_FOR
from server.repositories.logbook import LogFilter
from server.repositories.store import Store

SPANS = (14, 31)
"""Days that the heat table may have."""
GOOD, FAIR = 95, 80
"""Per cent that sounded, at least."""
FROM_ABOVE = 10


class Heat(enum.Enum):
    """How a commune's day went."""

    good = "good"
    fair = "fair"
    bad = "bad"
    going = "going"  # today: the day is not over
    none = "none"  # nothing was to sound


class Age(enum.Enum):
    """For how long a loudspeaker has been silent."""

    hours = "hours"
    day = "day"
    week = "week"
    longer = "longer"
    never = "never"  # it has never said anything


_AGES: tuple[tuple[DurationMs, Age], ...] = ((6 * HOUR, Age.hours), (DAY, Age.day), (7 * DAY, Age.week))


class Cell(msgspec.Struct, frozen=True):
    """One commune on one day: the plays that were to sound, and those of them that did."""

    day: UtcMs
    sounded: int
    awaited: int
    heat: Heat

    @property
    def percent(self) -> int:
        """The share, never told larger than it is."""
        return self.sounded * 100 // self.awaited if self.awaited else 0


class HeatLine(msgspec.Struct, frozen=True):
    """A row of the heat table. `area`: of the commune as it was called then, or of the hamlet that a person sees;
    `station`: whether it is a commune."""

    area: str
    name: str
    station: bool
    cells: tuple[Cell, ...]

    @property
    def sounded(self) -> int:
        """Of all its days."""
        return sum(cell.sounded for cell in self.cells)


class Dead(msgspec.Struct, frozen=True):
    """A loudspeaker that is out of contact. `since`: when it was heard last, None for never."""

    area: Area
    where: tuple[str, ...]
    since: UtcMs | None
    age: Age


class FromAbove(msgspec.Struct, frozen=True):
    """A bulletin that an office above has sent here: its plays here, and those that sounded."""

    bulletin: str
    title: str
    issuer: str
    sounded: int
    awaited: int


class Board(msgspec.Struct, frozen=True):
    """The whole dashboard of a person, of days in [since, until). `missing`: by language, the rows in which it was
    missing; `silent`: stations with loudspeakers of which nothing sounded."""

    since: UtcMs
    until: UtcMs
    days: tuple[UtcMs, ...]
    lines: tuple[HeatLine, ...]
    missing: Mapping[str, int]
    dead: Mapping[Age, int]
    unreviewed: int
    overdue: int
    silent: tuple[Area, ...]
    above: tuple[FromAbove, ...]


def age_of(since: UtcMs | None, now: UtcMs) -> Age:
    """For how long, of a loudspeaker that was heard last at that instant."""
    if since is None:
        return Age.never
    return next((age for until, age in _AGES if now - since < until), Age.longer)


def heat_of(sounded: int, awaited: int, *, over: bool) -> Heat:
    """How a day went. `over`: whether it has ended."""
    if not awaited:
        return Heat.none
    if not over:
        return Heat.going
    share = sounded * 100 // awaited
    return Heat.good if share >= GOOD else Heat.fair if share >= FAIR else Heat.bad


def board(store: Store, person: Person, area: str, last: UtcMs, days: int, now: UtcMs) -> Board:
    """The dashboard of an area (empty: all that the person may see), of so many days up to the one of `last`. Raises
    `NotFound` for an area that the person may not see."""
    until = civil_midnight(last) + DAY
    since = until - days * DAY
    paths = paths_of(store, person, area)
    wanted = LogFilter(paths, since, until)
    shown = tuple(since + number * DAY for number in range(days))
    lines = _lines(store, wanted, shown, now)
    alone = alarms.unreviewed(store, person, now)
    counts: dict[Age, int] = {}
    for since_then in _lost(store, paths, now).values():
        age = age_of(since_then, now)
        counts[age] = counts.get(age, 0) + 1
    return Board(
        since=since,
        until=until,
        days=shown,
        lines=lines,
        missing=_missing(store, wanted),
        dead={age: counts[age] for age in Age if age in counts},
        unreviewed=len(alone),
        overdue=sum(each.overdue for each in alone),
        silent=_silent(store, paths, lines),
        above=_above(store, wanted),
    )


def paths_of(store: Store, person: Person, area: str) -> tuple[str, ...]:
    """What a dashboard is about."""
    return (oversight.visible_area(store, person, area).path,) if area else scope(person.grants, Act.see)


def dead(store: Store, person: Person, area: str, now: UtcMs) -> list[Dead]:
    """The loudspeakers that are out of contact, those first that have been silent for longest; who has never said
    anything comes last."""
    lost = _lost(store, paths_of(store, person, area), now)
    areas = store.areas.named(lost)
    names = oversight.names_of(store, areas.values())
    found = [
        Dead(areas[id_], oversight.where_of(areas[id_], names), since, age_of(since, now))
        for id_, since in lost.items()
        if id_ in areas
    ]
    return sorted(found, key=lambda each: (each.since is None, each.since or 0, each.area.id))


def _lost(store: Store, paths: Iterable[str], now: UtcMs) -> dict[str, UtcMs | None]:
    """When those that are out of contact were heard last, by id."""
    return {
        id_: heard
        for id_, online, heard in store.fleet.contacts(paths)
        if not online or heard is None or now - heard > SILENT_FOR
    }


def _lines(store: Store, wanted: LogFilter, days: tuple[UtcMs, ...], now: UtcMs) -> tuple[HeatLine, ...]:
    """A line for each commune that rows stood in; for who sees less than a commune, one for each area of theirs."""
    reach = store.places.reach(wanted.paths)
    if not reach.everything and not reach.communes:
        return tuple(_own(store, wanted, path, days, now) for path in wanted.paths)
    communes = store.places.communes()
    whole = communes if reach.everything else {id_: communes[id_] for id_ in reach.communes}
    counts: dict[str, dict[UtcMs, dict[str, int]]] = {path.strip("/").rpartition("/")[2]: {} for path in whole.values()}
    summed = store.summary.by_commune(reach, range(store.summary.day(days[0]), store.summary.day(days[-1]) + 1))
    for (commune, day), by_outcome in summed.items():
        area = whole[commune].strip("/").rpartition("/")[2] if commune in whole else ""
        of_day = counts.setdefault(area, {}).setdefault(store.summary.midnight(day), {})
        for outcome, number in by_outcome.items():
            of_day[outcome] = of_day.get(outcome, 0) + number
    names = store.areas.names(counts)
    found = [
        HeatLine(area, names.get(area, area), True, _cells(by_day, days, now))
        for area, by_day in counts.items()
        if area
    ]
    return tuple(sorted(found, key=lambda line: sort_key(line.name)))


def _own(store: Store, wanted: LogFilter, path: str, days: tuple[UtcMs, ...], now: UtcMs) -> HeatLine:
    by_day: dict[UtcMs, dict[str, int]] = {}
    for (_, day), by_outcome in store.logbook.by_day(msgspec.structs.replace(wanted, paths=(path,))).items():
        of_day = by_day.setdefault(store.summary.midnight(day), {})
        for outcome, number in by_outcome.items():
            of_day[outcome] = of_day.get(outcome, 0) + number
    area = path.strip("/").rpartition("/")[2]
    return HeatLine(area, store.areas.names([area]).get(area, area), False, _cells(by_day, days, now))


def _cells(by_day: Mapping[UtcMs, Mapping[str, int]], days: Iterable[UtcMs], now: UtcMs) -> tuple[Cell, ...]:
    sounded, awaited = outcomes_in(DID_SOUND), outcomes_in(WAS_TO)
    found = []
    for day in days:
        counts = by_day.get(day, {})
        did = sum(number for outcome, number in counts.items() if outcome in sounded)
        was_to = sum(number for outcome, number in counts.items() if outcome in awaited)
        found.append(Cell(day, did, was_to, heat_of(did, was_to, over=day + DAY <= now)))
    return tuple(found)


def _missing(store: Store, wanted: LogFilter) -> dict[str, int]:
    found = store.logbook.missing(wanted, store.areas.languages())
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def _silent(store: Store, paths: tuple[str, ...], lines: Iterable[HeatLine]) -> tuple[Area, ...]:
    """Communes of today that have loudspeakers, and of which nothing sounded."""
    sounded = {line.area for line in lines if line.sounded}
    there = {id_ for path in store.fleet.paths_below(paths) for id_ in path.strip("/").split("/")}
    communes = store.areas.below(paths, COMMUNE)
    return tuple(area for area in communes if area.id in there and area.id not in sounded)


def _above(store: Store, wanted: LogFilter) -> tuple[FromAbove, ...]:
    """What offices above have sent to all that these paths cover."""
    tops = {id_ for path in wanted.paths for id_ in path.strip("/").split("/")[:-1]}
    if not tops:
        return ()
    named = store.logbook.bulletins_named(wanted.paths, wanted.since, wanted.until)
    bulletins = [each for each in store.broadcasts.bulletins(named).values() if each.area in tops]
    names = store.areas.names(each.area for each in bulletins)
    found = []
    for bulletin in sorted(bulletins, key=lambda each: -each.created_at)[:FROM_ABOVE]:
        counts = store.logbook.count(msgspec.structs.replace(wanted, bulletin=bulletin.id, outcome=WAS_TO))
        sounded = sum(number for outcome, number in counts.items() if outcome in outcomes_in(DID_SOUND))
        found.append(FromAbove(bulletin.id, bulletin.title, names[bulletin.area], sounded, sum(counts.values())))
    return tuple(found)
