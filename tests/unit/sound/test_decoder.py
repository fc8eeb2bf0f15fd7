"""Tests of the decoder: what travels as Opus is heard as it was, and what is not whole is refused.

Nobody imports this module.
"""

import array
import subprocess
import wave
from pathlib import Path

import pytest

from device_agent.clip_store import ClipFault
from device_agent.decoder import decode
from device_agent.sound.opus import OpusError, OpusStream
from device_agent.sound.pcm import RATE
from tests.heard import pitch

SECONDS = 2


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 440 Hz, as clips travel."""
    path = tmp_path_factory.mktemp("clip") / "clip.part"
    tone = f"sine=frequency=440:sample_rate={RATE}:duration={SECONDS},volume=8dB"
    opus = ["-c:a", "libopus", "-b:a", "24k", "-ac", "1", "-f", "ogg"]
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", tone, *opus, str(path)], check=True)
    return path


def test_a_clip_is_decoded_to_what_the_card_takes(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "clip.new"
    decode(clip, target, SECONDS * 1000)
    with wave.open(str(target), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        samples = array.array("h", file.readframes(file.getnframes()))
    assert abs(len(samples) - SECONDS * RATE) <= RATE // 50
    assert abs(pitch(samples[RATE // 2 : RATE]) - 440) < 5
    assert 6_000 < max(samples) < 13_000


def test_a_clip_of_another_length_is_refused(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(ClipFault) as refused:
        decode(clip, tmp_path / "clip.new", 5_000)
    assert refused.value.cause == "wrong_length"


def test_a_truncated_clip_is_refused(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    with pytest.raises(ClipFault) as refused:
        decode(tmp_path / "short", tmp_path / "clip.new", SECONDS * 1000)
    assert refused.value.cause in {"wrong_length", "undecodable"}


@pytest.mark.parametrize("content", [b"", b"not a sound at all" * 50, b"OggS" + bytes(2000)])
def test_what_is_no_sound_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(ClipFault) as refused:
        decode(tmp_path / "bad", tmp_path / "clip.new", 1_000)
    assert refused.value.cause == "undecodable"


def test_a_full_memory_card_is_not_the_fault_of_the_clip(clip: Path) -> None:
    with pytest.raises(ClipFault) as refused:
        decode(clip, Path("/dev/full"), SECONDS * 1000)
    assert refused.value.cause == "disk"


def test_what_is_longer_than_the_programme_says_does_not_fill_the_card(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "clip.new"
    with pytest.raises(ClipFault) as refused:
        decode(clip, target, 500)
    assert refused.value.cause == "wrong_length"
    assert target.stat().st_size < RATE * 2


def test_the_first_frames_of_a_sound_that_is_cut_off_can_be_heard_at_once(clip: Path) -> None:
    """As an alert brings them."""
    head = OpusStream(clip.read_bytes()[:4_500])
    whole = OpusStream(clip)
    heard = b"".join(iter(head.read, b""))
    assert RATE // 4 < len(heard) // 2 < SECONDS * RATE
    assert b"".join(iter(whole.read, b"")).startswith(heard)
    head.close()
    head.close()
    assert head.read() == b""


def test_two_channels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two"
    opus = ["-c:a", "libopus", "-ac", "2", "-f", "ogg"]
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", *opus, str(path)], check=True)
    with pytest.raises(OpusError, match="2 channels"):
        OpusStream(path)
