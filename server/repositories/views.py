"""The views of the log that people have kept, in the database.

Imported by `store`.
"""

from sqlmodel import Session, col, func, select

from schedules.clock import UtcMs
from server.tables.summary import SavedViewRow


class Views:
    """Queries about kept views."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, staff: str) -> list[tuple[int, str, str]]:
        """Those of a person, by name: number, name, and the query of the address."""
        rows = self._session.exec(
            select(SavedViewRow).where(SavedViewRow.staff == staff).order_by(col(SavedViewRow.name))
        )
        return [(row.id or 0, row.name, row.query) for row in rows]

    def count(self, staff: str) -> int:
        """How many a person has."""
        return self._session.exec(select(func.count()).where(SavedViewRow.staff == staff)).one()

    def keep(self, staff: str, name: str, query: str, now: UtcMs) -> None:
        """Under this name; what was kept under it before is replaced."""
        found = self._session.exec(
            select(SavedViewRow).where(SavedViewRow.staff == staff, SavedViewRow.name == name)
        ).first()
        row = found or SavedViewRow(staff=staff, name=name, query="", at=now)
        row.query, row.at = query, now
        self._session.add(row)
        self._session.flush()

    def forget(self, staff: str, number: int) -> str:
        """One of theirs; its name, empty where it is not theirs or not there."""
        row = self._session.get(SavedViewRow, number)
        if row is None or row.staff != staff:
            return ""
        self._session.delete(row)
        self._session.flush()
        return row.name
