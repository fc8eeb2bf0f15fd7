"""Readings in the database: what waits is found, what was approved is left in peace, whatever else waits beside it.

Nobody imports this module.
"""

import msgspec
import pytest

from schedules.clock import HOUR
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import bulletins, readings
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.reading import Reading
from server.refusals import Changed, NotFound
from server.repositories.store import Store, Stores
from tests.store.stage import NOW, new_id, person, sound

HERE = {"A Mú Sung": "a mú sùng"}


def compose(store: Store, start: int = NOW + HOUR, text: str = "Họp ở A Mú Sung") -> str:
    variants = (DraftVariant("vi", text, text.lower()),)
    draft = Draft("Họp", "an-ninh", BroadcastClass.ordinary, variants, (target(store),), Mode.once, Once(start))
    return bulletins.compose(store, person(store, "bientap"), draft, {"vi": sound("a")}, NOW, new_id)


def target(store: Store) -> str:
    return store.areas.below(["/"], "hamlet")[0].parent or ""


def waiting(store: Store) -> list[str]:
    return [one.broadcast for one in readings.otherwise(store, person(store, "bientap"), target(store), NOW)]


def teach(store: Store) -> None:
    for written, said in HERE.items():
        assert isinstance(readings.teach(store, person(store, "bientap"), target(store), written, said, NOW), Reading)


def test_what_waits_and_would_be_said_otherwise_is_found_the_oldest_first(stores: Stores) -> None:
    with stores.open() as store:
        found = [compose(store), compose(store)]
        compose(store, text="Họp ở nhà văn hóa")
        assert waiting(store) == []
        teach(store)
        assert waiting(store) == found


def test_what_is_over_withdrawn_or_returned_is_not_read_again(stores: Stores) -> None:
    with stores.open() as store:
        compose(store, NOW - HOUR)
        bulletins.withdraw(store, person(store, "bientap"), compose(store), NOW)
        bulletins.send_back(store, person(store, "pheduyet"), compose(store), "Xem lại", NOW)
        teach(store)
        assert waiting(store) == []


def test_a_bulletin_that_was_approved_once_is_left_in_peace(stores: Stores) -> None:
    """Its other broadcasts carry the same sound."""
    with stores.open() as store:
        approved = compose(store)
        leader = person(store, "pheduyet")
        bulletins.approve(store, leader, approved, bulletins.page(store, leader, approved).seal, NOW, by_text=("vi",))
        found = store.broadcasts.find(approved)
        assert found is not None
        store.broadcasts.add(msgspec.structs.replace(found, id=new_id("ps"), decision=None))
        assert len(store.broadcasts.undecided(["/"], NOW)) == 1
        teach(store)
        assert waiting(store) == []


def test_what_was_approved_while_it_was_rendered_stays_as_it_is(stores: Stores) -> None:
    with stores.open() as store:
        broadcast = compose(store)
        teach(store)
        [one] = readings.otherwise(store, person(store, "bientap"), target(store), NOW)
        leader = person(store, "pheduyet")
        bulletins.approve(store, leader, broadcast, bulletins.page(store, leader, broadcast).seal, NOW, by_text=("vi",))
        with pytest.raises(Changed):
            readings.say_again(store, person(store, "bientap"), one, sound("b"), NOW)
        with pytest.raises(NotFound):
            readings.say_again(store, person(store, "tinh"), one, sound("b"), NOW)
        assert bulletins.page(store, leader, broadcast).bulletin.variants[0].spoken == "họp ở a mú sung"


def test_a_reading_is_its_row_and_back_and_the_nearest_comes_last(stores: Stores) -> None:
    with stores.open() as store:
        area = store.areas.find(target(store))
        assert area is not None
        readings_here = [Reading(area.id, "b", "bờ", "bientap", 2**52), Reading(area.ids[0], "b", "bê", "tinh", 1)]
        for reading in readings_here:
            store.readings.keep(reading)
        assert store.readings.along(area.ids) == readings_here[::-1]
        assert readings.holding(store, area) == {"b": readings_here[0]}
        store.readings.forget(area.id, "b")
        assert readings.holding(store, area) == {"b": readings_here[1]}
