"""Tables of what came from a source-information system, and what it was told. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class SourceBulletinRow(Row, table=True):
    """A version of a bulletin from above for one area: exactly one row, however often it comes. `body`: as it came
    (JSON); `draft`: what was made of it; `cancelled_at`: since when it is taken back there."""

    __tablename__ = "source_bulletin"
    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    area: str = Field(primary_key=True, foreign_key="area.id")
    draft: str = Field(foreign_key="draft.id", index=True)
    received_at: int = Field(sa_type=BigInteger, index=True)
    body: str = Field(sa_type=Text)
    cancelled_at: int = Field(default=0, sa_type=BigInteger)


class SourceUnplacedRow(Row, table=True):
    """A bulletin from above for a place that nobody knows here."""

    __tablename__ = "source_unplaced"
    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    place: str = Field(primary_key=True)
    title: str
    received_at: int = Field(sa_type=BigInteger, index=True)


class SourceToldRow(Row, table=True):
    """What the source was told of an hour in an area (JSON): it is told again only when that has changed."""

    __tablename__ = "source_told"
    occurrence: str = Field(primary_key=True)
    area: str = Field(primary_key=True)
    body: str = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)


class SourceStandingRow(Row, table=True):
    """One row: how far the source has been read, and how the last rounds went."""

    __tablename__ = "source_standing"
    id: int = Field(default=1, primary_key=True)
    cursor: str = ""
    done_at: int = Field(default=0, sa_type=BigInteger)
    fault: str = ""
    fault_says: str = Field(default="", sa_type=Text)
    fault_at: int = Field(default=0, sa_type=BigInteger)
    unreadable: int = 0
