"""Tables of the archive of the log: which files hold months that have left the database. Instants are UTC
milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger
from sqlmodel import Field

from server.tables.row import Row


class ArchivedPartRow(Row, table=True):
    """A file of the archive: `rows` of a month (`2025-01`) with their `playbacks`, as it was written. Of its rows,
    those numbered up to `moved` have left the database (or were told of again, see below). `changes`: how often this
    row has changed."""

    __tablename__ = "archived_part"
    name: str = Field(primary_key=True)
    month: str = Field(index=True)
    since: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)
    state: str
    rows: int
    playbacks: int
    sha256: str
    moved: int = 0
    changes: int = 0
    made_at: int = Field(sa_type=BigInteger)


class RecalledRow(Row, table=True):
    """A row of such a file that stands in the database all the same, because something more was told of it: there it
    counts, and not in the file."""

    __tablename__ = "recalled_play"
    part: str = Field(primary_key=True, foreign_key="archived_part.name")
    number: int = Field(primary_key=True)


class ArchivedBulletinRow(Row, table=True):
    """Until when a bulletin was of use, as the rows of a file say: its sound is kept as long as if they were here."""

    __tablename__ = "archived_bulletin"
    part: str = Field(primary_key=True, foreign_key="archived_part.name")
    bulletin: str = Field(primary_key=True)
    useful_until: int = Field(sa_type=BigInteger)
