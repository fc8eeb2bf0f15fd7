"""Tests of the way from written to spoken Vietnamese: nothing is said wrongly, nothing is lost.

Nobody imports this module.
"""

import json
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.spoken_numbers import LARGEST, in_words, number_of
from audio.spoken_text import SpokenText, resolve, speak

CASES = json.loads(Path(__file__).with_name("spoken-text-cases.json").read_text())
COMMUNE = json.loads(Path(__file__).with_name("spoken-text-commune-cases.json").read_text())
MORE = json.loads(Path(__file__).with_name("spoken-text-more-cases.json").read_text())
AMBIGUOUS = (
    "31/02/2025", "32/13/2025", "ngày 29/2/2025", "25h00", "24/7", "20-10", "ngày 8-3",
    "Từ 20.11 đến 25.11", "-3 người bị thương", "cao 1m2", "1,000,000 đồng", "10,000 đồng", "12345678901234567890",
    "9" * 20_000, "Tháng 1,2,3/2026", "1+1=2", "50% × 3%", "Vitamin B12", "Cúm A/H1N1",
    "Công văn số 1234/SNN-TTBVTV", "Cấm xe trên 10T", "www.laocai.gov.vn", "http://laocai.gov.vn", "abc@gmail.com",
    "NPK 5-10-3", "vắc-xin DPT-VGB-Hib",
)  # fmt: skip
"""What nobody can know how to say, or what is no such thing: the editor says it."""


def bare(words: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[,.;:!?]", "", words)).strip()


@pytest.mark.parametrize("case", CASES, ids=[case["written"] for case in CASES])
def test_a_bulletin_is_said_as_people_say_it(case: dict[str, Any]) -> None:
    spoken = speak(case["written"])
    assert bare(spoken.words) in case["spoken_any_of"]
    assert spoken.leftovers == ()


@pytest.mark.parametrize("case", MORE, ids=[case["written"] for case in MORE])
def test_what_staff_write_every_day_is_said_rightly(case: dict[str, str]) -> None:
    assert speak(case["written"]) == SpokenText(case["spoken"])


@pytest.mark.parametrize("case", COMMUNE, ids=[case["written"] for case in COMMUNE])
def test_what_stands_in_the_papers_of_communes_is_said_rightly_or_left_to_the_editor(case: dict[str, Any]) -> None:
    spoken = speak(case["written"])
    if "spoken" in case:
        assert spoken == SpokenText(case["spoken"])
    else:
        assert list(spoken.leftovers) == case["leftovers"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("ngày 1-2-2025", "ngày một tháng hai năm hai nghìn không trăm hai mươi lăm"),
        ("1/3 dân số", "một phần ba dân số"),
        ("số 5/6", "số năm trên sáu"),
        ("31/02/2025", "[31/02/2025]"),
        ("TT Y tế", "trung tâm y tế"),
        ("Xem http://laocai.gov.vn/a?b=1", "xem [http://laocai.gov.vn/a?b=1]"),
        ("Gọi 113, 114, 115", "gọi một một ba, một một bốn, một một năm"),
        (
            "Gọi 113 hộ dân, 114 người, 115 em",
            "gọi một trăm mười ba hộ dân, một trăm mười bốn người, một trăm mười lăm em",
        ),
        ("TP.Lào Cai", "thành phố lào cai"),
        ("Thôn 3 - 25 hộ", "thôn [3 - 25] hộ"),
        ("Mừng 20.11", "mừng [20.11]"),
        ("12-2026", "[12-2026]"),
        ("7g-11g", "[7g-11g]"),
        ("07/TT-UBND", "[07/tt-ubnd]"),
        ("BCH họp", "[bch] họp"),
        ("+5 điểm", "[+5] điểm"),
        ("Thời gian: 8h\n2. Địa điểm: nhà văn hóa (cũ)", "thời gian: tám giờ. hai. địa điểm: nhà văn hóa, cũ"),
    ],
)
def test_faults_that_there_were_once(written: str, words: str) -> None:
    assert speak(written).words == words


@pytest.mark.parametrize("written", AMBIGUOUS, ids=[written[:30] for written in AMBIGUOUS])
def test_what_could_mean_two_things_is_left_to_the_editor_as_it_stands(written: str) -> None:
    spoken = speak(f"Xin chú ý: {written}" if "\n" not in written and written[0] != "-" else written)
    assert spoken.leftovers
    assert all(leftover in written for leftover in spoken.leftovers)


@pytest.mark.parametrize("written", AMBIGUOUS, ids=[written[:30] for written in AMBIGUOUS])
def test_what_the_editor_answers_is_said(written: str) -> None:
    answers = dict.fromkeys(speak(written).leftovers, "như đã dặn")
    assert speak(resolve(written, answers)).leftovers == ()


@given(st.text(alphabet="0123456789/-.,:%°hKm+ ()ngàytừIVXABUND", max_size=40))
def test_what_is_left_over_can_be_answered(text: str) -> None:
    spoken = speak(text)
    plain = unicodedata.normalize("NFC", text)
    assert all(leftover in plain for leftover in spoken.leftovers)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from("/-."))
def test_every_day_is_said_with_its_month(day: date, mark: str) -> None:
    spoken = speak(f"ngày {day.day}{mark}{day.month}{mark}{day.year}")
    month = "tư" if day.month == 4 else in_words(day.month)
    assert spoken == SpokenText(f"ngày {in_words(day.day)} tháng {month} năm {in_words(day.year)}")


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


def test_a_blank_line_is_a_paragraph_and_a_line_end_a_pause() -> None:
    written = "Kính thưa bà con\r\n \r\n\nThôn ta họp lúc 19h30.\nMời bà con đến dự\n\n"
    spoken = speak(written.replace("\r\n", "\n"))
    assert spoken.words == "kính thưa bà con\nthôn ta họp lúc mười chín giờ ba mươi. mời bà con đến dự"
    assert speak("Gặp H5N1\n\nvà H5N1").words == "gặp [H5N1]\nvà [H5N1]".lower()
    assert speak("Gặp H5N1\n\nvà H5N1").leftovers == ("H5N1",)
