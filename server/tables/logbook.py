"""Tables of the playback log: what was planned, what was reported, what people corrected. Instants are UTC
milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, Text, text
from sqlmodel import Field

from server.tables.row import Row

_NOTHING = {"server_default": ""}
_ZERO = {"server_default": "0"}
_LARGE = BigInteger().with_variant(Integer(), "sqlite")
"""As large as a loudspeaker may count: there an `Integer` is."""


def _only(said: str) -> dict[str, Any]:
    """An index of these rows alone."""
    return {"sqlite_where": text(said), "postgresql_where": text(said)}


class PlaceRow(Row, table=True):
    """Where rows of the log stand: a node of the area tree as it was when the play was planned. `path`: the ids from
    the root to the area that the loudspeaker is in, between slashes; `area`: the last of them; `commune`: the place
    that is its commune."""

    __tablename__ = "place"
    id: int | None = Field(default=None, primary_key=True)
    path: str = Field(index=True, unique=True)
    area: str = Field(default="", index=True)
    commune: int = Field(default=0, index=True)


class PlannedRow(Row, table=True):
    """A play to be expected: the log has exactly one row for each. `seal`: of the approval it stands by; `languages`:
    those that it is to sound in, with a space around each. What counts of what was told of it: `outcome`, `reason`,
    `sounded_ms`, and the languages that were `missing`, written as the others."""

    __tablename__ = "planned_play"
    __table_args__ = (
        Index("ix_planned_play_time", "planned", "outcome", "broadcast_class", "commune"),
        Index("ix_planned_play_commune", "commune", "planned", "outcome", "broadcast_class", "place"),
        Index("ix_planned_play_bulletin", "bulletin", "planned", "outcome", "broadcast_class", "commune"),
        Index("ix_planned_play_loudspeaker", "loudspeaker", "planned"),
        Index(
            "ix_planned_play_missing",
            *("planned", "occurrence", "loudspeaker", "missing", "languages", "outcome", "broadcast_class", "commune"),
            **_only("missing <> ''"),
        ),
        Index(
            "ix_planned_play_open",
            *("planned", "useful_until", "withdrawn", "commune", "broadcast_class", "topic", "loudspeaker"),
            **_only("outcome = ''"),
        ),
    )
    loudspeaker: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    occurrence: str = Field(primary_key=True)
    planned: int = Field(sa_type=BigInteger)
    useful_until: int = Field(sa_type=BigInteger)
    broadcast: str = Field(index=True)
    bulletin: str
    title: str
    broadcast_class: str
    clips: str = "[]"
    withdrawn: bool = False
    seal: str = ""
    outcome: str = ""
    place: int = Field(default=0, sa_column_kwargs=_ZERO)
    commune: int = Field(default=0, sa_column_kwargs=_ZERO)
    topic: str = Field(default="", sa_column_kwargs=_NOTHING)
    languages: str = Field(default="", sa_column_kwargs=_NOTHING)
    reason: str = Field(default="", sa_column_kwargs=_NOTHING)
    sounded_ms: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_ZERO)
    missing: str = Field(default="", sa_column_kwargs=_NOTHING)


class PlaybackRow(Row, table=True):
    """A playback as a loudspeaker reported it (JSON): never changed, never deleted."""

    __tablename__ = "playback"
    __table_args__ = (Index("ix_playback_told_of", "occurrence", "loudspeaker"),)
    loudspeaker: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    journal: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=_LARGE)
    occurrence: str
    filed_at: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)


class CorrectionRow(Row, table=True):
    """What a person says of a play against the line that counted until then (`names`): never changed, never
    deleted."""

    __tablename__ = "correction"
    __table_args__ = (Index("ix_correction_told_of", "occurrence", "loudspeaker"),)
    number: int | None = Field(default=None, primary_key=True)
    loudspeaker: str = Field(foreign_key="loudspeaker.id")
    occurrence: str
    names: str
    outcome: str
    why: str = Field(sa_type=Text)
    by: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
