"""Saved choices of places, in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlmodel import Session, col, or_, select

from schedules.clock import UtcMs
from server.place_group import PlaceGroup
from server.tables.areas import AreaRow
from server.tables.groups import PlaceGroupRow

_targets = msgspec.json.Decoder(tuple[str, ...])


class Groups:
    """Queries about groups of places."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, group: PlaceGroup) -> None:
        """Add a group, or change it."""
        targets = msgspec.json.encode(group.targets).decode()
        self._session.merge(PlaceGroupRow(**{**msgspec.structs.asdict(group), "targets": targets}))
        self._session.flush()

    def remove(self, group: str, now: UtcMs) -> None:
        """It is offered no more."""
        row = self._session.get(PlaceGroupRow, group)
        if row is not None:
            row.removed_at = now
            self._session.add(row)
            self._session.flush()

    def find(self, group: str) -> PlaceGroup | None:
        """A group that has not been removed."""
        row = self._session.get(PlaceGroupRow, group)
        return _group(row) if row is not None and row.removed_at is None else None

    def below(self, paths: Iterable[str]) -> list[PlaceGroup]:
        """The groups that these areas keep, and those below them, by name."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        query = select(PlaceGroupRow).join(AreaRow, col(AreaRow.id) == PlaceGroupRow.area)
        rows = self._session.exec(query.where(or_(*wanted), col(PlaceGroupRow.removed_at).is_(None)))
        return sorted(map(_group, rows), key=lambda group: (group.name.casefold(), group.id))


def _group(row: PlaceGroupRow) -> PlaceGroup:
    return PlaceGroup(row.id, row.area, row.name, _targets.decode(row.targets), row.staff, row.at)
