"""Long lists of what was written, page by page, in the database.

Imported by `store`.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlmodel import Session, and_, col, or_, select

from schedules.clock import UtcMs
from server.tables.areas import AreaRow
from server.tables.bulletins import BroadcastRow, BroadcastTargetRow, BulletinRow

Mark = tuple[UtcMs, str]
"""Where a page ended: when the last one was made, and its id."""


class Listed(msgspec.Struct, frozen=True):
    """Which: of these paths or for them, made in [since, until), of this class and topic (empty: any), behind the
    mark."""

    paths: tuple[str, ...]
    since: UtcMs
    until: UtcMs
    broadcast_class: str = ""
    topic: str = ""
    after: Mark | None = None


class Listings:
    """Queries about long lists, the newest first."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def broadcasts(self, wanted: Listed, limit: int) -> list[Mark]:
        """Broadcasts: when each was made, and its id."""
        query = select(BroadcastRow.created_at, BroadcastRow.id).where(BroadcastRow.bulletin == BulletinRow.id)
        below = or_(
            col(BulletinRow.area).in_(_areas(wanted.paths)),
            col(BroadcastRow.id).in_(_meant(wanted.paths)),
        )
        return self._page(query.where(below), wanted, BroadcastRow, limit)

    def bulletins(self, wanted: Listed, limit: int) -> list[Mark]:
        """Bulletins likewise."""
        query = select(BulletinRow.created_at, BulletinRow.id)
        aired = select(BroadcastRow.bulletin).where(col(BroadcastRow.id).in_(_meant(wanted.paths)))
        below = or_(col(BulletinRow.area).in_(_areas(wanted.paths)), col(BulletinRow.id).in_(aired))
        return self._page(query.where(below), wanted, BulletinRow, limit)

    def _page(self, query: Any, wanted: Listed, row: type[BroadcastRow | BulletinRow], limit: int) -> list[Mark]:
        at, name = col(row.created_at), col(row.id)
        query = query.where(at >= wanted.since, at < wanted.until)
        if wanted.broadcast_class:
            query = query.where(BulletinRow.broadcast_class == wanted.broadcast_class)
        if wanted.topic:
            query = query.where(BulletinRow.topic == wanted.topic)
        if wanted.after is not None:
            then, last = wanted.after
            query = query.where(or_(at < then, and_(at == then, name > last)))
        found = self._session.exec(query.order_by(at.desc(), name).limit(limit))
        return [(made, id_) for made, id_ in found]


def _areas(paths: Iterable[str]) -> Any:
    below = [col(AreaRow.path).startswith(path, autoescape=True) for path in paths]
    return select(AreaRow.id).where(or_(*below) if below else col(AreaRow.id).is_(None))


def _meant(paths: Iterable[str]) -> Any:
    return select(BroadcastTargetRow.broadcast).where(col(BroadcastTargetRow.area).in_(_areas(paths)))
