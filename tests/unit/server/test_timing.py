"""Tests of the block "Time": every rule can be typed, is read as it was meant, and stands in the form again.

Nobody imports this module.
"""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import DAY, at_civil
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
)
from server import timing
from server.compose_form import ComposeForm, FieldError, Mode, Problem
from server.web import rule_words
from server.web.frame import translations

TODAY = date(2026, 9, 10)
NOW = at_civil(TODAY, 6 * 60)
FIVE = 5 * 60
VIETNAMESE = translations("vi").gettext


def form(**given: object) -> ComposeForm:
    return msgspec.structs.replace(ComposeForm(), **given)


def read(typed: ComposeForm) -> tuple[Recurrence | None, list[tuple[str, Problem]]]:
    errors: list[FieldError] = []
    found = timing.read(typed, NOW, errors)
    return found, [(error.field, error.problem) for error in errors]


def test_a_storm_campaign_is_one_choice_with_two_hours_and_a_last_day() -> None:
    typed = form(mode="campaign", time="7:00", until="20h00", last="12/09/2026")
    assert read(typed) == (Hourly(7 * 60, 20 * 60, TODAY, date(2026, 9, 12)), [])
    assert read(msgspec.structs.replace(typed, time="", until=""))[0] == read(typed)[0]
    assert read(msgspec.structs.replace(typed, last=""))[1] == [("last", Problem.no_last)]
    assert read(msgspec.structs.replace(typed, until="06:59"))[1] == [("until", Problem.hours_reversed)]


@pytest.mark.parametrize("typed", ["1, 15", "1 và 15", "15;1", "01 15"])
def test_the_days_of_the_moon_are_written_as_people_write_them(typed: str) -> None:
    expected = Lunar((1, 15), FIVE, TODAY, leap=LeapMonth.both)
    assert read(form(mode="lunar", time="05:00", month_days=typed, leap="both")) == (expected, [])


@pytest.mark.parametrize("typed", ["0", "31", "rằm", "1-15", "1, 1x", "-1", "١"])
def test_what_is_no_day_of_the_moon_is_refused(typed: str) -> None:
    found, errors = read(form(mode="lunar", time="05:00", month_days=typed))
    assert found is None
    assert ("month_days", Problem.no_such_number) in errors


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"mode": "monthly", "time": "05:00"}, ("month_days", Problem.no_month_days)),
        ({"mode": "market", "time": "05:00"}, ("every", Problem.empty)),
        ({"mode": "market", "time": "05:00", "every": "1"}, ("every", Problem.no_such_number)),
        ({"mode": "monthly", "time": "05:00", "month_days": "1", "short": "?"}, ("short", Problem.not_offered)),
        ({"mode": "daily", "time": "05:00", "repeats": "2"}, ("gap", Problem.empty)),
        ({"mode": "daily", "time": "05:00", "repeats": "11", "gap": "5"}, ("repeats", Problem.no_such_number)),
        (
            {"mode": "monthly", "time": "05:00", "month_days": "31", "short": "skip", "last": "30/09/2026"},
            ("last", Problem.never),
        ),
        (
            {"mode": "campaign", "time": "7:00", "until": "9:00", "last": "11/09/2026", "repeats": "2", "gap": "30"},
            ("repeats", Problem.too_often),
        ),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(given: dict[str, str], wrong: tuple[str, Problem]) -> None:
    found, errors = read(form(**given))
    assert found is None or wrong[1] is Problem.never or wrong[1] is Problem.too_often
    assert wrong in errors


minutes = st.integers(0, 1439)
days = st.dates(TODAY, TODAY + timedelta(days=300))
month_days = st.sets(st.integers(1, 28), min_size=1, max_size=4).map(lambda found: tuple(sorted(found)))
lasts = st.none() | st.just(date(2027, 9, 1))
rules = st.one_of(
    st.integers(NOW // 60_000 + 1, (NOW + 300 * DAY) // 60_000).map(lambda m: Once(m * 60_000)),
    st.builds(Daily, minutes, days, lasts),
    st.builds(Weekly, st.sets(st.integers(0, 6), min_size=1).map(lambda d: tuple(sorted(d))), minutes, days, lasts),
    st.builds(Monthly, month_days, minutes, days, lasts, st.sampled_from(ShortMonth)),
    st.builds(
        Lunar, month_days, minutes, days, lasts, st.just(()), st.sampled_from(ShortMonth), st.sampled_from(LeapMonth)
    ),
    st.builds(EveryDays, st.integers(2, 60), minutes, days, lasts),
    st.builds(Hourly, st.integers(0, 700), st.integers(701, 1439), days, st.just(date(2027, 9, 1))),
)
MODES = {
    Once: Mode.once, Daily: Mode.daily, Weekly: Mode.weekly, Monthly: Mode.monthly, Lunar: Mode.lunar,
    EveryDays: Mode.market, Hourly: Mode.campaign,
}  # fmt: skip


@given(rules, st.integers(0, 10), st.integers(1, 5))
def test_every_rule_stands_in_the_form_as_it_is_read_again(rule: Recurrence, times: int, gap: int) -> None:
    mode = MODES[type(rule)]
    whole = Again(rule, tuple(gap * n for n in range(1, times + 1))) if times else rule
    typed = timing.form_of(ComposeForm(), mode.value, whole)
    found, errors = read(typed)
    assert found == whole
    assert errors == []


@given(rules)
def test_every_rule_is_told_in_words_without_a_gap(rule: Recurrence) -> None:
    said = rule_words.told(VIETNAMESE, Again(rule, (15, 30)))
    assert "%" not in said
    assert "phát lại 2 lần, cách nhau 15 phút" in said


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12), st.sampled_from([m.value for m in Mode]))
def test_nothing_that_is_typed_breaks_it(one: str, other: str, third: str, mode: str) -> None:
    read(form(mode=mode, time=one, month_days=other, every=third, until=third, repeats=one, gap=other, last=third))
