"""What holds for every text, whatever stands in it: nothing is lost, nothing is invented, nothing breaks.

Nobody imports this module.
"""

import re
import time
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from audio.spoken_numbers import LARGEST, in_words, number_of
from audio.spoken_text import resolve, speak

UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
PIECES = [
    "0",
    "1",
    "5",
    "9",
    "12",
    "24",
    "30",
    "2026",
    "1.250.000",
    "12,5",
    "0912345678",
    "/",
    "-",
    "–",
    ".",
    ",",
    ":",
    ";",
    "(",
    ")",
    "[",
    "]",
    "%",
    "°",
    "°C",
    "đ",
    "kg",
    "ha",
    "km",
    "m2",
    "h",
    "'",
    "x",
    "×",
    "+",
    "−",
    "~",
    "≥",
    "Km",
    "QL",
    "ĐT",
    "TP.",
    "UBND",
    "BCH",
    "CA",
    "TT",
    "số",
    "ngày",
    "tháng",
    "từ",
    "đến",
    "gọi",
    "113",
    "1022",
    "lớp",
    "tổ",
    "cấp",
    "thứ",
    "Điều",
    "khoản",
    "IV",
    "XIV",
    "A",
    "B",
    "Đ",
    "THÔNG",
    "BÁO",
    "Sa",
    "Pa",
    "a)",
    "1.",
    "•",
    "H5N1",
    "www.x.vn",
    "a@b.c",
    "²",
    "½",
    "٣",
    "𝟙",
    "①",
    "nghìn",
    "triệu",
    "tỷ",
    "QĐ-UBND",
    "KH",
    "24A-123.45",
    "30/4",
    "31/2",
    "12/13",
    "5g30",
    "5h",
    "7h30",
    "nay",
    "âm",
    "lịch",
]
ANYTHING = st.one_of(
    st.text(max_size=60),
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " ", "\n", "\u00a0"])), max_size=14).map(
        lambda parts: "".join(piece + gap for piece, gap in parts)
    ),
)
NUMBERS = st.integers(-(10**12), 10**12)


def outside(words: str) -> str:
    """What is spoken, without what is left over."""
    return re.sub(r"\[[^\]]*\]", " ", words)


@settings(max_examples=300)
@given(ANYTHING)
def test_only_words_and_marks_are_spoken(text: str) -> None:
    said = outside(speak(text).words)
    assert not any(c.isnumeric() for c in said), said
    assert not {c for c in said if not c.isalpha() and not unicodedata.combining(c)} - set(" ,.;:!?"), said


@settings(max_examples=300)
@given(ANYTHING)
def test_leftovers_are_pieces_of_the_text_each_in_brackets_and_can_be_answered(text: str) -> None:
    spoken = speak(text)
    plain = unicodedata.normalize("NFC", text).translate(UNSEEN)
    assert all(leftover and leftover in plain for leftover in spoken.leftovers)
    assert len(set(spoken.leftovers)) == len(spoken.leftovers)
    assert ("[" in spoken.words) == bool(spoken.leftovers)
    # What stood behind an answered piece may be asked about in its turn, but never the same again.
    again = speak(resolve(text, dict.fromkeys(spoken.leftovers, "như đã dặn")))
    assert not set(again.leftovers) & set(spoken.leftovers) or "[" in text or "]" in text


@given(NUMBERS)
@example(0)
@example(-(10**12))
@example(1_001_000)
def test_a_number_its_words_and_back(number: int) -> None:
    assert number_of(in_words(number)) == number
    assert in_words(number).startswith("âm ") == (number < 0)


@given(NUMBERS, st.sampled_from(["người", "hộ", "con trâu"]))
def test_a_number_is_said_as_it_is_written(number: int, noun: str) -> None:
    written = f"{number:,}".replace(",", ".")
    spoken = speak(f"Có {written} {noun}")
    assert spoken.leftovers == ()
    assert number_of(spoken.words.removeprefix("có ").removesuffix(f" {noun}")) == number


@given(st.integers(-999, 999), st.integers(1, 99), st.sampled_from(["m", "kg", "%", " ha", "°C"]))
def test_a_decimal_number_its_words_and_back(whole: int, hundredths: int, unit: str) -> None:
    assume(whole)
    fraction = f"{hundredths:02d}".rstrip("0")
    written = f"{whole},{fraction}"
    said = speak(f"đo được {written}{unit}").words.removeprefix("đo được ")
    before, _, after = said.partition(" phẩy ")
    digits = after.split()
    for count in range(1, len(digits) + 1):
        candidate = " ".join(digits[:count])
        if after_comma(candidate) == fraction:
            break
    else:
        raise AssertionError(f"{written}: {said}")
    assert Decimal(f"{number_of(before)}.{fraction}") == Decimal(f"{whole}.{fraction}")


def after_comma(words: str) -> str | None:
    """Digits that these words say behind a comma."""
    if words.startswith("không "):
        rest = after_comma(words.removeprefix("không "))
        return None if rest is None else f"0{rest}"
    try:
        return str(number_of(words))
    except ValueError:
        return None


SIGNED = st.sampled_from(["{}", "{}°C", "{} độ", "{} độ C", "{},5°C", "{}m", "từ {} đến 3 độ", "{}-2°C", "xuống {}."])


@given(st.integers(1, 60), SIGNED, st.sampled_from(["-", "−", "–"]), st.sampled_from(["Nhiệt độ ", "Nhiệt độ: ", ""]))
def test_a_sign_is_said_or_shown(number: int, frame: str, sign: str, before: str) -> None:
    spoken = speak(before + frame.format(f"{sign}{number}"))
    assert "âm " in spoken.words or spoken.leftovers


@given(st.integers(1, 60), st.sampled_from(["°C", " độ", " độ C"]))
def test_a_sign_at_the_beginning_of_a_line_is_never_taken_for_the_dash_of_a_list(number: int, unit: str) -> None:
    for line in (f"- {number}{unit}", f"Đêm qua\n- {number}{unit}", f"Đêm qua - {number}{unit}"):
        spoken = speak(line)
        assert "âm " in spoken.words or spoken.leftovers, line


@pytest.mark.parametrize(
    "text",
    ["9" * 20_000, "1 " * 10_000, "từ 5g " * 3_300, "(" * 20_000, "\n" * 20_000, "1." * 10_000, "UBND-" * 4_000,
     "VIỆT NAM " * 2_200, "gọi 113, " * 2_200, "ABCDEFGH" * 2_500, "a" + " " * 19_999, "12x" * 6_600, "tổng đài " * 2_200],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_the_longest_text_takes_no_longer_for_being_odd(text: str) -> None:
    """A text of 20,000 signs in time that grows with its length alone: quadratic ones took minutes."""
    began = time.process_time()
    speak(text)
    assert time.process_time() - began < 8


@given(st.integers(LARGEST + 1, 10**40))
def test_what_is_too_large_is_left_over(number: int) -> None:
    assert speak(f"Có {number} người").leftovers == (str(number),)
