"""Tables of the library of sounds. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class TuneRow(Row, table=True):
    """A jingle, the anthem, music: what an area keeps to be aired."""

    __tablename__ = "tune"
    id: str = Field(primary_key=True)
    area: str = Field(foreign_key="area.id", index=True)
    name: str
    kind: str
    rights: str = Field(sa_type=Text)
    clip: str = Field(foreign_key="clip.sha256", index=True)
    added_by: str = Field(foreign_key="staff.id")
    added_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class BuiltInChimeRow(Row, table=True):
    """A chime that came with the program, by what it announces."""

    __tablename__ = "built_in_chime"
    name: str = Field(primary_key=True)
    clip: str = Field(foreign_key="clip.sha256")
