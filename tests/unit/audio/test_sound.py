"""Tests of voices and mastering with the real tools: what leaves the house is fit for a horn.

Nobody imports this module.
"""

import array
import math
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from gtts import gTTSError

from audio import speak_command
from audio.clip import SAMPLE_RATE, is_clip_name
from audio.language import SEED, is_tag
from audio.mastering import MasteringError, MasteringFault, master, measure
from audio.quality import Finding, Loudness, judge
from audio.sample_speech import sample_recording
from audio.voice import Provenance, VoiceError, VoiceFault
from audio.voices.espeak_voice import EspeakVoice
from audio.voices.fallback_voice import FallbackVoice
from audio.voices.gtts_voice import REST_S, GttsVoice

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
    assert abs(measured.integrated + 16) <= 1
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
def test_what_is_no_recording_is_refused(tmp_path: Path, make: Callable, fault: MasteringFault) -> None:
    make(tmp_path / "upload.wav")
    with pytest.raises(MasteringError) as refused:
        master(tmp_path / "upload.wav", "mww", tmp_path / "clips")
    assert refused.value.fault is fault
    assert not list(tmp_path.glob("clips/*"))


def test_a_minus_is_spoken_not_taken_for_an_option(tmp_path: Path) -> None:
    provenance = VOICE.render("-2 độ. --help", "vi", tmp_path / "minus.wav")
    assert provenance.ai_made
    assert (tmp_path / "minus.wav").stat().st_size > 30_000


def test_control_characters_and_long_texts_do_no_harm(tmp_path: Path) -> None:
    VOICE.render("bà con \x07\x1b[31m chú ý \x00 nhé", "vi", tmp_path / "odd.wav")
    VOICE.render("bà con chú ý. " * 2_000, "vi", tmp_path / "long.wav")
    assert (tmp_path / "long.wav").stat().st_size > 10_000_000


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


class Service:
    """A stand-in for the network service: answers from a list."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, words: str, into: Path) -> None:
        self.asked += 1
        answer = self.answers.pop(0)
        into.write_bytes(b"" if isinstance(answer, Exception) else answer)
        if isinstance(answer, Exception):
            raise answer


def gtts(service: Service, pauses: list[float], clock: list[float] | None = None) -> GttsVoice:
    return GttsVoice(
        lambda source, target: target.write_bytes(source.read_bytes()),
        pauses.append,
        lambda: (clock or [0.0])[0],
        service,
    )


def test_gtts_tries_again_with_growing_pauses(tmp_path: Path) -> None:
    pauses: list[float] = []
    service = Service(gTTSError("no network"), b"", b"mp3")
    assert gtts(service, pauses).render("xin chào", "vi", tmp_path / "a.wav").engine == "gTTS"
    assert pauses == [1.0, 2.0]


def test_an_empty_answer_is_no_answer_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(VoiceError) as failed:
        gtts(Service(b"", b"", b""), []).render("xin chào", "vi", tmp_path / "a.wav")
    assert failed.value.fault is VoiceFault.empty
    assert list(tmp_path.iterdir()) == []


def test_after_too_many_requests_the_service_is_left_alone(tmp_path: Path) -> None:
    clock = [0.0]
    service = Service(gTTSError("429 (Too Many Requests)"), b"mp3")
    voice = gtts(service, [], clock)
    for _ in range(3):
        with pytest.raises(VoiceError):
            voice.render("xin chào", "vi", tmp_path / "a.wav")
    assert service.asked == 1
    clock[0] = REST_S + 1
    voice.render("xin chào", "vi", tmp_path / "a.wav")


def test_the_next_voice_stands_in_and_says_so(tmp_path: Path) -> None:
    voice = FallbackVoice([gtts(Service(gTTSError("x"), gTTSError("x"), gTTSError("x")), []), VOICE])
    provenance = voice.render("xin chào bà con", "vi", tmp_path / "a.wav")
    assert (provenance.engine, provenance.fallback) == ("espeak-ng", True)


def test_a_sample_says_that_it_is_one_and_begins_with_its_tone(tmp_path: Path) -> None:
    sample_recording(SEED[1], VOICE, tmp_path / "sample.wav")
    assert master(tmp_path / "sample.wav", "mww", tmp_path).clip.duration_ms > 4_000


def test_every_seeded_language_is_well_formed_and_there_once() -> None:
    assert all(is_tag(language.tag) for language in SEED)
    assert len({language.tag for language in SEED}) == len(SEED)


def test_odd_sounds_are_found() -> None:
    good = Loudness(-16, -2)
    assert judge(4_000, good, TEXT) == ()
    assert judge(500, good, TEXT) == (Finding.hurried,)
    assert judge(100_000, good, TEXT) == (Finding.dragging,)
    assert Finding.silent in judge(4_000, Loudness(-99, -99))


def test_the_command_line_says_what_it_cannot_say(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    loaban = [sys.executable, "-m", "audio.speak_command", "--words"]
    done = subprocess.run(loaban, input="Họp 20/7\nDịch H5N1\n".encode(), capture_output=True, check=False)
    assert done.returncode == speak_command.LEFTOVERS
    assert done.stdout.decode() == "họp ngày hai mươi tháng bảy\ndịch [h5n1]\n"


def test_provenance_marks_machine_speech() -> None:
    assert Provenance("espeak-ng", ai_made=True).ai_made
