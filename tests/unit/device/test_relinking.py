"""Tests of coming back after a lost link: never in a storm, never given up.

Nobody imports this module.
"""

from hypothesis import given
from hypothesis import strategies as st

from device_agent.relinking import CROWD, FIRST, LONGEST, STABLE, TAKEN_OVER, WORTH, Relinking, linked, unlinked
from schedules.clock import MINUTE, SECOND

luck = st.floats(0, 1, exclude_max=True)


@given(st.lists(luck, min_size=1, max_size=40))
def test_pauses_grow_to_a_limit_and_it_is_tried_for_ever(dice: list[float]) -> None:
    state = Relinking()
    for n, each in enumerate(dice):
        state, pause = unlinked(state, n, each)
        assert 0 <= pause <= min(FIRST << n, LONGEST)
    assert unlinked(state, 0, 0.999)[1] >= min(FIRST << len(dice), LONGEST) * 0.99


def test_who_is_let_in_and_thrown_out_waits_longer_each_time() -> None:
    state, now = Relinking(), 0
    for n in range(6):
        state = linked(state, now)
        now += WORTH - 1
        state, pause = unlinked(state, now, 0.999)
        assert pause > min(FIRST << n, LONGEST) * 0.99
        now += pause


@given(st.lists(st.tuples(st.integers(WORTH, STABLE - 1), luck), min_size=50, max_size=60))
def test_who_loses_a_link_that_held_waits_no_longer_than_it_held(links: list[tuple[int, float]]) -> None:
    """The hundred cuts of a mountain: at least half of the time there is a link, on average two thirds."""
    state, now = Relinking(tries=9), 0
    for held, each in links:
        state = linked(state, now)
        now += held
        state, pause = unlinked(state, now, each)
        assert pause <= held
        now += pause
    assert unlinked(state, now, 0.999)[1] > LONGEST * 0.99, "a try that fails has the pause of all before"


def test_after_a_stable_minute_it_begins_anew() -> None:
    state = Relinking(tries=9)
    state = linked(state, 0)
    assert unlinked(state, STABLE, 0.999)[1] < FIRST


def test_five_thousand_come_back_one_by_one() -> None:
    """The broker was away for ten minutes; each tries until it is there again. No second sees more than one in thirty
    of them."""
    back = 10 * MINUTE
    arrivals: dict[int, int] = {}
    for n in range(5_000):
        state, now, step = Relinking(), 0, 0
        while True:
            step += 1
            state, pause = unlinked(state, now, (n * 0.618_033 + step * 0.754_877) % 1)
            now += pause
            if now >= back:
                break
        arrivals[now // SECOND] = arrivals.get(now // SECOND, 0) + 1
    assert max(arrivals.values()) < 5_000 // 30
    assert max(arrivals) * SECOND <= back + LONGEST + SECOND


def test_a_double_does_not_fight_for_the_link() -> None:
    state, pause = unlinked(linked(Relinking(), 0), 5, 0.0, taken_over=True)
    assert pause >= TAKEN_OVER
    assert state.taken_over == 1


def test_after_a_short_restart_of_the_broker_thousands_come_back_over_ten_seconds() -> None:
    """It is back after two seconds; all had had stable links. A try that meets no broker fails at once."""
    back = 2 * SECOND
    arrivals: dict[int, int] = {}
    for n in range(5_000):
        state, now, by_broker, step = linked(Relinking(), -STABLE), 0, True, 0
        while True:
            step += 1
            state, pause = unlinked(state, now, (n * 0.618_033 + step * 0.754_877) % 1, by_broker=by_broker)
            now, by_broker = now + pause, False
            if now >= back:
                break
        arrivals[now // SECOND] = arrivals.get(now // SECOND, 0) + 1
    assert max(arrivals.values()) < 5_000 // 7
    assert max(arrivals) >= 10
    assert max(arrivals) <= 2 * CROWD // SECOND


@given(luck)
def test_whose_own_link_blinked_comes_back_soon(each: float) -> None:
    state, pause = unlinked(linked(Relinking(), 0), STABLE, each)
    assert pause <= FIRST
    state, pause = unlinked(state, STABLE, each)
    assert pause <= 2 * FIRST


def test_who_was_one_of_a_crowd_is_alone_again_after_its_next_link() -> None:
    state, _ = unlinked(linked(Relinking(), 0), STABLE, 0.5, by_broker=True)
    assert unlinked(state, STABLE, 0.999)[1] > CROWD * 0.99, "the broker is not back yet"
    state = linked(state, STABLE)
    assert unlinked(state, 2 * STABLE, 0.999)[1] < FIRST
    assert unlinked(state, STABLE + WORTH, 0.999, by_broker=True)[1] <= WORTH, "never longer than the link was"


def test_a_broker_that_refuses_and_closes_makes_no_crowd() -> None:
    """There was no link that could have ended for others too."""
    assert unlinked(Relinking(), 0, 0.999, by_broker=True)[1] < FIRST
