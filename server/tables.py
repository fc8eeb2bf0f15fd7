"""The tables: the second shape of what the server keeps. Instants are UTC milliseconds.

Imported by the repositories, the migrations and the composition root only.
"""

from sqlalchemy import BigInteger, MetaData, Text
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class AreaLevelRow(SQLModel, table=True):
    """What kinds of area there are: levels are data."""

    __tablename__ = "area_level"
    id: str = Field(primary_key=True)
    name: str
    position: int


class AreaRow(SQLModel, table=True):
    """A node of the dated area tree. `path`: the ids from the root to itself between slashes. `languages`,
    `settings`: JSON; `search_key`: without accents."""

    __tablename__ = "area"
    id: str = Field(primary_key=True)
    parent: str | None = Field(default=None, foreign_key="area.id", index=True)
    path: str = Field(index=True, unique=True)
    depth: int
    level: str = Field(foreign_key="area_level.id")
    name: str
    former_names: str = ""
    search_key: str = Field(default="", index=True)
    sort_key: str = ""
    valid_from: str = ""
    valid_to: str = ""
    languages: str = "[]"
    settings: str = "{}"


class LoudspeakerRow(SQLModel, table=True):
    """A loudspeaker; it is also the area of the same id."""

    __tablename__ = "loudspeaker"
    id: str = Field(primary_key=True, foreign_key="area.id")
    serial: str = ""
    place: str = ""
    enrolled_at: int | None = Field(default=None, sa_type=BigInteger)


class LanguageRow(SQLModel, table=True):
    """A language."""

    __tablename__ = "language"
    tag: str = Field(primary_key=True)
    name: str
    own_name: str = ""
    variety: str = ""
    orthography: str = ""


class TopicRow(SQLModel, table=True):
    """A topic (lĩnh vực) of the decree's essential information."""

    __tablename__ = "topic"
    id: str = Field(primary_key=True)
    name: str
    position: int


class StaffRow(SQLModel, table=True):
    """Somebody who may sign in."""

    __tablename__ = "staff"
    id: str = Field(primary_key=True)
    username: str = Field(unique=True, index=True)
    display_name: str
    password_hash: str


class GrantRow(SQLModel, table=True):
    """A role of somebody on an area."""

    __tablename__ = "staff_grant"
    staff: str = Field(primary_key=True, foreign_key="staff.id")
    area: str = Field(primary_key=True, foreign_key="area.id")
    role: str = Field(primary_key=True)


class SessionRow(SQLModel, table=True):
    """A session, by the SHA-256 of its token."""

    __tablename__ = "staff_session"
    token_hash: str = Field(primary_key=True)
    staff: str = Field(foreign_key="staff.id", index=True)
    created_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    address: str = ""


class SignInFailureRow(SQLModel, table=True):
    """A sign-in that was refused."""

    __tablename__ = "sign_in_failure"
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(index=True)
    address: str = Field(index=True)
    at: int = Field(sa_type=BigInteger)


class ClipRow(SQLModel, table=True):
    """A clip with its provenance and loudness (JSON)."""

    __tablename__ = "clip"
    sha256: str = Field(primary_key=True)
    language: str
    duration_ms: int
    size: int
    provenance: str = "{}"
    loudness: str = "{}"
    created_at: int = Field(sa_type=BigInteger)


class BulletinRow(SQLModel, table=True):
    """What staff write."""

    __tablename__ = "bulletin"
    id: str = Field(primary_key=True)
    title: str
    topic: str = Field(foreign_key="topic.id")
    broadcast_class: str
    area: str = Field(foreign_key="area.id", index=True)
    author: str = Field(foreign_key="staff.id")
    created_at: int = Field(sa_type=BigInteger, index=True)


class VariantRow(SQLModel, table=True):
    """A bulletin in one language: text, spoken text, clip."""

    __tablename__ = "variant"
    bulletin: str = Field(primary_key=True, foreign_key="bulletin.id")
    language: str = Field(primary_key=True, foreign_key="language.tag")
    text: str = Field(sa_type=Text)
    spoken: str = Field(sa_type=Text)
    source: str
    clip: str = Field(foreign_key="clip.sha256")


class BroadcastRow(SQLModel, table=True):
    """A bulletin to be aired. `recurrence`: JSON, empty for a "now" that is not yet approved; `ends_at`: when it is due
    for the last time, if it has an end."""

    __tablename__ = "broadcast"
    id: str = Field(primary_key=True)
    bulletin: str = Field(foreign_key="bulletin.id", index=True)
    mode: str
    recurrence: str = ""
    author: str = Field(foreign_key="staff.id")
    created_at: int = Field(sa_type=BigInteger, index=True)
    withdrawn_at: int | None = Field(default=None, sa_type=BigInteger)
    ends_at: int | None = Field(default=None, sa_type=BigInteger, index=True)


class BroadcastTargetRow(SQLModel, table=True):
    """An area that a broadcast is for."""

    __tablename__ = "broadcast_target"
    broadcast: str = Field(primary_key=True, foreign_key="broadcast.id")
    area: str = Field(primary_key=True, foreign_key="area.id")


class DecisionRow(SQLModel, table=True):
    """What an approver decided about a broadcast; the newest counts."""

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    broadcast: str = Field(foreign_key="broadcast.id", index=True)
    approved: bool
    seal: str
    approver: str = Field(foreign_key="staff.id")
    at: int = Field(sa_type=BigInteger)
    note: str = ""


class ProgrammeRow(SQLModel, table=True):
    """The newest programme of an area (JSON). `named`: JSON, since which revision each slot stands in it as it is."""

    __tablename__ = "programme"
    area: str = Field(primary_key=True, foreign_key="area.id")
    revision: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)
    named: str = Field(default="{}", sa_type=Text)


class AssignmentRow(SQLModel, table=True):
    """The newest assignment of a loudspeaker (JSON)."""

    __tablename__ = "assignment"
    device: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    revision: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)


class StatusRow(SQLModel, table=True):
    """What a loudspeaker last said of itself (JSON). `runs`: the runs before the present one, newest first, separated
    by spaces; `doubled_at`: when one of them spoke again, which only a second box can do."""

    __tablename__ = "device_status"
    device: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    body: str = Field(sa_type=Text)
    online: bool
    received_at: int = Field(sa_type=BigInteger)
    runs: str = Field(default="", sa_type=Text)
    doubled_at: int | None = Field(default=None, sa_type=BigInteger)


class PlannedRow(SQLModel, table=True):
    """A play to be expected: the log has exactly one row for each."""

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
    outcome: str = Field(default="", index=True)


class PlaybackRow(SQLModel, table=True):
    """A playback as a loudspeaker reported it (JSON): never changed, never deleted."""

    __tablename__ = "playback"
    loudspeaker: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    journal: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    occurrence: str = Field(index=True)
    filed_at: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)


class AuditRow(SQLModel, table=True):
    """Who did what to what, when."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger, index=True)
    staff: str = ""
    act: str
    subject: str
    details: str = ""
