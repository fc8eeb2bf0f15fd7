"""A template's text in a language: what is wrong with it, and what is recorded of it.

Nobody imports this module.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.phrase_template import (
    PHRASE_PAUSE_MS,
    SENTENCE_PAUSE_MS,
    Piece,
    Slot,
    SlotKind,
    Template,
    TextFault,
    faults_of,
    pieces_of,
    stretch_key,
)
from server.phrase_catalogue import templates

DATE = Slot("ngay", SlotKind.date, "Ngày")
PLACE = Slot("noi", SlotKind.place, "Nơi")
MEETING = Template("hop", "Họp", "Họp", "chinh-sach", "ordinary", (PLACE, DATE), "Mời {noi} họp {ngay}.")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("Mời {noi} họp {ngay}.", []),
        ("{ngay.thang} {ngay.ngay}: {noi}", []),
        ("{noi}, {noi}, {ngay}", []),
        ("  \n ", [(TextFault.empty, "")]),
        ("Mời {noi} họp", [(TextFault.missing_slot, "ngay")]),
        ("Mời {noi} họp {ngay.ngay}", [(TextFault.missing_slot, "ngay.thang")]),
        ("{noi} {ngay} {ngay.ngay} {ngay.thang}", [(TextFault.twice, "ngay")]),
        ("{noi} {ngay.ngay} {ngay.ngay} {ngay.thang}", [(TextFault.twice, "ngay")]),
        ("{noi} {ngay} {gio}", [(TextFault.unknown_slot, "gio")]),
        ("{noi} {ngay} {noi.thang}", [(TextFault.unknown_slot, "noi.thang")]),
        ("{noi} {ngay} {", [(TextFault.braces, "")]),
        ("{noi}} {ngay}", [(TextFault.braces, "")]),
        ("{noi} {ngay} \u202e", [(TextFault.control_characters, "")]),
        ("x" * 4001, [(TextFault.too_long, "4001/4000")]),
    ],
)
def test_every_slot_stands_in_a_text_whole_or_in_all_its_parts(text: str, faults: list[tuple[TextFault, str]]) -> None:
    assert [(error.fault, error.details) for error in faults_of(text, MEETING)] == faults


def test_sentences_are_apart_and_signs_are_pauses() -> None:
    assert pieces_of("Kính thưa bà con. Họp tại {noi}, vào {ngay}. Đi đúng giờ!") == (
        Piece("Kính thưa bà con", ends=True, pause_ms=SENTENCE_PAUSE_MS),
        Piece("Họp tại"),
        Piece(slot="noi", ends=True, pause_ms=PHRASE_PAUSE_MS),
        Piece("vào"),
        Piece(slot="ngay", ends=True, pause_ms=SENTENCE_PAUSE_MS),
        Piece("Đi đúng giờ", ends=True),
    )


def test_a_slot_may_stand_anywhere_and_a_line_is_a_sentence() -> None:
    assert pieces_of("{noi}\n{ngay.thang} {ngay.ngay}: nghỉ") == (
        Piece(slot="noi", ends=True, pause_ms=SENTENCE_PAUSE_MS),
        Piece(slot="ngay", part="thang"),
        Piece(slot="ngay", part="ngay", ends=True, pause_ms=PHRASE_PAUSE_MS),
        Piece("nghỉ", ends=True),
    )


@given(st.text("aáâ{}noi.,! \n", max_size=60))
def test_whatever_is_typed_is_told_or_taken_apart(text: str) -> None:
    if not faults_of(text, MEETING):
        pieces = pieces_of(text)
        assert {piece.slot for piece in pieces} >= {"noi", "ngay"}
        assert all(piece.words or piece.slot for piece in pieces)
        assert pieces[-1].pause_ms == 0


def test_the_same_words_are_one_unit_whatever_stands_around_them() -> None:
    assert stretch_key("Kính thưa  bà con") == stretch_key("kính thưa bà con")
    assert stretch_key("kính thưa bà con") != stretch_key("kinh thưa bà con"), "a mark is another word"


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_the_templates_that_come_with_the_program_are_faultless(template: Template) -> None:
    assert faults_of(template.text, template) == ()
    named = {slot.name for slot in template.slots}
    assert all(slot.of in ("", *named) for slot in template.slots)
    assert len(named) == len(template.slots)
