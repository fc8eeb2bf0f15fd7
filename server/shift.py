"""Moving a broadcast on the timetable: from the instant that somebody takes hold of to another → its new rule, or why
there is none. Pure.

Imported by `moving` and tests. What recurs is moved as a whole: all of it sounds at the new hour, and on the new day of
its week, its month, its moon or its market.
"""

import enum
from datetime import date
from typing import assert_never

import msgspec

from schedules.clock import MINUTE, DurationMs, UtcMs, civil_day, civil_minute
from schedules.lunar import lunar_of
from schedules.recurrence import Again, Daily, EveryDays, Hourly, Lunar, Monthly, Once, Recurrence, Weekly, occurrences


class Unmovable(enum.Enum):
    """Why it cannot be moved so."""

    every_day = "every_day"  # it sounds every day: only its hour can be moved
    campaign = "campaign"  # it sounds every hour
    no_such_day = "no_such_day"  # it fell on a day that stands in for another one
    taken = "taken"  # it sounds on that day already


def moved(rule: Recurrence, at: UtcMs, to: UtcMs) -> Recurrence | Unmovable | None:
    """The rule that is due at `to` where this one is due at `at`; None where it is not due then at all."""
    if not occurrences(rule, at, at + 1):
        return None
    if isinstance(rule, Again):
        return _again(rule, at, to - at)
    if isinstance(rule, Once):
        return Once(to)
    return _repeating(rule, civil_day(at), civil_day(to), civil_minute(to))


def _again(rule: Again, at: UtcMs, by: DurationMs) -> Recurrence | Unmovable | None:
    """Whichever time it is that somebody takes hold of, all of them move."""
    for minutes in (0, *rule.after):
        first = at - minutes * MINUTE
        if occurrences(rule.rule, first, first + 1):
            inner = moved(rule.rule, first, first + by)
            return inner if inner is None or isinstance(inner, Unmovable | Again) else Again(inner, rule.after)
    return None


def _repeating(
    rule: Daily | Weekly | Monthly | Lunar | EveryDays | Hourly, before: date, after: date, minute: int
) -> Recurrence | Unmovable:
    match rule:
        case Daily():
            return Unmovable.every_day if before != after else msgspec.structs.replace(rule, minute=minute)
        case Weekly():
            days = _exchanged(rule.days, before.weekday(), after.weekday())
        case Monthly():
            days = _exchanged(rule.days, before.day, after.day)
        case Lunar():
            if rule.months and lunar_of(after).month not in rule.months:
                return Unmovable.no_such_day
            days = _exchanged(rule.days, lunar_of(before).day, lunar_of(after).day)
        case EveryDays():
            return msgspec.structs.replace(rule, minute=minute, first=rule.first + (after - before))
        case Hourly():
            return Unmovable.campaign
        case _:
            assert_never(rule)
    return days if isinstance(days, Unmovable) else msgspec.structs.replace(rule, days=days, minute=minute)


def _exchanged(days: tuple[int, ...], before: int, after: int) -> tuple[int, ...] | Unmovable:
    if before not in days:
        return Unmovable.no_such_day
    if after != before and after in days:
        return Unmovable.taken
    return tuple(sorted({*days} - {before} | {after}))
