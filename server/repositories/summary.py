"""The daily summary of the log in the database: moved by every change of a row, in the same transaction, and counted
anew by a command.

Imported by the other repositories.
"""

import itertools
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from sqlalchemy import TextClause, text
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, delete, func, select

from schedules.clock import DAY, UtcMs, at_civil
from server.ledger import WITHDRAWN, outcomes_in
from server.repositories.archives import archives_of
from server.repositories.keys import write_all
from server.repositories.places import Reach
from server.tables.summary import DailyLanguageRow, DailyPlayRow, DailySoundRow

_EARLIEST = -(2**62)
_LOCK = text("update daily_play set plays = plays where 0 = 1")
"""Changes nothing, and lets no other writer in where there is one at a time."""
_EPOCH: UtcMs = at_civil(date(1970, 1, 1), 0)


class Part(NamedTuple):
    """A table of the summary: what it is counted by, and what is counted."""

    table: Any
    key: tuple[str, ...]
    counted: tuple[str, ...]


PARTS = (
    Part(
        DailyPlayRow.__table__,  # type: ignore[attr-defined]
        ("commune", "day", "broadcast_class", "topic", "outcome", "reason"),
        ("plays", "sounded_ms"),
    ),
    Part(
        DailyLanguageRow.__table__,  # type: ignore[attr-defined]
        ("commune", "day", "language", "broadcast_class", "outcome"),
        ("plays", "missing"),
    ),
    Part(
        DailySoundRow.__table__,  # type: ignore[attr-defined]
        ("commune", "day", "bulletin", "languages", "missing"),
        ("sounded_ms",),
    ),
)


class Stand(NamedTuple):
    """What the summary knows of one row of the log."""

    commune: int
    planned: UtcMs
    broadcast_class: str
    topic: str
    outcome: str
    withdrawn: bool
    reason: str
    sounded_ms: int
    languages: str
    missing: str
    bulletin: str

    @property
    def state(self) -> str:
        """Its outcome, or that none is awaited."""
        return WITHDRAWN if self.withdrawn and not self.outcome else self.outcome


Count = dict[tuple[Any, ...], list[int]]


class Moved:
    """How the summary is to move, gathered over many rows."""

    def __init__(self) -> None:
        self.plays: Count = {}
        self.languages: Count = {}
        self.sounds: Count = {}

    @property
    def counts(self) -> tuple[Count, ...]:
        """In the order of `PARTS`."""
        return self.plays, self.languages, self.sounds

    def add(self, stand: Stand, times: int = 1, sounded_ms: int = 0) -> None:
        """So many rows like this one are there, with so much sound beside their own; less than nothing: no longer."""
        day = day_of(stand.planned)
        key = (stand.commune, day, stand.broadcast_class, stand.topic, stand.state, stand.reason)
        count = self.plays.setdefault(key, [0, 0])
        count[0] += times
        ms = times * stand.sounded_ms + sounded_ms
        count[1] += ms
        if ms:
            sound = (stand.commune, day, stand.bulletin, stand.languages, stand.missing)
            self.sounds.setdefault(sound, [0])[0] += ms
        missing = stand.missing.split()
        for tag in dict.fromkeys([*stand.languages.split(), *missing]):
            own = self.languages.setdefault((stand.commune, day, tag, stand.broadcast_class, stand.state), [0, 0])
            own[0] += times
            own[1] += times if tag in missing else 0

    def change(self, before: Stand, after: Stand) -> None:
        """A row has become another."""
        if before != after:
            self.add(before, -1)
            self.add(after)


class Kind(Protocol):
    """What a filter of the log says of a kind of rows."""

    @property
    def outcome(self) -> str:
        """An outcome or a group of them, or empty."""

    @property
    def broadcast_class(self) -> str:
        """A class, or empty."""

    @property
    def language(self) -> str:
        """In which they were to sound, or empty."""

    @property
    def missing(self) -> str:
        """A language in which they did not, or empty."""


class Difference(NamedTuple):
    """Where the summary says something else than the rows of the log: which commune (path of a place) and day."""

    table: str
    commune: int
    day: int
    says: tuple[int, ...]
    counted: tuple[int, ...]


class Summary:
    """Queries about the daily summary."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def move(self, moved: Moved) -> None:
        """Move it, in the transaction of what moved it. In the order of the keys: two who file wait for each other,
        and never both."""
        for part, counts in zip(PARTS, moved.counts, strict=True):
            names = (*part.key, *part.counted)
            rows = [dict(zip(names, (*key, *counts[key]), strict=True)) for key in sorted(counts) if any(counts[key])]
            if rows:
                write_all(self._session, _upsert(part.table.name, part.key, part.counted), rows)

    def by_outcome(self, reach: Reach, days: range, broadcast_class: str = "", topic: str = "") -> dict[str, int]:
        """How many rows by outcome ("" for those without, withdrawn ones too)."""
        query = select(DailyPlayRow.outcome, func.sum(DailyPlayRow.plays)).where(*_within(DailyPlayRow, reach, days))
        if broadcast_class:
            query = query.where(DailyPlayRow.broadcast_class == broadcast_class)
        if topic:
            query = query.where(DailyPlayRow.topic == topic)
        return _outcomes(self._session.exec(query.group_by(col(DailyPlayRow.outcome))))

    def by_commune(self, reach: Reach, days: range) -> dict[tuple[int, int], dict[str, int]]:
        """The same of each commune on each day."""
        columns = (DailyPlayRow.commune, DailyPlayRow.day, DailyPlayRow.outcome)
        query: Any = select(*columns, func.sum(DailyPlayRow.plays)).where(*_within(DailyPlayRow, reach, days))
        found: dict[tuple[int, int], dict[str, int]] = {}
        for commune, day, outcome, plays in self._session.exec(query.group_by(*columns)):
            if plays:
                found.setdefault((commune, day), {})[outcome] = int(plays)
        return found

    def days(self, reach: Reach, days: range, wanted: Kind) -> list[tuple[int, int, int]]:
        """Day and commune (`place.id`) of all rows of a kind, the latest day first, and how many there are."""
        row: Any = DailyLanguageRow if wanted.language or wanted.missing else DailyPlayRow
        counted = func.sum(DailyLanguageRow.missing if wanted.missing else row.plays)
        query: Any = select(row.day, row.commune, counted).where(*_within(row, reach, days))
        if wanted.language or wanted.missing:
            query = query.where(DailyLanguageRow.language == (wanted.missing or wanted.language))
        if wanted.outcome:
            query = query.where(row.outcome.in_(outcomes_in(wanted.outcome)))
        if wanted.broadcast_class:
            query = query.where(row.broadcast_class == wanted.broadcast_class)
        grouped = query.group_by(row.day, row.commune).order_by(row.day.desc(), row.commune)
        return [(day, commune, int(plays)) for day, commune, plays in self._session.exec(grouped) if plays]

    def by_language(self, reach: Reach, days: range) -> dict[str, tuple[int, int]]:
        """Of each language, the rows that were to sound in it, and those in which it was missing."""
        counts = (func.sum(DailyLanguageRow.plays), func.sum(DailyLanguageRow.missing))
        query: Any = select(DailyLanguageRow.language, *counts).where(*_within(DailyLanguageRow, reach, days))
        rows = self._session.exec(query.group_by(col(DailyLanguageRow.language)))
        return {tag: (int(plays), int(missing)) for tag, plays, missing in rows if plays or missing}

    def languages(
        self, reach: Reach, days: range, language: str, *, missing: bool, broadcast_class: str = ""
    ) -> dict[str, int]:
        """How many rows by outcome that were to sound in a language, or in which it was missing."""
        counted = DailyLanguageRow.missing if missing else DailyLanguageRow.plays
        query = select(DailyLanguageRow.outcome, func.sum(counted)).where(
            DailyLanguageRow.language == language, *_within(DailyLanguageRow, reach, days)
        )
        if broadcast_class:
            query = query.where(DailyLanguageRow.broadcast_class == broadcast_class)
        return _outcomes(self._session.exec(query.group_by(col(DailyLanguageRow.outcome))))

    def day(self, utc: UtcMs) -> int:
        """The civil day of an instant, as the summary counts days."""
        return day_of(utc)

    def midnight(self, day: int) -> UtcMs:
        """Its begin."""
        return midnight(day)

    def recount(self, since: int | None = None, *, mend: bool = False) -> list[Difference]:
        """Count all rows of the log (from a day on), and name where the summary says something else; `mend`: have it
        say the same."""
        if mend:
            self._session.execute(_LOCK)
        counted = Moved()
        for stand, times, ms in self._stands(since):
            counted.add(stand, times, ms)
        found: list[Difference] = []
        for (row, key, measures), counts in zip(PARTS, counted.counts, strict=True):
            query = columns_of(*(row.c[name] for name in (*key, *measures)))
            rows = self._session.execute(query if since is None else query.where(row.c.day >= since))
            kept = {tuple(each[: len(key)]): tuple(each[len(key) :]) for each in rows}
            nothing = (0,) * len(measures)
            for each in sorted(kept.keys() | counts.keys()):
                says, really = kept.get(each, nothing), tuple(counts.get(each, nothing))
                if says != really:
                    found.append(Difference(row.name, each[0], each[1], says, really))
        if mend and found:
            for table, *_ in PARTS:
                self._session.execute(delete(table) if since is None else delete(table).where(table.c.day >= since))
            self.move(counted)
        return found

    def _stands(self, since: int | None) -> Iterable[tuple[Stand, int, int]]:
        """Every kind of row that there is, how often, and the milliseconds that they sounded: the database groups, for
        millions are many."""
        by = "broadcast_class, topic, outcome, withdrawn, reason, languages, missing, bulletin"
        query = text(
            f"select commune, (planned - {_EPOCH}) / {DAY} as day, {by}, count(*), sum(sounded_ms)"  # noqa: S608
            f" from planned_play where planned >= {_EARLIEST if since is None else midnight(since)}"
            f" group by commune, day, {by}"
        )
        begin = 0 if since is None else midnight(since)
        parts = archives_of(self._session).over(begin, None, lambda asked: asked.execute(query).all())
        for commune, day, klass, topic, outcome, withdrawn, reason, *tags, number, ms in itertools.chain(*parts):
            stand = Stand(commune, midnight(day), klass, topic, outcome, bool(withdrawn), reason, 0, *tags)
            yield stand, number, int(ms)


def day_of(utc: UtcMs) -> int:
    """The civil day of an instant, as the summary counts days."""
    return (utc - _EPOCH) // DAY


def midnight(day: int) -> UtcMs:
    """Its begin."""
    return day * DAY + _EPOCH


def _within(row: Any, reach: Reach, days: range) -> list[Any]:
    found = [row.day >= days.start, row.day < days.stop]
    return found if reach.everything else [*found, col(row.commune).in_(reach.communes)]


def _outcomes(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for outcome, plays in rows:
        if plays:
            found[outcome] = int(plays)
    return found


@lru_cache(8)
def _upsert(table: str, key: tuple[str, ...], counted: tuple[str, ...]) -> TextClause:
    names = (*key, *counted)
    moved = ", ".join(f"{each} = {table}.{each} + excluded.{each}" for each in counted)
    return text(
        f"insert into {table} ({', '.join(names)}) values ({', '.join(f':{name}' for name in names)})"  # noqa: S608
        f" on conflict ({', '.join(key)}) do update set {moved}"
    )
