"""What sound is kept and why, and legal holds, in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlmodel import Session, col, func, or_, select, update

from audio.voice import Provenance
from schedules.clock import UtcMs
from server.compose_form import ComposeForm
from server.repositories.archives import archives_of
from server.retention import Hold, Sound
from server.tables.areas import AreaRow
from server.tables.bulletins import BroadcastRow, BroadcastTargetRow, BulletinRow, ClipRow, DecisionRow, VariantRow
from server.tables.drafts import DraftRow, EditionRow
from server.tables.logbook import PlannedRow
from server.tables.sounds import HoldRow, ListeningRow, MakerRow

_UPLOADED = "sha256="


class Keeping:
    """Queries about how long sound is kept."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sounds(self, clips: Iterable[str]) -> dict[str, Sound]:
        """What is known of these clips, by name; nothing of those that no bulletin ever carried."""
        wanted = set(clips)
        rows = [row for row in self._session.exec(select(ClipRow)) if row.sha256 in wanted]
        carriers: dict[str, list[str]] = {}
        for clip, bulletin in self._session.exec(select(VariantRow.clip, VariantRow.bulletin)):
            carriers.setdefault(clip, []).append(bulletin)
        used, paths = self._used(), self._paths()
        heard = select(ListeningRow.clip, func.max(ListeningRow.fetched_at)).group_by(col(ListeningRow.clip))
        listened = dict(self._session.exec(heard).all())
        found = {}
        for row in rows:
            bulletins = carriers.get(row.sha256, [])
            last = max([row.created_at, listened.get(row.sha256, 0), *(used.get(b, 0) for b in bulletins)])
            where = tuple(sorted({path for b in bulletins for path in paths.get(b, ())}))
            found[row.sha256] = Sound(row.sha256, _original(row), last, tuple(sorted(bulletins)), where)
        return found

    def made(self) -> dict[str, UtcMs]:
        """When each sound that a form carries was last made or taken up, by clip."""
        query = select(MakerRow.clip, func.max(MakerRow.at)).group_by(col(MakerRow.clip))
        return dict(self._session.exec(query).all())

    def needed(self, now: UtcMs) -> frozenset[str]:
        """The clips of what may still sound: neither withdrawn nor superseded nor over; and those of drafts that are
        still worked on."""
        alive = (
            select(VariantRow.clip)
            .where(VariantRow.bulletin == BroadcastRow.bulletin)
            .where(col(BroadcastRow.withdrawn_at).is_(None), col(BroadcastRow.superseded_at).is_(None))
            .where(or_(col(BroadcastRow.ends_at).is_(None), col(BroadcastRow.ends_at) >= now))
        )
        drafts = (
            select(EditionRow.form)
            .where(EditionRow.draft == DraftRow.id, EditionRow.number == DraftRow.number)
            .where(DraftRow.broadcast == "", col(DraftRow.dropped_at).is_(None))
        )
        forms = [msgspec.json.decode(form, type=ComposeForm) for form in self._session.exec(drafts)]
        return frozenset(self._session.exec(alive)) | {clip for form in forms for clip in form.recordings.values()}

    def gone(self, clips: Iterable[str], now: UtcMs) -> list[str]:
        """These are no longer kept; those of them that were until now."""
        fresh = []
        for clip in clips:
            query = update(ClipRow).where(col(ClipRow.sha256) == clip, col(ClipRow.gone_at).is_(None))
            if self._session.exec(query.values(gone_at=now)).rowcount:
                fresh.append(clip)
        return fresh

    def hold(self, hold: Hold) -> None:
        """Keep this."""
        self._session.add(HoldRow(**msgspec.structs.asdict(hold)))
        self._session.flush()

    def lift(self, hold: str, staff: str, now: UtcMs) -> bool:
        """It is no longer held; False if it was not."""
        query = update(HoldRow).where(col(HoldRow.id) == hold, col(HoldRow.lifted_at).is_(None))
        return bool(self._session.exec(query.values(lifted_by=staff, lifted_at=now)).rowcount)

    def find_hold(self, hold: str) -> Hold | None:
        """A hold, lifted or not."""
        row = self._session.get(HoldRow, hold, populate_existing=True)
        return _hold(row) if row is not None else None

    def holds(self) -> list[Hold]:
        """All that stand, the newest first."""
        query = select(HoldRow).where(col(HoldRow.lifted_at).is_(None)).order_by(col(HoldRow.at).desc())
        return [_hold(row) for row in self._session.exec(query)]

    def _used(self) -> dict[str, UtcMs]:
        """When each bulletin was last written, decided on, to sound, withdrawn or superseded."""
        plays = select(PlannedRow.bulletin, func.max(PlannedRow.useful_until)).group_by(col(PlannedRow.bulletin))
        ends = (BroadcastRow.created_at, BroadcastRow.withdrawn_at, BroadcastRow.superseded_at)
        sent = [select(BroadcastRow.bulletin, func.max(at)).group_by(col(BroadcastRow.bulletin)) for at in ends]
        decided = (
            select(BroadcastRow.bulletin, func.max(DecisionRow.at))
            .where(DecisionRow.broadcast == BroadcastRow.id)
            .group_by(col(BroadcastRow.bulletin))
        )
        found = archives_of(self._session).used()
        for query in (plays, *sent, decided):
            for bulletin, at in self._session.exec(query):
                found[bulletin] = max(at or 0, found.get(bulletin, 0))
        return found

    def _paths(self) -> dict[str, set[str]]:
        """For whom each bulletin speaks, and where it sounds."""
        own = select(BulletinRow.id, AreaRow.path).where(BulletinRow.area == AreaRow.id)
        targets = select(BroadcastRow.bulletin, AreaRow.path).where(
            BroadcastTargetRow.broadcast == BroadcastRow.id, BroadcastTargetRow.area == AreaRow.id
        )
        found: dict[str, set[str]] = {}
        for query in (own, targets):
            for bulletin, path in self._session.exec(query):
                found.setdefault(bulletin, set()).add(path)
        return found


def _original(row: ClipRow) -> str:
    parameters = msgspec.json.decode(row.provenance, type=Provenance).parameters
    return parameters.removeprefix(_UPLOADED) if parameters.startswith(_UPLOADED) else ""


def _hold(row: HoldRow) -> Hold:
    return Hold(**{name: getattr(row, name) for name in Hold.__struct_fields__})
