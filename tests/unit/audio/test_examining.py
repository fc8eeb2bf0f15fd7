"""Tests of what is said of a recording: speech, tones, noise, a hum, too loud, too quiet.

Nobody imports this module. The figures over real voices stand in the README.
"""

import array
import math
import random
import subprocess
import wave
from pathlib import Path

import msgspec
import pytest

from audio.examining import examine
from audio.quality import JUDGED_MS, Finding, refused, warned
from audio.refusal import MasteringFault
from audio.traits import Traits, traits_of

RATE = 24_000
SAID = "Kính thưa bà con nhân dân. Tối nay có mưa to, đề phòng lũ quét và sạt lở đất ở ven suối. Xin mời bà con."
GOOD = Traits(10_000, -15.0, -60.0, 0.0, 0.6, 0.9, 0.0, -96.0)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> "array.array[int]":
    folder = tmp_path_factory.mktemp("speech")
    subprocess.run(["espeak-ng", "-v", "vi", "-s", "130", "-w", str(folder / "a.wav"), SAID], check=True)
    command = ["ffmpeg", "-v", "error", "-i", str(folder / "a.wav"), "-ar", str(RATE), "-f", "s16le", "-"]
    return array.array("h", subprocess.run(command, check=True, capture_output=True).stdout)


def traits(samples: "array.array[int] | list[float]", folder: Path) -> Traits:
    with wave.open(str(folder / "given.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        whole = array.array("h", (max(-32_768, min(32_767, round(sample))) for sample in samples))
        file.writeframes(whole.tobytes())
    return traits_of(examine(folder / "given.wav"))


def tone(hertz: float, loud: float, seconds: float = 6) -> list[float]:
    return [loud * math.sin(2 * math.pi * hertz * n / RATE) for n in range(round(RATE * seconds))]


def test_speech_is_speech(speech: "array.array[int]", tmp_path: Path) -> None:
    found = traits(speech, tmp_path)
    assert (refused(found, music=False), warned(found, music=False)) == (None, ())


def test_speech_with_a_long_silence_around_it_is_speech(speech: "array.array[int]", tmp_path: Path) -> None:
    found = traits([*[0.0] * RATE * 20, *speech, *[0.0] * RATE * 20], tmp_path)
    assert refused(found, music=False) is None


@pytest.mark.parametrize("kind", ["tone", "beeps", "white", "siren", "chord"])
def test_tones_noise_and_chords_are_none_unless_somebody_says_that_it_is_music(kind: str, tmp_path: Path) -> None:
    dice = random.Random(5)
    sounds = {
        "tone": tone(440, 8_000),
        "beeps": [s * (n // (RATE // 4) % 2) for n, s in enumerate(tone(900, 8_000))],
        "white": [dice.gauss(0, 3_000) for _ in range(6 * RATE)],
        "siren": [
            8_000 * math.sin(2 * math.pi * 700 * n / RATE + 150 * math.sin(2 * math.pi * n / RATE))
            for n in range(6 * RATE)
        ],
        "chord": [a + b + c for a, b, c in zip(tone(262, 3e3), tone(330, 3e3), tone(392, 3e3), strict=True)],
    }
    found = traits(sounds[kind], tmp_path)
    assert refused(found, music=False) is MasteringFault.not_speech
    assert refused(found, music=True) is None
    assert refused(traits(sounds[kind][: RATE * 2], tmp_path), music=False) is None  # too short to tell


def test_silence_is_refused_music_or_not(tmp_path: Path) -> None:
    found = traits([0.0] * RATE * 5, tmp_path)
    assert refused(found, music=False) is refused(found, music=True) is MasteringFault.silent


def test_torn_speech_is_refused_and_a_pop_is_not(speech: "array.array[int]", tmp_path: Path) -> None:
    assert refused(traits([s * 8.0 for s in speech], tmp_path), music=False) is MasteringFault.clipped
    popped = list(speech)
    popped[RATE] = 32_767
    assert refused(traits(popped, tmp_path), music=False) is None


@pytest.mark.parametrize("mains", [50, 60])
def test_the_hum_of_the_mains_is_heard_behind_a_voice(speech: "array.array[int]", tmp_path: Path, mains: int) -> None:
    def humming(loud: float) -> Traits:
        line = [tone(mains * n, loud / n, len(speech) / RATE) for n in (1, 2, 3)]
        return traits([sum(each) for each in zip(speech, *line, strict=False)], tmp_path)

    assert Finding.humming in warned(humming(1_200), music=False)
    assert Finding.humming not in warned(humming(20), music=False)


def test_noise_around_and_a_far_voice_are_told(speech: "array.array[int]", tmp_path: Path) -> None:
    dice = random.Random(7)
    noisy = traits([s + dice.gauss(0, 2_500) for s in speech], tmp_path)
    assert Finding.noisy in warned(noisy, music=False)
    assert Finding.noisy not in warned(noisy, music=True)
    assert Finding.faint in warned(traits([s / 40 for s in speech], tmp_path), music=False)


def test_each_rule_holds_at_its_own_threshold() -> None:
    def but(**changes: float) -> MasteringFault | None:
        return refused(msgspec.structs.replace(GOOD, **changes), music=False)

    assert but() is None
    assert but(sway=0.21) is but(variety=0.19) is MasteringFault.not_speech
    assert but(sway=0.21, duration_ms=JUDGED_MS - 1) is None
    assert but(clipped=0.021) is MasteringFault.clipped
    assert but(speech_dbfs=-60.1) is MasteringFault.silent
