"""The process that listens while something sounds: asked on standard input, it answers with one line and ends. It keeps
no sound, and hears no other minute of a village than those in which its own loudspeaker speaks.

A program of its own, so that numpy costs the agent no memory between plays and a broken microphone can break nothing
else.
"""

import os
import sys
import time
from pathlib import Path

import msgspec
import numpy as np

from device_agent.ear.capture import CaptureError, record
from device_agent.ear.detection import FOUND, RATE, Samples, listen
from device_agent.ear.verdict import MARGIN_MS, SHORTEST_MS, Question, Verdict, stretch
from device_agent.sound.pcm import RATE as CARD_RATE
from device_agent.sound.reel import Reel
from device_agent.sound.source import SourceError

_STEP = CARD_RATE // RATE
_TAPS = 95


def main() -> None:
    """Listen once."""
    os.nice(10)  # the sound itself comes first
    question = msgspec.json.decode(sys.stdin.buffer.readline(), type=Question)
    try:
        verdict = _judge(question)
    except (CaptureError, SourceError, OSError) as error:
        verdict = Verdict(fault=str(error))
    sys.stdout.buffer.write(msgspec.json.encode(verdict) + b"\n")


def _judge(question: Question) -> Verdict:
    begins, ends = stretch(question, time.monotonic_ns())
    if ends - begins < SHORTEST_MS:
        return Verdict()
    until_ns = question.started_ns + (ends + MARGIN_MS) * 1_000_000
    heard, first_ns = record(question.card, RATE, until_ns, time.monotonic_ns)
    began, _ = stretch(question, first_ns)
    clip, recording = _said(question, began, ends), _samples(heard)
    offset = (began - MARGIN_MS) * RATE // 1000 - (first_ns - question.started_ns) * RATE // 1_000_000_000
    wanted = len(clip) + 2 * MARGIN_MS * RATE // 1000
    recording = recording[max(offset, 0) :][:wanted]
    recording = np.pad(recording, (0, wanted - len(recording)))
    found = listen(clip, recording)
    return Verdict(found.score >= FOUND, round(found.score, 2), round(found.lag_ms, 1), ends - began)


def _said(question: Question, begins_ms: int, ends_ms: int) -> Samples:
    """This stretch of the sound, at the rate at which the ear hears."""
    reel = Reel([(Path(path), offset) for path, offset in question.pieces])
    try:
        first, last = begins_ms * CARD_RATE // 1000, min(ends_ms * CARD_RATE // 1000, reel.frames)
        samples = _samples(reel.read(first, last - first))
    finally:
        reel.close()
    around = np.arange(_TAPS) - _TAPS // 2
    low = np.sinc(around * 0.9 / _STEP) * np.hamming(_TAPS)
    return np.convolve(samples, low / low.sum(), "same")[::_STEP]


def _samples(frames: bytes) -> Samples:
    return np.frombuffer(frames, "<i2").astype(float) / 32_768


if __name__ == "__main__":
    main()
