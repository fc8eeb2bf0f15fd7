"""Second factors in the database: sealed secrets, steps that were taken, recovery codes.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import update
from sqlmodel import Session, col, delete, func, select

from schedules.clock import UtcMs
from server.tables.staff import RecoveryCodeRow, StaffRow


class Sealed(msgspec.Struct, frozen=True):
    """Of somebody, sealed and empty where there is none: the `secret` that counts, and the one that is `wanted` but not
    confirmed yet."""

    secret: str = ""
    wanted: str = ""


class Factors:
    """Queries about second factors."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, staff: str) -> Sealed:
        """What somebody has."""
        row = self._session.get(StaffRow, staff)
        return Sealed(row.totp_secret, row.totp_wanted) if row else Sealed()

    def want(self, staff: str, sealed: str) -> None:
        """A secret that its owner has yet to confirm."""
        self._change(staff, totp_wanted=sealed)

    def keep(self, staff: str, sealed: str, step: int) -> None:
        """A secret that counts from now on; the code of this step has been taken."""
        self._change(staff, totp_secret=sealed, totp_wanted="", totp_step=step)

    def drop(self, staff: str) -> None:
        """There is none any more, and no recovery codes."""
        self._change(staff, totp_secret="", totp_wanted="", totp_step=0)
        self._session.exec(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.staff) == staff))

    def take(self, staff: str, step: int) -> bool:
        """Take the code of this step; False if it or a later one was taken. One statement, so that of two browsers with
        one code only one gets in."""
        query = update(StaffRow).where(col(StaffRow.id) == staff, col(StaffRow.totp_step) < step)
        return self._done(query.values(totp_step=step))

    def set_recovery(self, staff: str, digests: Iterable[str]) -> None:
        """New recovery codes; the old ones are none any more."""
        self._session.exec(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.staff) == staff))
        self._session.add_all(RecoveryCodeRow(staff=staff, digest=digest) for digest in digests)
        self._session.flush()

    def use_recovery(self, staff: str, digest: str, now: UtcMs) -> bool:
        """Use up a recovery code; False if there is none like it."""
        query = update(RecoveryCodeRow).where(
            col(RecoveryCodeRow.staff) == staff,
            col(RecoveryCodeRow.digest) == digest,
            col(RecoveryCodeRow.used_at) == 0,
        )
        return self._done(query.values(used_at=now))

    def recovery_left(self, staff: str) -> int:
        """How many recovery codes have not been used."""
        query = select(func.count()).where(RecoveryCodeRow.staff == staff, RecoveryCodeRow.used_at == 0)
        return self._session.exec(query).one()

    def _change(self, staff: str, **columns: object) -> None:
        self._done(update(StaffRow).where(col(StaffRow.id) == staff).values(**columns))

    def _done(self, statement: object) -> bool:
        self._session.flush()
        done = self._session.connection().execute(statement)  # type: ignore[call-overload]
        self._session.expire_all()
        return bool(done.rowcount)
