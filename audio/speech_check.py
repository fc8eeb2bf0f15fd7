"""Does the sound say what the text says? A recogniser's transcript beside the spoken text. Pure.

Imported by the studio, the pages and tests. A recogniser mishears, and guesses tones from what stands around them: it
is never the only judge. What it doubts is held for a person's ear, with the words marked.
"""

import difflib
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

HELD_OVER = 0.20
"""Share of letters that may differ. Clean recordings stay under 0.10, a robot's voice stands at 0.5."""
_LONGEST_COMPARED = 2_000
"""Letters of a stretch that is compared letter by letter; a longer one without any common word is wholly wrong."""


class Recogniser(Protocol):
    """Writes down what it hears in Vietnamese."""

    name: str

    def trouble(self) -> str:
        """Why it cannot listen, in words for a technician; empty where it can."""

    def hear(self, clip: Path) -> str:
        """What is said in a clip. Raises `Unheard`."""


class Unheard(Exception):
    """The recogniser gave no transcript: that says nothing of the sound."""


class Compared(msgspec.Struct, frozen=True):
    """`wrong` of `letters` differ; `spoken`: the words that should be said; `suspicious`: those of them (by number)
    that were not heard as such; `heard`: the transcript; `recogniser`: who wrote it."""

    wrong: int
    letters: int
    spoken: tuple[str, ...]
    suspicious: tuple[int, ...]
    heard: str
    recogniser: str = ""

    @property
    def rate(self) -> float:
        """Character error rate; a long transcript of a short text can be worse than 1."""
        return self.wrong / self.letters if self.letters else 1.0

    @property
    def held(self) -> bool:
        """Whether a person has to listen before it goes on."""
        return self.rate > HELD_OVER


def syllables(text: str) -> list[str]:
    """The words of a text as they are compared: composed small letters, without signs; as many as `split` gives."""
    return ["".join(c for c in word if c.isalnum()) for word in unicodedata.normalize("NFC", text).lower().split()]


def compare(spoken: str, heard: str, recogniser: str = "") -> Compared:
    """The transcript beside the spoken text."""
    said, got = syllables(spoken), [word for word in syllables(heard) if word]
    wrong, suspicious = 0, list[int]()
    for kind, begin, end, other, last in difflib.SequenceMatcher(None, said, got, autojunk=False).get_opcodes():
        if kind != "equal":
            wrong += distance(" ".join(filter(None, said[begin:end])), " ".join(got[other:last]))
            suspicious += [number for number in range(begin, end) if said[number]]
    letters = len(" ".join(filter(None, said)))
    return Compared(wrong, letters, tuple(spoken.split()), tuple(suspicious), " ".join(heard.split()), recogniser)


def distance(one: str, other: str) -> int:
    """Letters to be changed, taken away or added to make one of the other."""
    if max(len(one), len(other)) > _LONGEST_COMPARED:
        return max(len(one), len(other))
    row: Sequence[int] = range(len(other) + 1)
    for number, letter in enumerate(one, 1):
        fresh = [number]
        for at, mine in enumerate(other, 1):
            fresh.append(min(row[at] + 1, fresh[-1] + 1, row[at - 1] + (letter != mine)))
        row = fresh
    return row[-1]
