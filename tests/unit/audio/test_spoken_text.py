"""Tests of the way from written to spoken Vietnamese: nothing is said wrongly, nothing is lost.

Nobody imports this module.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.spoken_numbers import LARGEST, in_words, number_of
from audio.spoken_text import resolve, speak

CASES = json.loads(Path(__file__).with_name("spoken-text-cases.json").read_text())


def bare(words: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[,.;:!?]", "", words)).strip()


@pytest.mark.parametrize("case", CASES, ids=[case["written"] for case in CASES])
def test_a_bulletin_is_said_as_people_say_it(case: dict[str, Any]) -> None:
    spoken = speak(case["written"])
    assert bare(spoken.words) in case["spoken_any_of"]
    assert spoken.leftovers == ()


@given(st.integers(-LARGEST, LARGEST))
def test_a_number_survives_its_words(number: int) -> None:
    assert number_of(in_words(number)) == number


@given(st.text(max_size=80))
def test_no_digit_is_spoken_and_none_is_lost_in_silence(text: str) -> None:
    outside = re.sub(r"\[[^\]]*\]", "", speak(text).words)
    assert not any(c.isdigit() for c in outside)


@given(st.integers(1, 60), st.sampled_from(["°C", " °C", "%", "đ", " kg", "m", ""]))
def test_the_sign_is_never_lost(number: int, unit: str) -> None:
    spoken = speak(f"Nhiệt độ -{number}{unit}")
    assert "âm" in spoken.words or spoken.leftovers


@pytest.mark.parametrize("odd", ["H5N1", "@", "ABCX", "31/02/x", "a=b", "5/6/7/8", "№"])
def test_what_nobody_taught_it_is_left_to_the_editor(odd: str) -> None:
    spoken = speak(f"Bà con chú ý {odd} nhé")
    assert spoken.leftovers
    assert "[" in spoken.words


def test_the_editor_says_how() -> None:
    assert speak(resolve("Dịch H5N1 tại xã", {"H5N1": "hát năm en một"})).words == "dịch hát năm en một tại xã"


def test_decomposed_letters_are_the_same_letters() -> None:
    assert speak("U\u0309y ban") == speak("Ủy ban")
