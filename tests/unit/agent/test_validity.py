"""Tests of how a certificate is judged by a clock that may be wrong, and when the next one is asked for.

Nobody imports this module.
"""

import pytest

from device_agent.validity import AHEAD, ASK_EVERY, Doubt, Validity, doubt, is_due
from schedules.clock import DAY, HOUR, ClockTrust, Now

BORN = 1_795_500_000_000
HOLDS = Validity(BORN, BORN + 300 * DAY)
GUESSES = (ClockTrust.none, ClockTrust.guessed, ClockTrust.rtc)


@pytest.mark.parametrize("trust", [ClockTrust.server, ClockTrust.ntp])
def test_a_clock_that_may_judge_judges(trust: ClockTrust) -> None:
    assert doubt(HOLDS, Now(BORN + DAY, 0, trust), 0) is None
    assert doubt(HOLDS, Now(BORN - AHEAD - 1, 0, trust), 0) is Doubt.not_yet
    assert doubt(HOLDS, Now(HOLDS.not_after + 1, 0, trust), 0) is Doubt.over


@pytest.mark.parametrize("trust", GUESSES)
@pytest.mark.parametrize("utc", [0, BORN - 900 * DAY, BORN + 9_000 * DAY])
def test_a_clock_that_is_not_believed_breaks_no_link(trust: ClockTrust, utc: int) -> None:
    assert doubt(HOLDS, Now(utc, 0, trust), 0) is None
    assert doubt(HOLDS, Now(utc, 0, trust), BORN + DAY) is None


@pytest.mark.parametrize("trust", list(ClockTrust))
def test_what_had_ended_before_an_instant_that_has_passed_is_over(trust: ClockTrust) -> None:
    assert doubt(HOLDS, Now(BORN + DAY, 0, trust), HOLDS.not_after + 1) is Doubt.over


def test_the_next_one_is_asked_for_after_two_thirds_and_then_every_few_hours() -> None:
    due = Now(BORN + 200 * DAY, 5 * HOUR)
    assert not is_due(HOLDS, Now(BORN + 200 * DAY - 1, 0), None)
    assert is_due(HOLDS, due, None)
    assert not is_due(HOLDS, due, due.mono - ASK_EVERY + 1)
    assert is_due(HOLDS, due, due.mono - ASK_EVERY)
    assert not is_due(HOLDS, Now(due.utc, 0, ClockTrust.guessed), None)
