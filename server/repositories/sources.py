"""What came from a source-information system, and what it was told, in the database.

Imported by `store`.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, or_, select

from schedules.clock import UtcMs
from server.source_system import Aired, SourceBulletin
from server.tables.areas import AreaRow
from server.tables.drafts import DraftRow
from server.tables.logbook import PlannedRow
from server.tables.sources import SourceBulletinRow, SourceStandingRow, SourceToldRow, SourceUnplacedRow

_bulletin = msgspec.json.Decoder(SourceBulletin)
_SOUNDED = ("played", "late")
_FAILED = ("cut", "skipped", "missed", "failed")


class Taken(msgspec.Struct, frozen=True):
    """A bulletin from above for an area. `broadcast`: what became of its draft, empty while it is one."""

    bulletin: SourceBulletin
    area: str
    draft: str
    received_at: UtcMs
    cancelled_at: UtcMs
    broadcast: str = ""
    dropped: bool = False


class Standing(msgspec.Struct, frozen=True):
    """How far the source has been read, and how it went; `fault`: of the last round, empty where it went well."""

    cursor: str = ""
    done_at: UtcMs = 0
    fault: str = ""
    fault_says: str = ""
    fault_at: UtcMs = 0
    unreadable: int = 0


class Sources:
    """Queries about what comes from above."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_taken(self, bulletin: SourceBulletin, area: str) -> bool:
        """Whether this version, or a later one, is there for this area."""
        query = select(func.max(SourceBulletinRow.version)).where(
            SourceBulletinRow.id == bulletin.id, SourceBulletinRow.area == area
        )
        return (self._session.exec(query).one() or 0) >= bulletin.version

    def take(self, bulletin: SourceBulletin, area: str, draft: str, now: UtcMs) -> None:
        """It has become this draft."""
        body = msgspec.json.encode(bulletin).decode()
        row = SourceBulletinRow(
            id=bulletin.id, version=bulletin.version, area=area, draft=draft, received_at=now, body=body
        )  # fmt: skip
        self._session.add(row)
        self._session.flush()

    def leave(self, bulletin: SourceBulletin, place: str, now: UtcMs) -> bool:
        """Nobody knows this place; False where that is known."""
        key = (bulletin.id, bulletin.version, place[:200])
        if self._session.get(SourceUnplacedRow, key) is not None:
            return False
        id_, version, named = key
        row = SourceUnplacedRow(id=id_, version=version, place=named, title=bulletin.title[:200], received_at=now)
        self._session.add(row)
        self._session.flush()
        return True

    def unplaced(self, limit: int) -> list[tuple[str, str, UtcMs]]:
        """Place, title and hour of what has no area here, newest first."""
        query = select(SourceUnplacedRow).order_by(col(SourceUnplacedRow.received_at).desc()).limit(limit)
        return [(row.place, row.title, row.received_at) for row in self._session.exec(query)]

    def cancel(self, id_: str, now: UtcMs) -> list[Taken]:
        """It is taken back there; what was not known to be, until now."""
        rows = self._session.exec(
            select(SourceBulletinRow).where(SourceBulletinRow.id == id_, SourceBulletinRow.cancelled_at == 0)
        ).all()
        for row in rows:
            row.cancelled_at = now
            self._session.add(row)
        self._session.flush()
        return [_taken(row) for row in rows]

    def below(self, paths: Iterable[str], limit: int) -> list[Taken]:
        """What came for these paths, newest first."""
        wanted = [col(AreaRow.path).startswith(path, autoescape=True) for path in paths]
        if not wanted:
            return []
        query = select(SourceBulletinRow, DraftRow).where(
            SourceBulletinRow.area == AreaRow.id, SourceBulletinRow.draft == DraftRow.id, or_(*wanted)
        )
        newest = (col(SourceBulletinRow.received_at).desc(), col(SourceBulletinRow.id))
        return [_taken(row, draft) for row, draft in self._session.exec(query.order_by(*newest).limit(limit))]

    def origin_of(self, broadcast: str) -> Taken | None:
        """From where a broadcast came, if it came from above."""
        query = select(SourceBulletinRow, DraftRow).where(
            SourceBulletinRow.draft == DraftRow.id, DraftRow.broadcast == broadcast
        )
        found = self._session.exec(query).first()
        return _taken(*found) if found else None

    def aired(self, since: UtcMs, until: UtcMs) -> list[Aired]:
        """What became of all hours of theirs planned in [since, until), as it is known now."""
        named = (SourceBulletinRow.id, SourceBulletinRow.version, SourceBulletinRow.area)
        keys: Any = (*named, PlannedRow.occurrence, PlannedRow.planned, PlannedRow.outcome)
        query: Any = (
            select_columns(*keys, func.count())
            .where(
                col(SourceBulletinRow.draft) == col(DraftRow.id), col(DraftRow.broadcast) == col(PlannedRow.broadcast)
            )
            .where(col(DraftRow.broadcast) != "", col(PlannedRow.withdrawn).is_(False))
            .where(col(PlannedRow.planned) >= since, col(PlannedRow.planned) < until)
            .group_by(*keys)
        )
        found: dict[tuple[str, str], Aired] = {}
        for id_, version, area, occurrence, planned, outcome, number in self._session.connection().execute(query):
            before = found.get((occurrence, area)) or Aired(id_, version, area, occurrence, planned, 0, 0, 0, 0)
            found[occurrence, area] = msgspec.structs.replace(
                before,
                loudspeakers=before.loudspeakers + number,
                sounded=before.sounded + (number if outcome in _SOUNDED else 0),
                failed=before.failed + (number if outcome in _FAILED else 0),
                unknown=before.unknown + (number if outcome not in (*_SOUNDED, *_FAILED) else 0),
            )
        return [found[key] for key in sorted(found)]

    def untold(self, every: Iterable[Aired]) -> list[Aired]:
        """Those of them that the source was not told so."""
        rows = {(each.occurrence, each.area): each for each in every}
        known = select(SourceToldRow).where(col(SourceToldRow.occurrence).in_({name for name, _ in rows}))
        told = {(row.occurrence, row.area): row.body for row in self._session.exec(known)}
        return [each for key, each in rows.items() if told.get(key) != _json(each)]

    def told(self, every: Iterable[Aired], now: UtcMs) -> None:
        """The source has been told."""
        for each in every:
            self._session.merge(SourceToldRow(occurrence=each.occurrence, area=each.area, body=_json(each), at=now))
        self._session.flush()

    def standing(self) -> Standing:
        """How far it has been read."""
        row = self._session.get(SourceStandingRow, 1)
        return Standing(**{n: getattr(row, n) for n in Standing.__struct_fields__}) if row else Standing()

    def stand(self, standing: Standing) -> None:
        """So far it has been read."""
        self._session.merge(SourceStandingRow(id=1, **msgspec.structs.asdict(standing)))
        self._session.flush()


def _json(aired: Aired) -> str:
    return msgspec.json.encode(aired).decode()


def _taken(row: SourceBulletinRow, draft: DraftRow | None = None) -> Taken:
    return Taken(
        bulletin=_bulletin.decode(row.body),
        area=row.area,
        draft=row.draft,
        received_at=row.received_at,
        cancelled_at=row.cancelled_at,
        broadcast=draft.broadcast if draft else "",
        dropped=bool(draft and draft.dropped_at),
    )
