"""The table of takes: what is being recorded in a browser, and what was. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class RecordedRow(Row, table=True):
    """A take. `versions`: the lists of pieces that cutting and replacing made of it, the newest last (JSON); `clip`:
    what the newest became, empty before."""

    __tablename__ = "take"
    id: str = Field(primary_key=True)
    staff: str = Field(foreign_key="staff.id", index=True)
    purpose: str
    language: str
    subject: str = ""
    began_at: int = Field(sa_type=BigInteger, index=True)
    music: bool = False
    versions: str = Field(default="[]", sa_type=Text)
    clip: str = Field(default="", index=True)
    length_ms: int = 0
