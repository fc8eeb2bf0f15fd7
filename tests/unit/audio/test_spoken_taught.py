"""What a place has taught: where it is said, where it is not, and that it costs nothing.

Nobody imports this module.
"""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.spoken_syllables import is_syllable, shouted
from audio.spoken_terms import composed
from audio.spoken_text import SpokenText, speak

TAUGHT = {
    "A Mú Sung": "a mú sùng",
    "A Mú": "a mù",
    "TYTX": "trạm y tế xã",
    "TT": "thị trấn",
    "H'Mông": "mông",
    "20-10": "ngày hai mươi tháng mười",
    "zalo": "da lô",
    "BHYT": "thẻ bảo hiểm",
}


@pytest.mark.parametrize(
    ("written", "words", "used"),
    [
        ("Họp ở A Mú Sung", "họp ở a mú sùng", ("A Mú Sung",)),
        ("Họp ở A Mú, A  Mú\nSung.", "họp ở a mù, a mú sùng.", ("A Mú", "A Mú Sung")),
        ("XÃ A MÚ SUNG", "xã a mú sùng", ("A Mú Sung",)),
        ("A Mú Sungs, A Mús", "a mù sungs, a mús", ("A Mú",)),
        ("Kế hoạch 12/KH-TYTX", "kế hoạch mười hai kế hoạch trạm y tế xã", ()),
        ("TYTX-BHYT", "trạm y tế xã thẻ bảo hiểm", ()),
        ("TYTX; gọi TYTX!", "trạm y tế xã; gọi trạm y tế xã!", ("TYTX",)),
        ("người H'Mông", "người mông", ("H'Mông",)),
        ("nhắn zalo, Zalo", "nhắn da lô, zalo", ("zalo",)),
        ("mừng 20-10 nhé", "mừng ngày hai mươi tháng mười nhé", ("20-10",)),
        ("giảm 10-20 con", "giảm mười đến hai mươi con", ()),
        ("từ 20-10-2026", "từ ngày hai mươi tháng mười năm hai nghìn không trăm hai mươi sáu", ()),
        ("TT 39/2020/TT-BTTTT", None, ()),
    ],
)
def test_whole_words_the_longest_first(written: str, words: str | None, used: tuple[str, ...]) -> None:
    spoken = speak(written, TAUGHT)
    if words is not None:
        assert (spoken.words, spoken.leftovers) == (words, ())
        assert set(used) <= set(spoken.taught)
    assert all(form in TAUGHT for form in spoken.taught)


def test_what_has_a_digit_is_used_only_where_nobody_knows_better() -> None:
    """A range taught as a day must not turn five to ten cows into a date."""
    taught = {"5-10": "ngày năm tháng mười", "2-9": "ngày hai tháng chín"}
    assert speak("Mua 5-10 con", taught) == SpokenText("mua năm đến mười con")
    assert speak("Mừng ngày 5-10", taught).words == "mừng ngày ngày năm tháng mười"
    assert speak("từ Km 5 đến 8", {"Km 5": "mốc năm"}) == speak("từ Km 5 đến 8")
    assert speak("Thôn 2 - 25 hộ", {"Thôn 2": "thôn hai trên"}).leftovers == ("2 - 25",)
    assert speak("Lễ hội 2-9", taught) == SpokenText("lễ hội ngày hai tháng chín", (), ("2-9",))


def test_without_a_table_nothing_is_taught() -> None:
    assert speak("TYTX")
    assert speak("TYTX").leftovers == ("TYTX",)
    assert speak("BHYT").taught == ()


@given(st.text(max_size=40), st.dictionaries(st.text(min_size=1, max_size=6), st.just("như đã dặn"), max_size=4))
def test_any_table_can_be_asked(text: str, taught: dict[str, str]) -> None:
    spoken = speak(text, taught)
    assert set(spoken.taught) <= taught.keys()


@given(st.sampled_from(["Ông TYTX", "xã TYTX, TYTX", "TYTX"]))
def test_what_is_taught_is_never_left_over(text: str) -> None:
    assert speak(text).leftovers == ("TYTX",)
    assert speak(text, TAUGHT).leftovers == ()


def test_a_table_of_a_province_costs_no_more_than_a_short_one() -> None:
    names = [
        f"{a}{b} {c}{d}" for a in "BCDGH" for b in ("àn", "ía", "ổng", "uôn") for c in "LMNPS" for d in "aeiouyăâêơ"
    ]
    large = dict.fromkeys(names, "bản nọ")
    assert len(large) == 1_000
    sentence = "Họp ở Bàn La lúc 7h30 ngày 05/12, mang theo CCCD và thẻ BHYT."
    assert "bản nọ" in speak(sentence, large).words
    speak(sentence)

    def quickest(table: dict[str, str]) -> float:
        took = []
        for _ in range(30):
            began = time.process_time()
            speak(sentence, table)
            took.append(time.process_time() - began)
        return min(took)

    assert quickest(large) < 0.001 + quickest({})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("PCTTTKCN", "phòng chống thiên tai tìm kiếm cứu nạn"),
        ("BHYTBHXH", "bảo hiểm y tế bảo hiểm xã hội"),
        ("ABCXYZ", None),
        ("UBND", None),
    ],
)
def test_two_abbreviations_in_one_are_taken_apart(written: str, said: str | None) -> None:
    assert composed(written) == said


@pytest.mark.parametrize(
    "word",
    [
        "nghiêng",
        "quyển",
        "Tý",
        "phở",
        "giếng",
        "khuya",
        "ngoằng",
        "Chéng",
        "uống",
        "quốc",
        "gì",
        "huỳnh",
        "THUYỀN",
        "ưỡn",
        "A",
        "Pao",
        "đặc",
        "bịch",
    ],
)
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word",
    [
        "UBND",
        "hop",
        "bac",
        "tich",
        "THPT",
        "zalo",
        "tiến1",
        "Mc",
        "xyz",
        "HTX",
        "CCCD",
        "bàc",
        "đâp",
        "strand",
        "úố",
    ],
)
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("THÔNG BÁO LỊCH TIÊM CHỦNG", ()),
        ("KÍNH MỜI BÀ CON THAM GIA", ()),
        ("TIN BUỒN", ()),
        ("MỜI HỌP CHI BỘ THÔN CAN NGÀI", ()),
        ("UBND XÃ TẢ PHÌN", ()),
        ("THONG BAO HOP DAN", ("THONG", "BAO", "HOP", "DAN")),
        ("xã Y Tý và SA PA", ("SA", "PA")),
        ("CẢNH GIÁC QUA ZALO", ("ZALO",)),
        ("LỊCH TRỰC CA ĐÊM", ("CA",)),
        ("CHÀO MỪNG ĐẠI HỘI TNXP", ("TNXP",)),
    ],
)
def test_headings_are_read_and_abbreviations_in_them_are_not(text: str, left: tuple[str, ...]) -> None:
    assert speak(text).leftovers == left


def test_an_abbreviation_in_plain_text_is_no_heading() -> None:
    assert shouted("Gặp CHU ở xã") == frozenset()
    assert speak("Gặp HAI ở xã").leftovers == ("HAI",)
