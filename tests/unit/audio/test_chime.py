"""Tests of the chimes: their own notes, the same each time, and none like another's.

Nobody imports this module.
"""

import itertools
import math
import wave
from pathlib import Path

import pytest

from audio.chime import CHIMES, RATE, length_ms, samples
from audio.clip import NO_LANGUAGE
from audio.mastering import master


@pytest.mark.parametrize("name", [name for name in CHIMES if name != "closing"])
def test_each_lasts_about_three_seconds_and_ends_in_silence(name: str) -> None:
    found = samples(name)
    assert 2_700 <= length_ms(name) <= 3_000
    assert len(found) == length_ms(name) * RATE // 1000
    assert 15_000 < max(map(abs, found)) <= 20_000
    assert max(map(abs, found[:10])) < 1_500
    assert max(map(abs, found[-10:])) < 1_500


def loudness(name: str, ms: int = 100) -> list[float]:
    """Of each tenth of a second, beside the loudest."""
    found, size = samples(name), RATE * ms // 1000
    parts = [found[at : at + size] for at in range(0, len(found) - size + 1, size)]
    power = [math.sqrt(sum(s * s for s in part) / size) for part in parts]
    return [each / max(power) for each in power]


def test_an_emergency_never_pauses_and_an_exercise_does() -> None:
    assert min(loudness("emergency")[:-1]) > 0.6
    drill = loudness("exercise")
    assert sum(each < 0.05 for each in drill) >= 4, "silence between its notes"
    for other in ("ordinary", "priority", "exercise"):
        assert min(loudness(other)) < 0.35, f"{other} dies away between its notes"


def test_an_emergency_alternates_and_an_exercise_falls() -> None:
    alarm = [note.hertz for note in CHIMES["emergency"]]
    assert len(set(alarm)) == 2
    assert all(a != b for a, b in itertools.pairwise(alarm))
    drill = [note.hertz for note in CHIMES["exercise"]]
    assert drill == sorted(drill, reverse=True)
    assert not set(alarm) & {note.hertz for name in CHIMES if name != "emergency" for note in CHIMES[name]} - {988}


def test_it_is_mastered_by_the_same_chain_to_the_same_bytes_each_time(tmp_path: Path) -> None:
    wav = tmp_path / "chime.wav"
    with wave.open(str(wav), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples("emergency").tobytes())
    first, second = (master(wav, NO_LANGUAGE, tmp_path / str(n)) for n in (1, 2))
    assert first.clip == second.clip
    assert abs(first.loudness.integrated + 16) <= 0.5
    assert first.loudness.peak <= -1.5
    assert 2_700 <= first.clip.duration_ms <= 3_200
    assert first.clip.size < 20_000
