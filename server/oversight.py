"""What loudspeakers did, are ready to do and will do: the use cases of the log, the fleet and the preview.

Imported by the desk of the gateway and the web.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from schedules.assignment import Allowance
from schedules.clock import DAY, UtcMs
from schedules.playback import Playback
from schedules.rundown import Entry
from schedules.trial import TITLE, is_trial
from schedules.wire import Ack, Report, Status
from server.access import Act, Person, may, scope
from server.area import HAMLET, LOUDSPEAKER, Area, search_key
from server.cause import Cause, Chain, Seen, chain
from server.condition import condition_of, grain_of
from server.ledger import LARGEST, SILENT_AFTER, LogState, Planned, Reached, is_plausible, preview, state_of
from server.neighbours import Neighbour, operator_of
from server.readiness import Heard
from server.refusals import NotFound
from server.repair import Repair
from server.repositories.logbook import FILE_PAGE, PAGE, TWIN, LogFilter, LogLine
from server.repositories.store import Store

NO_REPAIRS: Mapping[str, Repair] = MappingProxyType({})
FIRST = 5
"""Of a list on the overview."""
LATELY, MANY, HARDLY = 2 * DAY, 10, 0.1
"""Of at least so many that were heard of late, no more than this share is in contact."""


class LogRow(msgspec.Struct, frozen=True):
    """A row of the log: what was planned, what was reported, what it says now, and where the loudspeaker is (names
    from its commune down)."""

    line: LogLine
    state: LogState
    where: tuple[str, ...]
    other: str
    missing: tuple[str, ...]


class LogPage(msgspec.Struct, frozen=True):
    """A page of the log; `after` leads to the next one."""

    rows: tuple[LogRow, ...]
    after: tuple[UtcMs, str, str] | None
    counts: dict[str, int]


class FleetRow(msgspec.Struct, frozen=True):
    """A loudspeaker with its place, what it last said, and what its SIM allows. `enrolled`: it may come in; `operator`:
    of its SIM, empty where nobody has entered it."""

    area: Area
    where: tuple[str, ...]
    languages: tuple[str, ...]
    heard: Heard | None
    allowance: Allowance | None = None
    enrolled: bool = True
    operator: str = ""

    @property
    def linked(self) -> bool:
        """Whether it is in contact."""
        return self.heard is not None and self.heard.status.online


class Filed(msgspec.Struct, frozen=True):
    """What a loudspeaker is told when its report has been committed, and what of it was new."""

    ack: Ack
    fresh: tuple[Playback, ...]


def file_report(store: Store, device: str, report: Report, now: UtcMs) -> Ack | None:
    """File what a loudspeaker reports, and say up to where; the same report twice changes nothing. None for a
    device that nobody knows."""
    [filed] = file_reports(store, [(device, report)], now)
    return None if filed is None else filed.ack


def file_reports(store: Store, reports: Sequence[tuple[str, Report]], now: UtcMs) -> list[Filed | None]:
    """The same for the reports of many loudspeakers, in order. A playback that cannot be true is left out: one broken
    loudspeaker must not break the log, and the rest of what it says must not wait for that for ever."""
    known = store.fleet.known(device for device, _ in reports)
    credible = [tuple(filter(is_plausible, report.playbacks)) if device in known else () for device, report in reports]
    told = [
        (device, report.journal, playback)
        for (device, report), playbacks in zip(reports, credible, strict=True)
        for playback in sorted(playbacks, key=lambda p: p.sequence)
    ]
    new = store.logbook.file_all(told, now)
    for device in {device for device, journal, _ in new if journal.endswith(TWIN)}:
        store.fleet.is_doubled(device, now)
    # All of it is new, but for what a loudspeaker sends again.
    fresh = None if len(new) == len(told) else {(device, journal, p.sequence) for device, journal, p in new}
    return [
        _filed(device, report, playbacks, fresh) if device in known else None
        for (device, report), playbacks in zip(reports, credible, strict=True)
    ]


def _filed(
    device: str, report: Report, credible: tuple[Playback, ...], fresh: set[tuple[str, str, int]] | None
) -> Filed:
    new = credible
    if fresh is not None:
        new = tuple(p for p in credible if (device, report.journal, p.sequence) in fresh)
    # Never further than this report: who forges a huge number must not have anything acknowledged that never came.
    up_to = max((p.sequence for p in report.playbacks if 0 < p.sequence < LARGEST), default=0)
    return Filed(Ack(report.journal, up_to, report.run), new)


def file_status(store: Store, device: str, status: Status, now: UtcMs) -> bool:
    """Keep what a loudspeaker says of itself; False for a device that nobody knows."""
    if not store.fleet.is_known(device):
        return False
    known = store.fleet.hear(device, status, now)
    if known is not None and (grain := grain_of(known[1], now)) is not None:
        store.care.keep_condition(device, condition_of(known[0], now), grain)
    return True


def visible_area(store: Store, person: Person, area: str) -> Area:
    """An area that the person may see; `NotFound` for any other."""
    found = store.areas.find(area)
    if found is None or not may(person.grants, Act.see, found.path):
        raise NotFound
    return found


def filter_of(
    store: Store, person: Person, area: str, since: UtcMs, until: UtcMs, outcome: str, bulletin: str, **more: str
) -> LogFilter:
    """The filter of a log page: a chosen area, or all that the person may see. `more`: further fields of it."""
    paths = (visible_area(store, person, area).path,) if area else scope(person.grants, Act.see)
    return msgspec.structs.replace(LogFilter(paths, since, until, outcome, bulletin), **more)


def areas_called(store: Store, person: Person, words: str) -> list[Area]:
    """The areas that this person may see with these words in their name, or in one that they had."""
    wanted = search_key(words)
    return store.areas.called(scope(person.grants, Act.see), wanted) if wanted else []


def log_page(store: Store, wanted: LogFilter, now: UtcMs) -> LogPage:
    """A page of the log."""
    lines = store.logbook.lines(wanted)
    last = lines[-1].planned if len(lines) == PAGE else None
    after = (last.planned, last.occurrence, last.loudspeaker) if last else None
    return LogPage(tuple(rows_of(store, lines, now)), after, store.logbook.count(wanted))


def log_rows(store: Store, wanted: LogFilter, now: UtcMs) -> Iterator[LogRow]:
    """All rows, for a file."""
    page: list[LogLine] = []
    for line in store.logbook.all_lines(wanted):
        page.append(line)
        if len(page) == FILE_PAGE:
            yield from rows_of(store, page, now)
            page = []
    yield from rows_of(store, page, now)


def troubles(store: Store, person: Person, now: UtcMs) -> tuple[LogRow, ...]:
    """What a person must look into: the latest plays of the last day that went wrong or were never reported."""
    paths = scope(person.grants, Act.see)
    return tuple(rows_of(store, store.logbook.troubles(paths, now - DAY, now - SILENT_AFTER, FIRST), now))


def next_due(store: Store, person: Person, now: UtcMs) -> list[Planned]:
    """What sounds next, in the coming day."""
    return store.logbook.next_due(scope(person.grants, Act.see), now, now + DAY, FIRST)


def fleet_rows(store: Store, person: Person, now: UtcMs) -> list[FleetRow]:
    """The loudspeakers that the person may see."""
    return fleet_below(store, scope(person.grants, Act.see), now)


def fleet_below(store: Store, paths: Iterable[str], now: UtcMs) -> list[FleetRow]:
    """The loudspeakers below these paths."""
    areas = store.fleet.below(paths)
    heard = store.fleet.heard((area.id for area in areas), now)
    assignments = store.fleet.assignments(area.id for area in areas)
    admitted = store.fleet.admitted(area.id for area in areas)
    names = names_of(store, areas)
    return [
        FleetRow(
            area,
            where_of(area, names),
            assignments[area.id].languages if area.id in assignments else (),
            heard.get(area.id),
            assignments[area.id].allowance if area.id in assignments else None,
            admitted[area.id][0],
            operator_of(admitted[area.id][1]),
        )
        for area in areas
    ]


def chains(
    store: Store,
    every: Sequence[FleetRow],
    wanted: Iterable[FleetRow],
    *,
    linked: bool,
    now: UtcMs,
    repairs: Mapping[str, Repair] = NO_REPAIRS,
) -> dict[str, Chain]:
    """Why these loudspeakers are as they are, of those that are not well; by id. `every`: all that the person may see,
    among which are their neighbours. `linked`: whether the server has its own link; `repairs`: the tickets that are
    open, by loudspeaker."""
    wanted = list(wanted)
    communes: dict[str, list[FleetRow]] = {}
    for row in every:
        if row.heard is not None and row.enrolled:
            communes.setdefault(_commune(row), []).append(row)
    certified = store.certificates.until([row.area.id for row in wanted if row.heard is not None and not row.linked])
    lacking = [row.area.id for row in wanted if row.heard is not None and row.heard.status.clips_missing]
    complete, deaf = store.care.complete_at(lacking, now - DAY), is_deaf(store, now)
    found = {}
    for row in wanted:
        ticket = repairs.get(row.area.id)
        told = chain(
            Seen(
                row.heard,
                _neighbours(row, communes.get(_commune(row), ())),
                linked,
                now,
                repair=(ticket.trouble, ticket.opened_at) if ticket is not None else None,
                deaf=deaf,
                operator=row.operator,
                enrolled=row.enrolled,
                certified_until=certified.get(row.area.id),
                allowance=row.allowance,
                complete_at=complete.get(row.area.id, 0),
            )
        )
        if told.cause is not Cause.well:
            found[row.area.id] = told
    return found


def is_deaf(store: Store, now: UtcMs) -> bool:
    """Whether hardly anybody is in contact who was of late: then it is not the loudspeakers that are silent. What is on
    this side of them all is the broker, or its line."""
    heard, linked = store.fleet.contact(now - LATELY, now)
    return heard >= MANY and linked <= HARDLY * heard


def _neighbours(row: FleetRow, around: Iterable[FleetRow]) -> tuple[Neighbour, ...]:
    """The others of its commune; of none where they tell nothing, because it is in contact and has its mains."""
    heard = row.heard
    if heard is None or (heard.status.online and heard.status.vitals.mains is not False):
        return ()
    return tuple(
        Neighbour(
            None if other.heard.status.online else other.heard.received_at,
            other.area.parent == row.area.parent,
            other.operator,
            other.heard.status.vitals.mains,
            other.heard.status.vitals.mains is None and other.heard.status.vitals.battery is not None,
        )
        for other in around
        if other.heard is not None and other.area.id != row.area.id
    )


def around(area: Area) -> str:
    """The path within which the neighbours of a loudspeaker are: its commune's."""
    return f"/{'/'.join(area.ids[:-2] or area.ids[:1])}/"


def neighbours(every: Sequence[FleetRow], row: FleetRow) -> list[FleetRow]:
    """The other loudspeakers of its commune, those of its own hamlet first."""
    others = [other for other in every if _commune(other) == _commune(row) and other.area.id != row.area.id]
    return sorted(others, key=lambda other: other.area.parent != row.area.parent)


def _commune(row: FleetRow) -> str:
    """The area above its hamlet."""
    return row.area.ids[-3] if len(row.area.ids) > 2 else row.area.ids[0]


def hamlets(store: Store, person: Person) -> list[Area]:
    """The hamlets that the person may see."""
    return store.areas.below(scope(person.grants, Act.see), HAMLET)


def hamlet_preview(
    store: Store, person: Person, area: str, since: UtcMs, until: UtcMs
) -> tuple[Area, tuple[Entry, ...]]:
    """What a hamlet (by its first loudspeaker) or a loudspeaker will hear in a time, by the loudspeakers' own
    function."""
    found = visible_area(store, person, area)
    speakers = store.fleet.below([found.path])
    if not speakers or found.level not in (HAMLET, LOUDSPEAKER):
        return found, ()
    assignment = store.fleet.assignments([speakers[0].id]).get(speakers[0].id)
    if assignment is None:
        return found, ()
    programmes = store.fleet.programmes(assignment.area_path)
    return found, preview(programmes.values(), assignment, since, until)


def titles(store: Store, occurrences: Iterable[str]) -> dict[str, str]:
    """The titles of the bulletins behind these occurrences, for saying which one was in the way."""
    named = {name for name in occurrences if name}
    broadcasts = {name: store.broadcasts.find(name.partition("@")[0]) for name in named if not is_trial(name)}
    bulletins = store.broadcasts.bulletins(b.bulletin for b in broadcasts.values() if b)
    found = {name: bulletins[b.bulletin].title for name, b in broadcasts.items() if b and b.bulletin in bulletins}
    return found | {name: TITLE for name in named if is_trial(name)}


def rows_of(store: Store, lines: list[LogLine], now: UtcMs) -> list[LogRow]:
    """These lines of the log as they stand now, with where their loudspeakers are."""
    devices = {line.planned.loudspeaker for line in lines}
    areas = store.areas.named(devices)
    # Whether a loudspeaker is ready tells something of what is still to come, and of nothing else.
    ahead = {line.planned.loudspeaker for line in lines if line.outcome is None and line.planned.planned > now}
    heard, assignments = store.fleet.heard(ahead, now), store.fleet.assignments(ahead)
    named = store.fleet.named_since({area for a in assignments.values() for area in a.area_path})
    stood = {line.place: tuple(line.place.strip("/").split("/")) for line in lines if line.place}
    names = names_of(store, list(areas.values())) | store.areas.names({id_ for ids in stood.values() for id_ in ids})
    others = titles(store, (line.playback.other for line in lines if line.playback))
    found = []
    for line in lines:
        area = areas[line.planned.loudspeaker]
        needed = {a: since for a in area.ids if (since := named.get(a, {}).get(line.planned.occurrence)) is not None}
        reached = _reached(heard.get(area.id), needed)
        other = line.playback.other if line.playback else ""
        missing = line.playback.missing if line.playback else ()
        state = state_of(line.planned, line.playback or line.correction, reached, now)
        where = where_of(area, names)
        if line.place:
            where = tuple(names.get(id_, id_) for id_ in (*stood[line.place], area.id)[-3:])
        found.append(LogRow(line, state, where, others.get(other, ""), missing))
    return found


def _reached(heard: Heard | None, needed: dict[str, int]) -> Reached | None:
    if heard is None:
        return None
    held = heard.status.programmes
    knows = bool(needed) and all(held.get(area, 0) >= revision for area, revision in needed.items())
    return Reached(heard.status.online, frozenset(heard.status.clips_missing), knows)


def names_of(store: Store, areas: Iterable[Area]) -> dict[str, str]:
    """The names of these areas and of all above them, by id."""
    return {area.id: area.name for area in store.areas.named({id_ for a in areas for id_ in a.ids}).values()}


def where_of(area: Area, names: dict[str, str]) -> tuple[str, ...]:
    """From the commune down: commune, hamlet, loudspeaker."""
    return tuple(names.get(id_, id_) for id_ in area.ids[-3:])
