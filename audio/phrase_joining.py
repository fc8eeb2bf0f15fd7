"""Takes → one sound: each cut to where somebody speaks, brought to one loudness, and joined where it is quiet. Pure.

Imported by the engine and tests. A piece begins and ends in the quiet around its words, and is faded there to nothing;
where two follow each other at once, these ends lie on one another. So nothing jumps, whatever two recordings have for
offset or noise.
"""

import itertools
import math
from array import array
from collections.abc import Iterator, Sequence

import msgspec

from audio.phrase_loudness import FULL, loudness
from audio.phrase_take import KEEP_MS, TAKE_RATE, Measures

JOINS_VERSION = "1"
"""To be changed with what is done here: it is part of what a joined sound is known by."""
TARGET_LUFS, TOP_DBFS = -23.0, -1.0
FADE_MS, OVERLAP_MS = 20, 20
SMALLEST_STEP_DBFS = -50.0
"""No join may hold a jump above this."""
NEIGHBOURS_MS = 5
_ITSELF = 2


class Take(msgspec.Struct, frozen=True):
    """A take's samples (one channel, 16 bits, `TAKE_RATE`) and what was measured of them; `pause_ms`: the silence
    behind it."""

    samples: "array[int]"
    measures: Measures
    pause_ms: int = 0


class Placed(msgspec.Struct, frozen=True):
    """Where a piece lies in the joined sound, in frames; and where in it somebody speaks."""

    begins: int
    ends: int
    first: int
    last: int


class Joined(msgspec.Struct, frozen=True):
    """One sound, and where its pieces lie."""

    samples: "array[int]"
    placed: tuple[Placed, ...]


def join(takes: Sequence[Take], rate: int = TAKE_RATE) -> Joined:
    """All of them, one behind the other."""
    target = min([TARGET_LUFS, *(t.measures.lufs + TOP_DBFS - t.measures.peak for t in takes)])
    overlap = rate * OVERLAP_MS // 1000
    out = array("h")
    placed: list[Placed] = []
    pause = 0
    for number, take in enumerate(takes):
        piece, lead = _shaped(take, 10 ** ((target - take.measures.lufs) / 20), rate)
        if number and not pause:
            begins = len(out) - min(overlap, len(piece) // 2, placed[-1].ends - placed[-1].begins)
            shared = len(out) - begins
            for at in range(shared):
                out[begins + at] = _whole(out[begins + at] + piece[at])
            out.extend(piece[shared:])
        else:
            out.extend(array("h", bytes(2 * pause)))
            begins = len(out)
            out.extend(piece)
        first = begins + lead
        placed.append(Placed(begins, len(out), first, first + take.measures.ends - take.measures.begins))
        pause = rate * take.pause_ms // 1000
    return Joined(out, tuple(placed))


def _shaped(take: Take, gain: float, rate: int) -> "tuple[array[int], int]":
    """The piece: cut, centred, at its level, faded from nothing and to nothing; and after how many frames somebody
    speaks in it."""
    margin = rate * KEEP_MS // 1000
    begins = max(0, take.measures.begins - margin)
    cut = take.samples[begins : take.measures.ends + margin]
    offset = sum(cut) / len(cut) if cut else 0.0
    piece = array("h", (_whole((x - offset) * gain) for x in cut))
    length = min(rate * FADE_MS // 1000, len(piece) // 2)
    for at in range(length):
        rise = 0.5 - 0.5 * math.cos(math.pi * at / length)
        piece[at] = round(piece[at] * rise)
        piece[-1 - at] = round(piece[-1 - at] * rise)
    return piece, take.measures.begins - begins


def _whole(x: float) -> int:
    return max(-32_768, min(32_767, round(x)))


def largest_jump(joined: Joined, rate: int = TAKE_RATE) -> float:
    """The largest discontinuity at any join, in dBFS: by how much the step from one sample to the next exceeds every
    step within 5 ms around it. A cut through a sound stands out so; a sound itself, however loud, does not."""
    largest = 0
    for first, last in _joins(joined, rate):
        largest = max(largest, _jump(joined.samples, first, last, rate * NEIGHBOURS_MS // 1000))
    return 20 * math.log10(largest / FULL) if largest > 0 else -math.inf


def _joins(joined: Joined, rate: int) -> Iterator[tuple[int, int]]:
    """Where pieces are faded, and lie on one another: from which frame to which."""
    fade, beside = rate * FADE_MS // 1000, rate // 1000
    for before, after in itertools.pairwise(joined.placed):
        if after.begins <= before.ends:
            yield after.begins - beside, before.ends + beside
        else:
            yield before.ends - fade, before.ends + beside
            yield after.begins - beside, after.begins + fade


def _jump(samples: "array[int]", first: int, last: int, around: int) -> int:
    start, end = max(1, first - around), min(len(samples), last + around)
    steps = [abs(samples[at] - samples[at - 1]) for at in range(start, end)]
    largest = 0
    for at in range(max(0, first - start), min(len(steps), last - start)):
        if steps[at] > largest:
            rest = [*steps[max(0, at - around) : max(0, at - _ITSELF)], *steps[at + _ITSELF + 1 : at + around + 1]]
            largest = max(largest, steps[at] - max(rest, default=0))
    return largest


def largest_level_step(joined: Joined, rate: int = TAKE_RATE) -> float:
    """The largest difference in loudness between two neighbours, where they speak, in LU."""
    levels = [loudness(joined.samples[each.first : each.last], rate) for each in joined.placed]
    return max((abs(one - two) for one, two in itertools.pairwise(levels)), default=0.0)
