"""A synthetic announcer: beats of a tone, one for each word, with room, offset and loudness as one likes. Nobody could
take it for a person. Pure.

Imported by the sample bank of a demonstration, the bench and tests.
"""

import math
from array import array
from collections.abc import Iterator

import msgspec

from audio.phrase_take import TAKE_RATE

_BEAT_MS, _BETWEEN_MS = 170, 40
_TONES = (1.0, 0.55, 0.3, 0.18)
_TOP = 32_767


class Announcer(msgspec.Struct, frozen=True):
    """`hertz`: the voice; `level`: of a beat at its loudest, `noise`: of the room, both in dBFS; `offset`: added to
    every sample; `lead_ms`: the quiet before and after."""

    hertz: int
    level: float = -14.0
    noise: float = -70.0
    offset: int = 0
    lead_ms: int = 120


def say(announcer: Announcer, words: int, seed: int = 1) -> "array[int]":
    """So many beats, each a little higher or lower than the one before."""
    rate, room = TAKE_RATE, _noise(seed, _TOP * 10 ** (announcer.noise / 20))
    loud = _TOP * 10 ** (announcer.level / 20) / sum(_TONES)
    out = array("h")

    def quiet(ms: int) -> None:
        out.extend(_whole(next(room) + announcer.offset) for _ in range(rate * ms // 1000))

    quiet(announcer.lead_ms)
    for word in range(max(1, words)):
        step = 2 * math.pi * announcer.hertz * (1 + 0.06 * ((word * 5 + seed) % 4)) / rate
        count = rate * _BEAT_MS // 1000
        for at in range(count):
            beat = math.sin(math.pi * at / count) ** 0.6
            tone = sum(share * math.sin(step * at * harmonic) for harmonic, share in enumerate(_TONES, 1))
            out.append(_whole(loud * beat * tone + next(room) + announcer.offset))
        quiet(_BETWEEN_MS)
    quiet(announcer.lead_ms)
    return out


def _noise(seed: int, amplitude: float) -> Iterator[float]:
    """The same room for the same seed."""
    state = seed * 2_654_435_761 % 2**32 or 1
    while True:
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        yield (state / 2**31 - 1) * amplitude


def _whole(x: float) -> int:
    return max(-32_768, min(32_767, round(x)))
