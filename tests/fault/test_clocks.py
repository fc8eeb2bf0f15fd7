"""Clocks that are wrong, that step, or that are not there: what sounds is not moved by them, and is told as it was.

Nobody imports this module.
"""

from collections.abc import Iterator

import pytest

from device_agent.playout import SOON
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust, civil_midnight
from schedules.playback import LATE_AFTER, Outcome, Reason
from schedules.programme import BroadcastClass
from tests.fault.ports import free_ports
from tests.fault.road import Road
from tests.fault.town import Town
from tests.fault.witnesses import agree
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
SINCE_1970, AHEAD, BEHIND, CHIP, LOST, ALARMED = (f"loa-mau-{n}" for n in range(1, 7))
ON_TIME_MS = 60


@pytest.fixture
def road(town: Town) -> Iterator[Road]:
    road = Road(free_ports(1)[0], town.port)
    yield road
    road.end()


def test_clocks_that_are_wrong_or_step_move_nothing_that_sounds(town: Town, road: Road) -> None:
    """One town, six clocks: 1970 with a link; +1 day and -2 h in mid-play; three cold boots with no link shortly before
    the hour: with a clock chip, with no clock at all, and with no clock and an emergency to sound."""
    linked, offline = (SINCE_1970, AHEAD, BEHIND), (CHIP, LOST, ALARMED)
    town.machine(SINCE_1970).clock_off_by(-town.now())
    town.open(*linked, *offline)
    start = town.in_seconds(15)
    first = town.air_tones(start, {"vi": 3000})
    second = town.air_tones(start + 6 * SECOND, {"vi": 1500})
    alarm = town.air_tones(start - 3 * SECOND, {"vi": 1500}, (ALARMED,), BroadcastClass.emergency)
    town.ready(second, *linked, *offline)
    town.ready(alarm, ALARMED)
    for device in offline:
        town.kill(device)
        town.roads[device] = road.url
        town.machine(device).clock_off_by(-town.now())
    town.machine(CHIP).clock_off_by(0)
    town.machine(CHIP).clock_source(clock_chip=True)
    assert town.now() < start - 5 * SECOND, "the machine was too slow to prepare this test"
    for device in offline:
        town.start(device)
    eventually(lambda: town.now() > start + SECOND, 30, "it is in mid-play")
    town.machine(AHEAD).clock_off_by(DAY)
    town.machine(BEHIND).clock_off_by(-2 * HOUR)
    eventually(lambda: town.now() > start + LATE_AFTER + SECOND, 30, "both have sounded")
    road.open()
    found = agree(town, *linked, *offline, within=60)
    for device in (*linked, CHIP):
        for occurrence in (first, second):
            account = found[device, occurrence]
            assert account.playback.outcome is Outcome.played
            assert abs(account.late_ms) < ON_TIME_MS, account.words()
    assert found[CHIP, first].playback.trust is ClockTrust.rtc
    for device in (LOST, ALARMED):  # with no clock, an hour never comes: they begin when the server has told the time
        late = found[device, first].playback
        assert (late.outcome, late.reason) == (Outcome.late, Reason.clock_untrusted)
    alarmed = found[ALARMED, alarm]
    assert -SOON < alarmed.late_ms < 2 * SECOND, alarmed.words()
    assert alarmed.playback.offline


@pytest.mark.soak
def test_a_slot_across_midnight_sounds_whole_once_and_belongs_to_its_day(town: Town) -> None:
    """The clocks of the whole town are set to shortly before midnight in Việt Nam; the server makes the programme of
    the new day while the slot of the old one sounds, and power goes once in the new day."""
    midnight = civil_midnight(town.now()) + DAY
    town.leap(midnight - 26 * SECOND - town.now())
    town.open(SINCE_1970, AHEAD)
    across = town.air_tones(midnight - 3 * SECOND, {"vi": 7000})
    after = town.air_tones(midnight + 6 * SECOND, {"vi": 1500})
    before = town.programme(SINCE_1970)
    town.ready(after, SINCE_1970, AHEAD)
    assert town.now() < midnight - 3 * SECOND, "the machine was too slow to prepare this test"
    eventually(lambda: town.now() > midnight + SECOND, 45, "the new day has begun")
    town.ring()
    eventually(lambda: town.programme(SINCE_1970).since != before.since, 10, "the programme of the new day")
    eventually(lambda: town.told(AHEAD, across), 30, "the slot of the old day is told")
    town.kill(AHEAD)
    town.start(AHEAD)
    found = agree(town, SINCE_1970, AHEAD)
    for device in (SINCE_1970, AHEAD):
        assert abs(found[device, across].late_ms) < ON_TIME_MS
        assert found[device, across].playback.outcome is Outcome.played
        assert len(found[device, across].parts) == 1
    assert abs(found[SINCE_1970, after].late_ms) < ON_TIME_MS
    town.leap(16 * MINUTE)
    agree(town, SINCE_1970, AHEAD)
