"""Tests of the rules by which a broadcast recurs: months, the moon, market days, campaigns, repeats.

Nobody imports this module.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import DAY, HOUR, MINUTE, at_civil, civil, civil_day
from schedules.lunar import lunar_of
from schedules.recurrence import (
    Again,
    Daily,
    EveryDays,
    Hourly,
    LeapMonth,
    Lunar,
    Monthly,
    Once,
    Recurrence,
    ShortMonth,
    Weekly,
    last_due,
    occurrences,
    over_since,
)

FIVE = 5 * 60
FIRST = date(2026, 1, 1)


def days_of(rule: Recurrence, first: date, last: date) -> list[date]:
    return [civil_day(at) for at in occurrences(rule, at_civil(first, 0), at_civil(last, 0) + DAY)]


def test_the_31st_is_the_last_day_of_a_short_month_or_left_out() -> None:
    year = (FIRST, date(2026, 12, 31))
    last = days_of(Monthly((31,), FIVE, FIRST), *year)
    assert [day.day for day in last] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    skipped = days_of(Monthly((31,), FIVE, FIRST, short=ShortMonth.skip), *year)
    assert [day.month for day in skipped] == [1, 3, 5, 7, 8, 10, 12]


def test_the_first_and_the_fifteenth_of_the_moon() -> None:
    found = days_of(Lunar((1, 15), FIVE, FIRST), date(2026, 2, 1), date(2026, 4, 30))
    assert found == [
        date(2026, 2, 2),
        date(2026, 2, 17),
        date(2026, 3, 3),
        date(2026, 3, 19),
        date(2026, 4, 2),
        date(2026, 4, 17),
    ]


def test_the_thirtieth_of_the_moon_in_a_month_of_29_days() -> None:
    year = (date(2026, 2, 17), date(2027, 2, 5))
    last = days_of(Lunar((30,), FIVE, FIRST), *year)
    assert len(last) == 12
    assert all(lunar_of(day + timedelta(days=1)).day == 1 for day in last)
    skipped = days_of(Lunar((30,), FIVE, FIRST, short=ShortMonth.skip), *year)
    assert {lunar_of(day).day for day in skipped} == {30}
    assert 0 < len(skipped) < 12


@pytest.mark.parametrize(
    ("leap", "found"),
    [
        (LeapMonth.regular, [(6, False)]),
        (LeapMonth.leap, [(6, True)]),
        (LeapMonth.both, [(6, False), (6, True)]),
    ],
)
def test_a_leap_month_is_as_the_rule_says(leap: LeapMonth, found: list[tuple[int, bool]]) -> None:
    rule = Lunar((1, 29, 30), FIVE, date(2025, 1, 1), months=(6,), leap=leap)
    days = days_of(rule, date(2025, 2, 1), date(2025, 12, 31))
    assert sorted({(lunar_of(day).month, lunar_of(day).leap) for day in days}) == found
    other = days_of(Lunar((1,), FIVE, date(2025, 1, 1), months=(5,), leap=leap), date(2025, 2, 1), date(2025, 12, 31))
    assert [lunar_of(day).month for day in other] == [5]


def test_a_market_comes_every_so_many_days_whatever_the_month() -> None:
    found = days_of(EveryDays(6, FIVE, date(2026, 2, 26)), date(2026, 2, 20), date(2026, 3, 31))
    assert found == [date(2026, 2, 26) + timedelta(days=6 * n) for n in range(6)]


def test_a_storm_campaign_is_hourly_until_its_last_day() -> None:
    rule = Hourly(7 * 60, 20 * 60, date(2026, 9, 10), date(2026, 9, 12))
    found = occurrences(rule, at_civil(date(2026, 9, 1), 0), at_civil(date(2026, 9, 30), 0))
    assert len(found) == 3 * 14
    assert (civil(found[0]).hour, civil(found[13]).hour, civil(found[-1]).day) == (7, 20, 12)
    assert last_due(rule) == found[-1]


def test_what_is_said_again_is_due_again_after_the_gap_and_once_where_two_meet() -> None:
    noon = at_civil(FIRST, 12 * 60)
    assert occurrences(Again(Once(noon), (10, 20)), noon, noon + HOUR) == (
        noon,
        noon + 10 * MINUTE,
        noon + 20 * MINUTE,
    )
    hourly = Again(Hourly(7 * 60, 9 * 60, FIRST, FIRST), (60,))
    assert len(occurrences(hourly, at_civil(FIRST, 0), at_civil(FIRST, 0) + DAY)) == 4


dates = st.dates(date(2024, 1, 1), date(2030, 12, 31))
minutes = st.integers(0, 1439)
repeating = st.one_of(
    st.builds(Daily, minutes, dates, st.none()),
    st.builds(Weekly, st.sets(st.integers(0, 6), min_size=1).map(tuple), minutes, dates, st.none()),
    st.builds(
        Monthly,
        st.sets(st.integers(1, 31), min_size=1, max_size=3).map(tuple),
        minutes,
        dates,
        st.none(),
        st.sampled_from(ShortMonth),
    ),
    st.builds(
        Lunar,
        st.sets(st.integers(1, 30), min_size=1, max_size=3).map(tuple),
        minutes,
        dates,
        st.none(),
        st.just(()),
        st.sampled_from(ShortMonth),
        st.sampled_from(LeapMonth),
    ),
    st.builds(EveryDays, st.integers(2, 60), minutes, dates, st.none()),
    st.builds(
        lambda a, b, first, length, every: Hourly(min(a, b), max(a, b), first, first + timedelta(days=length), every),
        minutes,
        minutes,
        dates,
        st.integers(0, 30),
        st.sampled_from((30, 60, 120)),
    ),
)
rules = st.one_of(
    repeating, st.builds(Again, repeating, st.sets(st.integers(1, 180), min_size=1, max_size=3).map(tuple))
)


@given(rules, st.integers(at_civil(date(2024, 1, 1), 0), at_civil(date(2030, 1, 1), 0)), st.integers(0, 90 * DAY))
def test_a_window_shows_the_same_whole_or_in_two_parts(rule: Recurrence, since: int, length: int) -> None:
    middle, until = since + length // 3, since + length
    whole = occurrences(rule, since, until)
    assert whole == occurrences(rule, since, middle) + occurrences(rule, middle, until)
    assert list(whole) == sorted(set(whole))


@given(rules)
def test_nothing_is_due_after_the_last_instant(rule: Recurrence) -> None:
    last = last_due(rule)
    if last is not None:
        assert occurrences(rule, last + 1, last + 300 * DAY) == ()
        assert over_since(rule, last + 1) is not None


@given(repeating, st.integers(0, 1_000))
def test_a_rule_that_goes_through_every_month_is_due_in_each(rule: Recurrence, ahead: int) -> None:
    if isinstance(rule, Monthly | Lunar) and rule.short is ShortMonth.last_day:
        first = rule.first + timedelta(days=ahead)
        assert days_of(rule, first, first + timedelta(days=60 + 31))
