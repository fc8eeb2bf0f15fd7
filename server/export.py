"""A file that somebody has asked for: what of, and how far it is. Pure.

Imported by the shells of exports, the pages and tests.
"""

import enum

import msgspec

from schedules.clock import DAY, DurationMs, UtcMs

KEPT: DurationMs = DAY
"""So long a file lies here for who asked for it."""


class Format(enum.Enum):
    """What a report is written as."""

    excel = "excel"  # every table, and the log itself
    tables = "tables"  # the same without the log
    csv = "csv"  # the tables in one
    log = "log"  # the log itself, as CSV
    pdf = "pdf"


ENDINGS = {
    Format.excel: "xlsx",
    Format.tables: "xlsx",
    Format.csv: "csv",
    Format.log: "csv",
    Format.pdf: "pdf",
}
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "pdf": "application/pdf",
}


class Ask(msgspec.Struct, frozen=True):
    """`period`: as in an address; `language`: of the words in the file."""

    staff: str
    area: str
    period: str
    format: Format
    language: str
    asked_at: UtcMs


class Progress(msgspec.Struct, frozen=True):
    """So many rows of all are written."""

    done: int = 0
    total: int = 0


class Made(msgspec.Struct, frozen=True):
    """The file as it lies there; `key`: the id of the key that signed its manifest."""

    name: str
    size: int
    sha256: str
    rows: int
    key: str


class Fault(enum.Enum):
    """Why there is no file."""

    too_many_rows = "too_many_rows"
    no_room = "no_room"
    not_allowed = "not_allowed"
    failed = "failed"


class State(enum.Enum):
    """How far it is."""

    waiting = "waiting"
    writing = "writing"
    made = "made"
    failed = "failed"
    cancelled = "cancelled"
    interrupted = "interrupted"  # the server stopped meanwhile


class Export(msgspec.Struct, frozen=True):
    """One that was asked for, as it stands."""

    id: str
    ask: Ask
    state: State
    progress: Progress = Progress()
    made: Made | None = None
    fault: Fault | None = None

    @property
    def going(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in (State.waiting, State.writing)


def file_name(ask: Ask) -> str:
    """What a file is called by itself: letters that every system takes."""
    kind = {Format.log: "nhat-ky", Format.tables: "bang-so-lieu", Format.csv: "so-lieu"}.get(ask.format, "bao-cao")
    return f"{kind}-{ask.area}-{ask.period}.{ENDINGS[ask.format]}"
