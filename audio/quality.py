"""Judging a sound by its measurements: what a person should be told before it airs. Pure.

Imported by the server and tests.
"""

import enum

import msgspec

TARGET_LUFS = -16.0
PEAK_DBTP = -1.5
SHORTEST_MS = 300
LONGEST_MS = 10 * 60 * 1000
SILENT_LUFS = -60.0
WORDS_A_SECOND = (0.8, 6.0)
CLIPPED_SHARE = 0.0005
"""Samples at the very top, of all: a pop or two is less, a recording made too loud is more."""
OFF_TARGET_LU = 1.5


class Loudness(msgspec.Struct, frozen=True):
    """`integrated`: LUFS; `peak`: dBTP."""

    integrated: float
    peak: float


class Finding(enum.Enum):
    """What is odd about a sound."""

    too_short = "too_short"
    too_long = "too_long"
    silent = "silent"
    hurried = "hurried"  # shorter than anybody can say these words
    dragging = "dragging"  # much longer than the words need: a wrong file?
    clipped = "clipped"  # recorded too loud: distorted before it came to us
    uneven = "uneven"  # single bangs are so much louder than the rest that it cannot be brought to its level


def judge(duration_ms: int, loudness: Loudness, words: str = "", clipped: float = 0.0) -> tuple[Finding, ...]:
    """Everything odd about a mastered sound that should say these words (none: unknown). `clipped`: which share of
    the samples stood at the very top before it was mastered."""
    found = []
    if duration_ms < SHORTEST_MS:
        found.append(Finding.too_short)
    if duration_ms > LONGEST_MS:
        found.append(Finding.too_long)
    if loudness.integrated < SILENT_LUFS:
        found.append(Finding.silent)
    elif loudness.integrated < TARGET_LUFS - OFF_TARGET_LU:
        found.append(Finding.uneven)
    if clipped > CLIPPED_SHARE:
        found.append(Finding.clipped)
    count = len(words.split())
    if count and duration_ms:
        rate = count * 1000 / duration_ms
        if rate > WORDS_A_SECOND[1]:
            found.append(Finding.hurried)
        if rate < WORDS_A_SECOND[0]:
            found.append(Finding.dragging)
    return tuple(found)
