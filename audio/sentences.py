"""A spoken text → its sentences, and the silence behind each. Pure.

Imported by the narrator and tests. Sentences are rendered and kept apart, so that a corrected word costs one of them.
"""

import re
import unicodedata

import msgspec

AFTER_SENTENCE_MS, AFTER_PARAGRAPH_MS = 450, 900
LONGEST = 400
"""Letters that an engine gets at once. What goes on for longer is parted at a comma, or else between two words."""
AFTER_PART_MS = 200
_STOP = re.compile(r"(?<=[.!?…])[\"”’)]*\s+")


class Sentence(msgspec.Struct, frozen=True):
    """`words`: composed letters, single spaces; `pause_ms`: the silence behind it; 0 behind the last."""

    words: str
    pause_ms: int


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a spoken text, those that say anything; a line is a paragraph, and ends with a longer pause."""
    found: list[Sentence] = []
    for line in unicodedata.normalize("NFC", text).splitlines():
        parted = [" ".join(words.split()) for words in _STOP.split(line)]
        said = [words for words in parted if any(c.isalnum() for c in words)]
        for number, words in enumerate(said, 1):
            after = AFTER_PARAGRAPH_MS if number == len(said) else AFTER_SENTENCE_MS
            *parts, last = _parts(words)
            found += [*(Sentence(part, AFTER_PART_MS) for part in parts), Sentence(last, after)]
    if found:
        found[-1] = Sentence(found[-1].words, 0)
    return tuple(found)


def _parts(words: str) -> list[str]:
    parts = []
    while len(words) > LONGEST:
        head = words[:LONGEST]
        at = max(head.rfind(", "), head.rfind("; "), head.rfind(": ")) + 1 or head.rfind(" ") + 1 or LONGEST
        parts.append(words[:at].strip())
        words = words[at:].strip()
    return [*parts, words]
