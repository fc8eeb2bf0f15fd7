"""What a syllable of Vietnamese is, and which words in capitals are words and no abbreviations. Pure.

Imported by `spoken_terms` and `spoken_text`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from audio.spoken_parts import words_of

LETTER = "A-Za-zÀ-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ"
_LETTERS = re.findall(f"[{LETTER}]", "".join(map(chr, range(0x1F00))))
CAPITAL = "".join(c for c in _LETTERS if c.isupper())
SMALL = "".join(c for c in _LETTERS if c.islower())
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_STOPPED = re.compile(r".*(?:ch?|p|t)")
_STOPPED_TONES = {"\u0301", "\u0323"}
"""Sắc and nặng: no other tone ends in c, ch, p or t. What ends so and bears no tone was typed without marks."""
_ONSETS = words_of("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x") | {""}
_RIMES = words_of(
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êng êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu "
    "o oc oi om on ong op ot ooc oong oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt "
    "oe oem oen oeo oet ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơng ơp ơt u ua uc ui um un ung up ut uân uâng uât uây "
    "uê uêch uên uênh uôc uôi uôm uôn uông uôt uơ uy uya uych uyên uyêt uynh uyt uyu ư ưa ưc ưi ưn ưng ưt ưu "
    "ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu yt ynh ych"
)
_FEW_MARKS = 3
_NEAR = 2
"""In a heading at least every third word bears a mark, or one within two words does."""


@lru_cache(4096)
def is_syllable(word: str) -> bool:
    """Whether a word is one syllable of Vietnamese as it is spelt today."""
    letters, tones = _apart(word.lower())
    if len(tones) > 1 or (_STOPPED.fullmatch(letters) and not set(tones) <= _STOPPED_TONES):
        return False
    if _STOPPED.fullmatch(letters) and not tones:
        return False
    return any(letters.startswith(onset) and letters[len(onset) :] in _RIMES for onset in _ONSETS)


def toneless(word: str) -> str:
    """A word in small letters without its tones: "Tiếng" is "tiêng"."""
    return _apart(word.lower())[0]


def shouted(text: str) -> frozenset[str]:
    """Words in capitals that are no abbreviations, as in headings: syllables of Vietnamese that bear a mark, and
    those that stand in a heading whose words do."""
    found: set[str] = set()
    for words in _runs_of_capitals(text):
        syllables = [is_syllable(word) for word in words]
        marked = [legal and not word.isascii() for word, legal in zip(words, syllables, strict=True)]
        heading = sum(marked) * _FEW_MARKS >= len(words)
        for number, word in enumerate(words):
            near = any(marked[max(0, number - _NEAR) : number + _NEAR + 1])
            if marked[number] or (syllables[number] and (near or heading) and any(marked)):
                found.add(word)
    return frozenset(found)


def in_capitals_beside(found: re.Match[str]) -> bool:
    """Whether a match stands beside a word in capitals that is no abbreviation, on the same line."""
    before = re.search(rf"([{LETTER}]+)[ ,]+$", found.string[max(0, found.start() - 16) : found.start()])
    after = re.match(rf"[ ,]+([{LETTER}]+)", found.string[found.end() : found.end() + 16])
    beside = [match[1] for match in (before, after) if match]
    return any(len(word) > 1 and word.isupper() and not word.isascii() and is_syllable(word) for word in beside)


def _runs_of_capitals(text: str) -> Iterator[Sequence[str]]:
    """Words in capitals that stand one behind another, on one line."""
    for line in re.findall(rf"(?:[{LETTER}]+[ ,:–-]*|\d+[ ,:/–-]*)+", text):
        run: list[str] = []
        for word in re.findall(rf"[{LETTER}]+", line):
            if word.isupper():
                run += [word] if len(word) > 1 else []
            elif run:
                yield run
                run = []
        if run:
            yield run


def _apart(word: str) -> tuple[str, list[str]]:
    parts = unicodedata.normalize("NFD", word)
    letters = "".join(c for c in parts if c not in _TONES)
    return unicodedata.normalize("NFC", letters), [c for c in parts if c in _TONES]
