"""Tests of the form "Soạn bản tin": what is a draft, and what is wrong with which field.

Nobody imports this module.
"""

import unicodedata
from datetime import date

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schedules.clock import DAY, HOUR, MINUTE, at_civil, civil
from schedules.programme import BroadcastClass
from schedules.recurrence import Daily, Once, Weekly, occurrences
from server.compose_form import ComposeForm, FieldError, Mode, Problem
from server.composing import LONGEST_NOTE, Draft, DraftVariant, Offered, check, check_note, cleaned

TODAY = date(2026, 11, 23)
"""A Monday."""
NOW = at_civil(TODAY, 12 * 60)
OFFERED = Offered(frozenset({"an-ninh"}), frozenset({"vi", "mww"}), frozenset({"xa-1", "xa-2"}))
GOOD = ComposeForm(title="Họp", topic="an-ninh", text="Mời bà con đi họp.", targets=("xa-1",))
WEEKLY = msgspec.structs.replace(GOOD, mode="weekly", time="05:00", days=("0",))
CLIP = "a" * 64


def form(**changes: object) -> ComposeForm:
    return msgspec.structs.replace(GOOD, **changes)


def draft(typed: ComposeForm) -> Draft:
    found = check(typed, OFFERED, NOW)
    assert isinstance(found, Draft), found
    return found


def problems(typed: ComposeForm) -> set[tuple[str, Problem]]:
    found = check(typed, OFFERED, NOW)
    assert not isinstance(found, Draft)
    return {(error.field, error.problem) for error in found}


def test_a_form_without_faults_is_a_draft() -> None:
    variants = (DraftVariant("vi", "Mời bà con đi họp.", "mời bà con đi họp."),)
    assert draft(GOOD) == Draft("Họp", "an-ninh", BroadcastClass.ordinary, variants, ("xa-1",), Mode.now, None)


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"title": ""}, "title", Problem.empty),
        ({"title": " \u200b\n "}, "title", Problem.empty),
        ({"title": "x" * 201}, "title", Problem.too_long),
        ({"title": "a\x00b"}, "title", Problem.control_characters),
        ({"title": "gnơưhk \u202eđảo chữ"}, "title", Problem.control_characters),
        ({"text": "Mời bà con \u2067đi họp."}, "text", Problem.control_characters),
        ({"text": "x" * 100_000}, "text", Problem.too_long),
        ({"text": ""}, "text", Problem.empty),
        ({"text": "Gặp ABCX nhé"}, "text", Problem.unspeakable),
        ({"mode": "stored"}, "mode", Problem.not_to_be_stored),
        ({"topic": ""}, "topic", Problem.empty),
        ({"topic": "the-thao"}, "topic", Problem.not_offered),
        ({"broadcast_class": "unknown"}, "broadcast_class", Problem.not_offered),
        ({"broadcast_class": ""}, "broadcast_class", Problem.empty),
        ({"targets": ()}, "targets", Problem.no_targets),
        ({"targets": ("xa-1", "xa-3")}, "targets", Problem.not_offered),
        ({"texts": {"mww": "Nyob zoo"}}, "recording-mww", Problem.no_sound),
        ({"texts": {"kjg": "Sabaidi"}, "recordings": {"kjg": CLIP}}, "text-kjg", Problem.not_offered),
        ({"recordings": {"mww": "../x"}}, "recording-mww", Problem.no_sound),
        ({"recordings": {"vi": "g" * 64}}, "recording-vi", Problem.no_sound),
        ({"mode": "yesterday"}, "mode", Problem.not_offered),
        ({"mode": "once", "date": "31/02/2027", "time": "05:00"}, "date", Problem.no_such_date),
        ({"mode": "once", "date": "", "time": "05:00"}, "date", Problem.empty),
        ({"mode": "once", "date": "24/11/2026", "time": "25:61"}, "time", Problem.no_such_time),
        ({"mode": "once", "date": "24/11/2026", "time": ""}, "time", Problem.empty),
        ({"mode": "once", "date": "23/11/2026", "time": "12:00"}, "time", Problem.past),
        ({"mode": "once", "date": "22/11/2026", "time": "13:00"}, "date", Problem.past),
        ({"mode": "once", "date": "22/11/2099", "time": "13:00"}, "date", Problem.too_far),
        ({"mode": "weekly", "time": "05:00"}, "days", Problem.no_days),
        ({"mode": "weekly", "time": "05:00", "days": ("7", "²", "00")}, "days", Problem.no_days),
        ({"mode": "daily", "time": "05:00", "date": "02/12/2026", "last": "01/12/2026"}, "last", Problem.ends_before_it_begins),
        ({"mode": "daily", "time": "05:00", "last": "23/11/2026"}, "last", Problem.never),
        ({"mode": "weekly", "time": "05:00", "days": ("0",), "date": "24/11/2026", "last": "29/11/2026"}, "last", Problem.never),
    ],
)  # fmt: skip
def test_every_fault_is_told_beside_its_field(changes: dict, field: str, problem: Problem) -> None:
    assert problems(form(**changes)) == {(field, problem)}


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = {field for field, _ in problems(ComposeForm(mode="weekly"))}
    assert found == {"title", "topic", "text", "targets", "time", "days"}


@pytest.mark.parametrize(
    ("changes", "recurrence"),
    [
        ({"mode": "now"}, None),
        ({"mode": "once", "date": "24/11/2026", "time": "5:00"}, Once(at_civil(date(2026, 11, 24), 300))),
        ({"mode": "once", "date": "23-11-2026", "time": "12h01"}, Once(NOW + MINUTE)),
        ({"mode": "daily", "time": "17g30"}, Daily(1050, TODAY)),
        ({"mode": "daily", "time": "12:01", "last": "23/11/2026"}, Daily(721, TODAY, TODAY)),
        ({"mode": "weekly", "time": "05:00", "days": ("4", "0", "4")}, Weekly((0, 4), 300, TODAY)),
        (
            {"mode": "weekly", "time": "05:00", "days": ("6",), "last": "29/11/2026"},
            Weekly((6,), 300, TODAY, date(2026, 11, 29)),
        ),
    ],
)
def test_times_are_read_as_people_write_them(changes: dict, recurrence: object) -> None:
    assert draft(form(**changes)).recurrence == recurrence


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 1439), st.sets(st.integers(0, 6), min_size=1))
def test_a_repetition_that_is_accepted_is_due_at_least_once(
    first: int, length: int, minute: int, days: set[int]
) -> None:
    begin, end = (civil(NOW + n * DAY).strftime("%d/%m/%Y") for n in (first, first + length))
    typed = form(
        mode="weekly", date=begin, last=end, time=f"{minute // 60}:{minute % 60:02d}", days=tuple(map(str, days))
    )
    found = check(typed, OFFERED, NOW)
    rule = Weekly(
        tuple(sorted(days)), minute, civil(NOW + first * DAY).date(), civil(NOW + (first + length) * DAY).date()
    )
    due = occurrences(rule, NOW + 1, NOW + 70 * DAY)
    assert isinstance(found, Draft) == bool(due), (typed, due)
    if isinstance(found, Draft):
        assert found.recurrence == rule


def test_a_script_is_only_text_and_decomposed_letters_are_composed() -> None:
    found = draft(form(title=unicodedata.normalize("NFD", "Họp <script>\nở Tả Phìn")))
    assert found.title == "Họp <script> ở Tả Phìn"


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u00ad", "\u2060", "\u200d"])
def test_what_nobody_sees_between_letters_is_not_asked_about(unseen: str) -> None:
    assert draft(form(text=f"Mời bà{unseen} con đi họp.{unseen}")).variants == draft(GOOD).variants


@given(st.text(max_size=60))
@example("e\u0323\u200b\u0302")
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


def test_a_recording_alone_is_enough_and_answers_say_what_nobody_can_read() -> None:
    found = draft(form(text="", recordings={"mww": CLIP}, texts={"mww": " Nyob zoo "}))
    assert found.variants == (DraftVariant("mww", "Nyob zoo", "", CLIP),)
    said = draft(form(text="Gặp ABCX nhé", answers={"ABCX": "anh bờ cờ"}))
    assert "anh bờ cờ" in said.variants[0].spoken


texts = st.one_of(
    st.text(max_size=40), st.sampled_from(["", "05:00", "24/11/2026", "31/02/2026", "weekly", "once", "xa-1"])
)


@given(
    st.builds(
        ComposeForm, title=texts, topic=texts, broadcast_class=texts, text=texts, mode=texts, date=texts, time=texts,
        last=texts, days=st.lists(texts, max_size=3).map(tuple), targets=st.lists(texts, max_size=3).map(tuple),
        answers=st.dictionaries(texts, texts, max_size=2), texts=st.dictionaries(texts, texts, max_size=2),
        recordings=st.dictionaries(texts, texts, max_size=2),
    )
)  # fmt: skip
def test_whatever_is_typed_is_a_draft_or_told(typed: ComposeForm) -> None:
    found = check(typed, OFFERED, NOW)
    assert isinstance(found, Draft) or (found and all(isinstance(error, FieldError) for error in found))


def test_a_note_says_what_is_to_be_changed() -> None:
    assert check_note("  Sửa giờ họp \r\n nhé ") == "Sửa giờ họp \n nhé"
    for typed, problem in (
        (" ", Problem.empty),
        ("x" * (LONGEST_NOTE + 1), Problem.too_long),
        ("\x07", Problem.control_characters),
    ):
        found = check_note(typed)
        assert isinstance(found, FieldError)
        assert found.problem is problem


def test_an_hour_is_an_hour_in_viet_nam() -> None:
    found = draft(form(mode="once", date="24/11/2026", time="05:00")).recurrence
    assert found == Once(NOW + 17 * HOUR)
