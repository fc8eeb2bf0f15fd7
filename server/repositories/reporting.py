"""What reports count, grouped by the database: from the daily summary, or, of places that it does not know, from the
rows of the log.

Imported by `store`.
"""

import itertools
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import case
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, func, or_, select

from schedules.clock import DurationMs, UtcMs
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from server.ledger import CORRECTED, WITHDRAWN
from server.report import Sound, Tally
from server.repositories.archives import archives_of
from server.repositories.keys import portions
from server.repositories.log_filter import reached
from server.repositories.log_rows import NOTHING
from server.repositories.places import Places, Reach
from server.repositories.summary import PARTS, day_of, midnight
from server.tables.bulletins import ClipRow, VariantRow
from server.tables.logbook import PlannedRow

_PLAYS, _, _SOUNDS = (part.table.c for part in PARTS)
_ROWS: Any = PlannedRow.__table__.c  # type: ignore[attr-defined]
_Kind = tuple[int, str, str]
"""Commune (`place.id`), topic, class."""


class Reporting:
    """Queries for reports. A period: whole civil days."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._places = Places(session)

    def tallies(self, paths: Iterable[str], since: UtcMs, until: UtcMs, silent_before: UtcMs) -> list[Tally]:
        """What was planned in [since, until) below these paths and not withdrawn before it sounded, grouped by all that
        a report tells apart. Without a report, what was of use until `silent_before` counts as silent."""
        reach, names = self._places.reach(paths), self._communes()
        # Of a day that begins later than that, everything is of use still; only of the days before rows are asked.
        later = day_of(silent_before) + 1
        open_ = self._open(reach, since, min(until, midnight(later)), silent_before)
        found = []
        for commune, topic, klass, outcome, reason, awaited, plays, ms in self._counted(reach, since, until, later):
            told = Outcome(outcome) if outcome else None
            why = Reason(reason) if reason and reason != CORRECTED else Reason.none
            tally = Tally(
                names.get(commune, ""), topic, BroadcastClass(klass), told, why, False, int(plays), int(ms or 0)
            )
            still = tally.plays if awaited else open_.get((commune, topic, klass), 0)
            found += [tally] if told else _parted(tally, still)
        return found

    def sounds(self, paths: Iterable[str], since: UtcMs, until: UtcMs) -> list[Sound]:
        """For how long bulletins sounded there in that time, grouped by the languages that did."""
        reach, names = self._places.reach(paths), self._communes()
        row = _SOUNDS if reach.whole else _ROWS
        keys = (row.commune, row.bulletin, row.languages, row.missing)
        query: Any = columns_of(*keys, func.sum(row.sounded_ms)).where(
            *_in(row, reach, since, until), row.sounded_ms > 0
        )
        return [
            Sound(names.get(commune, ""), bulletin, tuple(languages.split()), tuple(missing.split()), int(ms))
            for commune, bulletin, languages, missing, ms in self._rows(query.group_by(*keys), reach, since, until)
        ]

    def lengths(self, bulletins: Iterable[str]) -> dict[str, dict[str, DurationMs]]:
        """How long each language of these bulletins takes."""
        found: dict[str, dict[str, DurationMs]] = {}
        for some in portions(sorted(set(bulletins))):
            query = select(VariantRow.bulletin, VariantRow.language, ClipRow.duration_ms)
            query = query.where(VariantRow.clip == ClipRow.sha256, col(VariantRow.bulletin).in_(some))
            for bulletin, language, length in self._session.exec(query):
                found.setdefault(bulletin, {})[language] = length
        return found

    def _communes(self) -> dict[int, str]:
        """Ids of areas by the place of then."""
        return {place: path.strip("/").rpartition("/")[2] for place, path in self._places.communes().items()}

    def _counted(self, reach: Reach, since: UtcMs, until: UtcMs, later: int) -> Iterable[Any]:
        """Commune, topic, class, outcome, reason, whether all of these are of days from `later` on, plays, ms."""
        row = _PLAYS if reach.whole else _ROWS
        if reach.whole:
            there, awaited = row.outcome != WITHDRAWN, row.day >= later
        else:
            there, awaited = or_(row.withdrawn.is_(False), row.outcome != ""), row.planned >= midnight(later)
        keys = (row.commune, row.topic, row.broadcast_class, row.outcome, row.reason)
        number: Any = func.sum(row.plays) if reach.whole else func.count()
        still = case((awaited, 1), else_=0).label("still")
        query: Any = columns_of(*keys, still, number, func.sum(row.sounded_ms))
        query = query.where(*_in(row, reach, since, until), there)
        return self._rows(query.group_by(*keys, "still"), reach, since, until)

    def _open(self, reach: Reach, since: UtcMs, until: UtcMs, silent_before: UtcMs) -> dict[_Kind, int]:
        """How many rows of which a report may still come."""
        keys = (_ROWS.commune, _ROWS.topic, _ROWS.broadcast_class)
        query: Any = (
            columns_of(*keys, func.count())
            .where(_ROWS.planned >= since, _ROWS.planned < until, _ROWS.useful_until >= silent_before)
            .where(_ROWS.outcome == NOTHING, _ROWS.withdrawn.is_(False))
        )
        if not reach.everything:
            query = query.where(reached(reach))
        found: dict[_Kind, int] = {}
        for commune, topic, klass, number in self._everywhere(query.group_by(*keys), since, until):
            found[commune, topic, klass] = found.get((commune, topic, klass), 0) + number
        return found

    def _rows(self, query: Any, reach: Reach, since: UtcMs, until: UtcMs) -> Iterable[Any]:
        """The summary knows also of what the archive holds; rows are asked for in both."""
        return self._session.execute(query) if reach.whole else self._everywhere(query, since, until)

    def _everywhere(self, query: Any, since: UtcMs, until: UtcMs) -> Iterable[Any]:
        parts = archives_of(self._session).over(since, until, lambda asked: asked.execute(query).all())
        return itertools.chain.from_iterable(parts)


def _parted(tally: Tally, still: int) -> list[Tally]:
    """Plays without a report: those of which one may still come, and those that are silent."""
    parts = ((still, False), (tally.plays - still, True))
    return [msgspec.structs.replace(tally, plays=plays, silent=silent) for plays, silent in parts if plays > 0]


def _in(row: Any, reach: Reach, since: UtcMs, until: UtcMs) -> list[Any]:
    """What lies in that time and there: of the summary, or of the log where that is not made of whole communes."""
    if not reach.whole:
        return [row.planned >= since, row.planned < until, reached(reach)]
    days = [row.day >= day_of(since), row.day <= day_of(until - 1)]
    return days if reach.everything else [*days, row.commune.in_(reach.communes)]
