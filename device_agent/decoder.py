"""A clip as it travels (Ogg Opus) → a WAV that the card can play: mono, 16 bit, 48 kHz. A shell.

Imported by the composition root and the runner. It runs in the workshop thread of the agent: the library lets go of
the interpreter while it works, and a thread of low priority takes nothing from the one that plays.
"""

import contextlib
import os
import threading
import wave
from pathlib import Path

from device_agent.clip_store import ClipFault
from device_agent.sound.opus import OpusError, OpusStream
from device_agent.sound.pcm import FRAME_BYTES, RATE

LENGTH_SLACK_MS = 250
"""A decoded clip whose length differs from what the programme says by more than this is not that clip."""
_NICE = 10


def step_back() -> None:
    """Let this thread work only where no other wants the processor."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def decode(source: Path, target: Path, expected_ms: int) -> None:
    """Write the WAV of a clip. Raises `ClipFault`: undecodable, wrong_length, or disk if there is no room."""
    longest = (expected_ms + LENGTH_SLACK_MS) * RATE // 1000
    try:
        length = _written(source, target, longest) * 1000 // RATE
    except OpusError as error:
        raise ClipFault("undecodable", str(error)) from error
    except OSError as error:
        raise ClipFault("disk", str(error)) from error
    if abs(length - expected_ms) > LENGTH_SLACK_MS:
        raise ClipFault("wrong_length", f"{length} ms, not {expected_ms} ms")


def _written(source: Path, target: Path, longest: int) -> int:
    """How many frames were written; stops soon after `longest`, so that no clip can fill the card."""
    stream = OpusStream(source)
    frames = 0
    try:
        with target.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setparams((1, FRAME_BYTES, RATE, 0, "NONE", ""))
            while frames <= longest and (piece := stream.read()):
                file.writeframesraw(piece)
                frames += len(piece) // FRAME_BYTES
    finally:
        stream.close()
    return frames
