"""The town on a broker of its own, as a province would run it.

Nobody imports this module.
"""

from pathlib import Path

import pytest

from schedules.playback import Outcome
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.fault.town import Town, in_seconds

pytestmark = [pytest.mark.sound, pytest.mark.broker]


def test_a_bulletin_goes_all_the_way_over_mosquitto_and_over_its_death(tmp_path: Path) -> None:
    [port] = free_ports(1)
    town = Town(tmp_path, Mosquitto(port, tmp_path / "mosquitto"))
    try:
        town.open("loa-mau-1", "loa-mau-4")
        first = town.air(in_seconds(8))
        assert town.reported("loa-mau-1", first).outcome is Outcome.played
        assert town.reported("loa-mau-4", first).outcome is Outcome.played
        town.kill_broker()
        town.broker.start()
        second = town.air(in_seconds(30), "Xin chào lần hai.")
        town.ready(second, "loa-mau-1", "loa-mau-4")
        assert town.reported("loa-mau-1", second).outcome is Outcome.played
        assert len(town.heard("loa-mau-1")) == 2
    finally:
        town.close()
