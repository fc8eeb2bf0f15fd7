"""Expected plays and reported playbacks in the database: the log.

Imported by `store`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlmodel import Session, col, false, func, or_, select, tuple_

from schedules.clock import UtcMs
from schedules.playback import Outcome, Playback
from schedules.programme import BroadcastClass
from server.ledger import Planned, final
from server.tables import AreaRow, PlannedRow, PlaybackRow

PAGE = 50
NO_REPORT = "none"
"""The filter for rows without an outcome."""


class LogFilter(msgspec.Struct, frozen=True):
    """Which rows: below these paths, planned in [since, until), with this outcome ("" for any, "none" for those
    without), of this bulletin; after this row (planned instant, occurrence, loudspeaker), newest first."""

    paths: tuple[str, ...]
    since: UtcMs
    until: UtcMs
    outcome: str = ""
    bulletin: str = ""
    after: tuple[UtcMs, str, str] | None = None


class LogLine(msgspec.Struct, frozen=True):
    """An expected play, and what was reported of it."""

    planned: Planned
    playback: Playback | None


class Logbook:
    """Queries about plays."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def expect(self, plays: Iterable[Planned]) -> None:
        """These plays are planned; what is known of them already stays. Costs one query, and a write for each that
        is new or has changed."""
        wanted = {(play.loudspeaker, play.occurrence): play for play in plays}
        since = min((play.planned for play in wanted.values()), default=0)
        query = select(PlannedRow).where(PlannedRow.planned >= since)
        there = {(row.loudspeaker, row.occurrence): row for row in self._session.exec(query)} if wanted else {}
        for key, play in wanted.items():
            row = there.get(key)
            if row is None:
                self._session.add(_row_of(play))
                continue
            fresh = _row_of(play)
            if (row.clips, row.useful_until, row.withdrawn) != (fresh.clips, fresh.useful_until, False):
                row.clips, row.useful_until, row.withdrawn = fresh.clips, fresh.useful_until, False
                self._session.add(row)
        self._session.flush()

    def expected_after(self, since: UtcMs) -> list[tuple[str, str]]:
        """Loudspeaker and occurrence of all plays planned from then on that are neither withdrawn nor reported."""
        query = select(PlannedRow.loudspeaker, PlannedRow.occurrence).where(
            PlannedRow.planned >= since, PlannedRow.outcome == "", col(PlannedRow.withdrawn).is_(False)
        )
        return [(loudspeaker, occurrence) for loudspeaker, occurrence in self._session.exec(query)]

    def withdraw(self, plays: Iterable[tuple[str, str]]) -> None:
        """These are no longer in any programme."""
        for loudspeaker, occurrence in plays:
            row = self._session.get(PlannedRow, (loudspeaker, occurrence))
            if row is not None:
                row.withdrawn = True
                self._session.add(row)
        self._session.flush()

    def file(self, loudspeaker: str, journal: str, playback: Playback, now: UtcMs) -> bool:
        """File a reported playback; False if it has been filed before."""
        key = (loudspeaker, journal, playback.sequence)
        if self._session.get(PlaybackRow, key) is not None:
            return False
        body = msgspec.json.encode(playback).decode()
        self._session.add(
            PlaybackRow(
                loudspeaker=loudspeaker,
                journal=journal,
                sequence=playback.sequence,
                occurrence=playback.occurrence,
                filed_at=now,
                body=body,
            )
        )
        self._session.flush()
        self._settle(loudspeaker, playback)
        return True

    def sequences(self, loudspeaker: str, journal: str) -> int:
        """The highest sequence filed of a journal."""
        query = select(func.max(PlaybackRow.sequence)).where(
            PlaybackRow.loudspeaker == loudspeaker, PlaybackRow.journal == journal
        )
        return self._session.exec(query).one() or 0

    def lines(self, wanted: LogFilter, limit: int = PAGE) -> list[LogLine]:
        """Rows of the log, the latest planned first."""
        rows = list(self._session.exec(self._query(wanted).limit(limit)))
        return self._joined(rows)

    def all_lines(self, wanted: LogFilter) -> Iterator[LogLine]:
        """All rows, page by page."""
        while page := self.lines(wanted, 500):
            yield from page
            last = page[-1].planned
            wanted = msgspec.structs.replace(wanted, after=(last.planned, last.occurrence, last.loudspeaker))

    def count(self, wanted: LogFilter) -> dict[str, int]:
        """How many rows by outcome ("" for those without)."""
        inner = self._query(wanted).order_by(None).subquery()
        query = select(inner.c.outcome, func.count()).group_by(inner.c.outcome)
        return {outcome: number for outcome, number in self._session.exec(query)}

    def bulletins_named(self, paths: Iterable[str], since: UtcMs, until: UtcMs) -> dict[str, str]:
        """Bulletins with rows below these paths: title by id."""
        query = select(PlannedRow.bulletin, PlannedRow.title).where(
            PlannedRow.planned >= since, PlannedRow.planned < until, *self._below(paths)
        )
        return {bulletin: title for bulletin, title in self._session.exec(query.distinct().limit(200))}

    def reported(self, loudspeaker: str, occurrence: str) -> list[Playback]:
        """Everything that a loudspeaker has reported of an occurrence."""
        return self._reported([(loudspeaker, occurrence)]).get((loudspeaker, occurrence), [])

    def _settle(self, loudspeaker: str, playback: Playback) -> None:
        row = self._session.get(PlannedRow, (loudspeaker, playback.occurrence))
        if row is None:
            row = _row_of(_planned_from(loudspeaker, playback))
        best = final(self.reported(loudspeaker, playback.occurrence))
        row.outcome = best.outcome.value if best else ""
        self._session.add(row)
        self._session.flush()

    def _below(self, paths: Iterable[str]) -> list[Any]:
        # Nobody who may see no area sees all of them.
        below = or_(false(), *(col(AreaRow.path).startswith(path) for path in paths))
        return [col(PlannedRow.loudspeaker) == AreaRow.id, below]

    def _query(self, wanted: LogFilter) -> Any:
        query = select(PlannedRow).where(
            PlannedRow.planned >= wanted.since, PlannedRow.planned < wanted.until, *self._below(wanted.paths)
        )
        if wanted.outcome:
            query = query.where(PlannedRow.outcome == ("" if wanted.outcome == NO_REPORT else wanted.outcome))
        if wanted.bulletin:
            query = query.where(PlannedRow.bulletin == wanted.bulletin)
        keys = (col(PlannedRow.planned), col(PlannedRow.occurrence), col(PlannedRow.loudspeaker))
        if wanted.after is not None:
            query = query.where(tuple_(*keys) < wanted.after)
        return query.order_by(*(key.desc() for key in keys))

    def _joined(self, rows: list[PlannedRow]) -> list[LogLine]:
        told = self._reported([(row.loudspeaker, row.occurrence) for row in rows])
        return [LogLine(_planned_of(row), final(told.get((row.loudspeaker, row.occurrence), []))) for row in rows]

    def _reported(self, keys: list[tuple[str, str]]) -> dict[tuple[str, str], list[Playback]]:
        if not keys:
            return {}
        query = select(PlaybackRow).where(
            col(PlaybackRow.occurrence).in_({occurrence for _, occurrence in keys}),
            col(PlaybackRow.loudspeaker).in_({loudspeaker for loudspeaker, _ in keys}),
        )
        found: dict[tuple[str, str], list[Playback]] = {}
        for row in self._session.exec(query.order_by(col(PlaybackRow.filed_at))):
            playback = msgspec.json.decode(row.body, type=Playback)
            found.setdefault((row.loudspeaker, row.occurrence), []).append(playback)
        return found


def _row_of(play: Planned) -> PlannedRow:
    return PlannedRow(
        loudspeaker=play.loudspeaker,
        occurrence=play.occurrence,
        planned=play.planned,
        useful_until=play.useful_until,
        broadcast=play.broadcast,
        bulletin=play.bulletin,
        title=play.title,
        broadcast_class=play.broadcast_class.value,
        clips=msgspec.json.encode(play.clips).decode(),
        withdrawn=play.withdrawn,
    )


def _planned_of(row: PlannedRow) -> Planned:
    return Planned(
        loudspeaker=row.loudspeaker,
        occurrence=row.occurrence,
        broadcast=row.broadcast,
        bulletin=row.bulletin,
        title=row.title,
        broadcast_class=BroadcastClass(row.broadcast_class),
        planned=row.planned,
        useful_until=row.useful_until,
        clips=msgspec.json.decode(row.clips, type=tuple[str, ...]),
        withdrawn=row.withdrawn,
    )


def _planned_from(loudspeaker: str, playback: Playback) -> Planned:
    """A loudspeaker reports what this server does not remember to have planned, as after a restored backup."""
    return Planned(
        loudspeaker=loudspeaker,
        occurrence=playback.occurrence,
        broadcast=playback.broadcast,
        bulletin=playback.bulletin,
        title=playback.broadcast,
        broadcast_class=BroadcastClass.unknown,
        planned=playback.planned,
        useful_until=playback.planned,
        clips=playback.clips,
        withdrawn=playback.outcome is Outcome.unknown,
    )
