"""How names of places are said in which something stands that is not written as it is said: a numeral, a number with a
letter, a day that everybody remembers. Pure.

Imported by the server and tests. A name gets a saying only where every part of it is certain; else the text stays with
the rules for any text, and what they cannot say is shown to the writer.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from audio.spoken_numbers import in_words, roman
from audio.spoken_syllables import LETTER
from audio.spoken_text import speak
from audio.spoken_words import LETTERS

_REMEMBERED = frozenset(
    {(3, 2), (8, 3), (26, 3), (30, 4), (1, 5), (7, 5), (15, 5), (19, 5), (1, 6), (27, 7), (19, 8), (2, 9), (20, 10),
     (20, 11), (22, 12)}
)  # fmt: skip
"""Days and months after which places are called: the Party, women, youth, reunification, labour, Điện Biên Phủ, …"""
_KINDS = frozenset(
    ("thôn", "bản", "tổ", "khu", "xóm", "cụm", "đội", "làng", "phố", "tiểu khu", "tổ dân", "khu phố", "xã", "phường")
)
_LARGEST = 999
_WORD = re.compile(rf"[{LETTER}]+(?:['’][{LETTER}]+)*")
_KEPT = 64


def names_said(names: Iterable[str]) -> dict[str, str]:
    """The names that the rules for any text would say wrongly, or not at all, and how they are said; also as they
    stand within a sentence, and without the word that says what kind of place it is."""
    return dict(_names_said(tuple(dict.fromkeys(names))))


@lru_cache(_KEPT)
def _names_said(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for name in names:
        parts = re.sub(r"\s*\([^)]*\)", "", name).split()
        if not parts or all(_WORD.fullmatch(part) and roman(part) is None for part in parts):
            continue
        said = [_said(part, first=not number) for number, part in enumerate(parts)]
        if None in said:
            continue
        words = [word for word in said if word is not None]
        _take(found, parts, words)
        kinds = 2 if " ".join(parts[:2]).lower() in _KINDS else 1 if parts[0].lower() in _KINDS else 0
        if kinds and len(parts) > kinds + 1 and _WORD.fullmatch(parts[kinds]):
            _take(found, parts[kinds:], words[kinds:])
        if kinds:
            _take(found, [parts[0].lower(), *parts[1:]], words)
    return tuple(found.items())


def _take(found: dict[str, str], parts: list[str], words: list[str]) -> None:
    written, said = " ".join(parts), " ".join(words)
    plain = speak(written)
    if plain.leftovers or plain.words != said:
        found.setdefault(written, said)


def _said(part: str, *, first: bool) -> str | None:
    """How a part of a name is said; None where that is not certain."""
    numeral = roman(part)
    if numeral is not None and not first and (len(part) > 1 or part in "IVX"):
        return in_words(numeral)
    if _WORD.fullmatch(part):
        spoken = speak(part)
        return None if spoken.leftovers else spoken.words
    if part.isascii() and part.isdigit():
        return in_words(int(part)) if int(part) <= _LARGEST else None
    return _dated(part) or _lettered(part)


def _dated(part: str) -> str | None:
    found = re.fullmatch(r"(\d{1,2})[-/](\d{1,2})", part)
    if found is None or (int(found[1]), int(found[2])) not in _REMEMBERED:
        return None
    return f"{in_words(int(found[1]))} tháng {in_words(int(found[2])) if found[2].lstrip('0') != '4' else 'tư'}"


def _lettered(part: str) -> str | None:
    """For example “K8”, “A4”, “5A”, “12B”."""
    found = re.fullmatch(r"([A-ZĐ]?)(\d{1,3})([A-ZĐ]?)", part)
    if found is None or bool(found[1]) == bool(found[3]):
        return None
    said = [LETTERS.get(letter, letter.lower()) for letter in (found[1], found[3])]
    return " ".join(word for word in (said[0], in_words(int(found[2])), said[1]) if word)
