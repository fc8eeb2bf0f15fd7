"""Table of who had which sound made, before any bulletin carries it. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger
from sqlmodel import Field

from server.tables.row import Row


class MakerRow(Row, table=True):
    """Somebody has uploaded a recording, or listened to a text. The clip need not be in any bulletin."""

    __tablename__ = "clip_maker"
    clip: str = Field(primary_key=True)
    staff: str = Field(primary_key=True, foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger, index=True)
