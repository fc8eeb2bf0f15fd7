"""Borders of areas in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlmodel import Session, col, select

from schedules.clock import UtcMs
from server.boundary import Ring
from server.tables.areas import BoundaryRow


class Borders:
    """Queries about borders."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, area: str, rings: list[Ring], by: str, now: UtcMs) -> None:
        """The border of an area is this from now on."""
        self._session.merge(BoundaryRow(area=area, body=msgspec.json.encode(rings).decode(), by=by, at=now))
        self._session.flush()

    def of(self, areas: Iterable[str]) -> dict[str, list[Ring]]:
        """The borders of those of these areas that have one."""
        query = select(BoundaryRow).where(col(BoundaryRow.area).in_(set(areas))).order_by(BoundaryRow.area)
        return {row.area: msgspec.json.decode(row.body, type=list[Ring]) for row in self._session.exec(query)}
