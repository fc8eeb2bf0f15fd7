"""What reports count, grouped by the database.

Imported by `store`.
"""

import itertools
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import case, cast, literal
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, and_, col, false, func, or_, select

from schedules.clock import UtcMs
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from server.area import COMMUNE
from server.report import SOUNDED, ClipFacts, Tally
from server.repositories.archives import archives_of
from server.tables.areas import AreaRow
from server.tables.bulletins import BulletinRow, ClipRow
from server.tables.logbook import PlannedRow, PlaybackRow

_BEST = [outcome.value for outcome in (*SOUNDED, Outcome.cut)]
_names = msgspec.json.Decoder(tuple[str, ...])


class Reporting:
    """Queries for reports."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def tallies(self, paths: Iterable[str], since: UtcMs, until: UtcMs, silent_before: UtcMs) -> list[Tally]:
        """What was planned in [since, until) below these paths and not withdrawn before it sounded, grouped by all that
        a report tells apart. Without a report, what was of use until `silent_before` counts as silent."""
        below = tuple(paths)
        parts = archives_of(self._session).over(
            since, until, lambda asked: Reporting(asked).tallies_here(below, since, until, silent_before), lent=True
        )
        return list(itertools.chain.from_iterable(parts))

    def tallies_here(self, paths: Iterable[str], since: UtcMs, until: UtcMs, silent_before: UtcMs) -> list[Tally]:
        """The same of this database alone."""
        plan, homes, told = PlannedRow, self._homes(paths), self._told(since, until)
        silent = case((col(plan.useful_until) < silent_before, 1), else_=0)
        keys: tuple[Any, ...] = (
            homes.c.commune,
            BulletinRow.topic,
            plan.broadcast_class,
            plan.clips,
            told.c.missing,
            plan.outcome,
            told.c.reason,
            silent,
        )
        query: Any = (
            select_columns(*keys, func.count(), func.sum(func.coalesce(told.c.sounded_ms, 0)))
            .select_from(plan)
            .join(homes, homes.c.device == plan.loudspeaker)
            .outerjoin(BulletinRow, col(BulletinRow.id) == plan.bulletin)
            .outerjoin(
                told,
                and_(told.c.loudspeaker == plan.loudspeaker, told.c.occurrence == plan.occurrence, told.c.place == 1),
            )
            .where(col(plan.planned) >= since, col(plan.planned) < until)
            .where(or_(col(plan.withdrawn).is_(False), plan.outcome != ""))
            .group_by(*keys)
        )
        return [_tally(*row) for row in self._session.connection().execute(query)]

    def clips(self, names: Iterable[str]) -> dict[str, ClipFacts]:
        """Language and length of these clips."""
        wanted = sorted(set(names))
        found: dict[str, ClipFacts] = {}
        for at in range(0, len(wanted), 500):
            query = select(ClipRow.sha256, ClipRow.language, ClipRow.duration_ms)
            rows = self._session.exec(query.where(col(ClipRow.sha256).in_(wanted[at : at + 500])))
            found |= {name: ClipFacts(language, duration) for name, language, duration in rows}
        return found

    def _homes(self, paths: Iterable[str]) -> Any:
        """The commune of each loudspeaker below these paths; None where it is in none."""
        areas = AreaRow.__table__  # type: ignore[attr-defined]
        device, commune = areas.alias("device"), areas.alias("commune")
        inside = func.substr(device.c.path, 1, func.length(commune.c.path)) == commune.c.path
        below = or_(false(), *(device.c.path.startswith(path, autoescape=True) for path in paths))
        query = select_columns(device.c.id.label("device"), commune.c.id.label("commune"))
        query = query.outerjoin(commune, and_(commune.c.level == COMMUNE, inside))
        return query.where(below).subquery("homes")

    def _told(self, since: UtcMs, until: UtcMs) -> Any:
        """What was reported of these plays; in the first place what counts (`server.ledger.final`)."""
        book, plan = PlaybackRow, PlannedRow
        outcome = self._field("outcome")
        order = (case((outcome.in_(_BEST), 0), else_=1), col(book.sequence), col(book.filed_at))
        place = func.row_number().over(partition_by=(col(book.loudspeaker), col(book.occurrence)), order_by=order)
        sounded = func.coalesce(self._number("sounded_ms"), 0)
        query: Any = select_columns(
            col(book.loudspeaker),
            col(book.occurrence),
            self._field("reason").label("reason"),
            self._field("missing").label("missing"),
            sounded.label("sounded_ms"),
            place.label("place"),
        )
        same = and_(col(plan.loudspeaker) == book.loudspeaker, col(plan.occurrence) == book.occurrence)
        return query.join(plan, same).where(col(plan.planned) >= since, col(plan.planned) < until).subquery("told")

    def _field(self, name: str) -> Any:
        """A field of a playback as text."""
        if self._session.connection().dialect.name == "postgresql":
            return cast(PlaybackRow.body, JSONB)[name].astext
        return func.json_extract(PlaybackRow.body, literal(f"$.{name}"))

    def _number(self, name: str) -> Any:
        return cast(self._field(name), PlannedRow.__table__.c.planned.type)  # type: ignore[attr-defined]


def _tally(
    commune: str | None,
    topic: str | None,
    broadcast_class: str,
    clips: str,
    missing: str | None,
    outcome: str,
    reason: str | None,
    silent: int,
    plays: int,
    sounded_ms: int,
) -> Tally:
    return Tally(
        commune or "",
        topic or "",
        BroadcastClass(broadcast_class),
        _names.decode(clips),
        _names.decode(missing or "[]"),
        Outcome(outcome) if outcome else None,
        Reason(reason or "none"),
        bool(silent),
        plays,
        int(sounded_ms),
    )
