"""The archive of the log: which months may leave the database, and what is known of each file. Pure.

Imported by the use cases, the repositories, the commands and tests.
"""

import enum
from collections.abc import Iterator

import msgspec

from schedules.clock import DAY, DurationMs, UtcMs
from schedules.programme import start_of
from server.period import Period, current
from server.retention import Held

FEWEST_MONTHS = 3
"""Whole months that stay at least: pages ask for the newest of them all day long."""
LATEST_REPORT: DurationMs = 30 * DAY
"""So long after its useful time a report may still close a row: until then it stays."""
ARCHIVED, RESTORED = "archive_month", "restore_month"
"""Acts of the audit: its lines say what was moved, and the digest of the file."""


class PartState(enum.Enum):
    """How far a file is."""

    moving = "moving"  # it is whole, and rows leave the database one portion after the other
    moved = "moved"
    returning = "returning"


class Part(msgspec.Struct, frozen=True):
    """A file of the archive, as the database knows it. `name`: `2025-01`, or `2025-01.2` for what left later; rows are
    numbered from 1, and those up to `moved` count in the file; `changes`: how often this has changed."""

    name: str
    month: str
    since: UtcMs
    until: UtcMs
    state: PartState
    rows: int
    playbacks: int
    sha256: str
    moved: int
    changes: int
    made_at: UtcMs

    @property
    def file(self) -> str:
        """Its name in the folder."""
        return f"{self.name}.db"

    @property
    def summary(self) -> str:
        """What the audit says of it."""
        return f"rows={self.rows} playbacks={self.playbacks} sha256={self.sha256}"


class Fault(enum.Enum):
    """What is wrong with a file."""

    missing = "missing"
    changed = "changed"  # it is not the file that was written
    unreadable = "unreadable"
    not_in_audit = "not_in_audit"  # no line of the audit says this digest


def months_before(oldest: UtcMs, now: UtcMs, months: int) -> Iterator[Period]:
    """The months, the oldest first, that are older than this many whole ones, beginning with that of an instant."""
    last = current(now)
    for _ in range(max(months, FEWEST_MONTHS) + 1):
        last = last.last
    month = current(oldest)
    while month <= last:
        yield month
        month = month.next


def next_name(month: Period, there: int) -> str:
    """What the next file of a month is called, where there are so many already."""
    return f"{month.text}.{there + 1}" if there else month.text


def may_leave(
    occurrence: str, useful_until: UtcMs, month: Period, bulletin: str, path: str, held: Held, now: UtcMs
) -> bool:
    """Whether a row of a month may leave: nothing that a late report may still close or that a programme may still
    name, and nothing under a legal hold. `path`: of the loudspeaker, where it stood."""
    if max(useful_until, month.until) + LATEST_REPORT >= now or start_of(occurrence) >= month.until:
        return False
    return bulletin not in held.bulletins and not any(path.startswith(own) for own in held.paths)
