"""Tests of the placing arithmetic: nothing but numbers.

Nobody imports this module.
"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.sound.pcm import RATE
from device_agent.sound.placing import (
    READINGS,
    SLACK_FRAMES,
    STRANGEST_RATE,
    Estimate,
    correction,
    frames_of,
    ms_of,
    rate_of,
)

SECOND = 1_000_000_000
FRAME_NS = SECOND // RATE + 1
instants = st.integers(0, 10**18)
lateness = st.lists(st.integers(0, 50_000_000), min_size=1, max_size=READINGS)


@given(instants, lateness)
def test_the_estimate_is_as_good_as_its_best_reading(zero: int, late: list[int]) -> None:
    estimate = Estimate()
    for n, late_ns in enumerate(late):
        true_ns = zero + n * 11_100_000
        written = n * 500 + RATE // 5
        delay = written - (true_ns - zero) * RATE // SECOND
        estimate.read(true_ns + late_ns, written, delay)
    assert abs(estimate.zero_ns - zero - min(late)) <= 2 * FRAME_NS + 20


@given(instants, st.integers(-(10**9), 10**9))
def test_a_frame_sounds_at_its_instant(zero: int, frame: int) -> None:
    estimate = Estimate()
    estimate.read(zero, 0, 0)
    assert estimate.frame_at(estimate.instant_of(frame)) == frame


def test_old_readings_are_forgotten() -> None:
    estimate = Estimate()
    estimate.read(0, 0, 0)
    for _ in range(READINGS):
        estimate.read(5_000, 0, 0)
    assert estimate.zero_ns == 5_000


def watched(ppm: float, seconds: float, step: int, luck: random.Random) -> tuple[Estimate, int]:
    """What is known of a card that is so much too fast, after so long, and the last instant: every 11.1 ms a reading,
    most of them a little late, of a position that moves by `step` frames at a time."""
    estimate, true_ns = Estimate(), 0
    for n in range(int(seconds / 0.0111)):
        true_ns = n * 11_100_000
        position = int(true_ns * RATE * (1 + ppm / 1e6) / SECOND) // step * step
        late_ns = int(luck.expovariate(1 / 20_000)) + (luck.random() < 0.05) * luck.randrange(5_000_000)
        estimate.read(true_ns + late_ns, position + 16_000, 16_000)
    return estimate, true_ns


@pytest.mark.parametrize("ppm", [0, 40, -40, 150, -150])
@pytest.mark.parametrize(("seconds", "step", "most_us"), [(3, 1, 60), (30, 1, 40), (30, 48, 200), (60, 480, 400)])
def test_a_frame_to_come_is_told_by_the_pace_of_the_card(ppm: int, seconds: int, step: int, most_us: int) -> None:
    estimate, now = watched(ppm, seconds, step, random.Random(ppm * seconds + step))
    ahead = now + SECOND // 3
    frame = estimate.frame_at(ahead)
    true_ns = frame * SECOND / RATE / (1 + ppm / 1e6)
    assert abs(ahead - true_ns) <= most_us * 1_000
    assert abs(estimate.instant_of(frame) - true_ns) <= most_us * 1_000
    assert abs(estimate.frame_at(estimate.instant_of(frame)) - frame) <= 1


def test_a_pace_that_cannot_be_told_from_the_scatter_is_none() -> None:
    luck = random.Random(1)
    assert rate_of([(n * SECOND, luck.randrange(1_000_000)) for n in range(20)]) == 0
    assert rate_of([(n * SECOND, 40_000 * n) for n in range(20)]) == pytest.approx(40e-6)
    assert rate_of([(n * SECOND, 40_000 * n) for n in range(3)]) == 0
    assert rate_of([(n * SECOND, 40_000_000 * n) for n in range(20)]) == STRANGEST_RATE


@given(st.integers(-5_000, 5_000))
def test_corrections_lead_into_the_slack_and_stay_there(off: int) -> None:
    turns = 0
    while (by := correction(off, 0)) != 0:
        assert abs(off + by) < abs(off)
        off += by
        turns += 1
    assert abs(off) < SLACK_FRAMES
    assert turns <= 5_000


@given(st.integers(0, 10**9))
def test_milliseconds_survive_as_frames(ms: int) -> None:
    assert ms_of(frames_of(ms)) == ms
