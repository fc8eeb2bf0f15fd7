"""Tests of civil time and recurrence: 05:00 means 05:00 in Việt Nam, wherever the machine believes to stand.

Nobody imports this module.
"""

import os
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import (
    DAY,
    HOUR,
    MINUTE,
    at_civil,
    civil,
    civil_day,
    civil_midnight,
    civil_minute,
    civil_ordinal,
    in_daily_window,
)
from schedules.recurrence import Daily, Once, Weekly, occurrences, over_since

MONDAY = date(2026, 11, 23)
instants = st.integers(0, 4_000_000_000_000)


def utc(*parts: int) -> int:
    return round(datetime(*parts, tzinfo=UTC).timestamp() * 1000)


def test_five_in_the_morning_is_ten_at_night_in_greenwich() -> None:
    assert at_civil(MONDAY, 5 * 60) == utc(2026, 11, 22, 22, 0)


@given(instants)
def test_the_ordinal_of_a_civil_day_is_that_of_its_date(instant: int) -> None:
    assert civil_ordinal(instant) == civil_day(instant).toordinal()


@given(instants, st.integers(1, 30), st.integers(0, 1439))
def test_a_rule_is_over_after_its_last_instant_and_not_before(first: int, days: int, minute: int) -> None:
    begins = civil_day(first)
    rule = Daily(minute, begins, civil_day(first + days * DAY))
    last = at_civil(civil_day(first + days * DAY), minute)
    assert (over_since(rule, last), over_since(rule, last + 1)) == (None, last)
    assert over_since(Once(last), last) is None
    assert over_since(Once(last), last + 1) == last
    assert over_since(Daily(minute, begins), last) is None


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "nonsense"])
def test_the_zone_of_the_machine_changes_nothing(zone: str) -> None:
    program = (
        "from datetime import date;from schedules.recurrence import *;from schedules.clock import *;"
        "print(occurrences(Daily(300, date(2026,11,23)), 0, at_civil(date(2026,11,25),0))[0] if False else"
        " occurrences(Daily(300, date(2026,11,23)), at_civil(date(2026,11,23),0), at_civil(date(2026,11,25),0)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ, "TZ": zone}
    )
    assert done.stdout.strip() == str((utc(2026, 11, 22, 22, 0), utc(2026, 11, 23, 22, 0)))


@given(instants)
def test_an_instant_is_its_civil_day_and_minute(at: int) -> None:
    day, minute = civil_day(at), civil_minute(at)
    assert at_civil(day, minute) <= at < at_civil(day, minute) + MINUTE
    assert civil_midnight(at) == at_civil(day, 0)
    assert civil(at).strftime("%H:%M") == f"{minute // 60:02d}:{minute % 60:02d}"
    assert civil(at).date() == day


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_a_daily_window_and_its_opposite_share_the_day(minute: int, start: int, end: int) -> None:
    if start != end:
        assert in_daily_window(minute, start, end) != in_daily_window(minute, end, start)
    else:
        assert not in_daily_window(minute, start, end)


def test_weekly_falls_on_its_days_alone() -> None:
    rule = Weekly((0, 5), 17 * 60 + 30, MONDAY, date(2026, 12, 5))
    found = occurrences(rule, at_civil(MONDAY, 0), at_civil(MONDAY, 0) + 30 * DAY)
    assert [civil(at).strftime("%a %d/%m %H:%M") for at in found] == [
        "Mon 23/11 17:30",
        "Sat 28/11 17:30",
        "Mon 30/11 17:30",
        "Sat 05/12 17:30",
    ]


def test_a_year_ends_and_another_begins() -> None:
    found = occurrences(Daily(0, MONDAY), at_civil(date(2026, 12, 31), 0), at_civil(date(2027, 1, 2), 0))
    assert [civil_day(at) for at in found] == [date(2026, 12, 31), date(2027, 1, 1)]


def test_the_29th_of_february_is_a_day_like_any_other() -> None:
    found = occurrences(Daily(60, date(2028, 2, 28)), at_civil(date(2028, 2, 28), 0), at_civil(date(2028, 3, 2), 0))
    assert len(found) == 3


@given(instants, st.integers(0, 20 * DAY), st.integers(0, 1439), st.lists(st.integers(0, 6), min_size=1))
def test_every_occurrence_lies_in_the_window_in_order_and_at_its_minute(
    since: int, span: int, minute: int, days: list[int]
) -> None:
    rule = Weekly(tuple(days), minute, civil_day(since))
    found = occurrences(rule, since, since + span)
    assert list(found) == sorted(set(found))
    assert all(since <= at < since + span for at in found)
    assert all(civil_minute(at) == minute and civil_day(at).weekday() in days for at in found)


@given(instants, instants, instants)
def test_windows_side_by_side_miss_and_repeat_nothing(a: int, b: int, at: int) -> None:
    first, last = sorted((a % (100 * DAY), b % (100 * DAY)))
    middle = first + at % (last - first + 1)
    rule = Daily(5 * 60, date(1970, 1, 1))
    assert occurrences(rule, first, middle) + occurrences(rule, middle, last) == occurrences(rule, first, last)


def test_once_is_once() -> None:
    assert occurrences(Once(1000), 1000, 1001) == (1000,)
    assert occurrences(Once(1000), 1001, 5000) == ()


def test_a_slip_in_a_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        occurrences(Daily(0, MONDAY), 0, 500 * 24 * HOUR)
