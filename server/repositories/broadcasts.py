"""Bulletins, their variants, broadcasts and decisions in the database.

Imported by `store`.
"""

from collections.abc import Iterable, Mapping

import msgspec
from sqlmodel import Session, col, delete, or_, select, update

from audio.clip import Clip
from audio.quality import Loudness
from audio.voice import Provenance
from schedules.clock import UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import Recurrence
from server.bulletin import Broadcast, Bulletin, Decision, Review, Variant, ends_at
from server.tables.areas import AreaRow
from server.tables.bulletins import (
    BroadcastRow,
    BroadcastTargetRow,
    BroadcastWriterRow,
    BulletinRow,
    ClipRow,
    DecisionRow,
    ReviewRow,
    VariantRow,
)

_recurrence = msgspec.json.Decoder(Recurrence)


class Broadcasts:
    """Queries about bulletins and broadcasts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep_clip(self, clip: Clip, provenance: Provenance, loudness: Loudness, now: UtcMs) -> None:
        """A clip that has been mastered. The same sound is the same clip: what is known of it first stays; if it had
        gone, it is there again."""
        known = self._session.get(ClipRow, clip.sha256)
        if known is not None and known.gone_at is not None:
            known.gone_at = None
            self._session.add(known)
        if known is None:
            row = ClipRow(
                sha256=clip.sha256,
                language=clip.language,
                duration_ms=clip.duration_ms,
                size=clip.size,
                provenance=msgspec.json.encode(provenance).decode(),
                loudness=msgspec.json.encode(loudness).decode(),
                created_at=now,
            )
            self._session.add(row)
            self._session.flush()

    def clip(self, sha256: str) -> Clip | None:
        """A clip by its name."""
        row = self._session.get(ClipRow, sha256)
        return Clip(row.sha256, row.language, row.duration_ms, row.size) if row else None

    def add_bulletin(self, bulletin: Bulletin) -> None:
        """A bulletin with its variants."""
        row = BulletinRow(
            id=bulletin.id,
            title=bulletin.title,
            topic=bulletin.topic,
            broadcast_class=bulletin.broadcast_class.value,
            area=bulletin.area,
            author=bulletin.author,
            created_at=bulletin.created_at,
            authority=bulletin.authority,
            responsible=bulletin.responsible,
            reason=bulletin.reason,
            opening=_names(bulletin.opening),
            exercise=bulletin.exercise,
            closing=_names(bulletin.closing),
        )
        self._session.merge(row)
        self._session.flush()
        self._session.exec(delete(VariantRow).where(col(VariantRow.bulletin) == bulletin.id))
        for variant in bulletin.variants:
            self._session.add(
                VariantRow(
                    bulletin=bulletin.id,
                    language=variant.language,
                    text=variant.text,
                    spoken=variant.spoken,
                    source=variant.source,
                    clip=variant.clip.sha256,
                    answers=msgspec.json.encode(variant.answers).decode(),
                    origin=variant.origin,
                    translator=variant.translator,
                    reviewer=variant.reviewer,
                    reviewed_at=variant.reviewed_at,
                    revoked=variant.revoked,
                )
            )
        self._session.flush()

    def bulletins(self, ids: Iterable[str]) -> dict[str, Bulletin]:
        """These bulletins by id."""
        wanted = set(ids)
        rows = self._session.exec(select(BulletinRow).where(col(BulletinRow.id).in_(wanted))).all()
        around = {name for row in rows for name in (*row.opening.split(), *row.closing.split())}
        clips = {name: found for name in around if (found := self.clip(name)) is not None}
        query = select(VariantRow, ClipRow).where(
            col(VariantRow.bulletin).in_(wanted), VariantRow.clip == ClipRow.sha256
        )
        variants: dict[str, list[Variant]] = {}
        for variant, clip in self._session.exec(query.order_by(VariantRow.language)):
            variants.setdefault(variant.bulletin, []).append(_variant(variant, clip))
        return {row.id: _bulletin(row, variants.get(row.id, []), clips) for row in rows}

    def add(self, broadcast: Broadcast) -> None:
        """A broadcast with its targets, or its newer state."""
        row = BroadcastRow(
            id=broadcast.id,
            bulletin=broadcast.bulletin,
            mode=broadcast.mode,
            recurrence=_json(broadcast.recurrence),
            ends_at=ends_at(broadcast.recurrence),
            author=broadcast.author,
            created_at=broadcast.created_at,
            withdrawn_at=broadcast.withdrawn_at,
            version=broadcast.version,
            replaces=broadcast.replaces,
            successor=broadcast.successor,
            ordered=broadcast.ordered,
            superseded_at=broadcast.superseded_at,
            pushed=broadcast.pushed,
        )
        self._session.merge(row)
        self._session.flush()
        for area in broadcast.targets:
            self._session.merge(BroadcastTargetRow(broadcast=broadcast.id, area=area))
        for staff in broadcast.writers:
            self._session.merge(BroadcastWriterRow(broadcast=broadcast.id, staff=staff))
        self._session.flush()

    def set_recurrence(self, broadcast: Broadcast, recurrence: Recurrence) -> bool:
        """When it is to air, unless that has been changed since this broadcast was read: then False."""
        query = update(BroadcastRow).where(
            col(BroadcastRow.id) == broadcast.id, col(BroadcastRow.recurrence) == _json(broadcast.recurrence)
        )
        fresh = query.values(recurrence=_json(recurrence), ends_at=ends_at(recurrence))
        return bool(self._session.exec(fresh).rowcount)

    def succeed(self, broadcast: Broadcast, successor: str) -> bool:
        """There is a newer version of it, unless somebody else has sent one since this broadcast was read: then
        False."""
        query = update(BroadcastRow).where(
            col(BroadcastRow.id) == broadcast.id, col(BroadcastRow.successor) == broadcast.successor
        )
        return bool(self._session.exec(query.values(successor=successor)).rowcount)

    def decide(self, decision: Decision) -> None:
        """An approver has decided, or an emergency officer."""
        told = {"heard": _tags(decision.heard), "by_text": _tags(decision.by_text)}
        self._session.add(DecisionRow(**{**msgspec.structs.asdict(decision), **told}))
        self._session.flush()

    def review(self, review: Review) -> bool:
        """A second person has looked at it; False where another one has already."""
        if self._session.get(ReviewRow, review.broadcast) is not None:
            return False
        self._session.add(ReviewRow(**msgspec.structs.asdict(review)))
        self._session.flush()
        return True

    def unreviewed(self) -> list[Broadcast]:
        """What aired on one signature, and nobody else has looked at yet; oldest first."""
        reviewed = select(ReviewRow.broadcast)
        query = (
            select(BroadcastRow)
            .where(BroadcastRow.id == DecisionRow.broadcast, col(DecisionRow.alone).is_(True))
            .where(col(BroadcastRow.id).not_in(reviewed))
        )
        return self._whole(self._session.exec(query.order_by(col(BroadcastRow.created_at))))

    def named(self, broadcasts: Iterable[str]) -> list[Broadcast]:
        """Those of them that there are."""
        query = select(BroadcastRow).where(col(BroadcastRow.id).in_(sorted(set(broadcasts))))
        return self._whole(self._session.exec(query))

    def find(self, broadcast: str) -> Broadcast | None:
        """A broadcast by its id."""
        row = self._session.get(BroadcastRow, broadcast)
        return self._whole([row])[0] if row else None

    def of_bulletin(self, bulletin: str) -> list[Broadcast]:
        """The broadcasts of a bulletin, newest first."""
        query = select(BroadcastRow).where(BroadcastRow.bulletin == bulletin)
        return self._whole(self._session.exec(query.order_by(col(BroadcastRow.created_at).desc())))

    def has_sent(self, staff: str) -> bool:
        """Whether somebody has ever sent a bulletin."""
        return (
            self._session.exec(select(BroadcastRow.id).where(BroadcastRow.author == staff).limit(1)).first() is not None
        )

    def below(self, paths: Iterable[str], limit: int, before: UtcMs) -> list[Broadcast]:
        """Broadcasts of bulletins from these paths, newest first."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        query = (
            select(BroadcastRow)
            .where(BroadcastRow.bulletin == BulletinRow.id, BulletinRow.area == AreaRow.id, or_(*wanted))
            .where(col(BroadcastRow.created_at) < before)
            .order_by(col(BroadcastRow.created_at).desc(), col(BroadcastRow.id))
            .limit(limit)
        )
        return self._whole(self._session.exec(query))

    def around(self, paths: Iterable[str], since: UtcMs, until: UtcMs, limit: int) -> list[Broadcast]:
        """Broadcasts of bulletins from these paths, or for them, that stand and may sound in [since, until), newest
        first."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        meant = select(BroadcastTargetRow.broadcast).where(BroadcastTargetRow.area == AreaRow.id, or_(*wanted))
        issued = select(BulletinRow.id).where(BulletinRow.area == AreaRow.id, or_(*wanted))
        query = (
            select(BroadcastRow)
            .where(or_(col(BroadcastRow.id).in_(meant), col(BroadcastRow.bulletin).in_(issued)))
            .where(col(BroadcastRow.withdrawn_at).is_(None), col(BroadcastRow.superseded_at).is_(None))
            .where(or_(col(BroadcastRow.ends_at).is_(None), col(BroadcastRow.ends_at) >= since))
            .where(col(BroadcastRow.created_at) < until)
            .order_by(col(BroadcastRow.created_at).desc(), col(BroadcastRow.id))
            .limit(limit)
        )
        return self._whole(self._session.exec(query))

    def undecided(self, paths: Iterable[str], since: UtcMs) -> list[Broadcast]:
        """Broadcasts of bulletins from these paths that nobody has decided about, and that were not over by then,
        oldest first."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        query = (
            select(BroadcastRow)
            .where(BroadcastRow.bulletin == BulletinRow.id, BulletinRow.area == AreaRow.id, or_(*wanted))
            .where(col(BroadcastRow.withdrawn_at).is_(None), col(BroadcastRow.superseded_at).is_(None))
            .where(or_(col(BroadcastRow.ends_at).is_(None), col(BroadcastRow.ends_at) >= since))
            .where(col(BroadcastRow.id).not_in(select(DecisionRow.broadcast)))
            .order_by(col(BroadcastRow.created_at), col(BroadcastRow.id))
        )
        return self._whole(self._session.exec(query))

    def active(self, since: UtcMs) -> list[Broadcast]:
        """All broadcasts with a time that are not withdrawn and were not over by then, or superseded: what has long
        been aired costs nothing."""
        query = select(BroadcastRow).where(
            col(BroadcastRow.withdrawn_at).is_(None),
            or_(col(BroadcastRow.superseded_at).is_(None), col(BroadcastRow.superseded_at) >= since),
            BroadcastRow.recurrence != "",
            or_(col(BroadcastRow.ends_at).is_(None), col(BroadcastRow.ends_at) >= since),
        )
        return self._whole(self._session.exec(query))

    def stored(self) -> list[Broadcast]:
        """All broadcasts whose sound is to be kept at the loudspeakers."""
        query = select(BroadcastRow).where(
            BroadcastRow.mode == "stored",
            col(BroadcastRow.withdrawn_at).is_(None),
            col(BroadcastRow.superseded_at).is_(None),
        )
        return self._whole(self._session.exec(query))

    def stood_in(self) -> list[str]:
        """Bulletins with a variant that was spoken by a voice which stood in for a better one, by their ids."""
        told = col(ClipRow.provenance).contains('"fallback_from":"')
        query = select(VariantRow.bulletin).where(VariantRow.clip == ClipRow.sha256, told).distinct()
        return list(self._session.exec(query))

    def ordered_since(self, bulletin: str, since: UtcMs) -> str | None:
        """The newest broadcast of a bulletin that was ordered since then and stands, by its id."""
        query = select(BroadcastRow.id).where(
            BroadcastRow.bulletin == bulletin,
            BroadcastRow.mode == "now",
            BroadcastRow.created_at >= since,
            col(BroadcastRow.withdrawn_at).is_(None),
        )
        return self._session.exec(query.order_by(col(BroadcastRow.created_at).desc())).first()

    def _whole(self, rows: Iterable[BroadcastRow]) -> list[Broadcast]:
        found = list(rows)
        ids = [row.id for row in found]
        targets: dict[str, list[str]] = {}
        query = select(BroadcastTargetRow).where(col(BroadcastTargetRow.broadcast).in_(ids))
        for target in self._session.exec(query.order_by(BroadcastTargetRow.area)):
            targets.setdefault(target.broadcast, []).append(target.area)
        writers: dict[str, list[str]] = {}
        wrote = select(BroadcastWriterRow).where(col(BroadcastWriterRow.broadcast).in_(ids))
        for writer in self._session.exec(wrote.order_by(BroadcastWriterRow.staff)):
            writers.setdefault(writer.broadcast, []).append(writer.staff)
        reviewed = self._session.exec(select(ReviewRow).where(col(ReviewRow.broadcast).in_(ids)))
        reviews = {r.broadcast: Review(r.broadcast, r.confirmed, r.note, r.reviewer, r.at) for r in reviewed}
        decisions: dict[str, Decision] = {}
        for row in self._session.exec(
            select(DecisionRow).where(col(DecisionRow.broadcast).in_(ids)).order_by(col(DecisionRow.id))
        ):
            decisions[row.broadcast] = _decision(row)
        return [
            msgspec.structs.replace(
                _broadcast(row, targets.get(row.id, [])),
                decision=decisions.get(row.id),
                writers=tuple(writers.get(row.id, [])),
                review=reviews.get(row.id),
            )
            for row in found
        ]


def _json(recurrence: Recurrence | None) -> str:
    return msgspec.json.encode(recurrence).decode() if recurrence else ""


def _tags(languages: tuple[str, ...]) -> str:
    return msgspec.json.encode(languages).decode()


def _decision(row: DecisionRow) -> Decision:
    return Decision(
        row.broadcast,
        row.approved,
        row.seal,
        row.approver,
        row.at,
        row.note,
        row.alone,
        msgspec.json.decode(row.heard, type=tuple[str, ...]),
        msgspec.json.decode(row.by_text, type=tuple[str, ...]),
    )


def _variant(row: VariantRow, clip: ClipRow) -> Variant:
    return Variant(
        language=row.language,
        text=row.text,
        spoken=row.spoken,
        source=row.source,
        clip=Clip(clip.sha256, row.language, clip.duration_ms, clip.size),
        provenance=msgspec.json.decode(clip.provenance, type=Provenance),
        answers=msgspec.json.decode(row.answers, type=dict[str, str]),
        origin=row.origin,
        translator=row.translator,
        reviewer=row.reviewer,
        reviewed_at=row.reviewed_at,
        revoked=row.revoked,
    )


def _names(clips: Iterable[Clip]) -> str:
    return " ".join(clip.sha256 for clip in clips)


def _bulletin(row: BulletinRow, variants: list[Variant], clips: Mapping[str, Clip]) -> Bulletin:
    return Bulletin(
        id=row.id,
        title=row.title,
        topic=row.topic,
        broadcast_class=BroadcastClass(row.broadcast_class),
        area=row.area,
        author=row.author,
        created_at=row.created_at,
        variants=tuple(variants),
        authority=row.authority,
        responsible=row.responsible,
        reason=row.reason,
        opening=tuple(clips[name] for name in row.opening.split() if name in clips),
        exercise=row.exercise,
        closing=tuple(clips[name] for name in row.closing.split() if name in clips),
    )


def _broadcast(row: BroadcastRow, targets: list[str]) -> Broadcast:
    return Broadcast(
        id=row.id,
        bulletin=row.bulletin,
        mode=row.mode,
        recurrence=_recurrence.decode(row.recurrence) if row.recurrence else None,
        author=row.author,
        created_at=row.created_at,
        targets=tuple(targets),
        withdrawn_at=row.withdrawn_at,
        version=row.version,
        replaces=row.replaces,
        successor=row.successor,
        ordered=row.ordered,
        superseded_at=row.superseded_at,
        pushed=row.pushed,
    )
