"""Concerns and what areas are warned of, and the counts of plays that they are judged by, in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import case
from sqlmodel import Session, col, func, select

from schedules.clock import UtcMs
from schedules.playback import Outcome
from server.concern import Concern, ConcernKind, ConcernRules
from server.repositories.log_rows import NOTHING
from server.tables.areas import AreaRow
from server.tables.logbook import PlannedRow
from server.tables.notices import ConcernRow, ConcernRulesRow

_SOUNDED = (Outcome.played.value, Outcome.late.value)
_BY_LOUDSPEAKER = col(PlannedRow.loudspeaker).op("||")(NOTHING)
"""Not by their index: SQLite would read the rows of all time in its order, to be spared grouping those of a week."""


class Concerns:
    """Queries about concerns."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rules(self, areas: Iterable[str] | None = None) -> dict[str, ConcernRules]:
        """What areas have set, by area: of these, or of all."""
        query = select(ConcernRulesRow)
        if areas is not None:
            query = query.where(col(ConcernRulesRow.area).in_(set(areas)))
        return {row.area: msgspec.json.decode(row.body, type=ConcernRules) for row in self._session.exec(query)}

    def set_rules(self, area: str, rules: ConcernRules | None) -> None:
        """An area has its own; None: as the area above says."""
        row = self._session.get(ConcernRulesRow, area)
        if rules is not None:
            self._session.merge(ConcernRulesRow(area=area, body=msgspec.json.encode(rules).decode()))
        elif row is not None:
            self._session.delete(row)
        self._session.flush()

    def standing(self) -> list[Concern]:
        """All that stand, the oldest first."""
        query = select(ConcernRow).where(ConcernRow.ended_at == 0).order_by(col(ConcernRow.number))
        return [_concern_of(row) for row in self._session.exec(query)]

    def below(self, path: str, most: int, *, ended: bool = False) -> list[Concern]:
        """Those on and below a path: what stands, the oldest first, or what is over, the latest first."""
        query = select(ConcernRow).where(ConcernRow.place == AreaRow.id, col(AreaRow.path).startswith(path))
        if ended:
            query = query.where(ConcernRow.ended_at > 0).order_by(col(ConcernRow.ended_at).desc())
        else:
            query = query.where(ConcernRow.ended_at == 0).order_by(col(ConcernRow.raised_at), col(ConcernRow.number))
        return [_concern_of(row) for row in self._session.exec(query.limit(most))]

    def find(self, number: int) -> Concern | None:
        """One by its number."""
        row = self._session.get(ConcernRow, number)
        return _concern_of(row) if row is not None else None

    def keep(self, concern: Concern) -> Concern:
        """A new one, with its number, or one that has changed."""
        told = msgspec.structs.asdict(concern) | {"kind": concern.kind.value, "number": concern.number or None}
        row = self._session.merge(ConcernRow(**told)) if concern.number else ConcernRow(**told)
        self._session.add(row)
        self._session.flush()
        return _concern_of(row)

    def unreported(self, since: UtcMs, until: UtcMs) -> dict[str, int]:
        """How many plays of this time [since, until) each loudspeaker has not reported, of those that are over."""
        query = (
            select(_BY_LOUDSPEAKER, func.count())
            .where(PlannedRow.planned >= since, PlannedRow.useful_until < until)
            .where(col(PlannedRow.outcome) == NOTHING, col(PlannedRow.withdrawn).is_(False))
            .group_by(_BY_LOUDSPEAKER)
        )
        return dict(self._session.exec(query).all())

    def sounded(self, since: UtcMs, until: UtcMs) -> dict[str, tuple[int, int]]:
        """By loudspeaker: how many plays of this time [since, until) sounded, and how many should have. What was
        skipped by a rule should not."""
        sounded = func.sum(case((col(PlannedRow.outcome).in_(_SOUNDED), 1), else_=0))
        query = (
            select(_BY_LOUDSPEAKER, sounded, func.count())
            .where(PlannedRow.planned >= since, PlannedRow.planned < until, PlannedRow.outcome != Outcome.skipped.value)
            .where(col(PlannedRow.withdrawn).is_(False))
            .group_by(_BY_LOUDSPEAKER)
        )
        return {loudspeaker: (int(done), int(of)) for loudspeaker, done, of in self._session.exec(query)}


def _concern_of(row: ConcernRow) -> Concern:
    told = {name: getattr(row, name) for name in Concern.__struct_fields__}
    return Concern(**told | {"kind": ConcernKind(row.kind), "number": row.number or 0})
