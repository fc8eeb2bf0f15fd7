"""What the rules of spoken text share: written numbers, the words beside a match, pieces of patterns. Pure.

Imported by `spoken_rules`, `spoken_dates` and `spoken_amounts`.
"""

import re
from collections.abc import Callable, Iterable

from audio.spoken_numbers import LARGEST, decimal, digits, in_words

REFUSED = ""
"""A rule holds, but nobody can know what is meant."""
Say = Callable[[re.Match[str]], str | None]
"""The words of a match; None where the rule does not hold here, `REFUSED` where it refuses."""
Rule = tuple[str, Say]

NUMBER = r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)"
BEFORE = r"(?<![\w/+\-–−])(?<!\d[.,:])"
END = r"(?!\w|\(\d)"
SIGN = r"[-–−+]"
DASH = r"\s*[-–—−]\s*"
ROMAN = r"[IVXLC]+(?!\w)"
YEAR = r"(?:19|20)\d\d"
_LONGEST_BARE = 9
"""Digits in a row beyond this are no amount, but the number of an account or of a person."""


def number(written: str) -> str | None:
    """A written number without its sign: "1.250.000", "12,5", "05". None where it is no number that is said as one."""
    thousands = re.fullmatch(r"(\d{1,3}(?:\.\d{3})+)(?:,(\d+))?", written)
    if thousands:
        whole, fraction, point = thousands[1].replace(".", ""), thousands[2] or "", ","
    else:
        whole, fraction, point = re.fullmatch(r"(\d+)(?:([.,])(\d+))?", written).group(1, 3, 2)  # type: ignore[union-attr]
        fraction = fraction or ""
    if len(whole) > len(str(LARGEST)) or int(whole) > LARGEST or (not thousands and len(whole) > _LONGEST_BARE):
        return None
    if len(fraction) == len("000") and (whole != "0" or point == "."):  # thousands, or thousandths?
        return None
    if not fraction:
        return digits(whole) if whole.startswith("0") and len(whole) > len("05") else in_words(int(whole))
    return (
        decimal(whole, fraction).replace("phẩy", "chấm")
        if point == "." and fraction == "0"
        else decimal(whole, fraction)
    )


def word_before(found: re.Match[str]) -> str:
    """The word before the match, in small letters, where only spaces stand between."""
    before = re.search(r"(\w+)[\s(“\"]*$", found.string[max(0, found.start() - 24) : found.start()])
    return before[1].lower() if before else ""


def word_after(found: re.Match[str]) -> str:
    """The word behind the match, where only spaces stand between."""
    after = re.match(r"\s+(\w+)", found.string[found.end() : found.end() + 24])
    return after[1] if after else ""


def signed(sign: str | None, written: str) -> str | None:
    """A written number with its sign, if it has one."""
    value = number(written)
    if not sign or value is None:
        return value
    return f"{'dương' if sign == '+' else 'âm'} {value}"


def join(*words: str | None) -> str:
    """Those of the words that there are, with a space between."""
    return " ".join(word for word in words if word)


def month_name(written: str) -> str:
    """The number of a month: April has a word of its own."""
    return "tư" if int(written) == 4 else in_words(int(written))


def always(words: str, found: re.Match[str]) -> str:  # noqa: ARG001
    """The same words for every match."""
    return words


def any_of(table: Iterable[str]) -> str:
    """A pattern of any of these, the longest first."""
    return "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))


def words_of(text: str) -> frozenset[str]:
    """The words of a list that is easier to read as a line."""
    return frozenset(text.split())
