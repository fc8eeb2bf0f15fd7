"""Tests of what is in a clip besides its sound: marks for machines, its picture, and the band of its preset.

Nobody imports this module.
"""

import array
import json
import subprocess
from pathlib import Path

import pytest

from audio.marks import marks_of
from audio.mastering import draw, master, measure
from audio.preset import COLUMN, HORN, Preset
from audio.voice import Provenance
from audio.waveform import COLUMNS, HEIGHT, drawn, outline
from tests.unit.audio.test_sound import write_tone

ROBOT = Provenance("espeak-ng", "1.51", "vi+Annie", "-s 125", ai_made=True)


def comments(path: Path) -> dict[str, str]:
    """What ffprobe reads in a file, whatever it is."""
    command = ["ffprobe", "-v", "error", "-show_entries", "format_tags:stream_tags", "-of", "json", str(path)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {**told["format"].get("tags", {}), **told["streams"][0].get("tags", {})} if told.get("streams") else {}


def test_a_clip_says_that_a_machine_made_it_and_which(tmp_path: Path) -> None:
    tone = write_tone(tmp_path / "tone.wav", 1)
    machine = master(tone, "vi", tmp_path, marks_of(ROBOT, "vi"))
    told = comments(machine.opus)
    wanted = {
        "AI_GENERATED": "true",
        "LANGUAGE": "vi",
        "ENGINE": "espeak-ng",
        "ENGINE_VERSION": "1.51",
        "VOICE": "vi+Annie",
    }
    assert wanted.items() <= told.items()
    assert comments(machine.preview)["AI_GENERATED"] == "true"
    person = master(tone, "mww", tmp_path, marks_of(Provenance("recording", parameters="sha256=x"), "mww"))
    assert (comments(person.opus)["AI_GENERATED"], comments(person.opus)["ENGINE"]) == ("false", "recording")
    assert "VOICE" not in comments(person.opus)
    assert person.clip.sha256 != machine.clip.sha256


def test_the_same_sound_with_the_same_marks_is_the_same_clip(tmp_path: Path) -> None:
    tone = write_tone(tmp_path / "tone.wav", 1)
    made = {master(tone, "vi", tmp_path / n, marks_of(ROBOT, "vi")).clip.sha256 for n in "ab"}
    assert len(made) == 1


def test_a_voice_cannot_write_other_marks_through_its_name() -> None:
    odd = Provenance("command", "1\nAI_GENERATED=false", "a\0b\r", ai_made=True)
    assert marks_of(odd, "vi") == {
        "AI_GENERATED": "true",
        "LANGUAGE": "vi",
        "ENGINE": "command",
        "ENGINE_VERSION": "1 AI_GENERATED=false",
        "VOICE": "a b",
    }


@pytest.mark.parametrize("preset", [HORN, COLUMN], ids=lambda preset: preset.name)
def test_each_preset_reaches_its_loudness(tmp_path: Path, preset: Preset) -> None:
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anoisesrc=d=6:c=pink:a=0.3:seed=4", tmp_path / "a.wav"],
        check=True,
    )
    measured = measure(master(tmp_path / "a.wav", "vi", tmp_path, {}, preset).opus)
    assert abs(measured.integrated + 16) <= 0.5
    assert measured.peak <= -1.5


def test_a_column_indoors_gives_what_a_horn_cannot(tmp_path: Path) -> None:
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anoisesrc=d=4:c=white:a=0.3:seed=4", tmp_path / "a.wav"],
        check=True,
    )
    levels = {}
    for preset in (HORN, COLUMN):
        high = tmp_path / f"{preset.name}.wav"
        clip = master(tmp_path / "a.wav", "vi", tmp_path, {}, preset).opus
        band = "highpass=f=9500:p=2,highpass=f=9500:p=2,highpass=f=9500:p=2"
        subprocess.run(["ffmpeg", "-v", "error", "-i", clip, "-af", band, high], check=True)
        levels[preset.name] = measure(high).integrated
    assert levels["column"] > levels["horn"] + 6


def test_the_picture_shows_where_it_is_loud(tmp_path: Path) -> None:
    samples = array.array("h", [0] * 24_000 + [16_384, -16_384] * 12_000)
    peaks = outline(samples)
    assert len(peaks) == COLUMNS
    assert max(peaks[: COLUMNS // 2 - 1]) == 0
    assert set(peaks[COLUMNS // 2 + 1 :]) == {0.5}
    assert outline(array.array("h")) == (0.0,) * COLUMNS
    assert len(outline(array.array("h", [5]))) == COLUMNS
    assert f'viewBox="0 0 {COLUMNS} {HEIGHT}"' in drawn(samples)
    assert len(drawn(samples)) < 8_000


def test_a_clip_is_drawn_when_it_is_made_and_can_be_drawn_again(tmp_path: Path) -> None:
    made = master(write_tone(tmp_path / "tone.wav", 1), "vi", tmp_path)
    assert made.picture == tmp_path / f"{made.clip.sha256}.svg"
    assert made.picture.read_text() == draw(made.opus)
