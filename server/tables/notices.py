"""Tables of notices: what people are told, how they want to be told, and what is on its way to them. Instants are UTC
milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field

from server.tables.row import Row

_ZERO = {"server_default": "0"}


class NoticeRow(Row, table=True):
    """What one person is told, once for each key. `about`: JSON; `read_at`: 0 until they have read it."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("staff", "key", name="uq_notice_staff_key"),
        Index("ix_notice_staff_read_at", "staff", "read_at"),
    )
    number: int | None = Field(default=None, primary_key=True)
    staff: str = Field(foreign_key="staff.id")
    kind: str
    key: str
    at: int = Field(sa_type=BigInteger)
    link: str
    about: str = Field(default="{}", sa_type=Text)
    urgent: bool = False
    read_at: int = Field(default=0, sa_type=BigInteger)


class NoticeMarkRow(Row, table=True):
    """Up to which line of the audit people have been told: one row."""

    __tablename__ = "notice_mark"
    id: int = Field(primary_key=True)
    number: int


class NoticeChoiceRow(Row, table=True):
    """How somebody wants to be told (JSON)."""

    __tablename__ = "notice_choice"
    staff: str = Field(primary_key=True, foreign_key="staff.id")
    body: str = Field(sa_type=Text)


class PushSubscriptionRow(Row, table=True):
    """A browser of somebody that asked to be told. `p256dh` and `auth`: what a message is sealed with, for it alone."""

    __tablename__ = "push_subscription"
    id: str = Field(primary_key=True)
    staff: str = Field(foreign_key="staff.id", index=True)
    endpoint: str = Field(sa_type=Text)
    p256dh: str
    auth: str
    device: str = ""
    at: int = Field(sa_type=BigInteger)


class WebhookRow(Row, table=True):
    """Another system that is told what happens in an area. `secret` is sealed with the key file; `matters` and
    `happenings`: JSON; `ended_at`: 0 while it is told. `secret_before`: the one that still signs beside it, until
    `before_until`. How far it has come with happenings: `reached` is the number of the last one, `due` when the next
    try is, `tries` how many have failed, since `failing_since` and `why`; `paused_at`: 0 while it is tried."""

    __tablename__ = "webhook"
    id: str = Field(primary_key=True)
    area: str = Field(foreign_key="area.id", index=True)
    url: str = Field(sa_type=Text)
    secret: str
    matters: str = "[]"
    by: str
    at: int = Field(sa_type=BigInteger)
    ended_at: int = Field(default=0, sa_type=BigInteger)
    happenings: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    secret_before: str = Field(default="", sa_column_kwargs={"server_default": ""})
    before_until: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_ZERO)
    reached: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_ZERO)
    due: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_ZERO)
    tries: int = Field(default=0, sa_column_kwargs=_ZERO)
    failing_since: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_ZERO)
    paused_at: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_ZERO)
    why: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})


class LetterRow(Row, table=True):
    """A message on its way out. `recipient`: an id of whatever `way` says; `event`: JSON."""

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_state_due", "state", "due"),)
    id: str = Field(primary_key=True)
    way: str
    recipient: str = Field(index=True)
    event: str = Field(sa_type=Text)
    made_at: int = Field(sa_type=BigInteger)
    due: int = Field(sa_type=BigInteger)
    notice: int = 0
    tries: int = 0
    state: str
    ended_at: int = Field(default=0, sa_type=BigInteger)
    why: str = Field(default="", sa_type=Text)


class ConcernRulesRow(Row, table=True):
    """What an area, and all below it, is to be warned of (JSON)."""

    __tablename__ = "concern_rules"
    area: str = Field(primary_key=True, foreign_key="area.id")
    body: str = Field(sa_type=Text)


class ConcernRow(Row, table=True):
    """Something that is, or was, wrong: never deleted. `level`: how far up it has been told; `ended_at`: 0 while it
    stands."""

    __tablename__ = "concern"
    __table_args__ = (Index("ix_concern_ended_at_place", "ended_at", "place"),)
    number: int | None = Field(default=None, primary_key=True)
    kind: str
    place: str = Field(foreign_key="area.id")
    value: int = Field(default=0, sa_type=BigInteger)
    raised_at: int = Field(sa_type=BigInteger)
    told_at: int = Field(sa_type=BigInteger)
    level: int = 0
    seen_by: str = ""
    seen_at: int = Field(default=0, sa_type=BigInteger)
    ended_at: int = Field(default=0, sa_type=BigInteger)
