"""Tests of the decoder: what travels as Opus is heard as it was, and what is not whole is refused.

Nobody imports this module.
"""

import array
import math
import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path

import pytest

from device_agent.clip_store import ClipFault
from device_agent.decoder import decode
from device_agent.sound.pcm import RATE
from tests.heard import pitch

SECONDS = 2


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 440 Hz, as clips travel."""
    import av

    path = tmp_path_factory.mktemp("clip") / "clip.part"
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono", bit_rate=24_000)
        for first in range(0, SECONDS * RATE, 960):
            frame = av.AudioFrame(format="s16", layout="mono", samples=960)
            frame.planes[0].update(
                array.array(
                    "h", (round(9000 * math.sin(2 * math.pi * 440 * (first + n) / RATE)) for n in range(960))
                ).tobytes()
            )
            frame.sample_rate, frame.pts, frame.time_base = RATE, first, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
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


def test_the_agent_itself_does_not_carry_the_decoder() -> None:
    loaded = "import sys, device_agent.decoder; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
