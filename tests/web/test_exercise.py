"""Exercises: whatever is typed, they say that they are none in earnest, and nothing of an emergency is theirs.

Imported by pytest alone.
"""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.programme import BroadcastClass
from server import bulletins, programmes
from server.access import Role
from server.compose_form import ComposeForm, FieldError, Problem
from server.composing import Draft, check
from server.exercise import AFTER, BEFORE, TITLE, announced, faults
from tests.web.stage import House, text_of
from tests.web.test_emergency import COMMUNE, typed

RED = "/khan-cap/soan?loai=flash_flood&dien_tap=1"


@pytest.fixture(autouse=True)
def _people(house: House) -> None:
    house.grant("viet", COMMUNE, Role.editor)
    house.grant("truc", COMMUNE, Role.emergency_officer)
    house.grant("duyet", COMMUNE, Role.approver)


def test_an_exercise_is_announced_sealed_and_told_to_the_loudspeakers_as_one(house: House) -> None:
    writer = house.somebody("viet")
    page = writer.get(RED).text
    assert "data-hold" not in page
    assert 'class="exercise"' in page
    filled = typed(page)
    assert "Khẩn cấp" not in filled["text"]
    answer = writer.post("/khan-cap/soan", data={**filled, "held": "1"})
    broadcast = answer.headers["location"].rpartition("/")[2]
    with house.stores.open() as store:
        found = store.broadcasts.find(broadcast)
        assert found is not None
        bulletin = store.broadcasts.bulletins([found.bulletin])[found.bulletin]
    assert bulletin.exercise
    assert bulletin.broadcast_class is BroadcastClass.priority
    assert bulletin.title.startswith(TITLE)
    spoken = bulletin.variants[0].spoken
    assert spoken.count("đây là diễn tập") + spoken.count("Đây là diễn tập") == 3
    house.approve(broadcast)
    with house.stores.open() as store:
        programmes.bring_up_to_date(store, house.clock.now)
        slots = [slot for p in store.fleet.programmes().values() for slot in p.slots if slot.broadcast == broadcast]
    assert slots
    assert all(slot.exercise for slot in slots)
    assert "◆ Diễn tập" in text_of(writer.get(f"/ban-tin/{broadcast}").text)


def test_what_is_sealed_as_an_exercise_is_not_approved_as_earnest(house: House) -> None:
    writer = house.somebody("viet")
    broadcast = writer.post("/khan-cap/soan", data=typed(writer.get(RED).text)).headers["location"].rpartition("/")[2]
    house.approve(broadcast)
    with house.stores.open() as store:
        found = store.broadcasts.find(broadcast)
        assert found is not None
        bulletin = store.broadcasts.bulletins([found.bulletin])[found.bulletin]
        store.broadcasts.add_bulletin(msgspec.structs.replace(bulletin, exercise=False))
    assert "Đã thay đổi sau khi duyệt" in text_of(writer.get(f"/ban-tin/{broadcast}").text)


def test_who_may_write_nothing_but_emergencies_holds_no_exercise(house: House) -> None:
    officer = house.somebody("truc")
    filled = {**typed(house.somebody("viet").get(RED).text), "held": "1"}
    assert officer.post("/khan-cap/soan", data=filled).status_code in (403, 422)
    assert house.broadcasts() == []


def test_the_long_form_wraps_the_words_too_and_refuses_earnest_and_recordings(house: House) -> None:
    form = ComposeForm(exercise=True, broadcast_class="emergency", recordings={"mww": "a" * 64}, title="x", text="y")
    assert {(error.field, error.problem) for error in faults(form)} == {
        ("broadcast_class", Problem.exercise_in_earnest),
        ("recording-mww", Problem.exercise_language),
    }
    assert faults(msgspec.structs.replace(form, exercise=False)) == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_typed_it_is_announced_once_and_before_and_behind(title: str, text: str) -> None:
    once = announced(ComposeForm(exercise=True, title=title, text=text))
    assert announced(once) == once
    if text.strip():
        assert once.text.startswith(BEFORE)
        assert once.text.endswith(AFTER)
    if title.strip():
        assert once.title.startswith(TITLE.strip())
    assert announced(ComposeForm(title=title, text=text)) == ComposeForm(title=title, text=text)


def test_a_form_that_comes_without_the_words_gets_them_when_it_is_read(house: House) -> None:
    """Whoever hands a form to the desk by another way than the page cannot leave them out."""
    with house.stores.open() as store:
        offered = bulletins.offered(store, house.person(store, "viet"))
    form = ComposeForm(
        exercise=True, title="Lũ quét", text="Bà con lên nơi cao.", topic="an-ninh", broadcast_class="priority",
        targets=(COMMUNE,), authority="UBND xã", responsible="Chủ tịch",
    )  # fmt: skip
    draft = check(form, offered, house.clock.now)
    assert isinstance(draft, Draft)
    assert draft.title == "DIỄN TẬP: Lũ quét"
    [variant] = draft.variants
    assert variant.text.startswith(BEFORE)
    assert variant.spoken.rstrip().endswith("không phải làm theo.")
    assert check(msgspec.structs.replace(form, broadcast_class="emergency", reason="x"), offered, house.clock.now) == (
        FieldError("broadcast_class", Problem.exercise_in_earnest),
    )
