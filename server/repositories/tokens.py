"""Tokens of the JSON API, and what posts were answered, in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, or_, select

from schedules.clock import UtcMs
from server.api_token import Token
from server.tables.areas import AreaRow
from server.tables.interfaces import ApiAnswerRow, ApiTokenRow
from server.tables.staff import StaffRow


class Answered(msgspec.Struct, frozen=True):
    """What was answered before to a post with the same key; `digest`: of what was sent with it."""

    digest: str
    status: int
    body: str


class Tokens:
    """Queries about programs that come in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, token: Token, secret_hash: str) -> None:
        """A token, with the account in whose name it acts: nobody signs in with that."""
        self.keep_machine(token.staff, token.name, token.area)
        self._session.add(ApiTokenRow(secret_hash=secret_hash, **msgspec.structs.asdict(token)))
        self._session.flush()

    def keep_machine(self, staff: str, name: str, area: str) -> None:
        """An account without a password, whose name no form lets anybody choose."""
        self._session.merge(
            StaffRow(
                id=staff, username=f"machine:{staff}", display_name=name, password_hash="", home=area, machine=True
            )
        )
        self._session.flush()

    def opened_by(self, secret_hash: str) -> Token | None:
        """The token of this secret, whatever became of it."""
        row = self._session.exec(select(ApiTokenRow).where(ApiTokenRow.secret_hash == secret_hash)).first()
        return _token(row) if row else None

    def find(self, staff: str) -> Token | None:
        """A token by the account in whose name it acts."""
        row = self._session.get(ApiTokenRow, staff)
        return _token(row) if row else None

    def below(self, paths: Iterable[str]) -> list[Token]:
        """Those held on or below these paths, newest first."""
        wanted = [col(AreaRow.path).startswith(path) for path in paths]
        if not wanted:
            return []
        query = select(ApiTokenRow).where(ApiTokenRow.area == AreaRow.id, or_(*wanted))
        newest = (col(ApiTokenRow.made_at).desc(), col(ApiTokenRow.staff))
        return [_token(row) for row in self._session.exec(query.order_by(*newest))]

    def used(self, staff: str, now: UtcMs) -> None:
        """Somebody came with it."""
        row = self._session.get(ApiTokenRow, staff)
        if row:
            row.used_at = now
            self._session.add(row)

    def revoke(self, staff: str, now: UtcMs) -> None:
        """It opens nothing more."""
        row = self._session.get(ApiTokenRow, staff)
        if row:
            row.revoked_at = now
            self._session.add(row)
            self._session.flush()

    def claim(self, staff: str, key: str, digest: str, now: UtcMs) -> bool:
        """Take a key for what is about to be done in this transaction; False where it is taken. Another transaction
        that wants the same key waits for this one."""
        dialect = postgresql if self._session.connection().dialect.name == "postgresql" else sqlite
        values = {"staff": staff, "key": key, "digest": digest, "at": now, "status": 0, "body": ""}
        statement = dialect.insert(ApiAnswerRow).values(**values).on_conflict_do_nothing()
        return bool(self._session.connection().execute(statement).rowcount)

    def answer(self, staff: str, key: str, status: int, body: str) -> None:
        """What was done under a key that was claimed."""
        row = self._session.get(ApiAnswerRow, (staff, key))
        if row:
            row.status, row.body = status, body
            self._session.add(row)
            self._session.flush()

    def answered(self, staff: str, key: str) -> Answered | None:
        """What was done under this key."""
        row = self._session.get(ApiAnswerRow, (staff, key))
        return Answered(row.digest, row.status, row.body) if row else None

    def forget(self, before: UtcMs) -> None:
        """Answers that nobody will ask for again."""
        self._session.exec(delete(ApiAnswerRow).where(col(ApiAnswerRow.at) < before))


def _token(row: ApiTokenRow) -> Token:
    return Token(**{name: getattr(row, name) for name in Token.__struct_fields__})
