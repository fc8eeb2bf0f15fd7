"""Chimes: a few notes before and behind the words, made of sines and nothing else, so that nobody's rights are in them.
Pure: the same name gives the same samples.

Imported by the studio and tests. Each class has its own, told apart by their movement and not only by their pitch, for
a horn far away keeps the first longer than the second: ordinary rises softly; priority rises twice; an emergency
alternates without a pause, which nothing else does; an exercise falls slowly, with silence between. All lie between 500
and 2,000 Hz, where a horn is loud.
"""

import array
import math

import msgspec

CHIME_VERSION = "1"
"""To be changed with the notes: it is part of what a kept chime is known by."""
RATE = 48_000
_TOP = 20_000
_ATTACK_S = 0.006
_HARMONICS = ((1, 1.0), (2, 0.35), (3, 0.15))


class Note(msgspec.Struct, frozen=True):
    """`hertz` from `at_ms` on, for so long; it dies away like a bell, unless it `holds`."""

    hertz: int
    at_ms: int
    ms: int
    holds: bool = False


CHIMES: dict[str, tuple[Note, ...]] = {
    "ordinary": (Note(523, 0, 1_300), Note(659, 650, 1_300), Note(784, 1_300, 1_600)),
    "priority": tuple(
        Note(hertz, start + 320 * number, 900) for start in (0, 1_350) for number, hertz in enumerate((784, 988, 1_175))
    ),
    "emergency": tuple(Note((1_480, 988)[number % 2], 242 * number, 242, holds=True) for number in range(12)),
    "exercise": (Note(784, 0, 700), Note(659, 1_000, 700), Note(523, 2_000, 900)),
    "trial": (Note(880, 0, 600), Note(880, 1_000, 600), Note(880, 2_000, 900)),
    "closing": (Note(784, 0, 900), Note(523, 500, 1_100)),
}
"""By what they announce: a class, or an exercise; `closing` ends them all, and `trial` is the tone by which somebody
hears whether a loudspeaker sounds: three alike, as nothing else has them."""


def length_ms(name: str) -> int:
    """From the first note to the end of the last."""
    return max(note.at_ms + note.ms for note in CHIMES[name])


def samples(name: str) -> "array.array[int]":
    """A chime as samples of 16 bits, mono, `RATE` a second."""
    mixed = [0.0] * (length_ms(name) * RATE // 1_000)
    for note in CHIMES[name]:
        first, count = note.at_ms * RATE // 1_000, note.ms * RATE // 1_000
        for number in range(min(count, len(mixed) - first)):
            mixed[first + number] += _at(note, number / RATE, (count - number) / RATE)
    loudest = max(map(abs, mixed))
    return array.array("h", (round(_TOP * value / loudest) for value in mixed))


def _at(note: Note, seconds: float, left: float) -> float:
    """A note so long after its beginning, and so long before its end, at which it is silent."""
    turn = 2 * math.pi * note.hertz * seconds
    wave = sum(part * math.sin(times * turn) for times, part in _HARMONICS)
    dying = 1.0 if note.holds else math.exp(-3.0 * seconds)
    return wave * dying * min(1.0, seconds / _ATTACK_S, left / _ATTACK_S)
