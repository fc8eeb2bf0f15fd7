"""Tables of the daily summary of the log, which always equals a recount of its rows, and the views of the log that
people have kept.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from server.tables.row import Row


class DailyPlayRow(Row, table=True):
    """Rows of the log of a commune (`place.id`) on a civil day (days since 1970-01-01). `outcome`: empty where there is
    no report, "withdrawn" where none is awaited any more; `reason`: as the loudspeaker told it. `sounded_ms`: of all
    of them together."""

    __tablename__ = "daily_play"
    __table_args__ = (Index("ix_daily_play_day", "day", "outcome", "broadcast_class", "commune", "plays"),)
    commune: int = Field(primary_key=True)
    day: int = Field(primary_key=True)
    broadcast_class: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    plays: int = Field(sa_type=BigInteger)
    sounded_ms: int = Field(sa_type=BigInteger)


class DailyLanguageRow(Row, table=True):
    """The same by language: the rows that were to sound in it, and those of them in which it was `missing`."""

    __tablename__ = "daily_language"
    __table_args__ = (
        Index(
            "ix_daily_language_language",
            *("language", "day", "outcome", "broadcast_class", "commune", "plays", "missing"),
        ),
    )
    commune: int = Field(primary_key=True)
    day: int = Field(primary_key=True, index=True)
    language: str = Field(primary_key=True)
    broadcast_class: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    plays: int = Field(sa_type=BigInteger)
    missing: int = Field(sa_type=BigInteger)


class DailySoundRow(Row, table=True):
    """How long each bulletin sounded in a commune on a day: of the rows that were to sound in these `languages`, and of
    which these were `missing` (both as a row of the log writes them). For how long each language sounded."""

    __tablename__ = "daily_sound"
    __table_args__ = (Index("ix_daily_sound_day", "day"),)
    commune: int = Field(primary_key=True)
    day: int = Field(primary_key=True)
    bulletin: str = Field(primary_key=True)
    languages: str = Field(primary_key=True)
    missing: str = Field(primary_key=True)
    sounded_ms: int = Field(sa_type=BigInteger)


class SavedViewRow(Row, table=True):
    """A choice of the log that somebody has kept for themselves. `query`: as it stands in the address."""

    __tablename__ = "saved_view"
    id: int | None = Field(default=None, primary_key=True)
    staff: str = Field(foreign_key="staff.id", index=True)
    name: str
    query: str = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
