"""How a place says what is written so: its abbreviations, its names, its answers to what nobody else could say. Pure.

Imported by the use cases, the repository and the web. The nearest word counts: a commune's before its province's.
"""

from collections.abc import Iterable, Mapping

import msgspec

from audio.spoken_parts import words_of
from audio.spoken_syllables import is_syllable
from audio.spoken_text import speak
from schedules.clock import UtcMs
from server.compose_form import FieldError, Problem
from server.composing import LONGEST_ANSWER, cleaned, is_control

LONGEST_WRITTEN = 100
_BRACKETS = "[]"
_NEVER = words_of("không chưa chẳng chớ đừng cấm phải được có ngừng dừng hủy thôi")
"""Words on which lives hang: no table may turn "không qua ngầm" into something else, by whatever mistake."""


class Reading(msgspec.Struct, frozen=True):
    """In this area and below it, what is `written` so is `said` so. `staff`: who taught it, `at`: when."""

    area: str
    written: str
    said: str
    staff: str
    at: UtcMs


def nearest(readings: Iterable[Reading]) -> dict[str, Reading]:
    """What holds at the end of a chain of areas, root first."""
    return {reading.written: reading for reading in readings}


def table_of(readings: Mapping[str, Reading]) -> dict[str, str]:
    """The same as a table for `speak`."""
    return {written: reading.said for written, reading in readings.items()}


def checked(area: str, written: str, how: str, staff: str, at: UtcMs) -> Reading | FieldError:
    """What was typed as a reading, or what is wrong with it. What is kept is how it sounds: words alone."""
    plain, words = (" ".join(cleaned(text).split()) for text in (written, how))
    for field, text, longest in (("written", plain, LONGEST_WRITTEN), ("said", words, LONGEST_ANSWER)):
        if not text:
            return FieldError(field, Problem.empty)
        if len(text) > longest:
            return FieldError(field, Problem.too_long, f"{len(text)}/{longest}")
        if any(is_control(c) or c in _BRACKETS for c in text):
            return FieldError(field, Problem.control_characters, text[:20])
    parts = plain.split()
    if all(word.islower() and is_syllable(word) for word in parts) or any(word.lower() in _NEVER for word in parts):
        return FieldError("written", Problem.plain_words, plain)
    spoken = speak(words)
    if spoken.leftovers or not any(c.isalpha() for c in spoken.words):
        return FieldError("said", Problem.not_words, ", ".join(spoken.leftovers) or words)
    return Reading(area, plain, spoken.words, staff, at)
