"""Instants, civil time in Việt Nam, and how far a clock can be trusted: pure values, no clock is read here.

Anybody may import this room.
"""

import enum
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeAlias

import msgspec

UtcMs: TypeAlias = int
"""Milliseconds since 1970-01-01 UTC."""
MonoMs: TypeAlias = int
"""Milliseconds of a clock that never steps; its zero means nothing."""
DurationMs: TypeAlias = int
DayMinute: TypeAlias = int
"""Minutes since civil midnight, 0 to 1439."""

SECOND: DurationMs = 1_000
MINUTE: DurationMs = 60 * SECOND
HOUR: DurationMs = 60 * MINUTE
DAY: DurationMs = 24 * HOUR
DAY_MINUTES: DayMinute = 24 * 60

# Việt Nam has been at UTC+7 without summer time since 1975. A fixed offset needs no time zone database on a
# loudspeaker, and no host setting can move 05:00.
_CIVIL_OFFSET: DurationMs = 7 * HOUR
CIVIL = timezone(timedelta(milliseconds=_CIVIL_OFFSET), "Asia/Ho_Chi_Minh")
_CIVIL_EPOCH = date(1970, 1, 1)
_CIVIL_EPOCH_ORDINAL = _CIVIL_EPOCH.toordinal()


class ClockTrust(enum.Enum):
    """Where an instant comes from, best first."""

    server = "server"
    ntp = "ntp"
    rtc = "rtc"
    guessed = "guessed"
    none = "none"
    unknown = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "ClockTrust":
        return cls.unknown


class Now(msgspec.Struct, frozen=True):
    """What time it is, and how sure that is: `utc` is right within ± `bound_ms` if `trust` holds."""

    utc: UtcMs
    mono: MonoMs
    trust: ClockTrust = ClockTrust.server
    bound_ms: DurationMs = 0


def may_start_by_clock(trust: ClockTrust) -> bool:
    """Whether a clock of this trust may start what waits for an hour. An emergency waits for none."""
    return trust is ClockTrust.server or trust is ClockTrust.ntp or trust is ClockTrust.rtc


def may_judge_by_clock(trust: ClockTrust) -> bool:
    """Whether a clock of this trust may say that something is past for good. A clock chip may not: its battery dies,
    and what was given up by it could never sound again."""
    return trust is ClockTrust.server or trust is ClockTrust.ntp


def civil_day(utc: UtcMs) -> date:
    """The civil date of an instant."""
    return _CIVIL_EPOCH + timedelta(days=(utc + _CIVIL_OFFSET) // DAY)


def civil_ordinal(utc: UtcMs) -> int:
    """The ordinal of the civil date of an instant: cheap, for what asks at every event."""
    return _CIVIL_EPOCH_ORDINAL + (utc + _CIVIL_OFFSET) // DAY


def civil_minute(utc: UtcMs) -> DayMinute:
    """The civil minute of the day of an instant."""
    return (utc + _CIVIL_OFFSET) % DAY // MINUTE


def civil_midnight(utc: UtcMs) -> UtcMs:
    """The start of the civil day that an instant lies in."""
    return utc - (utc + _CIVIL_OFFSET) % DAY


def at_civil(day: date, minute: DayMinute) -> UtcMs:
    """The instant of a civil day and minute."""
    return (day - _CIVIL_EPOCH).days * DAY + minute * MINUTE - _CIVIL_OFFSET


def civil(utc: UtcMs) -> datetime:
    """An instant as an aware datetime in civil time, for people to read."""
    return datetime.fromtimestamp(utc / 1000, UTC).astimezone(CIVIL)


def in_daily_window(minute: DayMinute, start: DayMinute, end: DayMinute) -> bool:
    """Whether a civil minute lies in the window [start, end), which may pass midnight; start == end is empty."""
    return start <= minute < end if start <= end else minute >= start or minute < end
