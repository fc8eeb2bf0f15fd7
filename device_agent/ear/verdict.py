"""What the ear is asked, and what it says. Pure.

Imported by both sides of the pipe between the agent and the process that listens.
"""

import enum

import msgspec

from schedules.clock import DurationMs
from schedules.playback import Evidence

SHORTEST_MS: DurationMs = 10_000
"""What is shorter is not judged: too much speech is alike."""
LONGEST_MS: DurationMs = 25_000
MARGIN_MS: DurationMs = 1_000
"""How far from its expected instant a sound is looked for."""
THINKING_MS: DurationMs = 2_000
"""The answer must be there while it still sounds: its end closes the line of the log."""


class Place(enum.Enum):
    """Where the ear is."""

    microphone = "microphone"
    loopback = "loopback"

    @property
    def proves(self) -> Evidence:
        """The rung that a sound found there reaches."""
        return Evidence.heard if self is Place.microphone else Evidence.level


class Question(msgspec.Struct, frozen=True):
    """`card`: an ALSA device to record from; `pieces`: files, and how many ms after the start each begins;
    `started_ns`: when its first frame left the card, on the monotonic clock; `length_ms`: of all of it."""

    card: str
    pieces: tuple[tuple[str, DurationMs], ...]
    started_ns: int
    length_ms: DurationMs


class Verdict(msgspec.Struct, frozen=True):
    """`found`: it was there; `score`, `lag_ms`: how clearly, and how late; `judged_ms`: how much of it was looked at, 0
    if there was too little; `fault`: why nothing could be recorded."""

    found: bool = False
    score: float = 0
    lag_ms: float = 0
    judged_ms: DurationMs = 0
    fault: str = ""


def stretch(question: Question, first_ns: int) -> tuple[DurationMs, DurationMs]:
    """From where to where in the sound is judged, for an ear that has recorded since `first_ns`; equal where that is
    too little."""
    since = (first_ns - question.started_ns) // 1_000_000
    begins = max(0, since + MARGIN_MS)
    ends = min(begins + LONGEST_MS, question.length_ms - MARGIN_MS - THINKING_MS)
    return (begins, ends) if ends - begins >= SHORTEST_MS else (begins, begins)


def is_worth_it(length_ms: DurationMs) -> bool:
    """Whether a sound is long enough to be judged by an ear that is awake within two seconds."""
    return length_ms >= SHORTEST_MS + 2 * MARGIN_MS + 2 * THINKING_MS
