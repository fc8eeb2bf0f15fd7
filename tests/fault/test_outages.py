"""Faults of server, broker and power: what was planned sounds on time, and is filed exactly once.

Nobody imports this module.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from device_agent.replay import read_line, replay
from schedules.clock import SECOND
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.fault.town import Town
from tests.fault.witnesses import agree
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
ONE, TWO, DARK, SPARED, URGENT = "loa-mau-1", "loa-mau-4", "loa-mau-2", "loa-mau-3", "loa-mau-5"


def replayed(town: Town, device: str) -> int:
    """Do again what a loudspeaker did, by its step log; how many steps had actions."""
    lines = (town.folder / device / "steps" / "steps.jsonl").read_bytes().splitlines()
    acted = 0
    for line, step in replay(read_line(line) for line in lines):
        assert line.actions == step.actions
        acted += bool(line.actions)
    return acted


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Town]:
    """The town on a broker of its own, as a province would run it."""
    [port] = free_ports(1)
    town = Town(tmp_path, Mosquitto(port, tmp_path / "mosquitto"))
    yield town
    town.close()


def test_server_and_broker_gone_power_lost_in_mid_play_a_withdrawal_and_an_emergency(province: Town) -> None:
    """One town, on Mosquitto: a bulletin for all. In the middle of it one loses its power and another hears an emergency; one is
    spared by a withdrawal in time; then server and broker die, and the next one is due."""
    town, devices = province, (ONE, TWO, DARK, SPARED, URGENT)
    town.open(*devices)
    start = town.in_seconds(12)
    first = town.air_tones(start, {"vi": 5000}, (ONE, TWO, DARK, URGENT))
    spared = town.air_tones(start + SECOND, {"vi": 2000}, (SPARED,))
    second = town.air_tones(start + 16 * SECOND, {"vi": 1500})
    town.ready(second, *devices)
    town.withdraw(spared)
    eventually(lambda: town.now() > start + SECOND, 30, "it sounds")
    urgent = town.air_tones(start + 3 * SECOND, {"vi": 1500}, (URGENT,), BroadcastClass.emergency)
    eventually(lambda: town.now() > start + 2 * SECOND, 10, "it has sounded for a while")
    town.kill(DARK)
    town.start(DARK)
    eventually(lambda: town.told(URGENT, first), 30, "what the emergency cut has been made up")
    town.kill_server()
    town.kill_broker()
    assert town.now() < start + 15 * SECOND, "the machine was too slow for this test"
    eventually(lambda: town.now() > start + 18 * SECOND, 40, "the hour of the second has passed")
    town.broker.start()
    town.start_server()
    found = agree(town, *devices, within=60)
    for device, occurrence in [(ONE, first), (TWO, first), *((device, second) for device in devices)]:
        account = found[device, occurrence]
        assert account.playback.outcome is Outcome.played
        assert account.playback.offline == (occurrence == second)
        assert abs(account.late_ms) < 60, account.words()
    dark = found[DARK, first]
    assert (dark.playback.outcome, dark.playback.reason) == (Outcome.cut, Reason.restarted)
    assert dark.playback.sounded_ms is None
    assert not found[SPARED, spared].heard
    again, alarm = found[URGENT, first], found[URGENT, urgent]
    assert abs(alarm.late_ms) < 60, alarm.words()
    assert (again.playback.reason, again.playback.other, len(again.parts)) == (Reason.cut_in, urgent, 2)
    assert again.sounded_at > alarm.sounded_at
    for device in (ONE, TWO):
        assert replayed(town, device) > 10
