"""How places say what is written, in the database.

Imported by `store`.
"""

from collections.abc import Sequence

import msgspec
from sqlmodel import Session, col, select

from server.reading import Reading
from server.tables.readings import ReadingRow


class Readings:
    """Queries about readings."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, reading: Reading) -> None:
        """Add a reading, or change it."""
        self._session.merge(ReadingRow(**msgspec.structs.asdict(reading)))
        self._session.flush()

    def forget(self, area: str, written: str) -> None:
        """There is no such reading any more."""
        row = self._session.get(ReadingRow, (area, written))
        if row is not None:
            self._session.delete(row)
            self._session.flush()

    def find(self, area: str, written: str) -> Reading | None:
        """The reading of this area itself."""
        row = self._session.get(ReadingRow, (area, written))
        return _reading(row) if row else None

    def along(self, areas: Sequence[str]) -> list[Reading]:
        """The readings of these areas, area by area in the order given, by how they are written."""
        rows = self._session.exec(select(ReadingRow).where(col(ReadingRow.area).in_(areas)))
        return sorted(map(_reading, rows), key=lambda reading: (areas.index(reading.area), reading.written))


def _reading(row: ReadingRow) -> Reading:
    return Reading(row.area, row.written, row.said, row.staff, row.at)
