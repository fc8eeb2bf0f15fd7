"""Table of saved choices of places. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class PlaceGroupRow(Row, table=True):
    """A group of places that an area keeps under a name. `targets`: their ids (JSON); `removed_at`: since when it is
    offered no more."""

    __tablename__ = "place_group"
    id: str = Field(primary_key=True)
    area: str = Field(foreign_key="area.id", index=True)
    name: str
    targets: str = Field(sa_type=Text)
    staff: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
    removed_at: int | None = Field(default=None, sa_type=BigInteger)
