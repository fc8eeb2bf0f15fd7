"""Tests of the reel: pieces of sound read as one run, however it is cut, and never held whole.

Nobody imports this module.
"""

import array
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_agent.sound.pcm import FRAME_BYTES, RATE
from device_agent.sound.placing import frames_of
from device_agent.sound.reel import Reel
from device_agent.sound.source import SourceError
from tests.unit.sound.stage import numbered, tone, wav

HOUR_S = 3600


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 900), st.integers(0, 60)), min_size=1, max_size=4),
    st.lists(st.integers(1, 700), min_size=1, max_size=20),
)
def test_however_it_is_read_it_is_the_same_sound(
    tmp_path: Path, pieces: list[tuple[int, int]], steps: list[int]
) -> None:
    offsets, at, expected = [], 0, array.array("h")
    for n, (count, pause_ms) in enumerate(pieces):
        samples = array.array("h", (1 + (n * 7000 + k) % 32_000 for k in range(count)))
        offsets.append((wav(tmp_path / f"{n}.wav", samples), at))
        expected.extend([0] * (frames_of(at) - len(expected)))
        expected.extend(samples)
        at += count * 1000 // RATE + 1 + pause_ms
    reel = Reel(offsets)
    assert reel.frames == len(expected)
    read, first = b"", 0
    while first < reel.frames:
        count = min(steps[first % len(steps)], reel.frames - first)
        read += reel.read(first, count)
        first += count
    reel.close()
    assert read == expected.tobytes()


@pytest.mark.parametrize(("percent", "peak"), [(100, 20_000), (150, 20_000), (50, 10_000), (25, 5_000), (0, 0)])
def test_the_volume_is_kept(tmp_path: Path, percent: int, peak: int) -> None:
    reel = Reel([(tone(tmp_path / "a.wav", 0.1, peak=20_000), 0)], percent)
    loudest = max(abs(sample) for sample in array.array("h", reel.read(0, reel.frames)))
    reel.close()
    assert abs(loudest - peak) <= peak // 100


def test_an_hour_costs_no_more_memory_than_a_second(tmp_path: Path) -> None:
    path = numbered(tmp_path / "long.wav", 1)
    size = HOUR_S * RATE * FRAME_BYTES
    with path.open("r+b") as file:
        file.truncate(44 + size)
        for at, length in ((4, 36 + size), (40, size)):
            file.seek(at)
            file.write(length.to_bytes(4, "little"))
    reel = Reel([(path, 0)], 50)
    assert reel.frames == HOUR_S * RATE
    tracemalloc.start()
    for minute in range(60):
        reel.read(minute * 60 * RATE, RATE // 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    reel.close()
    assert peak < 1_000_000


def test_a_file_that_ends_before_its_time_is_told(tmp_path: Path) -> None:
    path = numbered(tmp_path / "a.wav", 0.5)
    reel = Reel([(path, 0)])
    with path.open("r+b") as file:
        file.truncate(44 + RATE // 4 * FRAME_BYTES)
    reel.read(0, RATE // 8)
    with pytest.raises(SourceError):
        reel.read(RATE // 8, RATE // 4)
    reel.close()
