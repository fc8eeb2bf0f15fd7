"""Emergencies: two at once, cancelled before, during and after, cut by the power, and for who was out of reach.

Nobody imports this module.
"""

from collections.abc import Iterator

import pytest

from schedules.alert import LARGEST_INSIDE
from schedules.clock import SECOND
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from tests.fault.ports import free_ports
from tests.fault.road import Road
from tests.fault.town import NOW, PROVINCE_STAFF, Town
from tests.fault.witnesses import agree
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
BUSY, SPARED, RELIEVED, SERVED, DARK, APART = (f"loa-mau-{n}" for n in range(1, 7))
EMERGENCY = BroadcastClass.emergency


@pytest.fixture
def road(town: Town) -> Iterator[Road]:
    road = Road(free_ports(1)[0], town.port)
    road.open()
    yield road
    road.end()


def test_alerts_at_once_cancelled_cut_by_the_power_and_for_who_was_out_of_reach(town: Town, road: Road) -> None:
    """One town, six loudspeakers: a bulletin, an alert and two more while it sounds; one alert each that is cancelled
    before, during and after; one that the power cuts; one for who has no link."""
    town.roads[APART] = road.url
    town.open(BUSY, SPARED, RELIEVED, SERVED, DARK, APART)
    start = town.in_seconds(9)
    bulletin = town.air_tones(start, {"vi": 6000}, (BUSY,))
    spared = town.air_tones(start + 3 * SECOND, {"vi": 2000}, (SPARED,), EMERGENCY)
    town.ready(bulletin, BUSY)
    town.ready(spared, SPARED)
    town.withdraw(spared)
    road.block()
    eventually(lambda: town.now() > start + SECOND, 20, "the bulletin sounds")
    first = town.air_tones(NOW, {"vi": 7000}, (BUSY,), EMERGENCY)
    relieved = town.air_tones(NOW, {"vi": 8000}, (RELIEVED,), EMERGENCY)
    served = town.air_tones(NOW, {"vi": 1500}, (SERVED,), EMERGENCY)
    dark = town.air_tones(NOW, {"vi": 4000}, (DARK,), EMERGENCY)
    apart = town.air_tones(NOW, {"vi": 2000}, (APART,), EMERGENCY)
    began = town.ordered[apart].start
    eventually(lambda: town.now() > began + 1500, 20, "they sound")
    lower = town.air_tones(NOW, {"vi": 1500}, (BUSY,), EMERGENCY)
    higher = town.air_tones(NOW, {"vi": 1500}, (BUSY,), EMERGENCY, by=PROVINCE_STAFF)
    town.kill(DARK)
    town.withdraw(relieved)
    cancelled_at = town.now()
    town.start(DARK)
    eventually(lambda: town.told(SERVED, served), 20, "it has been told")
    town.withdraw(served)
    eventually(lambda: town.now() > began + 11 * SECOND, 20, "it is late for who has no link")
    road.open()
    found = agree(town, BUSY, SPARED, RELIEVED, SERVED, DARK, APART, within=60)
    for device, alert in ((BUSY, first), (RELIEVED, relieved), (SERVED, served), (DARK, dark)):
        assert abs(found[device, alert].parts[0][0].tone.start_ms - town.ordered[alert].start) < 150
    one, two, three = (found[BUSY, name] for name in (first, higher, lower))
    assert one.heard[-1].tone.start_ms < two.sounded_at < three.sounded_at < found[BUSY, bulletin].sounded_at
    assert found[BUSY, bulletin].playback.reason is Reason.cut_in
    assert not found[SPARED, spared].heard
    cut = found[RELIEVED, relieved]
    assert (cut.playback.outcome, cut.playback.reason) == (Outcome.cut, Reason.withdrawn)
    [sounded] = cut.heard
    assert sounded.tone.start_ms + sounded.tone.ms - cancelled_at < SECOND, cut.words()
    assert found[SERVED, served].playback.outcome is Outcome.played
    again = found[DARK, dark]
    assert (again.playback.outcome, again.playback.reason, len(again.parts)) == (Outcome.played, Reason.restarted, 2)
    assert found[APART, apart].playback.outcome is Outcome.late


def test_an_alert_too_long_for_one_message_sounds_at_once_and_to_its_end(town: Town) -> None:
    """Two languages, a megabyte: the beginning of each is inside, the rest comes as blocks while that sounds."""
    town.open(SERVED)
    alert = town.air_tones(NOW, {"vi": 12_000, "mww": 12_000}, (SERVED,), EMERGENCY, kbits=256)
    sizes = [path.stat().st_size for path in town.archive.folder.glob("*.opus")]
    assert sum(sizes) > 2 * LARGEST_INSIDE
    found = agree(town, SERVED, within=60)[SERVED, alert]
    assert found.playback.outcome is Outcome.played
    # A megabyte may come late on a machine that does other things; who comes late joins where its neighbours are.
    first = found.heard[0].tone
    late_ms = first.start_ms - town.ordered[alert].start
    assert -150 < late_ms < 1_500
    assert abs(late_ms + first.ms - 12_000) < 150
    assert [heard.language for heard in found.heard] == ["mww", "vi"]


def test_an_alert_whose_sound_card_goes_begins_again_when_it_is_back(town: Town) -> None:
    """At one loudspeaker it goes in mid-alert, at the other before it, and both stay away for longer than it lasts."""
    town.open(SERVED, DARK)
    town.unplug(DARK)
    alert = town.air_tones(NOW, {"vi": 3500}, (SERVED, DARK), EMERGENCY)
    began = town.ordered[alert].start
    eventually(lambda: town.now() > began + 1500, 20, "it sounds")
    town.unplug(SERVED)
    eventually(lambda: town.now() > began + 11 * SECOND, 20, "it would long be over")
    assert not any(town.told(device, alert) for device in (SERVED, DARK))
    for device in (SERVED, DARK):
        town.plug(device)
    found = agree(town, SERVED, DARK)
    lost, missing = found[SERVED, alert], found[DARK, alert]
    assert (lost.playback.outcome, lost.playback.reason) == (Outcome.late, Reason.card_lost)
    assert (missing.playback.outcome, missing.playback.reason) == (Outcome.late, Reason.card_missing)
    assert (len(lost.parts), len(missing.parts)) == (2, 1)
