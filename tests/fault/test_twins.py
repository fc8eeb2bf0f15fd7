"""Two boxes with one identity: what each of them played is told, and nobody takes the one for the other.

Nobody imports this module.
"""

import shutil
from collections.abc import Iterator

import pytest

from schedules.clock import SECOND
from tests.fault.ports import free_ports
from tests.fault.road import Road
from tests.fault.town import Town
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker, pytest.mark.soak]
FIRST, TWIN = "loa-mau-1", "twin"


@pytest.fixture
def road(town: Town) -> Iterator[Road]:
    road = Road(free_ports(1)[0], town.port)
    yield road
    road.end()


def test_a_cloned_card_is_not_merged_with_the_one_it_was_cloned_from(town: Town, road: Road) -> None:
    """Somebody copies a memory card with its journal to save the work of enrolling. Both boxes play the next bulletin;
    the second reports when the first has long been acknowledged. Two boxes have sounded: two playbacks are told."""
    town.open(FIRST)
    occurrence = town.air_tones(town.in_seconds(12), {"vi": 1500})
    town.ready(occurrence, FIRST)
    town.kill(FIRST)
    shutil.copytree(town.folder / FIRST, town.folder / TWIN)
    town.roads[TWIN] = road.url
    town.machine(TWIN).clock_source(synchronised=True)
    town.start(FIRST)
    town.start(TWIN, FIRST)
    eventually(lambda: town.told(FIRST, occurrence), 30, "the first has told")
    town.kill(FIRST)
    for box in (FIRST, TWIN):
        assert [tone.hertz for tone in town.tones(box)] == [town.ordered[occurrence].pitches["vi"]]
    road.open()
    eventually(lambda: said_by(town, TWIN) > 0, 30, "the second has told")
    after = town.now() + 2 * SECOND
    eventually(lambda: town.now() > after, 5, "the server has dealt with it")
    assert len(town.told(FIRST, occurrence)) == 2


@pytest.mark.timeout(240)
def test_two_boxes_with_one_name_do_not_fight_for_the_link_and_are_named(town: Town) -> None:
    """The file of an enrolment is used twice. Each box sounds and tells for itself; the server names them as two."""
    town.open(FIRST)
    town.start(TWIN, FIRST)
    occurrence = town.air_tones(town.in_seconds(12), {"vi": 1500})
    hertz = town.ordered[occurrence].pitches["vi"]
    town.ready(occurrence, FIRST)
    eventually(lambda: two_boxes(town), 150, "two boxes with one name are named")
    eventually(lambda: len(town.told(FIRST, occurrence)) == 2, 150, "each has told what it played")
    for box in (FIRST, TWIN):
        assert [tone.hertz for tone in town.tones(box)] == [hertz]
    assert links_of(town, FIRST) + links_of(town, TWIN) < 12


def two_boxes(town: Town) -> bool:
    """Whether the server has found that two boxes speak under this name."""
    with town.stores.open() as store:
        return bool(store.fleet.heard([FIRST], town.now())[FIRST].doubled_at)


def links_of(town: Town, box: str) -> int:
    """How often a box has been let in, by its step log."""
    return (town.folder / box / "steps" / "steps.jsonl").read_text().count('{"type":"Linked"')


def said_by(town: Town, box: str) -> int:
    """How many reports a box has sent, by its step log."""
    steps = town.folder / box / "steps" / "steps.jsonl"
    return steps.read_text().count('"SendReport"') if steps.exists() else 0
