"""Tables of loudspeakers: what each one is told, and what it tells of itself. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class LoudspeakerRow(Row, table=True):
    """A loudspeaker; it is also the area of the same id."""

    __tablename__ = "loudspeaker"
    id: str = Field(primary_key=True, foreign_key="area.id")
    serial: str = ""
    place: str = ""
    enrolled_at: int | None = Field(default=None, sa_type=BigInteger)


class ProgrammeRow(Row, table=True):
    """The newest programme of an area (JSON). `named`: JSON, since which revision each slot stands in it as it is."""

    __tablename__ = "programme"
    area: str = Field(primary_key=True, foreign_key="area.id")
    revision: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)
    named: str = Field(default="{}", sa_type=Text)


class AssignmentRow(Row, table=True):
    """The newest assignment of a loudspeaker (JSON)."""

    __tablename__ = "assignment"
    device: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    revision: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)


class StatusRow(Row, table=True):
    """What a loudspeaker last said of itself (JSON). `runs`: the runs before the present one, newest first, separated
    by spaces; `doubled_at`: when one of them spoke again, which only a second box can do."""

    __tablename__ = "device_status"
    device: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    body: str = Field(sa_type=Text)
    online: bool
    received_at: int = Field(sa_type=BigInteger)
    runs: str = Field(default="", sa_type=Text)
    doubled_at: int | None = Field(default=None, sa_type=BigInteger)
