"""One take: what is measured of it, where in it somebody speaks, and why it has to be said once more. Pure.

Imported by the other rooms of phrases, the server and tests.
"""

import enum
import math
from array import array
from collections.abc import Sequence

import msgspec

from audio.phrase_loudness import SILENT, dbfs, loudness

TAKE_RATE = 24_000
"""Frames a second of every take in the bank: all that a horn's clip holds."""
FRAME_MS = 5
KEEP_MS = 30
"""Of the quiet before the first and after the last sound, so much belongs to the piece, for there it is joined."""
QUIETEST_DBFS, LOUDEST_DBFS = -38.0, -6.0
"""Of what sounds, on average: fainter, and its noise would be raised with it; louder, and it distorts."""
NOISE_BELOW_DB = 30.0
"""So far below the voice the room has to be."""
CLIPPED_SHARE = 0.0003
SHORTEST_MS, LONGEST_MS = 150, 20_000
WORD_MS = (70, 1_400)
"""No faster and no slower does anybody say a word, with half a second to spare."""
_SPARE_MS = 700
_TOP = 32_700
_ABOVE_FLOOR_DB, _BELOW_VOICE_DB = 9.0, 26.0
_FLOOR_SHARE, _VOICE_SHARE = 0.1, 0.95


class Measures(msgspec.Struct, frozen=True):
    """Of a take: from which frame to which it sounds (at `TAKE_RATE`), loudness there in LUFS, its highest sample and
    its mean level in dBFS, the noise of the room in dBFS, the share of clipped samples, and how long it sounds."""

    begins: int
    ends: int
    lufs: float
    peak: float
    level: float
    noise: float
    clipped: float
    sounds_ms: int


class TakeFault(enum.Enum):
    """Why it has to be said once more."""

    silent = "silent"
    faint = "faint"
    loud = "loud"
    clipped = "clipped"
    noisy = "noisy"
    too_short = "too_short"
    too_long = "too_long"
    cut_off = "cut_off"  # somebody speaks at the very beginning or end: a word may be lost


def measured(samples: "array[int]", rate: int = TAKE_RATE) -> Measures:
    """What there is to know of a take."""
    frame = rate * FRAME_MS // 1000
    centred = _centred(samples)
    levels = [_level(centred[at : at + frame]) for at in range(0, max(1, len(centred) - frame + 1), frame)]
    ordered = sorted(levels)
    floor, voice = ordered[int(len(ordered) * _FLOOR_SHARE)], ordered[int((len(ordered) - 1) * _VOICE_SHARE)]
    threshold = max(min(floor + _ABOVE_FLOOR_DB, voice - 6), voice - _BELOW_VOICE_DB)
    sounding = [number for number, level in enumerate(levels) if level > threshold and level > QUIETEST_DBFS - 22]
    if not sounding:
        return Measures(0, 0, SILENT, dbfs(max(map(abs, centred), default=0)), SILENT, floor, 0.0, 0)
    first, last = sounding[0], sounding[-1]
    begins, ends = first * frame, (last + 1) * frame
    voiced = centred[begins:ends]
    clipped = sum(1 for x in samples if x >= _TOP or x <= -_TOP) / len(samples)
    quiet = levels[: max(0, first - 2)] + levels[last + 3 :]
    noise = _mean(quiet) if len(quiet) * FRAME_MS >= 60 else floor
    return Measures(
        begins,
        ends,
        round(loudness(voiced, rate), 2),
        round(dbfs(max(map(abs, voiced))), 2),
        round(_level(voiced), 2),
        round(noise, 2),
        round(clipped, 6),
        (last + 1 - first) * FRAME_MS,
    )


def judged(found: Measures, words: int, length: int, rate: int = TAKE_RATE) -> tuple[TakeFault, ...]:
    """Everything for which it has to be said once more. `words`: how many there are, about; `length`: frames of the
    whole take."""
    if found.lufs <= SILENT or found.sounds_ms < FRAME_MS:
        return (TakeFault.silent,)
    faults = []
    if found.clipped > CLIPPED_SHARE:
        faults.append(TakeFault.clipped)
    elif found.level > LOUDEST_DBFS:
        faults.append(TakeFault.loud)
    if found.level < QUIETEST_DBFS:
        faults.append(TakeFault.faint)
    if found.noise > found.level - NOISE_BELOW_DB:
        faults.append(TakeFault.noisy)
    if found.sounds_ms < max(SHORTEST_MS, words * WORD_MS[0]):
        faults.append(TakeFault.too_short)
    if found.sounds_ms > min(LONGEST_MS, words * WORD_MS[1] + _SPARE_MS):
        faults.append(TakeFault.too_long)
    margin = rate * KEEP_MS // 1000
    if found.begins < margin or found.ends > length - margin:
        faults.append(TakeFault.cut_off)
    return tuple(faults)


def _centred(samples: "array[int]") -> "array[int]":
    """Without what a cheap sound card adds to every sample."""
    offset = round(sum(samples) / len(samples)) if samples else 0
    if not offset:
        return samples
    return array("h", (max(-32_768, min(32_767, x - offset)) for x in samples))


def _level(samples: Sequence[int]) -> float:
    if not samples:
        return SILENT
    return dbfs(math.sqrt(sum(x * x for x in samples) / len(samples)))


def _mean(levels: Sequence[float]) -> float:
    """The level of several frames together."""
    return 10 * math.log10(sum(10 ** (level / 10) for level in levels) / len(levels))
