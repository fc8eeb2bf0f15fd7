"""Tests of voices and mastering with the real tools: what leaves the house is fit for a horn.

Nobody imports this module.
"""

import array
import math
import os
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from audio import speak_command
from audio.clip import SAMPLE_RATE, is_clip_name
from audio.language import SEED, is_tag
from audio.mastering import master, measure
from audio.narrator import narrator_of
from audio.quality import Finding, Loudness, judge
from audio.refusal import MasteringError, MasteringFault
from audio.sample_speech import sample_recording
from audio.voice import VoiceError, VoiceFault
from audio.voices.espeak_voice import EspeakVoice

VOICE = EspeakVoice()
TEXT = "Kính mời bà con đến nhà văn hóa thôn họp lúc bảy giờ tối nay."


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    VOICE.render(TEXT, "vi", tmp_path / "spoken.wav")
    return tmp_path / "spoken.wav"


def write_tone(path: Path, seconds: float, hertz: float = 440, peak: int = 9_000) -> Path:
    count = round(seconds * SAMPLE_RATE)
    samples = array.array("h", (round(peak * math.sin(2 * math.pi * hertz * n / SAMPLE_RATE)) for n in range(count)))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def test_a_clip_is_as_loud_as_a_horn_wants_and_named_by_its_bytes(spoken: Path, tmp_path: Path) -> None:
    mastered = master(spoken, "vi", tmp_path / "clips")
    measured = measure(mastered.opus)
    assert abs(measured.integrated + 16) <= 0.5
    assert measured.peak <= -1.5
    assert is_clip_name(mastered.clip.sha256)
    assert mastered.opus.name == f"{mastered.clip.sha256}.opus"
    assert mastered.clip.size == mastered.opus.stat().st_size
    assert 3_000 < mastered.clip.duration_ms < 6_000
    assert mastered.preview.stat().st_size > 10_000


def test_the_same_sound_is_the_same_clip(spoken: Path, tmp_path: Path) -> None:
    assert master(spoken, "vi", tmp_path / "a").clip == master(spoken, "vi", tmp_path / "b").clip


def test_one_second_is_as_loud_as_a_minute(tmp_path: Path) -> None:
    VOICE.render("Sơ tán ngay.", "vi", tmp_path / "short.wav")
    assert abs(master(tmp_path / "short.wav", "vi", tmp_path).loudness.integrated + 16) <= 1


def test_what_a_horn_cannot_pass_is_taken_out(tmp_path: Path) -> None:
    low = write_tone(tmp_path / "low.wav", 2, hertz=60, peak=15_000)
    high = write_tone(tmp_path / "high.wav", 2, hertz=1_000, peak=15_000)
    joined = tmp_path / "joined.wav"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", low, "-i", high, "-filter_complex", "amix=inputs=2", joined], check=True
    )
    clip = master(joined, "vi", tmp_path).opus
    rumble = tmp_path / "rumble.wav"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", clip, "-af", "lowpass=f=90:p=2,lowpass=f=90:p=2", rumble], check=True
    )
    assert measure(rumble).peak < measure(clip).peak - 20


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp3", []), ("a.ogg", []), ("a.m4a", []), ("photo.jpg.wav", []), ("a.wav", ["-ac", "2"])]
)
def test_recordings_of_every_kind_become_clips(tmp_path: Path, name: str, codec: list[str]) -> None:
    source = write_tone(tmp_path / "source.wav", 1)
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, *codec, tmp_path / name], check=True)
    assert 900 < master(tmp_path / name, "mww", tmp_path).clip.duration_ms < 1_300


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda path: path.write_bytes(b"<script>alert(1)</script>" * 100), MasteringFault.not_sound),
        (lambda path: path.write_bytes(b""), MasteringFault.not_sound),
        (lambda path: write_tone(path, 2, peak=0), MasteringFault.silent),
        (lambda path: write_tone(path, 0.05), MasteringFault.too_short),
        (lambda path: path.write_bytes(bytes(26 * 1024 * 1024)), MasteringFault.too_large),
    ],
    ids=["script", "empty", "silent", "too short", "too large"],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, make: Callable[[Path], object], fault: MasteringFault) -> None:
    make(tmp_path / "upload.wav")
    with pytest.raises(MasteringError) as refused:
        master(tmp_path / "upload.wav", "mww", tmp_path / "clips")
    assert refused.value.fault is fault
    assert not list(tmp_path.glob("clips/*"))


@pytest.mark.parametrize(
    "playlist",
    ["ffconcat version 1.0\nfile {}\n", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n"],
    ids=["concat", "hls"],
)
def test_an_upload_cannot_name_another_file_of_the_server(tmp_path: Path, playlist: str) -> None:
    source = write_tone(tmp_path / "private.wav", 2)
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, "-c:a", "aac", tmp_path / "private.ts"], check=True)
    (tmp_path / "upload").write_text(playlist.format("private.ts"))
    with pytest.raises(MasteringError) as refused:
        master(tmp_path / "upload", "mww", tmp_path / "clips")
    assert refused.value.fault is MasteringFault.not_sound


def test_hours_in_a_small_file_are_refused(tmp_path: Path) -> None:
    hours = tmp_path / "hours.wav"
    with wave.open(str(hours), "wb") as file:
        file.setparams((1, 1, 1_000, 0, "NONE", ""))
        file.writeframes(bytes([128, 140]) * 500 * 3_600 * 2)
    with pytest.raises(MasteringError) as refused:
        master(hours, "mww", tmp_path / "clips")
    assert refused.value.fault is MasteringFault.too_long


@pytest.mark.parametrize("seconds", [0.32, 0.45, 1.0])
def test_the_shortest_sounds_reach_their_loudness_too(tmp_path: Path, seconds: float) -> None:
    loudness = master(write_tone(tmp_path / "short.wav", seconds), "mww", tmp_path).loudness
    assert abs(loudness.integrated + 16) <= 1
    assert loudness.peak <= -1.5


def test_a_faint_recording_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    faint = master(write_tone(tmp_path / "faint.wav", 2, peak=90), "mww", tmp_path)
    assert abs(faint.clip.duration_ms - 2_000) < 50
    assert abs(faint.loudness.integrated + 16) <= 1


def test_a_recording_made_too_loud_is_found_and_a_good_one_is_not(tmp_path: Path) -> None:
    loud = write_tone(tmp_path / "loud.wav", 1, peak=30_000)
    clipped = tmp_path / "clipped.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-i", loud, "-af", "volume=12dB", clipped], check=True)
    assert master(loud, "mww", tmp_path).clipped == 0
    mastered = master(clipped, "mww", tmp_path)
    assert judge(1_000, mastered.loudness, clipped=mastered.clipped) == (Finding.clipped,)


def test_a_minus_is_spoken_not_taken_for_an_option(tmp_path: Path) -> None:
    provenance = VOICE.render("-2 độ. --help", "vi", tmp_path / "minus.wav")
    assert provenance.ai_made
    assert (tmp_path / "minus.wav").stat().st_size > 30_000


@pytest.mark.parametrize("odd", ["\x00", "\x07\x1b", "[[", "]]", "[[a]]"])
def test_no_character_silences_the_words_around_it(tmp_path: Path, odd: str) -> None:
    VOICE.render("bà con chú ý nhé, bà con chú ý nhé", "vi", tmp_path / "plain.wav")
    VOICE.render(f"bà con chú ý nhé, {odd} bà con chú ý nhé", "vi", tmp_path / "odd.wav")
    assert (tmp_path / "odd.wav").stat().st_size >= 0.95 * (tmp_path / "plain.wav").stat().st_size


def test_a_text_of_a_hundred_thousand_bytes_is_spoken_to_its_end(tmp_path: Path) -> None:
    sizes = []
    for gap in (" ", " \n" * 50_000):
        VOICE.render(gap.join(["bà con chú ý nhé."] * 2), "vi", tmp_path / "a.wav")
        sizes.append((tmp_path / "a.wav").stat().st_size)
    assert sizes[1] >= 0.95 * sizes[0]


@pytest.mark.parametrize("words", ["", "   ", "\n"])
def test_no_words_are_no_sound(tmp_path: Path, words: str) -> None:
    try:
        VOICE.render(words, "vi", tmp_path / "none.wav")
        with pytest.raises(MasteringError):
            master(tmp_path / "none.wav", "vi", tmp_path)
    except VoiceError as error:
        assert error.fault is VoiceFault.empty


def test_no_machine_speaks_a_language_it_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(VoiceError):
        VOICE.render("Nyob zoo", "mww", tmp_path / "no.wav")


def test_a_sample_says_that_it_is_one_and_begins_with_its_tone(tmp_path: Path) -> None:
    sample_recording(SEED[1], narrator_of([VOICE], tmp_path), tmp_path / "sample.wav")
    assert master(tmp_path / "sample.wav", "mww", tmp_path).clip.duration_ms > 4_000


def test_every_seeded_language_is_well_formed_and_there_once() -> None:
    assert all(is_tag(language.tag) for language in SEED)
    assert len({language.tag for language in SEED}) == len(SEED)


def test_odd_sounds_are_found() -> None:
    good = Loudness(-16, -2)
    assert judge(4_000, good, TEXT) == ()
    assert judge(500, good, TEXT) == (Finding.hurried,)
    assert judge(100_000, good, TEXT) == (Finding.dragging,)
    assert judge(4_000, Loudness(-99, -99)) == (Finding.silent,)
    assert judge(4_000, Loudness(-27, -1.8)) == (Finding.uneven,)
    assert judge(4_000, good, clipped=0.01) == (Finding.clipped,)


def test_the_command_line_says_what_it_cannot_say(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    loaban = [sys.executable, "-m", "audio.speak_command", "--words"]
    done = subprocess.run(loaban, input="Họp 20/7\nDịch H5N1\n".encode(), capture_output=True, check=False)
    assert done.returncode == speak_command.LEFTOVERS
    assert done.stdout.decode() == "họp ngày hai mươi tháng bảy\ndịch [h5n1]\n"


def speak(*arguments: object, typed: bytes, **settings: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "audio.speak_command", *map(str, arguments)]
    return subprocess.run(command, input=typed, capture_output=True, check=False, env={**os.environ, **settings})


def test_the_command_line_renders_a_clip(tmp_path: Path) -> None:
    out = tmp_path / "clip.opus"
    assert speak("--language", "vi", "--out", out, typed="Họp lúc 19h00 tại nhà văn hóa".encode()).returncode == 0
    assert abs(measure(out).integrated + 16) <= 1


@pytest.mark.parametrize(
    ("typed", "language", "out", "status"),
    [
        ("Dịch H5N1", "vi", "clip.opus", speak_command.LEFTOVERS),
        ("Nyob zoo", "mww", "clip.opus", 2),
        ("", "vi", "clip.opus", 2),
        ("Xin chào", "vi", "nowhere/clip.opus", 2),
    ],
)
def test_the_command_line_says_what_it_cannot_do(
    tmp_path: Path, typed: str, language: str, out: str, status: int
) -> None:
    done = speak("--language", language, "--out", tmp_path / out, typed=typed.encode())
    assert done.returncode == status
    assert done.stderr
    assert b"Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.opus"))


def test_the_command_line_reads_vietnamese_whatever_the_locale_and_one_line_is_one_line() -> None:
    typed = "bà con\n\ngạo \u2028 ngô\n".encode() + b"\xff\n"
    done = speak("--words", typed=typed, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.stdout.decode() == "bà con\n\ngạo ngô\n[\ufffd]\n"
