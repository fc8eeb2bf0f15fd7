"""Written Vietnamese → the words that are spoken. Pure.

Imported by the server and the command line. It fails closed: whatever it cannot say with certainty is left in square
brackets and listed, exactly as it is written, for the editor to say how.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, partial

import msgspec

from audio.spoken_parts import Say
from audio.spoken_rules import RULES
from audio.spoken_words import ABBREVIATIONS, ENDED_BY_A_DOT, LETTERS

_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_MARKS = ",.;:!?"
_SILENT = "\\s“”\"‘’'«»()\\[\\]{}"
_LETTER = "A-Za-zÀ-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ"
_WORD = re.compile(rf"[{_LETTER}]+(?:[-–'’][{_LETTER}]+)*")
_GLUED = re.compile(rf"(?<=[{_LETTER}])[.:](?=[{_LETTER}])(?!(?<=[a-zà-ỹ][a-zà-ỹ].)[A-ZÀ-ỸĐ][a-zà-ỹ])")
"""A mark between letters that ends no sentence, as in "www.laocai.gov.vn"; in "nhà.Bà con" it does."""
_VOWEL = re.compile(r"[aeiouyăâêôơư]")
_SYLLABLE = re.compile(
    r"(?:b|ch?|d|đ|gh?|gi|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|th?|tr|v|x)?"
    r"(?:i|y|e|ê|ư|u|o|ô|ơ|a|ă|â|ie|iê|yê|ươ|uô|ia|ya|ưa|ua|oa|oă|oe|uâ|uê|uy|uyê|uya|uơ)(?:ch?|m|ngh?|nh?|p|t|i|y|o|u)?"
)
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))


class SpokenText(msgspec.Struct, frozen=True):
    """`words`: what is spoken, leftovers in square brackets; `leftovers`: what nobody has said how to say, as it
    stands in the text (in composed Unicode)."""

    words: str
    leftovers: tuple[str, ...] = ()


class _Piece(msgspec.Struct, frozen=True):
    """A stretch of the text; `said` is None where no rule holds, and `REFUSED` where one refuses."""

    written: str
    said: str | None = None


def speak(text: str, abbreviations: Mapping[str, str] = ABBREVIATIONS) -> SpokenText:
    """The words of a written text. Sentence marks stay: they are pauses."""
    text = _plain(text)
    spoken: list[str] = []
    leftovers: dict[str, None] = {}
    shouted = _shouted(text)
    for word in _words(_pieces(text, abbreviations)):
        written = "".join(piece.written for piece in word)
        said = [_said(piece, shouted) for piece in word]
        if None in said:
            inner = written.strip(_MARKS)
            leftovers[inner] = None
            head, _, tail = written.partition(inner)
            spoken.append(f"{head}[{inner}]{tail}")
        else:
            spoken += [part for part in said if part]
    words = re.sub(r"\s+(?=[,.;:!?])", "", " ".join(" ".join(spoken).split()))
    words = re.sub(r"(?<=[,.;:!?]),+|^,\s*|,$", "", words)
    return SpokenText(words.lower(), tuple(leftovers))


def resolve(text: str, answers: Mapping[str, str]) -> str:
    """The text with each leftover replaced by what the editor says: longest first, so that none hides another, and
    only where it stands by itself."""
    text = _plain(text)
    told = {leftover: said.strip() for leftover, said in answers.items() if leftover and said.strip()}
    if not told:
        return text
    longest_first = "|".join(re.escape(leftover) for leftover in sorted(told, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{longest_first})(?!\w)", lambda found: f" {told[found[0]]} ", text)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_UNSEEN)


def _pieces(text: str, abbreviations: Mapping[str, str]) -> Iterator[_Piece]:
    """The text, cut where rules hold: of those that begin first, the first in the list."""
    known: tuple[re.Pattern[str], Say] = (_known(tuple(abbreviations)), partial(_abbreviated, abbreviations))
    rules = (*_compiled(), known)
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
        yield _Piece(match[0], said)
        at = match.end()
        for later, (pattern, _) in enumerate(rules):
            if (overtaken := found[later]) and overtaken.start() < at:
                found[later] = pattern.search(text, at)
    yield _Piece(text[at:])


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], Say], ...]:
    return tuple((re.compile(pattern), say) for pattern, say in RULES)


@cache
def _known(abbreviations: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = "|".join(re.escape(short) for short in sorted(abbreviations, key=len, reverse=True))
    dotted = "|".join(re.escape(short) for short in sorted(ENDED_BY_A_DOT, key=len, reverse=True))
    several = rf"(?:{longest_first})(?:[&-](?:{longest_first}))*"
    return re.compile(rf"(?<![\w/&@])(?:(?:{dotted})\.(?=\s?[{_LETTER}\d])|{several})(?![\w@])")


def _abbreviated(abbreviations: Mapping[str, str], found: re.Match[str]) -> str | None:
    short = found[0].rstrip(".")
    if short in abbreviations:
        return abbreviations[short]
    parts = [abbreviations.get(part, part) for part in re.split(r"([&-])", short)]
    return " ".join({"&": "và", "-": ""}.get(part, part) for part in parts)


def _words(pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
    """The pieces, put together to what stands between two spaces."""
    word: list[_Piece] = []
    for piece in pieces:
        if piece.said is not None:
            word.append(piece)
            continue
        for number, part in enumerate(re.split(rf"[{_SILENT}]+", piece.written)):
            if number and word:
                yield word
                word = []
            if part:
                word.append(_Piece(part))
    if word:
        yield word


def _said(piece: _Piece, shouted: frozenset[str]) -> str | None:
    """How a piece is said; None where nobody knows."""
    if piece.said is not None:
        foreign = any(c.isdecimal() and not c.isascii() for c in piece.written)
        return None if foreign else piece.said or None
    out = []
    for part in re.split(rf"([{_MARKS}…]+)", piece.written):
        said = part.replace("…", ",") if not part.strip(_MARKS + "…") else _plain_word(part, shouted)
        if said is None:
            return None
        out.append(said)
    return None if _GLUED.search(piece.written) else re.sub(rf"(?<=[{_MARKS}])(?=\w)", " ", "".join(out))


def _plain_word(word: str, shouted: frozenset[str]) -> str | None:
    if not _WORD.fullmatch(word):
        return None
    if len(word) == 1:
        return word if word in "AEIOUY" or word.islower() else LETTERS.get(word, word)
    if not _VOWEL.search(_toneless(word)):
        return None
    capitals = any(a.isupper() and b.isupper() for a, b in itertools.pairwise(word))
    if capitals and word not in shouted:
        return None
    return re.sub(r"[-–]", " ", word).replace("'", "").replace("’", "")


def _shouted(text: str) -> frozenset[str]:
    """Words in capitals that are no abbreviations, as in headings: syllables of Vietnamese that bear a mark, and
    those that stand beside one that does."""
    found: set[str] = set()
    for line in re.findall(rf"(?:[{_LETTER}]+[ ,:–-]*)+", text):
        words = [word for word in re.findall(rf"[{_LETTER}]+", line) if len(word) > 1]
        marked = [word.isupper() and not word.isascii() and _is_syllable(word) for word in words]
        for number, word in enumerate(words):
            near = any(marked[max(0, number - 2) : number + 3])
            if marked[number] or (near and word.isupper() and _is_syllable(word)):
                found.add(word)
    return frozenset(found)


def _is_syllable(word: str) -> bool:
    return _SYLLABLE.fullmatch(_toneless(word)) is not None


def _toneless(word: str) -> str:
    apart = unicodedata.normalize("NFD", word.lower()).translate(_TONES)
    return unicodedata.normalize("NFC", apart)
