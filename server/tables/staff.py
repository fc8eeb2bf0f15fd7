"""Tables of people: staff, their grants and sessions. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger
from sqlmodel import Field

from server.tables.row import Row


class StaffRow(Row, table=True):
    """Somebody who may sign in."""

    __tablename__ = "staff"
    id: str = Field(primary_key=True)
    username: str = Field(unique=True, index=True)
    display_name: str
    password_hash: str


class GrantRow(Row, table=True):
    """A role of somebody on an area."""

    __tablename__ = "staff_grant"
    staff: str = Field(primary_key=True, foreign_key="staff.id")
    area: str = Field(primary_key=True, foreign_key="area.id")
    role: str = Field(primary_key=True)


class SessionRow(Row, table=True):
    """A session, by the SHA-256 of its token."""

    __tablename__ = "staff_session"
    token_hash: str = Field(primary_key=True)
    staff: str = Field(foreign_key="staff.id", index=True)
    created_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    address: str = ""


class SignInFailureRow(Row, table=True):
    """A sign-in that was refused."""

    __tablename__ = "sign_in_failure"
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(index=True)
    address: str = Field(index=True)
    at: int = Field(sa_type=BigInteger)
