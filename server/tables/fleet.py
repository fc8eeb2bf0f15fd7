"""Tables of loudspeakers: what each one is told, and what it tells of itself. Instants are UTC milliseconds.

Imported by the repositories, the migrations, the composition root and tests only.
"""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from server.tables.row import Row


class LoudspeakerRow(Row, table=True):
    """A loudspeaker; it is also the area of the same id. `place`: where it hangs; `caretaker`, `telephone`: who looks
    after it on the spot; `switching`: how it is switched on and off there; `sim`: its operator and number."""

    __tablename__ = "loudspeaker"
    id: str = Field(primary_key=True, foreign_key="area.id")
    serial: str = ""
    place: str = ""
    enrolled_at: int | None = Field(default=None, sa_type=BigInteger)
    model: str = Field(default="", sa_column_kwargs={"server_default": ""})
    sim: str = Field(default="", sa_column_kwargs={"server_default": ""})
    caretaker: str = Field(default="", sa_column_kwargs={"server_default": ""})
    telephone: str = Field(default="", sa_column_kwargs={"server_default": ""})
    switching: str = Field(default="", sa_column_kwargs={"server_default": ""})


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
    by spaces, each with the instant at which the next one was heard behind an @; `doubled_at`: when one of them spoke
    again, which only a second box can do."""

    __tablename__ = "device_status"
    device: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    body: str = Field(sa_type=Text)
    online: bool
    received_at: int = Field(sa_type=BigInteger)
    runs: str = Field(default="", sa_type=Text)
    doubled_at: int | None = Field(default=None, sa_type=BigInteger)


class ConditionRow(Row, table=True):
    """How a loudspeaker was, at one of the instants that are kept of its statuses. `grain`: how long it is kept."""

    __tablename__ = "condition"
    device: str = Field(primary_key=True, foreign_key="loudspeaker.id")
    at: int = Field(primary_key=True, sa_type=BigInteger)
    grain: int = Field(index=True)
    online: bool
    trust: str
    bound_ms: int = Field(sa_type=BigInteger)
    disk_free: int = Field(sa_type=BigInteger)
    missing: int
    temperature: int | None = None
    battery: int | None = None
    mains: bool | None = None
    signal: int | None = None


class TrialRow(Row, table=True):
    """A tone that somebody ordered, to hear whether a loudspeaker sounds; what came of it stands in the log."""

    __tablename__ = "trial"
    id: str = Field(primary_key=True)
    device: str = Field(foreign_key="loudspeaker.id", index=True)
    ordered_by: str = Field(foreign_key="staff.id")
    ordered_at: int = Field(sa_type=BigInteger)
    not_before: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger, index=True)
    clip: str = Field(foreign_key="clip.sha256")
    seal: str


class RepairRow(Row, table=True):
    """A repair ticket of a loudspeaker. `owner`: who acts next; `found`: what was wrong, once it is closed."""

    __tablename__ = "repair"
    id: str = Field(primary_key=True)
    device: str = Field(foreign_key="loudspeaker.id", index=True)
    trouble: str = Field(sa_type=Text)
    owner: str
    opened_by: str = Field(foreign_key="staff.id")
    opened_at: int = Field(sa_type=BigInteger)
    closed_by: str | None = Field(default=None, foreign_key="staff.id")
    closed_at: int | None = Field(default=None, sa_type=BigInteger, index=True)
    found: str = Field(default="", sa_type=Text)


class RepairNoteRow(Row, table=True):
    """What was done or said at a repair; never changed. `owner`: who acts next from then on; `parts`: used in it."""

    __tablename__ = "repair_note"
    repair: str = Field(primary_key=True, foreign_key="repair.id")
    number: int = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    by: str = Field(foreign_key="staff.id")
    words: str = Field(sa_type=Text)
    owner: str
    parts: str
