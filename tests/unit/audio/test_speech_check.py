"""Tests of the second hearing: what was heard beside what should be said, and the real recogniser where it is installed.

Nobody imports this module.
"""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.mastering import master
from audio.narrator import narrator_of
from audio.speech_check import HELD_OVER, Unheard, compare, distance, syllables
from audio.vietasr_recogniser import VietAsrRecogniser
from audio.voices.espeak_voice import EspeakVoice

SAID = "Kính thưa bà con, thôn ta họp lúc mười chín giờ ba mươi tối nay."
WORDS = st.lists(st.sampled_from(["bà", "con", "bà con", "họp", "hợp", "mười", "lăm", "-", "…", "Đi"]), max_size=12)


def test_what_was_heard_as_it_is_written_is_not_doubted() -> None:
    found = compare(SAID, "kính thưa bà con thôn ta họp lúc mười chín giờ ba mươi tối nay", "ear")
    assert (found.wrong, found.suspicious, found.held, found.recogniser) == (0, (), False, "ear")
    assert compare("Dừng lại — đi!", "dừng lại đi").wrong == 0, "a sign between two words is no word"


def test_the_words_that_were_heard_otherwise_are_marked() -> None:
    found = compare(SAID, "kính thưa bà con thôn ta hợp lúc mười chín giờ ba mươi sáng nay")
    assert [found.spoken[number] for number in found.suspicious] == ["họp", "tối"]
    assert not found.held, "two words of fifteen are no reason to hold it"


@pytest.mark.parametrize(
    ("heard", "held"),
    [
        ("", True),  # silence
        ("kính thưa bà con thôn ta", True),  # cut off
        (SAID + " " + SAID, True),  # said twice
        ("hôm nay trời nắng đẹp bà con đi chợ", True),  # the wrong file
        ("kính thưa bà con thôn ta họp lúc mười chín giờ ba mươi tối", False),
    ],
)
def test_a_wrong_cut_or_silent_sound_is_held(heard: str, held: bool) -> None:
    assert compare(SAID, heard).held is held


def test_the_share_of_wrong_letters_is_counted() -> None:
    assert distance("kitten", "sitting") == 3
    assert distance("", "ba") == distance("ba", "") == 2
    assert compare("mười lăm", "mười năm").rate == 1 / len("mười lăm")
    assert compare("", "gì đó").rate == 1
    assert HELD_OVER == 0.2


@given(WORDS, WORDS)
def test_every_marked_word_is_one_of_the_text_and_nothing_raises(said: list[str], heard: list[str]) -> None:
    found = compare(" ".join(said), " ".join(heard))
    assert len(syllables(" ".join(said))) == len(found.spoken)
    assert all(0 <= number < len(found.spoken) for number in found.suspicious)
    assert (found.wrong == 0) == (
        [w for w in syllables(" ".join(said)) if w] == [w for w in syllables(" ".join(heard)) if w]
    )


def test_a_long_text_without_a_common_word_is_compared_in_a_moment() -> None:
    assert compare("mưa " * 4_000, "nắng " * 4_000).held


asr = pytest.mark.skipif(
    not importlib.util.find_spec("vietasr"),
    reason="viet-asr is not installed here; ./loaban test installs it where there is a wheel",
)


@asr
def test_the_real_recogniser_writes_down_what_it_hears(tmp_path: Path) -> None:
    """A robot's voice is hard to understand: some of its words come back, and more than of another text."""
    said = "kính mời bà con đến nhà văn hóa họp."
    narrator_of([EspeakVoice()], tmp_path / "kept").narrate(said, "vi", tmp_path / "a.wav")
    heard = VietAsrRecogniser().hear(master(tmp_path / "a.wav", "vi", tmp_path / "clips").opus)
    assert len(heard.split()) >= 3
    assert compare(said, heard).rate < compare("trời mưa rất to nước suối dâng cao lắm rồi", heard).rate


@asr
def test_what_is_no_sound_is_not_heard(tmp_path: Path) -> None:
    (tmp_path / "a.opus").write_bytes(b"OggS but no sound")
    with pytest.raises(Unheard):
        VietAsrRecogniser().hear(tmp_path / "a.opus")
