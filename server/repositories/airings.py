"""Hours at which something sounded, in the database.

Imported by `store`.
"""

import itertools
from collections.abc import Collection
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import select as columns_of
from sqlmodel import Session, and_, col, false, func, or_, select

from schedules.clock import UtcMs
from server.public_page import Airing
from server.repositories.archives import archives_of
from server.repositories.places import Places, Reach
from server.repositories.summary import PARTS, day_of
from server.tables.bulletins import BulletinRow
from server.tables.logbook import PlannedRow

_SOUNDED = ("played", "late")
_SOUNDS = PARTS[-1].table.c


class Airings:
    """Queries about what sounded where: in what lay below a path then."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._places = Places(session)

    def sounded(
        self, path: str, since: UtcMs, until: UtcMs, limit: int, bulletins: Collection[str] | None = None
    ) -> list[Airing]:
        """What sounded below a path, planned in [since, until), latest first; of these bulletins, or of all."""
        keys: Any = (PlannedRow.occurrence, PlannedRow.broadcast, PlannedRow.bulletin)
        query: Any = (
            columns_of(*keys, func.min(PlannedRow.planned), func.count())
            .where(_stood(self._places.reach([path])), col(PlannedRow.outcome).in_(_SOUNDED))
            .where(col(PlannedRow.planned) >= since, col(PlannedRow.planned) < until)
        )
        if bulletins is not None:
            query = query.where(col(PlannedRow.bulletin).in_(bulletins))
        newest = (func.min(PlannedRow.planned).desc(), col(PlannedRow.occurrence))
        wanted = query.group_by(*keys).order_by(*newest).limit(limit)
        first, *more = archives_of(self._session).over(
            since, until, lambda asked: [Airing(*row) for row in asked.execute(wanted)]
        )
        return first if not more else _together([first, *more])[:limit]

    def titles(self, path: str, since: UtcMs, until: UtcMs) -> dict[str, str]:
        """Titles of the bulletins that sounded below a path on the days of that time, what sounded last first; of a few
        more, where the path is no whole commune."""
        reach = self._places.reach([path])
        communes = {*reach.communes, *(commune for commune, _ in reach.partly)}
        wanted = (_SOUNDS.commune.in_(communes), _SOUNDS.day >= day_of(since), _SOUNDS.day <= day_of(until))
        query: Any = columns_of(BulletinRow.id, BulletinRow.title).join(  # type: ignore[call-overload]
            _SOUNDS.bulletin.table, _SOUNDS.bulletin == BulletinRow.id
        )
        rows = query.where(*wanted).group_by(BulletinRow.id, BulletinRow.title).order_by(func.max(_SOUNDS.day).desc())
        return {id_: title for id_, title in self._session.execute(rows)}

    def first(self, path: str, until: UtcMs) -> UtcMs | None:
        """When something sounded there for the first time, before an instant."""
        sounded = (col(PlannedRow.outcome).in_(_SOUNDED), PlannedRow.planned < until)
        found: list[UtcMs] = []
        for part in self._places.reach([path]).parts:
            # In the order of the index of communes: the first of them is the answer.
            query = select(PlannedRow.planned).where(_stood(part), *sounded).order_by(col(PlannedRow.planned)).limit(1)
            found += itertools.chain(*archives_of(self._session).over(0, until, partial(_answers, query)))
        return min(found, default=None)


def _stood(reach: Reach) -> Any:
    """By the index of communes: of one commune, or of those that became it."""
    row = PlannedRow
    partly = (and_(col(row.commune) == commune, col(row.place).in_(places)) for commune, places in reach.partly)
    whole = [col(row.commune).in_(reach.communes)] if reach.communes else []
    return or_(false(), *whole, *partly)


def _answers(query: Any, asked: Session) -> list[UtcMs]:
    return list(asked.exec(query))


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
