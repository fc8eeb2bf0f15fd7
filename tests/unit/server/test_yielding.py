"""By which rule one bulletin goes before another, where the sound of a language comes from, and moving a time.

Imported by pytest alone.
"""

from datetime import date

import msgspec
import pytest

from audio.clip import Clip
from schedules.clock import DAY, HOUR, MINUTE, at_civil
from schedules.programme import BroadcastClass, Slot
from schedules.recurrence import Once
from server.area import Area
from server.compose_form import ComposeForm, FieldError, Problem
from server.place_group import named, outermost
from server.timing import moved, read
from server.voicing import SOUNDS, Carried, Voicing, sounding, voicing_of
from server.yielding import Precedence, rule_between

NOW = at_civil(date(2026, 12, 4), 12 * 60)
SLOT = Slot("a@1", "a", "b", "Họp", BroadcastClass.ordinary, 1, NOW, NOW + HOUR, (Clip("0" * 64, "vi", 1000, 1),))


@pytest.mark.parametrize(
    ("changes", "own_first", "rule"),
    [
        ({"broadcast_class": BroadcastClass.emergency, "authority": 0}, False, Precedence.by_class),
        ({"authority": 0}, False, Precedence.by_authority),
        ({"authority": 0}, True, Precedence.by_authority),  # own first holds for priority items alone
        ({"start": NOW + 1}, False, Precedence.by_start),
        ({}, False, Precedence.together),
    ],
)
def test_a_rule_is_named(changes: dict[str, object], own_first: bool, rule: Precedence) -> None:
    other = msgspec.structs.replace(SLOT, **changes)
    assert rule_between(other, SLOT, own_priority_first=own_first) is rule


def test_a_commune_may_put_its_own_priority_items_first() -> None:
    ours = msgspec.structs.replace(SLOT, broadcast_class=BroadcastClass.priority)
    above = msgspec.structs.replace(ours, authority=0)
    assert rule_between(ours, above, own_priority_first=True) is Precedence.own_first
    assert rule_between(ours, above, own_priority_first=False) is Precedence.by_authority


SAME, OTHER = frozenset({"Họp thôn."}), frozenset({"Tiêm phòng."})


@pytest.mark.parametrize(
    ("text", "carried", "machine", "state"),
    [
        ("", None, True, Voicing.missing),
        ("Nyob zoo", None, False, Voicing.text_only),
        ("Họp", None, True, Voicing.machine),
        ("", Carried(), False, Voicing.recording),
        ("", Carried(phrases=True), False, Voicing.phrases),
        ("", Carried(texts=SAME), False, Voicing.recording),
        ("", Carried(texts=SAME, approved=SAME), False, Voicing.recalled),
        ("", Carried(phrases=True, texts=OTHER, approved=OTHER), False, Voicing.other_text),
        ("", Carried(texts=SAME | OTHER, approved=OTHER), False, Voicing.recording),
    ],
)
def test_where_the_sound_of_a_language_comes_from(
    text: str, carried: Carried | None, machine: bool, state: Voicing
) -> None:
    assert voicing_of(text, carried, "Họp thôn.", machine=machine) is state
    assert voicing_of(text, carried, "Họp thôn.", machine=machine, left_out=True) is Voicing.left_out
    assert sounding([state]) == (state in SOUNDS)


FORMS = [
    (ComposeForm(mode="now"), 20 * MINUTE, {"mode": "once", "date": "04/12/2026", "time": "12:20"}),
    (ComposeForm(mode="once", date="05/12/2026", time="05:00"), 3 * MINUTE, {"time": "05:03"}),
    (ComposeForm(mode="once", date="05/12/2026", time="23:55"), 10 * MINUTE, {"date": "06/12/2026", "time": "00:05"}),
    (ComposeForm(mode="daily", date="05/12/2026", time="17:00"), 15 * MINUTE, {"time": "17:15"}),
    (
        ComposeForm(mode="campaign", date="05/12/2026", time="07:00", until="20:00", last="07/12/2026"),
        15 * MINUTE,
        {"time": "07:15", "until": "20:15"},
    ),
    (ComposeForm(mode="once", date="05/12/2026", time="05:00", repeats="1", gap="10"), MINUTE, {"time": "05:01"}),
]


@pytest.mark.parametrize(("form", "by", "changed"), FORMS, ids=[form.mode for form, _, _ in FORMS])
def test_a_time_is_moved_and_nothing_else(form: ComposeForm, by: int, changed: dict[str, str]) -> None:
    faults: list[FieldError] = []
    at = NOW if form.mode == "now" else at_civil(date(2026, 12, 5), 5 * 60)
    found = moved(form, at, at + by, NOW)
    assert found == msgspec.structs.replace(form, **changed)
    read(found, NOW, faults)
    assert faults == []


def test_what_comes_again_is_not_moved_over_midnight_nor_a_form_without_a_time() -> None:
    late = ComposeForm(mode="daily", date="05/12/2026", time="23:50")
    assert moved(late, NOW, NOW + 15 * MINUTE, NOW) == late
    storm = ComposeForm(mode="campaign", date="05/12/2026", time="07:00", until="23:50", last="07/12/2026")
    assert moved(storm, NOW, NOW + 15 * MINUTE, NOW) == storm
    unsaid = ComposeForm(mode="once", date="", time="")
    assert moved(unsaid, NOW, NOW + DAY, NOW) == unsaid
    assert read(moved(ComposeForm(), NOW, NOW + HOUR, NOW), NOW, []) == Once(NOW + HOUR)


def test_a_group_keeps_no_place_within_another() -> None:
    areas = {
        id_: Area(id_, None, path, path.count("/") - 2, "hamlet", id_)
        for id_, path in (("xa", "/xa/"), ("thon", "/xa/thon/"), ("loa", "/xa/thon/loa/"), ("bản", "/tinh/bản/"))
    }
    assert outermost(("thon", "xa", "loa", "bản", "thon"), areas) == ("xa", "bản")
    assert outermost(("loa", "thon"), areas) == ("thon",)
    assert outermost(("gone",), areas) == ("gone",)


def test_a_name_of_a_group_is_cleaned_and_not_given_twice() -> None:
    assert named("  Vùng   cao ", ["Vùng thấp"]) == "Vùng cao"
    assert named("vung cao", ["Vùng cao"]) == FieldError("group_name", Problem.name_taken, "vung cao")
    assert named(" ", []) == FieldError("group_name", Problem.empty)
    assert named("x" * 61, []) == FieldError("group_name", Problem.too_long, "61/60")
