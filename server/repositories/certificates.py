"""Claim codes, wrong tries and certificates in the database.

Imported by `store`.
"""

import msgspec
from sqlalchemy import delete, update
from sqlmodel import Session, col, func, select

from schedules.clock import UtcMs
from server.authority import Issued
from server.tables.enrolment import CertificateRow, ClaimRow, WrongClaimRow


class ClaimKept(msgspec.Struct, frozen=True):
    """A claim code as it is kept. `public_key`: hex, of whoever has used it."""

    device: str
    expires_at: UtcMs
    used_at: UtcMs | None = None
    public_key: str = ""


class Certificates:
    """Queries about who may be let in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep_claim(self, device: str, hashed: str, now: UtcMs, expires_at: UtcMs) -> None:
        """A new code of a loudspeaker; the one before holds no more."""
        self._session.merge(
            ClaimRow(device=device, hash=hashed, made_at=now, expires_at=expires_at, used_at=None, public_key="")
        )
        self._session.flush()

    def end_claim(self, device: str) -> None:
        """No code of this loudspeaker holds any more."""
        self._session.connection().execute(delete(ClaimRow).where(col(ClaimRow.device) == device))

    def claim(self, hashed: str) -> ClaimKept | None:
        """The code with this hash."""
        row = self._session.exec(select(ClaimRow).where(ClaimRow.hash == hashed)).first()
        return ClaimKept(row.device, row.expires_at, row.used_at, row.public_key) if row is not None else None

    def claims(self) -> dict[str, ClaimKept]:
        """The newest code of each loudspeaker that ever had one."""
        rows = self._session.exec(select(ClaimRow))
        return {row.device: ClaimKept(row.device, row.expires_at, row.used_at, row.public_key) for row in rows}

    def use(self, hashed: str, public_key: str, now: UtcMs) -> bool:
        """Use a code; False where somebody else was faster."""
        fresh = update(ClaimRow).where(col(ClaimRow.hash) == hashed, col(ClaimRow.used_at).is_(None))
        done = self._session.connection().execute(fresh.values(used_at=now, public_key=public_key))
        self._session.expire_all()
        return bool(done.rowcount)

    def wrong(self, address: str, now: UtcMs, forget_before: UtcMs) -> None:
        """Somebody there has tried what is no code."""
        self._session.connection().execute(delete(WrongClaimRow).where(col(WrongClaimRow.at) < forget_before))
        self._session.add(WrongClaimRow(address=address, at=now))
        self._session.flush()

    def wrongs(self, address: str, since: UtcMs) -> tuple[int, int]:
        """Wrong tries since then: from this address, and in all."""
        query = select(func.count()).select_from(WrongClaimRow).where(col(WrongClaimRow.at) >= since)
        return self._session.exec(query.where(WrongClaimRow.address == address)).one(), self._session.exec(query).one()

    def add(self, device: str, made: Issued) -> None:
        """A certificate has been issued; for no loudspeaker where it is for a line of the server's own."""
        self._session.add(CertificateRow(device=device, **msgspec.structs.asdict(made)))
        self._session.flush()

    def current(self, device: str, now: UtcMs) -> Issued | None:
        """The newest certificate of a loudspeaker that is not revoked; it may be over."""
        query = select(CertificateRow).where(CertificateRow.device == device, col(CertificateRow.revoked_at).is_(None))
        query = query.where(CertificateRow.not_before <= now)
        row = self._session.exec(query.order_by(col(CertificateRow.not_after).desc()).limit(1)).first()
        if row is None:
            return None
        return Issued(**{name: getattr(row, name) for name in Issued.__struct_fields__})

    def revoke(self, device: str, now: UtcMs) -> list[str]:
        """No certificate of this loudspeaker holds any more; the numbers of those that did."""
        held = col(CertificateRow.device) == device, col(CertificateRow.revoked_at).is_(None)
        serials = list(self._session.exec(select(CertificateRow.serial).where(*held).order_by(CertificateRow.serial)))
        self._session.connection().execute(update(CertificateRow).where(*held).values(revoked_at=now))
        self._session.expire_all()
        return serials

    def holding(self, now: UtcMs) -> dict[str, str]:
        """Whom a broker may let in: by common name, which loudspeaker that is (none for a line of the server's)."""
        query = select(CertificateRow.name, CertificateRow.device).where(
            col(CertificateRow.revoked_at).is_(None), CertificateRow.not_after > now
        )
        return dict(self._session.exec(query.order_by(CertificateRow.name)).all())

    def until(self, devices: list[str]) -> dict[str, UtcMs]:
        """How long the newest certificate of each of these loudspeakers holds, where there is one."""
        query = select(CertificateRow.device, func.max(CertificateRow.not_after)).where(
            col(CertificateRow.revoked_at).is_(None), col(CertificateRow.device).in_(devices)
        )
        return dict(self._session.exec(query.group_by(CertificateRow.device)).all())

    def revoked(self) -> list[tuple[str, UtcMs]]:
        """The numbers of all certificates that hold no more before their end, and since when."""
        query = select(CertificateRow.serial, CertificateRow.revoked_at).order_by(CertificateRow.serial)
        found = self._session.exec(query.where(col(CertificateRow.revoked_at).is_not(None)))
        return [(serial, since) for serial, since in found if since is not None]

    def stamp(self) -> tuple[int, int]:
        """Changes whenever a certificate is issued or revoked: how many of each there are."""
        query = select(func.count(), func.count(col(CertificateRow.revoked_at))).select_from(CertificateRow)
        issued, ended = self._session.exec(query).one()
        return issued, ended
