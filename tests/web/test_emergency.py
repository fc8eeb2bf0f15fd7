"""The red pages: ready words, what sounds on one signature and what waits, and how it is told that it is over.

Imported by pytest alone.
"""

import re

import pytest

from server import bulletins
from server.access import Role
from server.compose_form import ComposeForm
from server.emergency import READY, EmergencyKind, form_for, form_over
from server.lifecycle import BroadcastState
from tests.web.stage import House, text_of

COMMUNE = "xa-03013"
FORM = {"targets": COMMUNE, "authority": "UBND xã", "responsible": "Chủ tịch xã"}


@pytest.fixture(autouse=True)
def _people(house: House) -> None:
    house.grant("truc", COMMUNE, Role.emergency_officer)
    house.grant("viet", COMMUNE, Role.editor)
    house.grant("xem", COMMUNE, Role.overseer)


def typed(page: str) -> dict[str, str]:
    """What the page has filled in."""
    title = re.search(r'name="title" value="([^"]*)"', page)
    text = re.search(r'<textarea id="text"[^>]*>([^<]*)</textarea>', page)
    reason = re.search(r'<textarea id="reason"[^>]*>([^<]*)</textarea>', page)
    kind = re.search(r'name="loai" value="([^"]*)"', page)
    assert title is not None
    assert text is not None
    assert kind is not None
    assert (reason is None) == ('class="exercise"' in page), "an exercise has no reason for being an emergency"
    drill = {"dien_tap": "1"} if 'name="dien_tap" value="1"' in page else {}
    return {**FORM, **drill, "loai": kind[1], "title": title[1], "text": text[1], "reason": reason[1] if reason else ""}


def state_of(house: House, broadcast: str) -> BroadcastState:
    with house.stores.open() as store:
        return bulletins.page(store, house.person(store, "xem"), broadcast).state


@pytest.mark.parametrize("kind", [kind for kind in EmergencyKind if READY[kind].text])
def test_ready_words_are_filled_in_and_every_one_of_them_can_be_spoken_and_sounds_when_held(
    house: House, kind: EmergencyKind
) -> None:
    officer = house.somebody("truc")
    page = officer.get(f"/khan-cap/soan?loai={kind.value}").text
    filled = typed(page)
    assert "{" not in filled["text"]
    assert "xã tả phìn" in filled["text"].lower()
    answer = officer.post("/khan-cap/soan", data={**filled, "held": "1"})
    assert answer.status_code == 303, text_of(answer.text)
    where, _, broadcast = answer.headers["location"].rpartition("/")
    assert where == "/khan-cap/dang-phat"
    assert state_of(house, broadcast) is BroadcastState.approved


def test_a_press_without_holding_sounds_nothing_and_asks_once_more(house: House) -> None:
    officer = house.somebody("truc")
    filled = typed(officer.get("/khan-cap/soan?loai=landslide").text)
    answer = officer.post("/khan-cap/soan", data=filled)
    assert re.fullmatch(r"/ban-tin/nhap/[\w-]+/phat-ngay", answer.headers["location"])
    assert house.broadcasts() == []


def test_who_may_not_sound_it_alone_sends_it_for_approval_even_if_they_hold(house: House) -> None:
    writer = house.somebody("viet")
    page = writer.get("/khan-cap/soan?loai=storm").text
    assert "data-hold" not in page
    answer = writer.post("/khan-cap/soan", data={**typed(page), "held": "1"})
    broadcast = answer.headers["location"].rpartition("/")[2]
    assert state_of(house, broadcast) is BroadcastState.submitted


def test_what_is_wrong_is_said_and_nothing_that_was_typed_is_lost(house: House) -> None:
    officer = house.somebody("truc")
    filled = typed(officer.get("/khan-cap/soan?loai=other").text) | {"text": "Gọi 1x9#z ngay", "reason": "Có việc"}
    answer = officer.post("/khan-cap/soan", data={**filled, "held": "1"})
    assert answer.status_code == 422
    assert "Gọi 1x9#z ngay" in answer.text
    draft = re.search(r"/ban-tin/soan\?nhap=([\w-]+)", answer.text)
    assert draft is not None
    assert "Gọi 1x9#z ngay" in officer.get(f"/ban-tin/soan?nhap={draft[1]}").text
    assert house.broadcasts() == []


def test_the_page_counts_and_stops_and_writes_the_word_that_it_is_over(house: House) -> None:
    officer = house.somebody("truc")
    filled = typed(officer.get("/khan-cap/soan?loai=flash_flood").text)
    broadcast = officer.post("/khan-cap/soan", data={**filled, "held": "1"}).headers["location"].rpartition("/")[2]
    house.follow()
    page = text_of(officer.get(f"/khan-cap/dang-phat/{broadcast}").text)
    assert "0/3 loa đang phát" in page
    assert "DỪNG ở tất cả các loa" in page
    over = officer.post(f"/khan-cap/het/{broadcast}").headers["location"]
    assert "đã hết hiệu lực" in officer.get(over).text
    assert officer.post(f"/ban-tin/{broadcast}/rut").status_code == 303
    assert state_of(house, broadcast) is BroadcastState.withdrawn
    assert "DỪNG" not in text_of(officer.get(f"/khan-cap/dang-phat/{broadcast}").text)


def test_many_places_are_named_together() -> None:
    five = form_for(EmergencyKind.storm, [f"Thôn {n}" for n in "ABCDE"], (), ComposeForm())
    assert "nhiều nơi trong xã" in five.text
    two = form_for(EmergencyKind.storm, ["Thôn A", "Thôn B"], (), ComposeForm())
    assert "thôn A và thôn B" in two.text
    assert form_over(two).title == "Hết khẩn cấp: mưa bão tại thôn A và thôn B"
