"""Tests of a sound of which only the beginning is there: it begins at once, goes over to the rest without a seam, and
waits where that is still on its way.

Nobody imports this module.
"""

import array
import subprocess
import wave
from pathlib import Path

import pytest

from device_agent.decoder import decode
from device_agent.sound.engine import LONGEST_STALL_S
from device_agent.sound.pcm import FRAME_BYTES, RATE
from device_agent.sound.queued import FADE_FRAMES
from device_agent.sound.source import Begun, BegunSource, NotYet, SourceError, open_source
from tests.unit.sound.stage import Stage, numbered, tone

SECONDS = 12


class Clip:
    """A clip as it travels, and as it is decoded."""

    def __init__(self, folder: Path) -> None:
        self.path, self.whole = folder / "clip.opus", folder / "whole.wav"
        sweep = f"aevalsrc=0.4*sin(2*PI*(300+60*t)*t):s={RATE}:d={SECONDS}"
        opus = ["-c:a", "libopus", "-b:a", "24k", "-application", "voip", "-ac", "1", "-f", "ogg"]
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", sweep, *opus, str(self.path)], check=True)
        decode(self.path, self.whole, SECONDS * 1000)
        with wave.open(str(self.whole), "rb") as file:
            self.frames = file.getnframes()
            self.samples = file.readframes(self.frames)

    def begun(self, size: int, whole: Path) -> Begun:
        return Begun(self.path.read_bytes()[:size], self.frames, whole)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return Clip(tmp_path_factory.mktemp("clip"))


def test_what_is_begun_is_the_same_sound_as_the_whole(clip: Clip) -> None:
    source = open_source(clip.begun(16_384, clip.whole.with_name("not-there.wav")))
    assert isinstance(source, BegunSource)
    heard, at = b"", 0
    while len(heard) < 2 * RATE * FRAME_BYTES:
        heard += source.read(at, 700)
        at += 700
    assert heard == clip.samples[: len(heard)]
    back = at - RATE
    assert source.read(back, 500) == clip.samples[back * 2 : (back + 500) * 2]
    assert source.read(0, 500) == clip.samples[:1000], "a ring that is dropped may go far back"
    source.close()


def test_where_it_ends_the_whole_takes_over_or_is_awaited(clip: Clip, tmp_path: Path) -> None:
    later = tmp_path / "later.wav"
    source = BegunSource(clip.begun(16_384, later))
    middle, end = 8 * RATE, clip.frames
    with pytest.raises(NotYet):
        source.read(middle, 480)
    later.write_bytes(clip.whole.read_bytes())
    assert source.read(middle, 480) == clip.samples[middle * 2 : (middle + 480) * 2]
    assert source.read(end - 100, 480) == clip.samples[-200:] + bytes(760), "the end may be a little off"
    source.close()


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        open_source(Begun(b"nothing" * 900, RATE, tmp_path / "x"))


def samples_of(stage: Stage) -> array.array:
    return array.array("h", b"".join(bytes(run.frames) for run in stage.socket.runs))


def test_an_alert_sounds_from_its_beginning_and_stalls_without_losing_a_word(clip: Clip, tmp_path: Path) -> None:
    stage, later = Stage(), tmp_path / "later.wav"
    stage.place("alert", 0.0, [(clip.begun(16_384, later), 0)], urgent=True)
    stage.run(9)
    later.write_bytes(clip.whole.read_bytes())
    stage.run(11)
    stage.ear.next("started")
    ended = stage.ear.next("ended")
    assert ended.whole
    assert abs(ended.ms - SECONDS * 1000) <= 2


def test_each_part_that_is_late_is_awaited_anew(clip: Clip, tmp_path: Path) -> None:
    """Two languages, and the rest of each takes longer than half of what one may: together, longer than that."""
    stage, late_s = Stage(), LONGEST_STALL_S * 2 // 3
    rests = [tmp_path / "first.wav", tmp_path / "second.wav"]
    pieces = [(clip.begun(16_384, rest), n * SECONDS * 1000) for n, rest in enumerate(rests)]
    stage.place("alert", 0.0, pieces, urgent=True)
    for rest in rests:
        stage.run(SECONDS + late_s)
        rest.write_bytes(clip.whole.read_bytes())
    stage.run(SECONDS + 5)
    stage.ear.next("started")
    assert stage.ear.next("ended").whole


def test_a_rest_that_never_comes_is_told(clip: Clip, tmp_path: Path) -> None:
    stage = Stage()
    stage.place("alert", 0.0, [(clip.begun(16_384, tmp_path / "never.wav"), 0)], urgent=True)
    stage.run(SECONDS + LONGEST_STALL_S + 5)
    stage.ear.next("started")
    failed = stage.ear.next("failed")
    assert failed.cause == "clip_incomplete"
    assert 2_000 < failed.ms < 8_000


def test_who_joins_goes_on_where_the_others_are(tmp_path: Path) -> None:
    first, second, late_s = Stage(), Stage(), 3.0
    path = numbered(tmp_path / "a.wav", 10)
    start = first.place("a", 0.5, [(path, 0)], urgent=True)
    first.run(0.5 + late_s)
    second.run(0.5 + late_s)
    second.engine.place("a", start, [(path, 0)], 100, urgent=True, joins=True)
    first.run(12)
    second.run(12)
    second.ear.next("started")
    assert abs(second.ear.next("ended").ms - round((10 - late_s) * 1000)) <= 20
    first.ear.next("started")
    assert first.ear.next("ended").whole
    [(_, all_of_it)], [(joined_at, rest)] = first.heard()[-1:], second.heard()[-1:]
    assert all_of_it[-len(rest) :] == rest
    assert abs(joined_at - start - late_s * 1_000_000_000) < 20_000_000


def test_what_is_cut_fades_instead_of_cracking(tmp_path: Path) -> None:
    stage = Stage()
    stage.place("a", 0.5, [(tone(tmp_path / "a.wav", 10, 50), 0)])
    stage.run(2)
    stage.engine.cancel("a")
    stage.run(2)
    heard = samples_of(stage)
    last = max(n for n, sample in enumerate(heard) if sample)
    steps = [abs(heard[n + 1] - heard[n]) for n in range(last - 2 * FADE_FRAMES, last)]
    assert max(steps) < 400
    loud = max(abs(sample) for sample in heard)
    assert max(abs(sample) for sample in heard[last - 20 : last]) < loud // 8
