"""What is recorded, and who says it: each unit once, the right form in the right place, no voice without need.

Nobody imports this module.
"""

import itertools
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.phrase_plan import Edition, Step, plan, script, written
from audio.phrase_slots import filled
from audio.phrase_speaking import Cast, Held, Lack, cast
from audio.phrase_template import TextFault
from audio.phrase_values import blank, value_faults, wordings
from server.phrase_catalogue import template, templates

PLACES = ("Thôn Tả Chải", "Thôn Sim San 1", "Xã Y Tý")
VALUES = {
    "noi": "Thôn Tả Chải", "gio": "19:00", "tu_gio": "7:00", "den_gio": "17:15", "ngay": "31/12/2026",
    "tu_ngay": "01/01/2027", "den_ngay": "12/01/2027", "muc_nuoc": "2", "dai": "10", "so_ho": "20", "nhiet_do": "-3",
    "tuoi_tu": "2", "tuoi_den": "24", "cap": "5", "so_nguoi": "7", "gia_danh": "công an", "cap_hoc": "tiểu học",
    "ly_do": "trời rét", "dia_diem": "trường học", "diem_den": "trường học",
}  # fmt: skip
ALL = tuple(Edition(each, each.text) for each in templates())


def steps(edition: Edition, more: Mapping[str, str] | None = None, *, two_forms: bool = False) -> tuple[Step, ...]:
    values = filled(edition.template, {**VALUES, **(more or {})}, PLACES)
    assert isinstance(values, dict), values
    return script(edition, values, two_forms=two_forms)


@pytest.mark.parametrize("two_forms", [False, True])
@pytest.mark.parametrize("edition", ALL, ids=lambda edition: edition.template.id)
def test_whatever_a_template_says_is_in_the_plan(edition: Edition, two_forms: bool) -> None:
    planned = {prompt.key for prompt in plan(ALL, PLACES, two_forms=two_forms, own=True)}
    for gio, place in itertools.product(("19:00", "19:30", "0:15"), PLACES):
        more = {"gio": gio, "tu_gio": gio, "den_gio": gio, "noi": place}
        assert {step.key for step in steps(edition, more, two_forms=two_forms)} <= planned


def test_nothing_is_planned_twice_and_eight_templates_are_one_afternoon() -> None:
    for editions in itertools.combinations(ALL, 8):
        prompts = plan(editions, PLACES, two_forms=False, own=True)
        assert len({prompt.key for prompt in prompts}) == len(prompts) <= 250
    greetings = [p for p in plan(ALL, PLACES, two_forms=False, own=True) if p.text == "Kính thưa bà con"]
    assert len(greetings) == 1, "every template begins with it"


def test_the_end_of_a_phrase_is_a_form_of_its_own_where_the_language_wants_it() -> None:
    edition = Edition(ALL[3].template, "{noi} {dia_diem} {gio} {thu} {ngay}.")
    one = {p.key: p for p in plan([edition], PLACES, two_forms=False, own=False)}
    two = {p.key: p for p in plan([edition], PLACES, two_forms=True, own=False)}
    assert "thang:12:cuoi" in two
    assert "thang:12:giua" not in two, "no text has a month inside a phrase"
    assert {"ngay:5:giua"} <= two.keys()
    assert len(two) == len(one), "only what is needed"
    ends = Edition(ALL[3].template, "{noi} {dia_diem} {thu} {ngay} {gio}.")
    both = {p.key for p in plan([ends], PLACES, two_forms=True, own=False)}
    assert {"gio:19:cuoi", "gio:19:giua", "phut:30:cuoi"} <= both, "an hour ends a phrase where no minutes follow"
    assert "phut:30:giua" not in both


def test_a_language_may_turn_the_parts_of_a_slot_around() -> None:
    meeting = ALL[3].template
    turned = Edition(meeting, "{ngay.thang} {ngay.ngay} {thu} {gio} {dia_diem} {noi}.")
    keys = [step.key for step in steps(turned)]
    assert keys[:3] == ["thang:12", "ngay:31", "thu:3"]
    planned = {p.key for p in plan([turned], PLACES, two_forms=False, own=False)}
    assert set(keys) <= planned


def test_what_the_presenter_reads_is_their_own_text_or_a_gloss() -> None:
    theirs = plan([Edition(ALL[3].template, f"(mẫu) {ALL[3].text}")], PLACES, two_forms=False, own=False)
    assert {p.text for p in theirs if p.key.startswith("thu:")} == {""}
    assert "chủ nhật" in {p.gloss for p in theirs}
    own = plan(ALL, PLACES, two_forms=False, own=True)
    assert all(p.text for p in own)


def test_a_language_says_values_in_its_own_words_where_they_are_known() -> None:
    edition, own = Edition(ALL[3].template, ALL[3].text), {"thứ năm": "(thứ năm, mẫu)", "ngày ba mươi mốt": "(31, mẫu)"}
    prompts = {p.key: p for p in plan([edition], PLACES, two_forms=False, own=False, wordings=own)}
    assert (prompts["thu:3"].text, prompts["thu:3"].gloss) == ("(thứ năm, mẫu)", "thứ năm")
    assert prompts["thu:4"].text == ""
    values = filled(edition.template, VALUES, PLACES)
    assert isinstance(values, dict)
    assert "(thứ năm, mẫu), (31, mẫu) tháng 12." in written(edition.text, values, own)
    said = [step.text for step in script(edition, values, two_forms=False, wordings=own)]
    assert "(thứ năm, mẫu)" in said
    assert "tháng 12" in said


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("thứ hai = một\n\nGiờ =\n", []),
        ("thứ hai = ", [TextFault.empty]),
        ("", [TextFault.empty]),
        ("thứ hai một\nThứ hai = hai", [TextFault.no_value]),
        ("thứ tám = x", [TextFault.no_value]),
        ("thứ hai = x\nTHỨ HAI = y", [TextFault.value_twice]),
        ("thứ hai = x\u202e", [TextFault.control_characters]),
        ("x" * 20_001, [TextFault.too_long]),
    ],
)
def test_lines_of_values_are_checked(text: str, faults: list[TextFault]) -> None:
    assert [error.fault for error in value_faults(text, ("thứ hai", "giờ"))] == faults


def test_lines_of_values_are_read_and_laid_out_again() -> None:
    assert wordings("Thứ hai = một = hai\ngiờ =") == {"thứ hai": "một = hai"}
    assert blank(("thứ hai", "giờ"), {"thứ hai": "một"}) == "thứ hai = một\ngiờ ="


def test_a_filled_text_reads_as_people_write_it() -> None:
    meeting = template("hop-thon")
    assert meeting is not None
    values = filled(meeting, {**VALUES, "gio": "19:30"}, PLACES)
    assert isinstance(values, dict)
    assert written(meeting.text, values) == (
        "Kính thưa bà con. Mời bà con Thôn Tả Chải đến họp tại trường học, vào 19 giờ 30 phút, thứ năm, ngày 31 tháng 12."
        " Mỗi hộ cử một người đi họp. Bà con đến đúng giờ."
    )
    parts = written("{ngay.thang} {ngay.ngay}; {gio.gio} {gio.phut}", values)
    assert parts == "tháng 12 ngày 31; 19 giờ 30 phút"


SCRIPT = tuple(Step(f"u{n}", "", "") for n in range(6))


def held(**by: str) -> list[Held]:
    return [Held(f"{who}-{unit}", f"u{unit}", who) for who, units in by.items() for unit in units]


def test_one_voice_says_all_of_it_where_one_can() -> None:
    found = cast(SCRIPT, held(a="0123", b="012345", c="45"), ["a", "b", "c"])
    assert found == Cast(tuple(f"b-{n}" for n in range(6)), ("b",))


def test_else_as_few_as_can_be() -> None:
    found = cast(SCRIPT, held(a="0123", b="345", c="0"), ["a", "b", "c"])
    assert isinstance(found, Cast)
    assert found.presenters == ("a", "b")
    assert found.takes == ("a-0", "a-1", "a-2", "a-3", "b-4", "b-5")


def test_who_has_withdrawn_is_not_heard() -> None:
    found = cast(SCRIPT, held(a="0123", b="345"), ["a"])
    assert isinstance(found, Lack)
    assert [step.key for step in found.steps] == ["u4", "u5"]
    assert found.helpers == ("a",)


@given(
    st.dictionaries(st.sampled_from("abcd"), st.sets(st.sampled_from("012345")), max_size=4),
    st.sets(st.sampled_from("abcd")),
)
def test_a_cast_says_each_step_with_a_take_of_that_unit_by_somebody_who_lends_it(
    recorded: dict[str, set[str]], lending: set[str]
) -> None:
    takes = {t.take: t for t in held(**{who: "".join(units) for who, units in recorded.items()})}
    found = cast(SCRIPT, list(takes.values()), sorted(lending))
    available = {t.unit for t in takes.values() if t.presenter in lending}
    if isinstance(found, Lack):
        assert {step.key for step in found.steps} == {step.key for step in SCRIPT} - available
        assert set(found.helpers) == lending
    else:
        assert [takes[take].unit for take in found.takes] == [step.key for step in SCRIPT]
        assert {takes[take].presenter for take in found.takes} == set(found.presenters) <= lending
        assert msgspec.json.decode(msgspec.json.encode(found), type=Cast) == found
