"""The town on a broker of its own, as a province would run it.

Nobody imports this module.
"""

from pathlib import Path

import pytest

from schedules.playback import Outcome
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.fault.town import Town
from tests.fault.witnesses import agree

pytestmark = [pytest.mark.sound, pytest.mark.broker]
DEVICES = ("loa-mau-1", "loa-mau-4")


def test_a_bulletin_goes_all_the_way_over_mosquitto_and_over_its_death(tmp_path: Path) -> None:
    [port] = free_ports(1)
    town = Town(tmp_path, Mosquitto(port, tmp_path / "mosquitto"))
    try:
        town.open(*DEVICES)
        first = town.air_tones(town.in_seconds(8), {"vi": 1500})
        agree(town, *DEVICES)
        town.kill_broker()
        town.broker.start()
        second = town.air_tones(town.in_seconds(14), {"vi": 1500})
        found = agree(town, *DEVICES, within=60)
        assert all(found[d, o].playback.outcome is Outcome.played for d in DEVICES for o in (first, second))
    finally:
        town.close()
