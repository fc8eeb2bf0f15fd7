"""Recurrence → occurrences: at which instants a broadcast is due. Pure; civil time only.

Anybody may import this room. A new rule is a new Struct and a branch of `falls_on`.
"""

from datetime import date, timedelta
from typing import assert_never

import msgspec

from schedules.clock import DAY, DayMinute, UtcMs, at_civil, civil_day

LONGEST_WINDOW_DAYS = 400


class Once(msgspec.Struct, frozen=True, tag="once"):
    """At one instant. "Now" becomes this when it is approved."""

    at: UtcMs


class Daily(msgspec.Struct, frozen=True, tag="daily"):
    """Every civil day from `first` to `last` (ISO dates, both included; no `last` = without end)."""

    minute: DayMinute
    first: date
    last: date | None = None


class Weekly(msgspec.Struct, frozen=True, tag="weekly"):
    """On the given weekdays (0 = Monday), from `first` to `last`, both included."""

    days: tuple[int, ...]
    minute: DayMinute
    first: date
    last: date | None = None


Recurrence = Once | Daily | Weekly


def falls_on(rule: Daily | Weekly, day: date) -> bool:
    """Whether a repeating rule has an occurrence on a civil day."""
    if day < rule.first or (rule.last is not None and day > rule.last):
        return False
    match rule:
        case Daily():
            return True
        case Weekly():
            return day.weekday() in rule.days
        case _:
            assert_never(rule)


def over_since(rule: Recurrence, now: UtcMs) -> UtcMs | None:
    """The last due instant of a rule that has none from now on; None while there is one to come."""
    span = (LONGEST_WINDOW_DAYS - 1) * DAY
    if occurrences(rule, now, now + span):
        return None
    return max(occurrences(rule, now - span, now), default=None)


def occurrences(rule: Recurrence, since: UtcMs, until: UtcMs) -> tuple[UtcMs, ...]:
    """The due instants in [since, until), in order. Raises ValueError on a window over 400 days: nobody asks
    for one, and a slip in a unit would."""
    if isinstance(rule, Once):
        return (rule.at,) if since <= rule.at < until else ()
    first, last = civil_day(since), civil_day(until)
    if (last - first).days > LONGEST_WINDOW_DAYS:
        raise ValueError(f"a window of {(last - first).days} days is longer than {LONGEST_WINDOW_DAYS}")
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    due = (at_civil(day, rule.minute) for day in days if falls_on(rule, day))
    return tuple(at for at in due if since <= at < until)
