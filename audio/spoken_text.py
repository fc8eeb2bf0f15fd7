"""Written Vietnamese → the words that are spoken. Pure.

Imported by the server and the command line. It fails closed: whatever it cannot say with certainty is left in square
brackets and listed, exactly as it is written, for the editor to say how.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache, partial
from types import MappingProxyType

import msgspec

from audio.spoken_parts import Rule, Say
from audio.spoken_rules import DOCUMENT, RULES, document
from audio.spoken_syllables import CAPITAL, LETTER, SMALL, shouted, toneless
from audio.spoken_terms import Terms, terms
from audio.spoken_words import LETTERS

_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_KEPT_WORDS = 4096
_MARKS = ",.;:!?"
_PARAGRAPHS = re.compile(r"\s*\n[^\S\n]*\n\s*")
"""At least one line with nothing in it."""
_PAUSE = ","
_SILENT = "\\s“”\"‘’'«»()\\[\\]{}"
_WORD = re.compile(rf"[{LETTER}]+(?:[-–'’][{LETTER}]+)*")
_GLUED = re.compile(rf"(?<=[{LETTER}])[.:](?=[{LETTER}])(?!(?<=[{SMALL}][{SMALL}].)[{CAPITAL}][{SMALL}])")
"""A mark between letters that ends no sentence, as in "www.laocai.gov.vn"; in "nhà.Bà con" it does."""
_CAMEL = re.compile(rf"(?<=[{SMALL}])(?=[{CAPITAL}])")
_VOWEL = re.compile(r"[aeiouyăâêôơư]")


class SpokenText(msgspec.Struct, frozen=True):
    """`words`: what is spoken, leftovers in square brackets; `leftovers`: what nobody has said how to say, as it
    stands in the text (in composed Unicode); `taught`: what was said as the place taught it, likewise."""

    words: str
    leftovers: tuple[str, ...] = ()
    taught: tuple[str, ...] = ()


class _Piece(msgspec.Struct, frozen=True):
    """A stretch of the text; `said` is None where no rule holds, and `REFUSED` where one refuses. `term`: whether it
    was found in the table."""

    written: str
    said: str | None = None
    term: bool = False


def speak(
    text: str, taught: Mapping[str, str] = MappingProxyType({}), names: Mapping[str, str] = MappingProxyType({})
) -> SpokenText:
    """The words of a written text. Sentence marks stay: they are pauses; so does one line end for each blank line: a
    longer one. `taught`: how a place says what is written so: abbreviations and names wherever they stand, anything
    else where nobody knows it; `names`: of places, whole (`audio.spoken_names`)."""
    text, table = _plain(text), terms(taught, names)
    leftovers: dict[str, None] = {}
    used: dict[str, None] = {}
    capitals = shouted(text)
    said = [_paragraph(part, table, capitals, leftovers, used) for part in _PARAGRAPHS.split(text)]
    return SpokenText("\n".join(words for words in said if words), tuple(leftovers), tuple(used))


def _paragraph(
    text: str, table: Terms, capitals: frozenset[str], leftovers: dict[str, None], used: dict[str, None]
) -> str:
    """The words of what stands between two blank lines. What nobody could say, and what the place taught, is added."""
    spoken: list[str] = []
    for word in _words(_pieces(text, table)):
        written = "".join(piece.written for piece in word)
        said = [_said(piece, capitals) for piece in word]
        if None not in said:
            used |= {form: None for piece in word if piece.term and (form := table.taught_as(piece.written))}
            spoken += [part for part in said if part]
            continue
        inner = written.strip(_MARKS)
        head, _, tail = written.partition(inner)
        if inner in table.taught:
            used[inner] = None
            spoken.append(f"{head}{table.taught[inner]}{tail}")
        else:
            leftovers[inner] = None
            spoken.append(f"{head}[{inner}]{tail}")
    words = re.sub(r"\s+(?=[,.;:!?])", "", " ".join(" ".join(spoken).split()))
    return re.sub(r"(?<=[,.;:!?]),+|,+(?=[.;:!?])|^,\s*|,$", "", words).lower()


def resolve(text: str, answers: Mapping[str, str]) -> str:
    """The text with each leftover replaced by what the editor says: longest first, so that none hides another, and
    only where it stands by itself."""
    text = _plain(text)
    told = {leftover: said.strip() for leftover, said in answers.items() if leftover and said.strip()}
    if not told:
        return text
    longest_first = "|".join(re.escape(leftover) for leftover in sorted(told, key=len, reverse=True))
    return re.sub(
        rf"((?<=\S))?(?<!\w)({longest_first})(?!\w)((?=\S))?",
        lambda found: " " * (found[1] is not None) + told[found[2]] + " " * (found[3] is not None),
        text,
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_UNSEEN)


def _pieces(text: str, table: Terms) -> Iterator[_Piece]:
    """The text, cut where rules hold: of those that begin first, the first in the list."""
    documents: tuple[re.Pattern[str], Say] = (_compiled()[0][0], partial(document, table.codes))
    rules = (documents, *_compiled()[1:], (table.known, table.said))
    found = [pattern.search(text) for pattern, _ in rules]
    at = 0
    while (first := min((m.start() for m in found if m), default=None)) is not None:
        number, match = next((n, m) for n, m in enumerate(found) if m and m.start() == first)
        said = rules[number][1](match)
        if said is None:
            found[number] = rules[number][0].search(text, first + 1)
            continue
        if first > at:
            yield _Piece(text[at:first])
        yield _Piece(match[0], said, number == len(rules) - 1)
        at = match.end()
        for later, (pattern, _) in enumerate(rules):
            if (overtaken := found[later]) and overtaken.start() < at:
                found[later] = pattern.search(text, at)
    yield _Piece(text[at:])


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], Say], ...]:
    rules: tuple[Rule, ...] = ((DOCUMENT, partial(document, {})), *RULES)
    return tuple((re.compile(pattern), say) for pattern, say in rules)


def _words(pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
    """The pieces, put together to what stands between two spaces."""
    word: list[_Piece] = []
    for piece in pieces:
        if piece.said is not None and not piece.written.isspace():
            word.append(piece)
            continue
        for number, part in enumerate(re.split(rf"([{_SILENT}]+)", piece.written)):
            silent = number % 2 == 1
            if silent and word:
                yield word
                word = []
            if silent and (piece.said or "(" in part or ")" in part):
                yield [_Piece(part, piece.said or _PAUSE)]
            if part and not silent:
                word.append(_Piece(part))
    if word:
        yield word


def _said(piece: _Piece, capitals: frozenset[str]) -> str | None:
    """How a piece is said; None where nobody knows."""
    if piece.said is not None:
        foreign = any(c.isdecimal() and not c.isascii() for c in piece.written)
        return None if foreign else piece.said or None
    out = []
    for part in re.split(rf"([{_MARKS}…]+)", piece.written):
        said = part.replace("…", ",") if not part.strip(_MARKS + "…") else _plain_word(part, capitals)
        if said is None:
            return None
        out.append(said)
    return None if _GLUED.search(piece.written) else re.sub(rf"(?<=[{_MARKS}])(?=\w)", " ", "".join(out))


def _plain_word(word: str, capitals: frozenset[str]) -> str | None:
    said, abbreviated = _as_word(word)
    return None if abbreviated and word not in capitals else said


@lru_cache(_KEPT_WORDS)
def _as_word(word: str) -> tuple[str | None, bool]:
    """How a word is said, None where it is none; and whether it could be an abbreviation."""
    if not _WORD.fullmatch(word):
        return None, False
    if len(word) == 1:
        return word if word in "AEIOUY" or word.islower() else LETTERS.get(word, word), False
    if not all(_VOWEL.search(part) for part in re.split(r"[-–]", toneless(_CAMEL.sub("-", word)))):
        return None, False
    abbreviated = any(a.isupper() and b.isupper() for a, b in itertools.pairwise(word))
    return re.sub(r"[-–]", " ", word).replace("'", "").replace("’", ""), abbreviated
