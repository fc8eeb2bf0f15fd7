"""Staff and their grants in the database.

Imported by `store`.
"""

from collections.abc import Iterable

import msgspec
from sqlmodel import Session, col, select

from schedules.clock import UtcMs
from server.access import Given, Person, Role
from server.tables.areas import AreaRow
from server.tables.staff import GrantRow, StaffRow


class Account(msgspec.Struct, frozen=True):
    """How somebody signs in. `home`: the id of the area that keeps the account; `second_factor`: one is set up;
    `disabled_at`: 0 while they may sign in."""

    id: str
    username: str
    display_name: str
    password_hash: str
    home: str = ""
    must_change: bool = False
    disabled_at: UtcMs = 0
    second_factor: bool = False


class Staff:
    """Queries about people."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        staff: str,
        username: str,
        display_name: str,
        password_hash: str,
        *,
        home: str = "",
        must_change: bool = False,
    ) -> None:
        """Somebody who may sign in."""
        self._session.add(
            StaffRow(
                id=staff,
                username=username,
                display_name=display_name,
                password_hash=password_hash,
                home=home,
                must_change=must_change,
            )
        )
        self._session.flush()

    def grant(self, staff: str, area: str, role: Role, begins: UtcMs = 0, ends: UtcMs | None = None) -> int:
        """Give a role on an area; the number of the grant. What stands already is not given twice."""
        row = self._session.exec(
            select(GrantRow).where(
                GrantRow.staff == staff, GrantRow.area == area, GrantRow.role == role.value,
                GrantRow.begins == begins, GrantRow.ends == ends,
            )
        ).first()  # fmt: skip
        if row is None:
            row = GrantRow(staff=staff, area=area, role=role.value, begins=begins, ends=ends)
            self._session.add(row)
            self._session.flush()
        return row.id or 0

    def end_grant(self, grant: int, ends: UtcMs) -> None:
        """It is in force until before this instant."""
        row = self._session.get(GrantRow, grant)
        if row:
            row.ends = ends
            self._session.add(row)
            self._session.flush()

    def given(self, staff: Iterable[str] | None = None) -> list[Given]:
        """Grants of these people, of all without any; also those that are over or have not begun, oldest first."""
        query = select(GrantRow, AreaRow).where(GrantRow.area == AreaRow.id).order_by(col(GrantRow.id))
        if staff is not None:
            query = query.where(col(GrantRow.staff).in_(list(staff)))
        return [
            Given(
                id=grant.id or 0,
                staff=grant.staff,
                area=grant.area,
                area_path=area.path,
                role=Role(grant.role),
                begins=grant.begins,
                ends=grant.ends,
                valid_from=area.valid_from,
                valid_to=area.valid_to,
            )
            for grant, area in self._session.exec(query)
        ]

    def find(self, username: str) -> Account | None:
        """How whoever has this username signs in."""
        row = self._session.exec(select(StaffRow).where(StaffRow.username == username)).first()
        return _account_of(row) if row and not row.machine else None

    def account(self, staff: str) -> Account | None:
        """How somebody signs in."""
        row = self._session.get(StaffRow, staff)
        return _account_of(row) if row and not row.machine else None

    def accounts(self) -> list[Account]:
        """Of all people, by name: nobody signs in with the account of a program."""
        query = select(StaffRow).where(col(StaffRow.machine).is_(False))
        return [_account_of(row) for row in self._session.exec(query.order_by(StaffRow.username))]

    def set_password(self, staff: str, password_hash: str, *, must_change: bool = False) -> None:
        """A new password. `must_change`: another person knows it."""
        row = self._session.get(StaffRow, staff)
        if row:
            row.password_hash, row.must_change = password_hash, must_change
            self._session.add(row)
            self._session.flush()

    def set_disabled(self, staff: str, at: UtcMs) -> None:
        """They may not sign in from this instant on; 0: they may again."""
        row = self._session.get(StaffRow, staff)
        if row:
            row.disabled_at = at
            self._session.add(row)
            self._session.flush()

    def person(self, staff: str, now: UtcMs) -> Person | None:
        """Somebody with the grants that are in force."""
        row = self._session.get(StaffRow, staff)
        if row is None:
            return None
        grants = tuple(grant for given in self.given([staff]) if (grant := given.in_force(now)))
        return Person(row.id, row.username, row.display_name, grants)

    def names(self) -> dict[str, str]:
        """Display names by id."""
        return {row.id: row.display_name for row in self._session.exec(select(StaffRow))}

    def anybody_but(self, usernames: Iterable[str]) -> bool:
        """Whether there are people, and none of these."""
        known = list(usernames)
        sample = select(StaffRow).where(col(StaffRow.username).in_(known))
        anybody = self._session.exec(select(StaffRow)).first() is not None
        return anybody and self._session.exec(sample).first() is None


def _account_of(row: StaffRow) -> Account:
    return Account(
        id=row.id,
        username=row.username,
        display_name=row.display_name,
        password_hash=row.password_hash,
        home=row.home,
        must_change=row.must_change,
        disabled_at=row.disabled_at,
        second_factor=bool(row.totp_secret),
    )
