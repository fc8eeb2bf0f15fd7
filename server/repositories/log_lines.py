"""Reading the log: pages of rows by a filter, how many there are, what was told of each.

Imported by `logbook`, `oversight` and the web, which know the filter and the line by it.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import select as columns_of
from sqlalchemy.orm import object_session
from sqlmodel import Session, and_, col, false, func, or_, select, tuple_

from schedules.clock import DAY, UtcMs
from schedules.playback import Outcome, Playback
from server.ledger import WITHDRAWN, Correction, Counted, Line, Planned, counted
from server.repositories.archives import archives_of
from server.repositories.keys import portions, there
from server.repositories.log_filter import LogFilter, conditions, is_summed, shown
from server.repositories.log_rows import NOTHING, correction_of, one_of, planned_of
from server.repositories.places import Places, Reach
from server.repositories.summary import Summary, day_of, midnight
from server.tables.areas import AreaRow
from server.tables.bulletins import BroadcastRow, BulletinRow
from server.tables.logbook import CorrectionRow, PlannedRow

PAGE = 50
FILE_PAGE = 500
BULLETINS = 200
TROUBLES = (Outcome.missed, Outcome.failed, Outcome.cut)
ONE_BY_ONE = 24
"""Communes that are asked for one after the other; more of them lie close enough together in time."""
_STEPS = (9, 32)
"""Days that are looked at for the first rows of a rare kind, before all of them are."""
DENSE_DAYS = 3
"""What fills a page within so many days is found by time."""


class LogLine(msgspec.Struct, frozen=True):
    """An expected play, what was reported of it (the playback that counts), the correction that stands against that,
    and the path of where it stood."""

    planned: Planned
    playback: Playback | None
    correction: Correction | None = None
    place: str = ""

    @property
    def outcome(self) -> Outcome | None:
        """How it ended, as far as anybody has told."""
        return Counted(Line("", self.playback) if self.playback else None, self.correction).outcome


class LogPages:
    """Questions about rows of the log."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._places = Places(session)
        self._summary = Summary(session)
        self._archives = archives_of(session)

    def lines(self, wanted: LogFilter, limit: int = PAGE) -> list[LogLine]:
        """Rows of the log, the latest planned first."""
        reach = self._reach(wanted)
        days = self._days(wanted, reach, limit)
        if days is None:
            return self._joined(self._rows(wanted, reach, limit))
        if days and days[0][0] - days[-1][0] < DENSE_DAYS:
            since = max(wanted.since, midnight(days[-1][0]))
            return self._joined(self._rows(msgspec.structs.replace(wanted, since=since), reach, limit))
        found: list[PlannedRow] = []
        for day, commune in days:
            # One commune on one day, each time: what is rare is not looked for among everything else.
            since, until = max(wanted.since, midnight(day)), min(wanted.until, midnight(day + 1))
            own = msgspec.structs.replace(wanted, since=since, until=until)
            found += self._picked(own, Reach(communes=(commune,)), limit)
        return self._joined(sorted(found, key=_key, reverse=True)[:limit])

    def all_lines(self, wanted: LogFilter) -> Iterator[LogLine]:
        """All rows, page by page."""
        while page := self.lines(wanted, FILE_PAGE):
            yield from page
            last = page[-1].planned
            wanted = msgspec.structs.replace(wanted, after=(last.planned, last.occurrence, last.loudspeaker))

    def count(self, wanted: LogFilter) -> dict[str, int]:
        """How many rows by outcome ("" for those without). From the summary, where that knows it."""
        wanted = msgspec.structs.replace(wanted, after=None)
        reach = self._reach(wanted)
        if reach.whole and is_summed(wanted):
            return shown(self._summed(wanted, reach), wanted.outcome)
        query: Any = select(PlannedRow.outcome, func.count()).where(*conditions(wanted, reach))
        grouped = query.group_by(col(PlannedRow.outcome))
        found: Counter[str] = Counter()
        for counts in self._archives.over(wanted.since, wanted.until, lambda asked: dict(asked.exec(grouped).all())):
            found.update(counts)
        return dict(found)

    def told(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Line]]:
        """Everything that was reported of these plays (loudspeaker, occurrence), in the order in which it was
        filed."""
        wanted = set(keys)
        found = self._told_in(self._session, wanted)
        for archived, some in self._archives.holding(wanted):
            found |= self._told_in(archived, some)
        return found

    def _told_in(self, asked: Session, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Line]]:
        found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        for some in portions((occurrence, loudspeaker) for loudspeaker, occurrence in set(keys)):
            rows = there(
                asked,
                "playback",
                ("occurrence", "loudspeaker"),
                some,
                ("filed_at", "journal", "sequence", "body"),
            )
            for occurrence, loudspeaker, *rest in rows:
                found.setdefault((str(loudspeaker), str(occurrence)), []).append(tuple(rest))
        return {
            key: [Line(journal, msgspec.json.decode(body, type=Playback)) for _, journal, _, body in sorted(lines)]
            for key, lines in found.items()
        }

    def corrections(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Correction]]:
        """What people have said of these plays."""
        numbers: list[Any] = []
        for some in portions((occurrence, loudspeaker) for loudspeaker, occurrence in set(keys)):
            rows = there(self._session, "correction", ("occurrence", "loudspeaker"), some, ("number",))
            numbers += [number for _, _, number in rows]
        found: dict[tuple[str, str], list[Correction]] = {}
        for some in portions(sorted(numbers)):
            query = select(CorrectionRow).where(col(CorrectionRow.number).in_(some))
            for row in self._session.exec(query.order_by(col(CorrectionRow.number))):
                found.setdefault((row.loudspeaker, row.occurrence), []).append(correction_of(row))
        return found

    def line(self, loudspeaker: str, occurrence: str) -> LogLine | None:
        """One row."""
        key = (loudspeaker, occurrence)
        asked = [self._session, *(archived for archived, _ in self._archives.holding([key]))]
        row = next(filter(None, (each.get(PlannedRow, key) for each in asked)), None)
        return self._joined([row])[0] if row is not None else None

    def reported(self, loudspeaker: str, occurrence: str) -> list[Playback]:
        """Everything that a loudspeaker has reported of an occurrence."""
        key = (loudspeaker, occurrence)
        return [line.playback for line in self.told([key]).get(key, [])]

    def troubles(self, paths: Iterable[str], since: UtcMs, silent_before: UtcMs, limit: int) -> list[LogLine]:
        """The latest rows that an overseer must look into: what did not sound as it should, and what was worth
        starting until `silent_before` at the latest and has not been reported."""
        silent = and_(
            col(PlannedRow.outcome) == NOTHING,
            col(PlannedRow.withdrawn).is_(False),
            PlannedRow.useful_until < silent_before,
        )
        wrong = or_(silent, col(PlannedRow.outcome).in_([outcome.value for outcome in TROUBLES]))
        query = select(PlannedRow).where(PlannedRow.planned >= since, wrong, *self._below(paths))
        newest = (col(PlannedRow.planned).desc(), col(PlannedRow.loudspeaker))
        return self._joined(list(self._session.exec(query.order_by(*newest).limit(limit))))

    def next_due(self, paths: Iterable[str], since: UtcMs, until: UtcMs, limit: int) -> list[Planned]:
        """The next occurrences, each at one of its loudspeakers."""
        paths, planned = tuple(paths), col(PlannedRow.planned)
        within = (planned > since, planned < until, col(PlannedRow.withdrawn).is_(False))
        instants = list(self._session.exec(select(planned).where(*within).distinct().order_by(planned)))
        found: list[tuple[str, str]] = []
        some = limit
        # A province has thousands of rows at an instant: no more of them are looked at than it takes.
        while instants and len(found) < limit:
            query = select(PlannedRow.occurrence, func.min(PlannedRow.loudspeaker))
            query = query.where(*within, planned.in_(instants[:some]), *self._below(paths))
            grouped = query.group_by(col(PlannedRow.occurrence), planned).order_by(planned, col(PlannedRow.occurrence))
            found += [(device, name) for name, device in self._session.exec(grouped.limit(limit))]
            instants, some = instants[some:], 2 * some
        rows = (self._session.get(PlannedRow, key) for key in found[:limit])
        return [planned_of(row) for row in rows if row is not None]

    def coming(self, broadcast: str, paths: Iterable[str], now: UtcMs, limit: int) -> list[tuple[str, UtcMs, UtcMs]]:
        """The nearest occurrences of a broadcast that are still worth starting: name, planned start, useful until."""
        keys = (col(PlannedRow.occurrence), col(PlannedRow.planned), col(PlannedRow.useful_until))
        query = (
            select(*keys)
            .where(PlannedRow.broadcast == broadcast, PlannedRow.useful_until >= now)
            .where(col(PlannedRow.withdrawn).is_(False), *self._below(paths))
        )
        return [(*row,) for row in self._session.exec(query.distinct().order_by(keys[1]).limit(limit))]

    def awaited(self, occurrences: Iterable[str], paths: Iterable[str]) -> list[tuple[str, str, str, str]]:
        """Every play of these occurrences: occurrence, loudspeaker, path of the loudspeaker, outcome or empty."""
        columns = (PlannedRow.occurrence, PlannedRow.loudspeaker, AreaRow.path, PlannedRow.outcome)
        query = select(*columns).where(
            *one_of(set(occurrences)),
            col(PlannedRow.withdrawn).is_(False),
            *self._below(paths),
        )
        return [(*row,) for row in self._session.exec(query)]

    def bulletins_named(self, paths: Iterable[str], since: UtcMs, until: UtcMs) -> dict[str, str]:
        """Bulletins with rows below these paths: title by id, the newest first."""
        wanted = LogFilter(tuple(paths), since, until)
        reach = self._reach(wanted)
        plays = select(PlannedRow.bulletin).where(*conditions(wanted, reach))
        # The rows of a commune are few; of more than one, the first row of a bulletin is enough.
        many = reach.everything or len(reach.communes) > 1
        sounds = plays.where(PlannedRow.bulletin == BulletinRow.id).exists() if many else col(BulletinRow.id).in_(plays)
        # Not all that were ever written: the newest of those that may still have been due, looked at one by one.
        ends = or_(col(BroadcastRow.ends_at).is_(None), col(BroadcastRow.ends_at) >= since - DAY)
        due = select(BroadcastRow.id).where(BroadcastRow.bulletin == BulletinRow.id, ends)
        within = (BulletinRow.created_at < until, due.where(BroadcastRow.created_at < until).exists(), sounds)
        archived = [id_ for ids in self._archived_bulletins(wanted) for id_ in ids]
        newest, found = col(BulletinRow.created_at).desc(), dict[str, tuple[UtcMs, str]]()
        for named in (within, (col(BulletinRow.id).in_(archived),)):
            query = select(BulletinRow.created_at, BulletinRow.id, BulletinRow.title).where(*named)
            rows = self._session.exec(query.order_by(newest, col(BulletinRow.id)).limit(BULLETINS))
            found.update((id_, (at, title)) for at, id_, title in rows)
        ordered = sorted(found.items(), key=lambda each: (-each[1][0], each[0]))
        return {id_: title for id_, (_, title) in ordered[:BULLETINS]}

    def by_day(self, wanted: LogFilter) -> dict[tuple[int, int], dict[str, int]]:
        """How many rows by outcome, of each commune (`place.id`) on each day; as the summary says it, or, of what it
        does not know, counted."""
        reach = self._reach(wanted)
        if reach.whole:
            days = range(day_of(wanted.since), day_of(wanted.until - 1) + 1)
            return self._summary.by_commune(reach, days)
        found: dict[tuple[int, int], dict[str, int]] = {}
        columns: tuple[Any, ...] = (PlannedRow.commune, PlannedRow.planned, PlannedRow.outcome, PlannedRow.withdrawn)
        query: Any = columns_of(*columns, func.count()).where(*conditions(wanted, reach)).group_by(*columns)
        parts = self._archives.over(wanted.since, wanted.until, lambda asked: asked.execute(query).all())
        for commune, planned, outcome, withdrawn, number in itertools.chain.from_iterable(parts):
            counts = found.setdefault((commune, day_of(planned)), {})
            state = WITHDRAWN if withdrawn and not outcome else outcome
            counts[state] = counts.get(state, 0) + number
        return found

    def missing(self, wanted: LogFilter, languages: Iterable[str]) -> dict[str, int]:
        """Of each of these languages, the rows in which it was missing, where there are any."""
        reach = self._reach(wanted)
        if reach.whole and is_summed(wanted):
            days = range(day_of(wanted.since), day_of(wanted.until - 1) + 1)
            counts = {tag: missing for tag, (_, missing) in self._summary.by_language(reach, days).items()}
        else:
            some = ((tag, msgspec.structs.replace(wanted, missing=tag)) for tag in languages)
            counts = {tag: sum(self.count(each).values()) for tag, each in some}
        return {tag: number for tag, number in counts.items() if number}

    def _reach(self, wanted: LogFilter) -> Reach:
        return self._places.station(wanted.station) if wanted.station else self._places.reach(wanted.paths)

    def _below(self, paths: Iterable[str]) -> list[Any]:
        # Nobody who may see no area sees all of them.
        below = or_(false(), *(col(AreaRow.path).startswith(path) for path in paths))
        return [col(PlannedRow.loudspeaker) == AreaRow.id, below]

    def _days(self, wanted: LogFilter, reach: Reach, limit: int) -> list[tuple[int, int]] | None:
        """Days and communes in which the first rows of this kind lie, the latest first, as the summary knows them: none
        where there are no such rows; None where it does not know, or nothing rare is asked for."""
        kind = wanted.outcome or wanted.broadcast_class or wanted.language or wanted.missing
        if not (reach.whole and is_summed(wanted)) or not kind:
            return None
        end = day_of(wanted.until - 1 if wanted.after is None else min(wanted.until - 1, wanted.after[0])) + 1
        begin = day_of(wanted.since)
        for days in (*_STEPS, end - begin):
            first = max(begin, end - days)
            found: list[tuple[int, int]] = []
            number = 0
            for day, commune, plays in self._summary.days(reach, range(first, end), wanted):
                if number >= limit and day != found[-1][0]:
                    return found
                found.append((day, commune))
                # Of the day that a page ends in, some rows have been shown.
                number += plays if wanted.after is None or day < end - 1 else 0
            if first == begin:
                return found
        return []

    def _summed(self, wanted: LogFilter, reach: Reach) -> dict[str, int]:
        days = range(day_of(wanted.since), day_of(wanted.until - 1) + 1)
        if wanted.missing or wanted.language:
            return self._summary.languages(
                reach,
                days,
                wanted.missing or wanted.language,
                missing=bool(wanted.missing),
                broadcast_class=wanted.broadcast_class,
            )
        return self._summary.by_outcome(reach, days, wanted.broadcast_class)

    def _rows(self, wanted: LogFilter, reach: Reach, limit: int) -> list[PlannedRow]:
        """By the index that finds them in order: of one bulletin or loudspeaker, of a few communes one after the
        other, of many by time."""
        parts = reach.parts
        few = 0 < len(parts) <= ONE_BY_ONE and not reach.everything
        if wanted.bulletin or wanted.loudspeaker or not few:
            return self._picked(wanted, reach, limit)
        found: dict[tuple[UtcMs, str, str], PlannedRow] = {}
        for part in parts:
            found |= {_key(row): row for row in self._picked(wanted, part, limit)}
        return [found[key] for key in sorted(found, reverse=True)[:limit]]

    def _picked(self, wanted: LogFilter, reach: Reach, limit: int) -> list[PlannedRow]:
        """From the database, and from the archive where it has rows of that time."""
        query = self._query(wanted, conditions(wanted, reach), limit)
        until = wanted.until if wanted.after is None else min(wanted.until, wanted.after[0] + 1)
        first, *more = self._archives.over(wanted.since, until, lambda asked: asked.exec(query).all())
        if not more:
            return list(first)
        found = {_key(row): row for rows in reversed((first, *more)) for row in rows}
        return [found[key] for key in sorted(found, reverse=True)[:limit]]

    def _archived_bulletins(self, wanted: LogFilter) -> list[list[str]]:
        query = select(PlannedRow.bulletin).where(*conditions(wanted, self._reach(wanted))).distinct()
        own = self._session
        return self._archives.over(
            wanted.since, wanted.until, lambda asked: [] if asked is own else list(asked.exec(query))
        )

    def _query(self, wanted: LogFilter, conditions: list[Any], limit: int) -> Any:
        keys = (col(PlannedRow.planned), col(PlannedRow.occurrence), col(PlannedRow.loudspeaker))
        query = select(PlannedRow).where(*conditions)
        if wanted.after is not None:
            query = query.where(keys[0] <= wanted.after[0], tuple_(*keys) < wanted.after)
        return query.order_by(*(key.desc() for key in keys)).limit(limit)

    def _joined(self, rows: list[PlannedRow]) -> list[LogLine]:
        keys = [(row.loudspeaker, row.occurrence) for row in rows]
        said = self.corrections(keys)
        told: dict[tuple[str, str], list[Line]] = {}
        homes: dict[Any, list[tuple[str, str]]] = {}
        for key, row in zip(keys, rows, strict=True):
            homes.setdefault(object_session(row) or self._session, []).append(key)
        for asked, some in homes.items():
            told |= self.told(some) if asked is self._session else self._told_in(asked, some)
        places = self._places.named(row.place for row in rows)
        found = []
        for key, row in zip(keys, rows, strict=True):
            counts = counted(told.get(key, ()), said.get(key, ()))
            playback = counts.line.playback if counts.line else None
            found.append(LogLine(planned_of(row), playback, counts.correction, places.get(row.place, "")))
        return found


def _key(row: PlannedRow) -> tuple[UtcMs, str, str]:
    return row.planned, row.occurrence, row.loudspeaker
