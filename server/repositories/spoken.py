"""Which sounds went with which Vietnamese text, in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from audio.language import VIETNAMESE
from schedules.clock import UtcMs
from server.tables.areas import AreaRow
from server.tables.bulletins import BroadcastRow, BulletinRow, DecisionRow, VariantRow

LOOKED_AT = 20
"""Bulletins with the same text, the newest first."""


class Before(msgspec.Struct, frozen=True):
    """A language of an earlier bulletin: its text, the name of its clip, who translated it."""

    language: str
    text: str
    clip: str
    source: str
    translator: str = ""


class Spoken:
    """Queries about what was said before."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def with_text(self, text: str, paths: Iterable[str], since: UtcMs) -> list[Before]:
        """The other languages of bulletins from these areas whose Vietnamese text is exactly this, and that were
        approved; the newest first."""
        below = [col(AreaRow.path).startswith(path) for path in paths]
        if not below:
            return []
        same = (
            select(BulletinRow.id)
            .join(AreaRow, col(AreaRow.id) == BulletinRow.area)
            .join(VariantRow, col(VariantRow.bulletin) == BulletinRow.id)
            .join(BroadcastRow, col(BroadcastRow.bulletin) == BulletinRow.id)
            .join(DecisionRow, col(DecisionRow.broadcast) == BroadcastRow.id)
            .where(or_(*below), BulletinRow.created_at >= since, DecisionRow.approved, ~col(BulletinRow.exercise))
            .where(VariantRow.language == VIETNAMESE, VariantRow.text == text)
        )
        query = same.order_by(col(BulletinRow.created_at).desc()).limit(LOOKED_AT)
        bulletins = list(dict.fromkeys(self._session.exec(query)))
        rows = self._session.exec(
            select(VariantRow).where(
                col(VariantRow.bulletin).in_(bulletins), VariantRow.language != VIETNAMESE, ~col(VariantRow.revoked)
            )
        )
        found = sorted(rows, key=lambda row: (bulletins.index(row.bulletin), row.language))
        return [Before(row.language, row.text, row.clip, row.source, row.translator) for row in found]

    def texts_of(self, clips: Iterable[str]) -> dict[str, tuple[set[str], set[str]]]:
        """By clip: the Vietnamese texts with which it has been sent, and those of them that were approved."""
        beside = aliased(VariantRow)
        query = (
            select(VariantRow.clip, beside.text, DecisionRow.approved)
            .join(beside, col(beside.bulletin) == VariantRow.bulletin)
            .join(BroadcastRow, col(BroadcastRow.bulletin) == VariantRow.bulletin)
            .join(DecisionRow, col(DecisionRow.broadcast) == BroadcastRow.id, isouter=True)
            .where(col(VariantRow.clip).in_(set(clips)), col(beside.language) == VIETNAMESE, beside.text != "")
        )
        found: dict[str, tuple[set[str], set[str]]] = {}
        for clip, text, approved in self._session.exec(query):
            texts, those = found.setdefault(clip, (set(), set()))
            texts.add(text)
            if approved:
                those.add(text)
        return found
