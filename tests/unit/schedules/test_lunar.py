"""Tests of the lunar calendar against an independent calculation of new moons and solar terms.

Nobody imports this module.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest

from schedules.lunar import LAST, LunarDay, is_last_of_month, lunar_of

YEARS = Path(__file__).with_name("lunar-years.txt")


def months() -> list[tuple[date, int, int, bool, int]]:
    """First civil day, lunar year, month, leap or not, and length of each month of the table."""
    found = []
    for line in YEARS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        first, *parts = line.split()
        day = date.fromisoformat(first)
        year = day.year
        for part in parts:
            month, _, length = part.partition(":")
            found.append((day, year, int(month.rstrip("+")), month.endswith("+"), int(length)))
            day += timedelta(days=int(length))
    return found


def test_every_day_of_eighty_one_years_is_as_the_moon_has_it() -> None:
    table = months()
    assert len(table) == 1_002
    for first, year, month, leap, length in table:
        for number in range(length):
            assert lunar_of(first + timedelta(days=number)) == LunarDay(year, month, number + 1, leap), first
    following = [first + timedelta(days=length) for first, _, _, _, length in table[:-1]]
    assert following == [first for first, *_ in table[1:]]


@pytest.mark.parametrize(
    "tet",
    ["2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06"],
)
def test_tet_falls_where_the_state_announced_it(tet: str) -> None:
    day = date.fromisoformat(tet)
    assert lunar_of(day) == LunarDay(day.year, 1, 1)


def test_a_leap_month_is_told_from_the_one_before_it() -> None:
    assert lunar_of(date(2025, 7, 1)) == LunarDay(2025, 6, 7)
    assert lunar_of(date(2025, 8, 1)) == LunarDay(2025, 6, 8, leap=True)


def test_a_month_ends_after_29_or_30_days() -> None:
    ends = [first + timedelta(days=length - 1) for first, *_, length in months()]
    assert all(is_last_of_month(day) for day in ends)
    assert not any(is_last_of_month(day - timedelta(days=1)) for day in ends)


@pytest.mark.parametrize("day", [date(1990, 1, 26), LAST + timedelta(days=1)])
def test_what_nobody_has_checked_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match="outside"):
        lunar_of(day)
