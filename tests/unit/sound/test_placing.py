"""Tests of the placing arithmetic: nothing but numbers.

Nobody imports this module.
"""

from hypothesis import given
from hypothesis import strategies as st

from device_agent.sound.pcm import RATE
from device_agent.sound.placing import READINGS, SLACK_FRAMES, Estimate, correction, frames_of, ms_of

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
