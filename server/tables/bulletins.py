"""Tables of what is written and approved: bulletins, their sound, their broadcasts. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text, false
from sqlmodel import Field

from server.tables.row import Row


class ClipRow(Row, table=True):
    """A clip with its provenance and loudness (JSON). `gone_at`: since when its files are no longer kept."""

    __tablename__ = "clip"
    sha256: str = Field(primary_key=True)
    language: str
    duration_ms: int
    size: int
    provenance: str = "{}"
    loudness: str = "{}"
    created_at: int = Field(sa_type=BigInteger)
    gone_at: int | None = Field(default=None, sa_type=BigInteger)


class BulletinRow(Row, table=True):
    """What staff write. `opening`, `closing`: clips of the library that stand around it, or empty."""

    __tablename__ = "bulletin"
    id: str = Field(primary_key=True)
    title: str
    topic: str = Field(foreign_key="topic.id")
    broadcast_class: str
    area: str = Field(foreign_key="area.id", index=True)
    author: str = Field(foreign_key="staff.id")
    created_at: int = Field(sa_type=BigInteger, index=True)
    authority: str = Field(default="", sa_type=Text)
    responsible: str = Field(default="", sa_type=Text)
    reason: str = Field(default="", sa_type=Text)
    opening: str = Field(default="", sa_column_kwargs={"server_default": ""})
    closing: str = Field(default="", sa_column_kwargs={"server_default": ""})
    exercise: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class VariantRow(Row, table=True):
    """A bulletin in one language: text, spoken text, clip. `answers`: JSON, how its author said what nobody else
    could. `origin`: where its text comes from, `translator`: who translated it, as that was typed. `reviewer`: who said
    that text and sound are right in this language, or empty. `revoked`: somebody whose voice is in it has withdrawn."""

    __tablename__ = "variant"
    bulletin: str = Field(primary_key=True, foreign_key="bulletin.id")
    language: str = Field(primary_key=True, foreign_key="language.tag")
    text: str = Field(sa_type=Text)
    spoken: str = Field(sa_type=Text)
    source: str
    clip: str = Field(foreign_key="clip.sha256", index=True)
    answers: str = Field(default="{}", sa_type=Text, sa_column_kwargs={"server_default": "{}"})
    origin: str = Field(default="", sa_column_kwargs={"server_default": ""})
    translator: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    reviewer: str = Field(default="", sa_column_kwargs={"server_default": ""})
    reviewed_at: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    revoked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class BroadcastRow(Row, table=True):
    """A bulletin to be aired. `recurrence`: JSON, empty for a "now" that is not yet approved; `ends_at`: when it is due
    for the last time, if it has an end; `replaces`, `successor`: the versions before and after it, or empty; `ordered`:
    the stored emergency of which it is one sounding; `pushed`: it is sent down for communes to take."""

    __tablename__ = "broadcast"
    id: str = Field(primary_key=True)
    bulletin: str = Field(foreign_key="bulletin.id", index=True)
    mode: str
    recurrence: str = ""
    author: str = Field(foreign_key="staff.id")
    created_at: int = Field(sa_type=BigInteger, index=True)
    withdrawn_at: int | None = Field(default=None, sa_type=BigInteger)
    ends_at: int | None = Field(default=None, sa_type=BigInteger, index=True)
    version: int = 1
    replaces: str = ""
    successor: str = ""
    ordered: str = ""
    superseded_at: int | None = Field(default=None, sa_type=BigInteger)
    pushed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class BroadcastTargetRow(Row, table=True):
    """An area that a broadcast is for."""

    __tablename__ = "broadcast_target"
    broadcast: str = Field(primary_key=True, foreign_key="broadcast.id")
    area: str = Field(primary_key=True, foreign_key="area.id")


class BroadcastWriterRow(Row, table=True):
    """Somebody who wrote in a broadcast's bulletin, or in a version before it."""

    __tablename__ = "broadcast_writer"
    broadcast: str = Field(primary_key=True, foreign_key="broadcast.id")
    staff: str = Field(primary_key=True, foreign_key="staff.id")


class DecisionRow(Row, table=True):
    """What an approver decided about a broadcast; the newest counts. `heard`, `by_text`: languages (JSON)."""

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    broadcast: str = Field(foreign_key="broadcast.id", index=True)
    approved: bool
    seal: str
    approver: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
    note: str = ""
    alone: bool = Field(default=False, index=True)
    heard: str = "[]"
    by_text: str = "[]"


class ReviewRow(Row, table=True):
    """What a second person says of an emergency that aired on one signature."""

    __tablename__ = "review"
    broadcast: str = Field(primary_key=True, foreign_key="broadcast.id")
    confirmed: bool
    note: str = Field(sa_type=Text)
    reviewer: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
