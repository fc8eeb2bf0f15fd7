"""Which words are said in a way of their own: the abbreviations that everybody knows, and what a place has taught.
Pure.

Imported by `spoken_text` and tests.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

import msgspec

from audio.spoken_parts import REFUSED
from audio.spoken_syllables import LETTER, in_capitals_beside, is_syllable
from audio.spoken_words import ABBREVIATIONS, CODES, ENDED_BY_A_DOT

_KEPT_TABLES = 32
_SHORTEST_PART = 3
_DIGIT = re.compile(r"\d")
_NAME = re.compile(rf"[{LETTER}]{{2,}}\s")


class Terms(msgspec.Struct, frozen=True):
    """`taught`: what a place says, as it was written there; `forms`: in which other ways that may stand in a text;
    `table`: everything that `known` finds; `codes`: what may stand behind the number of a document."""

    taught: dict[str, str]
    forms: dict[str, str]
    table: dict[str, str]
    codes: dict[str, str]
    known: re.Pattern[str]

    def taught_as(self, written: str) -> str | None:
        """What the place wrote when it taught this; None where it did not."""
        short = " ".join(written.split())
        return next((form for form in (written, short, self.forms.get(short)) if form in self.taught), None)

    def said(self, found: re.Match[str]) -> str | None:
        """How a match of `known` is said."""
        short = " ".join(found[0].split())
        if self.taught_as(short) is None and is_syllable(short) and in_capitals_beside(found):
            return REFUSED
        return self.table.get(short) or self._several(short.rstrip("."))

    def _several(self, written: str) -> str | None:
        parts = [
            {"&": "và", "-": ""}.get(part) if part in "&-" else self.table.get(part) or composed(part)
            for part in re.split(r"([&-])", written)
        ]
        return None if None in parts else " ".join(part for part in parts if part)


def terms(taught: Mapping[str, str], names: Mapping[str, str] = MappingProxyType({})) -> Terms:
    """What is said in a way of its own, where a place has taught this. What has a digit in it is used only for what
    nobody else can say: "20-10" may be a day here and a range there. `names`: of places, whole, with their numbers."""
    return _terms(tuple(taught.items()), tuple(names.items()))


@lru_cache(_KEPT_TABLES)
def _terms(taught: tuple[tuple[str, str], ...], names: tuple[tuple[str, str], ...]) -> Terms:
    own = {written: said for written, said in names if _NAME.match(written)}
    own |= {written: said for written, said in taught if not _DIGIT.search(written) and re.search(r"\w", written)}
    forms = {written.upper(): written for written in own if written[0].isupper() and not written.isupper()}
    table = {**ABBREVIATIONS, **{heading: own[written] for heading, written in forms.items()}, **own}
    codes = {**CODES, **{written: said for written, said in own.items() if written.isupper()}}
    dotted = _trie(ENDED_BY_A_DOT)
    one = rf"(?:{_trie(table)}|[A-ZĐ]{{{2 * _SHORTEST_PART},16}})"
    known = rf"(?<![\w/&@])(?:{dotted}\.(?=\s?[{LETTER}\d])|{one}(?:[&-]{one})*(?![\w@]|(?<=\d)\s?[-–/.,:+]\s?\d))"
    return Terms(dict(taught), forms, table, codes, re.compile(known))


@lru_cache(1024)
def composed(written: str) -> str | None:
    """Two abbreviations that are written as one: "PCTTTKCN", where there is only one way to take them apart."""
    ways = [
        f"{ABBREVIATIONS[written[:cut]]} {ABBREVIATIONS[written[cut:]]}"
        for cut in range(_SHORTEST_PART, len(written) - _SHORTEST_PART + 1)
        if written[:cut] in ABBREVIATIONS and written[cut:] in ABBREVIATIONS
    ]
    return ways[0] if len(ways) == 1 else None


def _trie(words: Iterable[str]) -> str:
    """A pattern of any of these words, the longest first, that costs the same for ten words as for ten thousand."""
    root: dict[str, dict] = {}  # type: ignore[type-arg]
    for word in words:
        at = root
        for c in word:
            at = at.setdefault(c, {})
        at[""] = {}
    return _branches(root)


def _branches(at: dict[str, dict]) -> str:  # type: ignore[type-arg]
    stems = [(r"\s+" if c == " " else re.escape(c)) + _branches(below) for c, below in at.items() if c]
    if not stems:
        return ""
    either = stems[0] if len(stems) == 1 and "" not in at else f"(?:{'|'.join(stems)})"
    return f"{either}?" if "" in at else either
