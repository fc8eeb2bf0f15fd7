"""Tables of what other systems are told of the air: happenings in their order, and what is still to be looked at.
Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Boolean, Index, Text
from sqlmodel import Field

from server.tables.row import Row


class HappeningRow(Row, table=True):
    """Something that has happened: never changed. `number` is never given again, for other systems remember how far
    they have come; `body`: JSON."""

    __tablename__ = "happening"
    __table_args__ = (Index("ix_happening_at", "at"), {"sqlite_autoincrement": True})
    number: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    kind: str
    at: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)


class HappeningAreaRow(Row, table=True):
    """An area that a happening is found by. `below`: it concerns all that lies below this area as well."""

    __tablename__ = "happening_area"
    area: str = Field(primary_key=True)
    number: int = Field(primary_key=True, foreign_key="happening.number", ondelete="CASCADE", index=True)
    below: bool = Field(sa_type=Boolean)


class WatchedRow(Row, table=True):
    """An occurrence that is, or will be, told of. `due`: when to look at it, 0 when nothing has changed since; `told`:
    the counts that were told last (JSON), empty before; `revision`: how often."""

    __tablename__ = "watched_occurrence"
    __table_args__ = (Index("ix_watched_occurrence_due", "due"),)
    occurrence: str = Field(primary_key=True)
    broadcast: str
    planned: int = Field(sa_type=BigInteger, index=True)
    useful_until: int = Field(sa_type=BigInteger)
    due: int = Field(sa_type=BigInteger)
    told: str = Field(default="", sa_type=Text)
    revision: int = 0


class UndeliveredRow(Row, table=True):
    """A happening that a subscriber did not take, and that was laid aside so that those behind it could go on. `again`:
    somebody asked for it to be sent once more."""

    __tablename__ = "undelivered"
    webhook: str = Field(primary_key=True, foreign_key="webhook.id")
    number: int = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    tries: int = 0
    why: str = Field(default="", sa_type=Text)
    again: bool = Field(default=False, sa_type=Boolean)
