"""Tests of what sounds at a loudspeaker, in which order, and when after its start.

Nobody imports this module.
"""

import itertools

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from audio.clip import NO_LANGUAGE, Clip
from schedules.assembly import (
    Piece,
    audible,
    chimes_of,
    languages_missing,
    length_of,
    pieces_of,
    signals_of,
    with_signals_there,
    words_at,
)
from schedules.assignment import EXERCISE, Assignment, Chime, Signals
from schedules.programme import BroadcastClass, Slot
from tests.unit.schedules.shapes import MIDNIGHT, assignments, slots


def clip(name: str, language: str = NO_LANGUAGE, ms: int = 3_000) -> Clip:
    return Clip(name.encode().hex().rjust(64, "0"), language, ms, 9_000)


VI, IUM, HNI = clip("vi", "vi", 10_000), clip("ium", "ium", 8_000), clip("hni", "hni", 7_000)
OPENING, ALARM, DRILL, CLOSING, OWN = (
    clip("mở"),
    clip("còi"),
    clip("tập"),
    clip("đóng", ms=1_500),
    clip("nhạc", ms=20_000),
)
SIGNALS = Signals(
    (
        Chime("ordinary", OPENING, CLOSING),
        Chime("emergency", ALARM, CLOSING),
        Chime(EXERCISE, DRILL, CLOSING),
    ),
    pause_ms=600,
    emergency_times=2,
    again_after_ms=2_000,
)
HERE = Assignment("loa-1", 1, 0, 1, ("xa-1", "loa-1"), ("vi", "ium"), pause_ms=1_000, signals=SIGNALS)
EMERGENCY = BroadcastClass.emergency


def slot(klass: BroadcastClass = BroadcastClass.ordinary, clips: tuple[Clip, ...] = (IUM, VI, HNI)) -> Slot:
    return Slot("a@1", "a", "a", "a", klass, 1, MIDNIGHT, MIDNIGHT + 60_000, clips, "seal")


def laid(pieces: tuple[Piece, ...]) -> list[tuple[Clip, int]]:
    return [(piece.clip, piece.offset_ms) for piece in pieces]


def test_opening_languages_in_order_closing_with_their_pauses() -> None:
    found = pieces_of(slot(), HERE)
    assert laid(found) == [(OPENING, 0), (VI, 3_600), (IUM, 14_600), (CLOSING, 23_200)]
    assert [piece.signal for piece in found] == [True, False, False, True]
    assert (length_of(found), words_at(found)) == (24_700, 3_600)


def test_an_emergency_says_all_its_languages_and_then_all_of_them_again() -> None:
    found = laid(pieces_of(slot(EMERGENCY), HERE))
    words = [(VI, 3_600), (IUM, 14_600), (VI, 24_600), (IUM, 35_600)]
    assert found == [(ALARM, 0), *words, (CLOSING, 44_200)]


def test_an_exercise_of_any_class_has_its_own_chime() -> None:
    for klass in (EMERGENCY, BroadcastClass.ordinary):
        drill = msgspec.structs.replace(slot(klass), exercise=True)
        assert pieces_of(drill, HERE)[0].clip == DRILL


def test_its_own_opening_stands_in_place_of_the_chime_and_nothing_around_music_alone() -> None:
    own = msgspec.structs.replace(slot(), opening=(OWN,))
    assert laid(pieces_of(own, HERE))[:2] == [(OWN, 0), (VI, 20_600)]
    music = slot(clips=(OWN,))
    assert laid(pieces_of(music, HERE)) == [(OWN, 0)]
    assert languages_missing(music, HERE) == ()
    assert languages_missing(slot(clips=(OWN, VI)), HERE) == ("ium",)
    assert laid(pieces_of(msgspec.structs.replace(music, closing=(OPENING,)), HERE)) == [(OWN, 0), (OPENING, 20_600)]


def test_a_class_without_a_chime_begins_with_its_words() -> None:
    assert laid(pieces_of(slot(BroadcastClass.priority), HERE))[0] == (VI, 0)


def test_what_no_word_is_there_for_has_no_chime_either() -> None:
    assert pieces_of(slot(clips=(HNI,)), HERE) == ()


def test_what_is_not_on_the_card_is_left_out_and_the_words_begin_at_once() -> None:
    there = {VI.sha256, IUM.sha256, CLOSING.sha256}
    found = pieces_of(slot(EMERGENCY), audible(HERE, there))
    assert laid(found)[0] == (VI, 0)
    assert found[-1].clip == CLOSING
    own = with_signals_there(msgspec.structs.replace(slot(), opening=(OWN,), closing=(CLOSING,)), there)
    assert (own.opening, own.closing) == ((), (CLOSING,))
    assert signals_of(own, HERE) == ((OPENING,), (CLOSING,))


def test_the_chime_of_an_emergency_is_the_first_that_is_kept() -> None:
    assert chimes_of(HERE)[0] == ALARM
    assert set(chimes_of(HERE)) == {ALARM, OPENING, DRILL, CLOSING}


@given(slots(), assignments)
def test_nothing_overlaps_and_the_length_is_the_sum_of_it_all(found: Slot, here: Assignment) -> None:
    pieces = pieces_of(found, here)
    for one, next_ in itertools.pairwise(pieces):
        assert next_.offset_ms >= one.offset_ms + one.clip.duration_ms
    assert not pieces or pieces[0].offset_ms == 0
    assert length_of(pieces) >= sum(piece.clip.duration_ms for piece in pieces)
    kinds = [key for key, _ in itertools.groupby(piece.signal for piece in pieces)]
    assert kinds in ([], [False], [True, False], [False, True], [True, False, True])


@given(slots(), assignments, st.data())
def test_a_chime_that_is_missing_silences_no_word(found: Slot, here: Assignment, data: st.DataObject) -> None:
    whole = pieces_of(found, here)
    signals = {piece.clip.sha256 for piece in whole if piece.signal}
    words = [piece.clip for piece in whole if not piece.signal]
    lost = set(data.draw(st.lists(st.sampled_from(sorted(signals)), max_size=4))) if signals else set()
    there = {c.sha256 for c in (*found.sounds, *chimes_of(here))} - lost
    left = pieces_of(with_signals_there(found, there), audible(here, there))
    assert [piece.clip for piece in left if not piece.signal] == words
    assert not {piece.clip.sha256 for piece in left} & lost - {c.sha256 for c in found.clips}
