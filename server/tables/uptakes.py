"""The table of what communes say to what is sent down to them. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class UptakeRow(Row, table=True):
    """The answer of a commune (`area`) to a broadcast, and what was done to get one; as `server.uptake.Reply`. What
    it was before stands in the audit."""

    __tablename__ = "uptake"
    broadcast: str = Field(primary_key=True, foreign_key="broadcast.id")
    area: str = Field(primary_key=True, foreign_key="area.id", index=True)
    answer: str
    turn: str
    reason: str = Field(sa_type=Text)
    by: str
    at: int = Field(sa_type=BigInteger)
    accepted_at: int = Field(sa_type=BigInteger)
    reminded_at: int = Field(sa_type=BigInteger)
    reminded_by: str
    level: int
