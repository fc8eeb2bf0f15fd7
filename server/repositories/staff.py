"""Staff, their grants and sessions in the database.

Imported by `store`.
"""

from sqlmodel import Session, col, delete, func, select

from schedules.clock import UtcMs
from server.access import Grant, Person, Role
from server.tables.areas import AreaRow
from server.tables.staff import GrantRow, SessionRow, SignInFailureRow, StaffRow


class Staff:
    """Queries about people."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, staff: str, username: str, display_name: str, password_hash: str) -> None:
        """Somebody who may sign in."""
        row = StaffRow(id=staff, username=username, display_name=display_name, password_hash=password_hash)
        self._session.add(row)
        self._session.flush()

    def grant(self, staff: str, area: str, role: Role) -> None:
        """Give a role on an area."""
        self._session.merge(GrantRow(staff=staff, area=area, role=role.value))
        self._session.flush()

    def find(self, username: str) -> tuple[str, str] | None:
        """Id and password hash of a username."""
        row = self._session.exec(select(StaffRow).where(StaffRow.username == username)).first()
        return (row.id, row.password_hash) if row else None

    def set_password(self, staff: str, password_hash: str) -> None:
        """A new password; every session ends."""
        row = self._session.get(StaffRow, staff)
        if row:
            row.password_hash = password_hash
            self._session.add(row)
        self._session.exec(delete(SessionRow).where(col(SessionRow.staff) == staff))
        self._session.flush()

    def person(self, staff: str) -> Person | None:
        """Somebody with all grants."""
        row = self._session.get(StaffRow, staff)
        if row is None:
            return None
        query = select(GrantRow, AreaRow.path).where(GrantRow.staff == staff, GrantRow.area == AreaRow.id)
        grants = tuple(Grant(Role(grant.role), path) for grant, path in self._session.exec(query))
        return Person(row.id, row.username, row.display_name, grants)

    def names(self) -> dict[str, str]:
        """Display names by id."""
        return {row.id: row.display_name for row in self._session.exec(select(StaffRow))}

    def begin_session(self, token_hash: str, staff: str, now: UtcMs, address: str) -> None:
        """Somebody has signed in."""
        row = SessionRow(token_hash=token_hash, staff=staff, created_at=now, seen_at=now, address=address)
        self._session.add(row)

    def session(self, token_hash: str) -> tuple[str, UtcMs, UtcMs] | None:
        """Who, since when, last seen."""
        row = self._session.get(SessionRow, token_hash)
        return (row.staff, row.created_at, row.seen_at) if row else None

    def seen(self, token_hash: str, now: UtcMs) -> None:
        """The session is in use."""
        row = self._session.get(SessionRow, token_hash)
        if row:
            row.seen_at = now
            self._session.add(row)

    def end_session(self, token_hash: str) -> None:
        """Somebody has signed out."""
        self._session.exec(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash))

    def forget(self, failures_before: UtcMs, sessions_before: UtcMs) -> None:
        """Refused sign-ins and sessions that count no more."""
        self._session.exec(delete(SignInFailureRow).where(col(SignInFailureRow.at) < failures_before))
        self._session.exec(delete(SessionRow).where(col(SessionRow.created_at) < sessions_before))

    def failed(self, username: str, address: str, now: UtcMs) -> None:
        """A sign-in was refused."""
        self._session.add(SignInFailureRow(username=username[:100], address=address, at=now))

    def failures(self, username: str, address: str, since: UtcMs) -> tuple[int, int]:
        """Refused sign-ins since then: of this username from this address, and from this address at all."""
        query = (
            select(func.count())
            .select_from(SignInFailureRow)
            .where(col(SignInFailureRow.at) >= since, SignInFailureRow.address == address)
        )
        both = self._session.exec(query.where(SignInFailureRow.username == username[:100])).one()
        return both, self._session.exec(query).one()
