"""Recurrence → occurrences: at which instants a broadcast is due. Pure; civil time only.

Anybody may import this room. A new rule is a new Struct and a branch of `falls_on`.
"""

import calendar
import enum
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import assert_never

import msgspec

from schedules.clock import DAY, MINUTE, DayMinute, UtcMs, at_civil, civil_day
from schedules.lunar import LONGEST_MONTH, is_last_of_month, lunar_of

LONGEST_WINDOW_DAYS = 400


class ShortMonth(enum.Enum):
    """What becomes of a day that a month does not have."""

    last_day = "last_day"
    skip = "skip"


class LeapMonth(enum.Enum):
    """In which of the two months of one number, in a lunar year that has a leap month."""

    regular = "regular"
    leap = "leap"
    both = "both"


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


class Monthly(msgspec.Struct, frozen=True, tag="monthly"):
    """On the given days of each month (1 to 31)."""

    days: tuple[int, ...]
    minute: DayMinute
    first: date
    last: date | None = None
    short: ShortMonth = ShortMonth.last_day


class Lunar(msgspec.Struct, frozen=True, tag="lunar"):
    """On the given days of each lunar month (1 to 30): 1 is mùng một, 15 is rằm. `months`: only in these; none: in
    all."""

    days: tuple[int, ...]
    minute: DayMinute
    first: date
    last: date | None = None
    months: tuple[int, ...] = ()
    short: ShortMonth = ShortMonth.last_day
    leap: LeapMonth = LeapMonth.regular


class EveryDays(msgspec.Struct, frozen=True, tag="every_days"):
    """Every so many days from `first` on: a market day."""

    every: int
    minute: DayMinute
    first: date
    last: date | None = None


class Hourly(msgspec.Struct, frozen=True, tag="hourly"):
    """A campaign: every day from `minute` to `until`, both included, every so many minutes. It always has an end."""

    minute: DayMinute
    until: DayMinute
    first: date
    last: date
    every: int = 60


Repeating = Daily | Weekly | Monthly | Lunar | EveryDays | Hourly


class Again(msgspec.Struct, frozen=True, tag="again"):
    """Whenever the rule is due, and once more so many minutes after that, each of them."""

    rule: Once | Repeating
    after: tuple[int, ...]


Recurrence = Once | Repeating | Again


def falls_on(rule: Repeating, day: date) -> bool:
    """Whether a repeating rule has an occurrence on a civil day."""
    if day < rule.first or (rule.last is not None and day > rule.last):
        return False
    match rule:
        case Daily() | Hourly():
            return True
        case Weekly():
            return day.weekday() in rule.days
        case Monthly():
            ends = day.day == calendar.monthrange(day.year, day.month)[1]
            return _is_one_of(day.day, rule.days, rule.short, ends=ends)
        case Lunar():
            return _falls_on_lunar(rule, day)
        case EveryDays():
            return (day - rule.first).days % rule.every == 0
        case _:
            assert_never(rule)


def _falls_on_lunar(rule: Lunar, day: date) -> bool:
    lunar = lunar_of(day)
    if rule.months and lunar.month not in rule.months:
        return False
    if rule.leap is LeapMonth.regular and lunar.leap:
        return False
    if rule.leap is LeapMonth.leap and not lunar.leap and _has_leap(day, lunar.month):
        return False
    ends = max(rule.days) >= LONGEST_MONTH and is_last_of_month(day)
    return _is_one_of(lunar.day, rule.days, rule.short, ends=ends)


def _has_leap(day: date, month: int) -> bool:
    """Whether the regular lunar month that this day lies in is followed by a leap month of its number."""
    first = day - timedelta(days=lunar_of(day).day - 1)
    after = lunar_of(first + timedelta(days=LONGEST_MONTH))
    return after.leap and after.month == month


def _is_one_of(number: int, days: tuple[int, ...], short: ShortMonth, *, ends: bool) -> bool:
    """Whether a rule for these days of a month falls on this one, which perhaps ends the month."""
    return number in days or (ends and short is ShortMonth.last_day and max(days) > number)


def minutes_of(rule: Repeating) -> tuple[DayMinute, ...]:
    """At which minutes of a day that it falls on a rule is due."""
    return tuple(range(rule.minute, rule.until + 1, rule.every)) if isinstance(rule, Hourly) else (rule.minute,)


def last_due(rule: Recurrence) -> UtcMs | None:
    """An instant after which a rule is due no more, and at which it may be; None where it has no end."""
    match rule:
        case Once():
            return rule.at
        case Again():
            last = last_due(rule.rule)
            return None if last is None else last + max(rule.after, default=0) * MINUTE
        case _:
            return None if rule.last is None else at_civil(rule.last, minutes_of(rule)[-1])


def over_since(rule: Recurrence, now: UtcMs) -> UtcMs | None:
    """The last due instant of a rule that has none from now on; None while there is one to come."""
    span = (LONGEST_WINDOW_DAYS - 1) * DAY
    if any(True for _ in _due(rule, now, now + span)):
        return None
    return max(occurrences(rule, now - span, now), default=None)


def occurrences(rule: Recurrence, since: UtcMs, until: UtcMs) -> tuple[UtcMs, ...]:
    """The due instants in [since, until), in order. Raises ValueError on a window over 400 days: nobody asks
    for one, and a slip in a unit would."""
    return tuple(_due(rule, since, until))


def _due(rule: Recurrence, since: UtcMs, until: UtcMs) -> Iterator[UtcMs]:
    match rule:
        case Once():
            return iter((rule.at,) if since <= rule.at < until else ())
        case Again():
            return iter(sorted(_again(rule, since, until)))
        case _:
            days = _days(since, until)
            due = (at_civil(day, minute) for day in days if falls_on(rule, day) for minute in minutes_of(rule))
            return (at for at in due if since <= at < until)


def _again(rule: Again, since: UtcMs, until: UtcMs) -> Iterable[UtcMs]:
    """Each of them once, wherever two fall together."""
    later = [0, *(minutes * MINUTE for minutes in rule.after)]
    return {at + by for by in later for at in _due(rule.rule, since - by, until - by)}


def _days(since: UtcMs, until: UtcMs) -> Iterator[date]:
    first, last = civil_day(since), civil_day(until)
    if (last - first).days > LONGEST_WINDOW_DAYS:
        raise ValueError(f"a window of {(last - first).days} days is longer than {LONGEST_WINDOW_DAYS}")
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
