"""Hours at which something sounded, in the database.

Imported by `store`.
"""

import itertools
from typing import Any

import msgspec
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from schedules.clock import UtcMs
from server.public_page import Airing
from server.repositories.archives import archives_of
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
        wanted = query.group_by(*keys).order_by(*newest).limit(limit)
        first, *more = archives_of(self._session).over(
            since, until, lambda asked: [Airing(*row) for row in asked.execute(wanted)], lent=True
        )
        return first if not more else _together([first, *more])[:limit]

    def first(self, path: str, until: UtcMs) -> UtcMs | None:
        """When something sounded there for the first time, before an instant."""
        query = select(func.min(PlannedRow.planned)).where(
            PlannedRow.loudspeaker == AreaRow.id,
            col(AreaRow.path).startswith(path, autoescape=True),
            col(PlannedRow.outcome).in_(_SOUNDED),
            PlannedRow.planned < until,
        )
        found = archives_of(self._session).over(0, until, lambda asked: asked.exec(query).one(), lent=True)
        return min((at for at in found if at is not None), default=None)


def _together(parts: list[list[Airing]]) -> list[Airing]:
    """Of an hour of which some rows are in the archive, one line."""
    found: dict[tuple[str, str, str], Airing] = {}
    for each in itertools.chain.from_iterable(parts):
        key = (each.occurrence, each.broadcast, each.bulletin)
        before = found.get(key)
        if before is None:
            found[key] = each
            continue
        number = each.loudspeakers + before.loudspeakers
        found[key] = msgspec.structs.replace(each, planned=min(each.planned, before.planned), loudspeakers=number)
    return sorted(found.values(), key=lambda each: (-each.planned, each.occurrence))
