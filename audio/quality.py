"""Judging a sound by its measurements: what a person should be told before it airs. Pure.

Imported by the server and tests.
"""

import enum

import msgspec

from audio.refusal import MasteringFault
from audio.traits import Traits

TARGET_LUFS = -16.0
PEAK_DBTP = -1.5
SHORTEST_MS = 300
LONGEST_MS = 60 * 60 * 1000
SILENT_LUFS = -60.0
WORDS_A_SECOND = (0.8, 6.0)
CLIPPED_SHARE = 0.0005
"""Samples at the very top, of all: a pop or two is less, a recording made too loud is more."""
OFF_TARGET_LU = 1.5
SPOILT_SHARE = 0.02
"""With every fiftieth sample at the top, words are torn."""
SILENT_DBFS, FAINT_DBFS = -60.0, -38.0
NOISY_DB = 18.0
"""A voice that stands no higher above what is around it is hard to understand from a horn."""
HUM_DB, HUM_BELOW_SPEECH_DB = 12.0, 40.0
"""A hum stands out so much, and is not so far below the voice that nobody hears it."""
JUDGED_MS = 3_000
"""A single word is too little to tell speech from a tone."""
LEAST_SWAY, LEAST_VARIETY = 0.22, 0.2
"""Below either it is no speech. Measured: README, “Checks of recordings”."""


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
    humming = "humming"  # the mains can be heard in it
    noisy = "noisy"  # what is around the voice is nearly as loud
    faint = "faint"  # recorded so quietly that its noise comes up with it


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


def refused(traits: Traits, *, music: bool) -> MasteringFault | None:
    """Why nothing should be made of a recording, by what it is like; `music`: somebody says that it is music."""
    if traits.speech_dbfs < SILENT_DBFS:
        return MasteringFault.silent
    if traits.clipped > SPOILT_SHARE:
        return MasteringFault.clipped
    speaks = traits.sway >= LEAST_SWAY and traits.variety >= LEAST_VARIETY
    if not music and not speaks and traits.duration_ms >= JUDGED_MS:
        return MasteringFault.not_speech
    return None


def warned(traits: Traits, *, music: bool) -> tuple[Finding, ...]:
    """What is odd about a recording and can be heard, though it may air."""
    found = []
    if traits.speech_dbfs < FAINT_DBFS:
        found.append(Finding.faint)
    if traits.hum_db >= HUM_DB and traits.hum_dbfs > traits.speech_dbfs - HUM_BELOW_SPEECH_DB:
        found.append(Finding.humming)
    if not music and traits.duration_ms >= JUDGED_MS and traits.speech_dbfs - traits.floor_dbfs < NOISY_DB:
        found.append(Finding.noisy)
    return tuple(found)
