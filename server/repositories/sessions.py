"""Sessions, and what was refused at the door, in the database.

Imported by `store`.
"""

import msgspec
from sqlmodel import Session, col, delete, select

from schedules.clock import UtcMs
from server.tables.staff import SessionRow, SignInFailureRow

_KEY_LETTERS = 16
_LONGEST = 200
MOST = 200
"""Failures that are looked at: more than any limit."""


class Kept(msgspec.Struct, frozen=True):
    """A session as it is kept. `key` names it on pages: it tells nothing of its token; `whole`: no code is owed;
    `vouched`: somebody else asked for a second factor."""

    key: str
    staff: str
    created_at: UtcMs
    seen_at: UtcMs
    confirmed_at: UtcMs
    whole: bool
    address: str
    device: str
    vouched: bool = False


class Sessions:
    """Queries about who is signed in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(
        self,
        token_hash: str,
        staff: str,
        now: UtcMs,
        address: str = "",
        device: str = "",
        *,
        confirmed_at: UtcMs = 0,
        whole: bool = True,
        vouched: bool = False,
    ) -> None:
        """Somebody has signed in."""
        self._session.add(
            SessionRow(
                token_hash=token_hash,
                staff=staff,
                created_at=now,
                seen_at=now,
                address=address[:_LONGEST],
                device=device[:_LONGEST],
                confirmed_at=confirmed_at,
                whole=whole,
                vouched=vouched,
            )
        )
        self._session.flush()

    def find(self, token_hash: str) -> Kept | None:
        """The session of this token."""
        row = self._session.get(SessionRow, token_hash)
        return _kept(row) if row else None

    def of(self, staff: str) -> list[Kept]:
        """All of somebody, the newest first."""
        query = select(SessionRow).where(SessionRow.staff == staff, col(SessionRow.whole))
        return [_kept(row) for row in self._session.exec(query.order_by(col(SessionRow.created_at).desc()))]

    def seen(self, token_hash: str, now: UtcMs) -> None:
        """The session is in use."""
        row = self._session.get(SessionRow, token_hash)
        if row:
            row.seen_at = now
            self._session.add(row)

    def confirmed(self, token_hash: str, now: UtcMs) -> None:
        """Its owner has just shown who they are."""
        row = self._session.get(SessionRow, token_hash)
        if row:
            row.confirmed_at = now
            self._session.add(row)

    def end(self, token_hash: str) -> None:
        """Somebody has signed out."""
        self._session.exec(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash))

    def end_of(self, staff: str, *, key: str = "", but: str = "") -> int:
        """End sessions of somebody: the one with this key, or all, but for the one with the other key. How many."""
        query = delete(SessionRow).where(col(SessionRow.staff) == staff)
        if key:
            query = query.where(col(SessionRow.token_hash).startswith(key, autoescape=True))
        if but:
            query = query.where(~col(SessionRow.token_hash).startswith(but, autoescape=True))
        return self._session.exec(query).rowcount

    def failed(self, kind: str, username: str, place: str, now: UtcMs) -> None:
        """A password or a code was refused."""
        self._session.add(SignInFailureRow(username=username[:100], address=place[:_LONGEST], at=now, kind=kind))
        self._session.flush()

    def failures(
        self, kind: str, since: UtcMs, *, username: str | None = None, place: str | None = None, but: str = ""
    ) -> list[UtcMs]:
        """When this kind was refused since then: to this username, at this place, at no place that begins like
        `but`."""
        query = select(SignInFailureRow.at).where(SignInFailureRow.kind == kind, col(SignInFailureRow.at) >= since)
        if username is not None:
            query = query.where(SignInFailureRow.username == username[:100])
        if place is not None:
            query = query.where(SignInFailureRow.address == place[:_LONGEST])
        if but:
            query = query.where(~col(SignInFailureRow.address).startswith(but, autoescape=True))
        return list(self._session.exec(query.order_by(col(SignInFailureRow.at).desc()).limit(MOST)))

    def forget(self, kind: str, before: UtcMs) -> None:
        """Refusals that count no more."""
        old = delete(SignInFailureRow).where(col(SignInFailureRow.kind) == kind, col(SignInFailureRow.at) < before)
        self._session.exec(old)

    def forget_sessions(self, before: UtcMs) -> None:
        """Sessions that began before."""
        self._session.exec(delete(SessionRow).where(col(SessionRow.created_at) < before))


def _kept(row: SessionRow) -> Kept:
    return Kept(
        key=row.token_hash[:_KEY_LETTERS],
        staff=row.staff,
        created_at=row.created_at,
        seen_at=row.seen_at,
        confirmed_at=row.confirmed_at,
        whole=row.whole,
        address=row.address,
        device=row.device,
        vouched=row.vouched,
    )
