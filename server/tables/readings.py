"""Table of how places say what is written. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger
from sqlmodel import Field

from server.tables.row import Row


class ReadingRow(Row, table=True):
    """In this area and below it, what is written so is said so."""

    __tablename__ = "reading"
    area: str = Field(primary_key=True, foreign_key="area.id")
    written: str = Field(primary_key=True)
    said: str
    staff: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
