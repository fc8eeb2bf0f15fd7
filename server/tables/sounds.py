"""Tables of who had which sound made, who has heard it, and what is kept beyond its time. Instants are UTC
milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class MakerRow(Row, table=True):
    """Somebody has uploaded a recording, or listened to a text. The clip need not be in any bulletin."""

    __tablename__ = "clip_maker"
    clip: str = Field(primary_key=True)
    staff: str = Field(primary_key=True, foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger, index=True)


class ListeningRow(Row, table=True):
    """Somebody listens to a sound before deciding on exactly what `seal` stands for. `fetched_at`: when the sound first
    went out to them; `ended_at`: when they had heard it to its end."""

    __tablename__ = "listening"
    staff: str = Field(primary_key=True, foreign_key="staff.id")
    seal: str = Field(primary_key=True)
    clip: str = Field(primary_key=True)
    fetched_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)


class HoldRow(Row, table=True):
    """The sound of a bulletin, or of an area and all below it, is kept whatever its age. `kind`: `bulletin` or `area`;
    `subject`: its id; a hold that is lifted stays as a row."""

    __tablename__ = "hold"
    id: str = Field(primary_key=True)
    kind: str
    subject: str = Field(index=True)
    reason: str = Field(sa_type=Text)
    staff: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
    lifted_by: str = ""
    lifted_at: int | None = Field(default=None, sa_type=BigInteger)
