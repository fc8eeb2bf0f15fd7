"""The months and quarters that reports are about. Pure.

Imported by the use cases of reports, the pages and the commands.
"""

import enum
import re
from datetime import date

import msgspec

from schedules.clock import UtcMs, at_civil, civil_day

_WRITTEN = re.compile(r"(\d{4})-(?:(0[1-9]|1[0-2])|Q([1-4]))", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2020, 2199


class Every(enum.Enum):
    """How long a report looks back."""

    month = "month"
    quarter = "quarter"


class Period(msgspec.Struct, frozen=True, order=True):
    """A civil month of a year (1 to 12), or its quarter (1 to 4)."""

    year: int
    number: int
    every: Every = Every.month

    @property
    def text(self) -> str:
        """As it stands in an address: `2026-11`, `2026-Q4`."""
        return f"{self.year}-Q{self.number}" if self.every is Every.quarter else f"{self.year}-{self.number:02d}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number * 3 - 2 if self.every is Every.quarter else self.number, 1)

    @property
    def next(self) -> "Period":
        """The one after it."""
        most = 4 if self.every is Every.quarter else 12
        year, number = (self.year, self.number + 1) if self.number < most else (self.year + 1, 1)
        return Period(year, number, self.every)

    @property
    def last(self) -> "Period":
        """The one before it."""
        most = 4 if self.every is Every.quarter else 12
        year, number = (self.year, self.number - 1) if self.number > 1 else (self.year - 1, most)
        return Period(year, number, self.every)

    @property
    def since(self) -> UtcMs:
        """Its first instant."""
        return at_civil(self.first, 0)

    @property
    def until(self) -> UtcMs:
        """The first instant behind it."""
        return self.next.since


def period_of(text: str) -> Period | None:
    """The period that is written so; None for anything else."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        return None
    every = Every.quarter if found[3] else Every.month
    return Period(int(found[1]), int(found[3] or found[2]), every)


def current(now: UtcMs, every: Every = Every.month) -> Period:
    """The one that is under way."""
    today = civil_day(now)
    return Period(today.year, today.month if every is Every.month else (today.month + 2) // 3, every)


def recent(now: UtcMs, most: int, every: Every = Every.month) -> list[Period]:
    """The one that is under way and those before it, newest first."""
    found = [current(now, every)]
    while len(found) < most:
        found.append(found[-1].last)
    return found
