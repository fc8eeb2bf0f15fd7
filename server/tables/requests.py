"""The table of requests: who is asked to record a bulletin in a language. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class RecordingRequestRow(Row, table=True):
    """Somebody is asked for a recording; never deleted. `broadcast`: the version that they were asked for, `line`: the
    first version of it; `answer`: what they wrote when they declined."""

    __tablename__ = "recording_request"
    id: int | None = Field(default=None, primary_key=True)
    line: str = Field(foreign_key="broadcast.id", index=True)
    broadcast: str = Field(foreign_key="broadcast.id")
    language: str = Field(foreign_key="language.tag")
    staff: str = Field(foreign_key="staff.id", index=True)
    by: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
    note: str = Field(default="", sa_type=Text)
    state: str = Field(index=True)
    answer: str = Field(default="", sa_type=Text)
    ended_at: int = Field(default=0, sa_type=BigInteger)
