"""Outlay: how many bytes it costs to bring sounds to loudspeakers, and whose SIM does not allow as much. Pure.

Imported by the use cases, the web and tests.
"""

from collections.abc import Iterable

import msgspec

from audio.clip import NO_LANGUAGE, Clip
from schedules.assignment import Allowance
from schedules.clock import DurationMs

BYTES_A_WORD = 1_000
"""Of spoken Vietnamese, as it is mastered: 24 kbit/s, three syllables a second. Measured: 1,009 to 1,030."""
MS_A_WORD: DurationMs = 333
"""Of the same."""


class Sound(msgspec.Struct, frozen=True):
    """What is to be sent. `clip` is its name, empty while it has not been made; then its size is an estimate."""

    language: str
    size: int
    clip: str = ""


class Receiver(msgspec.Struct, frozen=True):
    """A loudspeaker that it is sent to: its languages, the clips that it holds, what its SIM allows, and what it has
    fetched today and this month."""

    languages: tuple[str, ...]
    holds: frozenset[str] = frozenset()
    allowance: Allowance | None = None
    today: int = 0
    month: int = 0


class Outlay(msgspec.Struct, frozen=True):
    """Of `loudspeakers`, so many are `fetching` anything: at most `each` bytes, together `total`. `over_month` of them
    would go beyond what their SIM allows in a month, `over_day` of the others beyond what it allows in a day."""

    loudspeakers: int = 0
    fetching: int = 0
    each: int = 0
    total: int = 0
    over_day: int = 0
    over_month: int = 0
    estimated: bool = False

    @property
    def alike(self) -> bool:
        """Whether it costs each of them the same."""
        return self.total == self.each * self.fetching


def estimated(words: str, language: str) -> Clip:
    """A text that nobody has spoken yet, as the clip that it may become: one without a name."""
    number = len(words.split())
    return Clip("", language, MS_A_WORD * number, BYTES_A_WORD * number)


def sound_of(clip: Clip) -> Sound:
    """A clip, as it costs."""
    return Sound(clip.language, clip.size, clip.sha256)


def outlay(sounds: Iterable[Sound], receivers: Iterable[Receiver]) -> Outlay:
    """What it costs to bring these sounds to all of them once. To play them again costs nothing."""
    every = tuple(sounds)
    number = fetching = each = total = over_day = over_month = 0
    for receiver in receivers:
        number += 1
        size = sum(
            s.size for s in every if s.language in (*receiver.languages, NO_LANGUAGE) and s.clip not in receiver.holds
        )
        if not size:
            continue
        fetching, each, total = fetching + 1, max(each, size), total + size
        if _beyond(receiver.month + size, receiver.allowance.monthly_bytes if receiver.allowance else 0):
            over_month += 1
        elif _beyond(receiver.today + size, receiver.allowance.daily_bytes if receiver.allowance else 0):
            over_day += 1
    return Outlay(number, fetching, each, total, over_day, over_month, any(not sound.clip for sound in every))


def _beyond(amount: int, limit: int) -> bool:
    return bool(limit) and amount > limit
