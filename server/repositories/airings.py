"""Hours at which something sounded, in the database.

Imported by `store`.
"""

from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from schedules.clock import UtcMs
from server.public_page import Airing
from server.tables.areas import AreaRow
from server.tables.logbook import PlannedRow

_SOUNDED = ("played", "late")


class Airings:
    """Queries about what sounded where."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sounded(self, path: str, since: UtcMs, until: UtcMs, limit: int, bulletin: str = "") -> list[Airing]:
        """What sounded below a path, planned in [since, until), latest first; of one bulletin, or of all."""
        keys: Any = (PlannedRow.occurrence, PlannedRow.broadcast, PlannedRow.bulletin)
        query: Any = (
            select_columns(*keys, func.min(PlannedRow.planned), func.count())
            .where(col(PlannedRow.loudspeaker) == col(AreaRow.id), col(AreaRow.path).startswith(path, autoescape=True))
            .where(col(PlannedRow.planned) >= since, col(PlannedRow.planned) < until)
            .where(col(PlannedRow.outcome).in_(_SOUNDED))
        )
        if bulletin:
            query = query.where(col(PlannedRow.bulletin) == bulletin)
        newest = (func.min(PlannedRow.planned).desc(), col(PlannedRow.occurrence))
        rows = self._session.connection().execute(query.group_by(*keys).order_by(*newest).limit(limit))
        return [Airing(*row) for row in rows]

    def first(self, path: str, until: UtcMs) -> UtcMs | None:
        """When something sounded there for the first time, before an instant."""
        query = select(func.min(PlannedRow.planned)).where(
            PlannedRow.loudspeaker == AreaRow.id,
            col(AreaRow.path).startswith(path, autoescape=True),
            col(PlannedRow.outcome).in_(_SOUNDED),
            PlannedRow.planned < until,
        )
        return self._session.exec(query).one()
