"""Tables of people: staff, their grants, second factors and sessions. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, false
from sqlmodel import Field

from server.tables.row import Row


class StaffRow(Row, table=True):
    """Somebody who may sign in. `home`: the area whose administrators keep the account, empty for what a terminal made;
    `disabled_at`: 0 while they may sign in; `totp_secret` and `totp_wanted` (not confirmed yet) are sealed with the key
    file; `totp_step`: the last one whose code was taken. `machine`: a program acts in its name, and nobody signs in."""

    __tablename__ = "staff"
    id: str = Field(primary_key=True)
    username: str = Field(unique=True, index=True)
    display_name: str
    password_hash: str
    home: str = ""
    must_change: bool = False
    disabled_at: int = Field(default=0, sa_type=BigInteger)
    totp_secret: str = ""
    totp_wanted: str = ""
    totp_step: int = Field(default=0, sa_type=BigInteger)
    machine: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class GrantRow(Row, table=True):
    """A role of somebody on an area, from an instant until before another. Ended ones stay: nothing is deleted."""

    __tablename__ = "staff_grant"
    id: int | None = Field(default=None, primary_key=True)
    staff: str = Field(foreign_key="staff.id", index=True)
    area: str = Field(foreign_key="area.id", index=True)
    role: str
    begins: int = Field(default=0, sa_type=BigInteger)
    ends: int | None = Field(default=None, sa_type=BigInteger)


class SessionRow(Row, table=True):
    """A session, by the SHA-256 of its token. `confirmed_at`: the last time that its owner showed a password or a code;
    `whole`: false while only the password was right and a code is owed; `vouched`: the province's sign-on has asked for
    a second factor."""

    __tablename__ = "staff_session"
    token_hash: str = Field(primary_key=True)
    staff: str = Field(foreign_key="staff.id", index=True)
    created_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    address: str = ""
    device: str = ""
    confirmed_at: int = Field(default=0, sa_type=BigInteger)
    whole: bool = True
    vouched: bool = False


class SignInFailureRow(Row, table=True):
    """A password or a code that was refused. `address`: of the network, or the browser that had signed in before."""

    __tablename__ = "sign_in_failure"
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(index=True)
    address: str = Field(index=True)
    at: int = Field(sa_type=BigInteger)
    kind: str = "password"


class RecoveryCodeRow(Row, table=True):
    """A code for who has lost their telephone, as a keyed digest; it works once."""

    __tablename__ = "recovery_code"
    id: int | None = Field(default=None, primary_key=True)
    staff: str = Field(foreign_key="staff.id", index=True)
    digest: str
    used_at: int = Field(default=0, sa_type=BigInteger)
