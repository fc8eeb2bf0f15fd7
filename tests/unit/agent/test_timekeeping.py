"""Tests of `device_agent.timekeeping`: whose word about the time is taken, and how sure it is.

Nobody imports this module.
"""

from hypothesis import given
from hypothesis import strategies as st

from device_agent import timekeeping
from device_agent.timekeeping import Reading, Timekeeping
from schedules.clock import DAY, HOUR, ClockTrust, may_start_by_clock
from schedules.wire import TimeAnswer

NOON = 1_795_000_000_000


def answered(server: int, asked: int, received: int, keeping: Timekeeping | None = None) -> Timekeeping:
    keeping = timekeeping.asked(keeping or Timekeeping(), "n1", asked)
    return timekeeping.learnt(keeping, TimeAnswer("loa-1", "n1", asked, server), received)


def test_a_clock_of_1970_is_no_clock() -> None:
    now = timekeeping.now(Timekeeping(remembered=NOON), Reading(system=5_000, mono=5_000))
    assert now.trust is ClockTrust.none


def test_a_clock_later_than_what_is_remembered_is_a_guess_and_starts_nothing() -> None:
    now = timekeeping.now(Timekeeping(remembered=NOON), Reading(system=NOON + DAY, mono=0))
    assert now.trust is ClockTrust.guessed
    assert not may_start_by_clock(now.trust)


def test_the_kernel_says_that_ntp_holds_the_clock() -> None:
    now = timekeeping.now(Timekeeping(), Reading(NOON, 7, synchronised=True, bound_ms=12))
    assert (now.utc, now.trust, now.bound_ms) == (NOON, ClockTrust.ntp, 12)


def test_the_servers_answer_corrects_a_clock_that_is_a_day_ahead_even_if_ntp_vouches_for_it() -> None:
    keeping = answered(server=NOON, asked=1_000, received=1_200)
    now = timekeeping.now(keeping, Reading(NOON + DAY, 1_200, synchronised=True))
    assert now.trust is ClockTrust.server
    assert now.utc == NOON + 100
    assert now.bound_ms == 101


def test_a_system_clock_that_agrees_is_used_as_it_is() -> None:
    keeping = answered(server=NOON, asked=1_000, received=1_004)
    now = timekeeping.now(keeping, Reading(NOON + 30, 1_004, synchronised=True))
    assert (now.utc, now.trust) == (NOON + 30, ClockTrust.server)
    nearly = timekeeping.now(keeping, Reading(NOON + 4, 1_004))
    assert nearly.utc == NOON + 4


def test_a_system_clock_that_nobody_holds_is_not_finer_than_the_answer() -> None:
    """It may be a tenth of a second off, and its neighbour's as much the other way."""
    keeping = answered(server=NOON, asked=1_000, received=1_200)
    assert timekeeping.now(keeping, Reading(NOON + 190, 1_200)).utc == NOON + 100


def test_a_system_clock_set_back_two_hours_later_changes_nothing() -> None:
    keeping = answered(server=NOON, asked=1_000, received=1_010)
    before = timekeeping.now(keeping, Reading(NOON + 5, 1_010))
    after = timekeeping.now(keeping, Reading(NOON + 5 - 2 * HOUR, 1_010 + 60_000))
    assert after.trust is ClockTrust.server
    assert abs(after.utc - (before.utc + 60_000)) <= 20


def test_an_answer_to_another_question_is_not_heeded() -> None:
    keeping = timekeeping.asked(Timekeeping(), "mine", 0)
    assert timekeeping.learnt(keeping, TimeAnswer("loa-1", "old", 0, NOON), 10) == keeping


def test_an_answer_is_taken_once() -> None:
    keeping = answered(server=NOON, asked=0, received=10)
    assert timekeeping.learnt(keeping, TimeAnswer("loa-1", "n1", 0, NOON + DAY), 20) == keeping


def test_a_worse_answer_does_not_replace_a_fresh_better_one_but_an_old_one() -> None:
    good = answered(server=NOON, asked=0, received=10)
    slow = answered(server=NOON + HOUR, asked=1_000, received=9_000, keeping=good)
    assert slow.offset == good.offset
    later = 2 * HOUR
    assert answered(server=NOON + DAY, asked=later, received=later + 4_000, keeping=good).offset != good.offset


def test_after_weeks_without_an_answer_the_clock_is_a_guess_again() -> None:
    keeping = answered(server=NOON, asked=0, received=10)
    assert timekeeping.now(keeping, Reading(5_000, 10 * DAY)).trust is ClockTrust.server
    assert timekeeping.now(keeping, Reading(5_000, 30 * DAY)).trust is ClockTrust.guessed


@given(
    true_at_zero=st.integers(0, 2 * NOON),
    up=st.integers(0, 9_000),
    down=st.integers(0, 9_000),
    passed=st.integers(0, DAY),
    system=st.integers(0, 2 * NOON),
)
def test_after_an_answer_the_truth_lies_within_the_bound(
    true_at_zero: int, up: int, down: int, passed: int, system: int
) -> None:
    received = up + down
    keeping = answered(server=true_at_zero + up, asked=0, received=received)
    mono = received + passed
    now = timekeeping.now(keeping, Reading(system, mono))
    assert abs(now.utc - (true_at_zero + mono)) <= now.bound_ms


def test_who_carries_the_question_cannot_make_an_old_answer_look_fresh() -> None:
    quarter = 15 * 60_000
    keeping = timekeeping.asked(Timekeeping(), "n1", 1_000)
    held_back = TimeAnswer("loa-1", "n1", 1_000 + quarter, NOON)
    assert timekeeping.learnt(keeping, held_back, 1_000 + quarter).offset is None
