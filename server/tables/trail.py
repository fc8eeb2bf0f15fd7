"""Tables of the audit trail: lines that are only ever added. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlmodel import Field

from server.tables.row import Row


class AuditLineRow(Row, table=True):
    """A line of the chain. The database itself refuses to change or delete one."""

    __tablename__ = "audit_line"
    number: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_type=BigInteger, index=True)
    staff: str = ""
    role: str = ""
    area: str = ""
    act: str
    subject: str
    before: str = Field(default="", sa_type=Text)
    after: str = Field(default="", sa_type=Text)
    address: str = ""
    device: str = ""
    previous: str
    hash: str


class AuditEndRow(Row, table=True):
    """One row: the newest line. Who adds one changes this first, so that two writers follow one another."""

    __tablename__ = "audit_end"
    id: int = Field(default=1, primary_key=True)
    number: int = Field(default=0, sa_type=BigInteger)
    hash: str = ""


class AuditDayRow(Row, table=True):
    """The seal of a civil day over its last line."""

    __tablename__ = "audit_day"
    day: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    hash: str
    public: bytes = Field(sa_type=LargeBinary)
    envelope: bytes = Field(sa_type=LargeBinary)
