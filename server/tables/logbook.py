"""Tables of the playback log: what was planned and what was reported. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class PlannedRow(Row, table=True):
    """A play to be expected: the log has exactly one row for each. `seal`: of the approval it stands by."""

    __tablename__ = "planned_play"
    loudspeaker: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    occurrence: str = Field(primary_key=True)
    planned: int = Field(sa_type=BigInteger, index=True)
    useful_until: int = Field(sa_type=BigInteger)
    broadcast: str = Field(index=True)
    bulletin: str = Field(index=True)
    title: str
    broadcast_class: str
    clips: str = "[]"
    withdrawn: bool = False
    seal: str = ""
    outcome: str = Field(default="", index=True)


class PlaybackRow(Row, table=True):
    """A playback as a loudspeaker reported it (JSON): never changed, never deleted."""

    __tablename__ = "playback"
    loudspeaker: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    journal: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    occurrence: str = Field(index=True)
    filed_at: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)
