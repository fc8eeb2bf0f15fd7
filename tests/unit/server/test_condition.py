"""Tests of what is kept of a loudspeaker's statuses, and of the lines that it makes.

Nobody imports this module.
"""

from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import DAY, HOUR, MINUTE, civil_day
from server.condition import KEPT_FOR, QUARTER, Condition, grain_of, line, silences

NOW = 1_795_474_800_000


@given(st.lists(st.integers(1, 5 * HOUR), min_size=1, max_size=60))
def test_each_quarter_keeps_one_and_the_first_of_an_hour_and_of_a_day_stay_longer(steps: list[int]) -> None:
    at, before, kept = NOW, None, []
    for step in steps:
        at += step
        grain = grain_of(before, at)
        if grain is not None:
            kept.append((at, grain))
        before = at
    quarters = [each // QUARTER for each, _ in kept]
    assert len(quarters) == len(set(quarters))
    hours = [each // HOUR for each, grain in kept if grain >= 1]
    days = [civil_day(each) for each, grain in kept if grain == 2]
    assert len(hours) == len(set(hours))
    assert len(days) == len(set(days))
    assert set(hours) >= {each // HOUR for each, _ in kept[1:]} - {(NOW + steps[0]) // HOUR} or len(kept) < 2


def test_what_is_coarse_is_kept_longer() -> None:
    assert list(KEPT_FOR) == sorted(KEPT_FOR)
    assert len(KEPT_FOR) == 3


def at(minutes: int, temperature: int | None = 40) -> Condition:
    return Condition(NOW + minutes * MINUTE, online=True, temperature=temperature)


def test_a_line_goes_from_the_lowest_to_the_highest_and_is_broken_by_silence() -> None:
    found = [at(0, 40), at(15, 50), at(30, None), at(120, 60), at(300, 45)]
    drawn = line(found, lambda each: each.temperature, NOW, NOW + 5 * HOUR, HOUR)
    assert drawn is not None
    assert (drawn.lowest, drawn.highest, drawn.last) == (40, 60, 45)
    assert drawn.parts == ("0.0,95.0 50.0,50.0", "400.0,5.0 403.0,5.0", "1000.0,72.5 1003.0,72.5")
    assert line(found, lambda each: each.battery, NOW, NOW + HOUR, HOUR) is None


def test_a_value_that_never_changes_lies_in_the_middle() -> None:
    drawn = line([at(0), at(15)], lambda each: each.temperature, NOW, NOW + HOUR, HOUR)
    assert drawn is not None
    assert drawn.parts == ("0.0,50.0 250.0,50.0",)


def test_silences_reach_to_both_ends() -> None:
    found = silences([at(120), at(135), at(600)], NOW, NOW + DAY, HOUR)
    assert found == ((NOW, at(120).at), (at(135).at, at(600).at), (at(600).at, NOW + DAY))
    assert silences([at(n * 30) for n in range(49)], NOW, NOW + DAY, HOUR) == ()
