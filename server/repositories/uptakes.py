"""What communes say to what is sent down to them, in the database.

Imported by `store`.
"""

import itertools
from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlmodel import Session, case, col, func, or_, select

from schedules.clock import UtcMs
from schedules.programme import Turn
from server.area import COMMUNE, HAMLET, LOUDSPEAKER, Area
from server.repositories.archives import archives_of
from server.repositories.areas import area_of
from server.result import SOUNDED
from server.tables.areas import AreaRow
from server.tables.bulletins import BroadcastRow, BroadcastTargetRow, BulletinRow, DecisionRow
from server.tables.logbook import PlaceRow, PlannedRow
from server.tables.uptakes import UptakeRow
from server.uptake import Answer, Reply


class Uptakes:
    """Queries about what is sent down."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, reply: Reply) -> None:
        """What a commune has said, or what was done to get an answer."""
        told = {"answer": reply.answer.value, "turn": reply.turn.value}
        self._session.merge(UptakeRow(**{**msgspec.structs.asdict(reply), **told}))
        self._session.flush()

    def of(self, broadcasts: Collection[str]) -> dict[str, dict[str, Reply]]:
        """All that is known, by broadcast and commune."""
        found: dict[str, dict[str, Reply]] = {broadcast: {} for broadcast in broadcasts}
        for row in self._session.exec(select(UptakeRow).where(col(UptakeRow.broadcast).in_(found.keys()))):
            reply = Reply(**{**row.model_dump(), "answer": Answer(row.answer), "turn": Turn(row.turn)})
            found[row.broadcast][row.area] = reply
        return found

    def tree(self, targets: Iterable[Area]) -> list[Area]:
        """All that lies in these areas or above them, but for hamlets and loudspeakers of communes: there are
        thousands."""
        paths, above = [], set[str]()
        for target in targets:
            paths.append(target.path)
            above.update(target.ids)
        fine = (HAMLET, LOUDSPEAKER)
        inside = or_(*(col(AreaRow.path).startswith(path) for path in paths))
        coarse = self._session.exec(
            select(AreaRow).where(or_(inside & col(AreaRow.level).not_in(fine), col(AreaRow.id).in_(above)))
        ).all()
        holds = [row.id for row in coarse if row.level != COMMUNE and row.level not in fine]
        strays = select(AreaRow).where(inside, col(AreaRow.level).in_(fine), col(AreaRow.parent).in_(holds))
        rows = {row.id: row for row in (*coarse, *self._session.exec(strays))}
        return [area_of(row) for row in sorted(rows.values(), key=lambda row: (row.sort_key, row.id))]

    def sent_down(self, paths: Iterable[str], before: UtcMs, limit: int) -> list[str]:
        """The broadcasts of these areas that are sent down, by id, the newest first."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        query = (
            select(BroadcastRow.id)
            .where(BroadcastRow.bulletin == BulletinRow.id, BulletinRow.area == AreaRow.id, or_(*wanted))
            .where(col(BroadcastRow.pushed).is_(True), BroadcastRow.ordered == "")
            .where(col(BroadcastRow.created_at) < before)
            .order_by(col(BroadcastRow.created_at).desc(), col(BroadcastRow.id))
            .limit(limit)
        )
        return list(self._session.exec(query))

    def from_above(self, above: Collection[str], meant: Collection[str], before: UtcMs, limit: int) -> list[str]:
        """What the areas `above` (ids) have had approved for these paths and for what lies around them, the newest
        first."""
        wanted = or_(*(col(AreaRow.path).startswith(path) for path in meant), col(AreaRow.id).in_(above))
        targets = select(BroadcastTargetRow.broadcast).where(BroadcastTargetRow.area == AreaRow.id, wanted)
        query = (
            select(BroadcastRow.id)
            .where(BroadcastRow.bulletin == BulletinRow.id, col(BulletinRow.area).in_(above))
            .where(col(BroadcastRow.id).in_(targets), BroadcastRow.ordered == "")
            .where(
                col(BroadcastRow.id).in_(select(DecisionRow.broadcast).where(col(DecisionRow.approved).is_(True))),
                col(BroadcastRow.created_at) < before,
            )
            .order_by(col(BroadcastRow.created_at).desc(), col(BroadcastRow.id))
            .limit(limit)
        )
        return list(self._session.exec(query)) if above else []

    def sounded(self, broadcast: str, now: UtcMs) -> dict[str, tuple[int, int]]:
        """By commune of then: how many plays of this broadcast were due by now, and how many of them sounded."""
        row = self._session.get(BroadcastRow, broadcast)
        if row is None:
            return {}
        good: Any = case((col(PlannedRow.outcome).in_(SOUNDED), 1), else_=0)
        query: Any = (
            select(PlannedRow.commune, func.count(), func.sum(good))
            .where(PlannedRow.broadcast == broadcast)
            .where(PlannedRow.planned <= now, col(PlannedRow.withdrawn).is_(False) | (PlannedRow.outcome != ""))
            .group_by(col(PlannedRow.commune))
        )
        asked = archives_of(self._session).over(row.created_at, now + 1, lambda session: session.execute(query).all())
        counted = list(itertools.chain.from_iterable(asked))
        places = {place for place, _, _ in counted}
        areas = dict(self._session.exec(select(PlaceRow.id, PlaceRow.area).where(col(PlaceRow.id).in_(places))).all())
        found: dict[str, tuple[int, int]] = {}
        for place, due, done in counted:
            before = found.get(areas[place], (0, 0))
            found[areas[place]] = before[0] + due, before[1] + int(done or 0)
        return found
