"""Tests of how names of places are said that have a numeral, a number or a day in them.

Nobody imports this module.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.spoken_names import names_said
from audio.spoken_text import speak

NAMES = names_said(
    ["Thôn 26-3", "Bản Lướt 1/5", "Thôn Vẽ V", "Thôn K8 (cũ)", "Thôn Nà Nối I", "Tổ 5", "Thôn Sim San 1"]
)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Mời thôn 26-3 họp", "mời thôn hai mươi sáu tháng ba họp"),
        ("Bản Lướt 1/5 và Lướt 1/5", "bản lướt một tháng năm và lướt một tháng năm"),
        ("THÔN VẼ V.", "thôn vẽ năm."),
        ("thôn K8", "thôn ca tám"),
        ("từ Nà Nối I", "từ nà nối một"),
        ("Tổ 5, Thôn Sim San 1", "tổ năm, thôn sim san một"),
        ("mục V", "mục năm"),
        ("Khe Sanh I", "khe sanh i"),  # of other places nobody knows it
    ],
)
def test_a_place_is_said_as_it_is_called(written: str, words: str) -> None:
    assert speak(written, {}, NAMES).words == words
    assert speak(written, {}, NAMES).leftovers == ()


@pytest.mark.parametrize("written", ["Thôn 26-3 - 25 hộ", "K8", "26-3", "Bản Lướt 1/5-7", "Thôn K8/2"])
def test_what_only_begins_like_a_name_is_shown_and_never_guessed(written: str) -> None:
    assert speak(written, {}, NAMES).words == speak(written).words
    assert speak(written, {}, NAMES).leftovers == speak(written).leftovers


def test_a_date_beside_a_name_stays_a_date() -> None:
    assert speak("Thôn 26-3-2026", {}, NAMES) == speak("Thôn 26-3-2026")


def test_what_a_place_has_taught_comes_before_its_names() -> None:
    assert speak("Thôn Vẽ V", {"Thôn Vẽ V": "thôn vẽ vê"}, NAMES).words == "thôn vẽ vê"


def test_a_name_of_which_a_part_is_not_certain_has_no_saying() -> None:
    assert names_said(["Thôn 1+2", "Khu phố 4/1", "Thôn XQZ 5", "Thôn Lùng Thàng 1-2"]) == {}


@given(st.lists(st.text(max_size=20), max_size=4), st.text(max_size=40))
def test_any_names_can_be_asked_and_no_digit_survives(names: list[str], text: str) -> None:
    said = names_said(names)
    assert not any(c.isdigit() for words in said.values() for c in words)
    outside = speak(text, {}, said)
    assert not any(c.isdigit() for c in outside.words if not outside.leftovers)


@given(st.integers(1, 99), st.sampled_from(["A", "B", "K", "H"]))
def test_a_letter_and_a_number_are_said_one_after_the_other(number: int, letter: str) -> None:
    name = f"Thôn {letter}{number}"
    spoken = speak(f"Mời {name} họp.", {}, names_said([name]))
    assert spoken.leftovers == ()
    assert str(number) not in spoken.words
