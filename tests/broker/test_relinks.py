"""Tests of who comes back when after a real broker has stopped.

Nobody imports this module.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_agent.mqtt_link import MqttLink
from device_agent.relinking import CROWD, STABLE
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.waiting import eventually

pytestmark = pytest.mark.broker
LUCK = 0.25
"""Of three seconds, where thousands return; of half a second, where one does."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(free_ports(1)[0], tmp_path / "mosquitto")
    broker.start()
    yield broker
    broker.stop()


class Guest:
    """A real link whose clock shows that it has held for a stable minute as soon as it is there."""

    def __init__(self, url: str) -> None:
        self.linked: list[float] = []
        self.gone: list[float] = []
        self._now = 0
        self.link = MqttLink("loa-1", url, "run", self._mono, lambda: LUCK)
        note = time.monotonic
        self.link.start(
            lambda: self.linked.append(note()), lambda: self.gone.append(note()), lambda _topic, _payload: None
        )
        eventually(lambda: self.linked, 10, "it is linked")

    def _mono(self) -> int:
        self._now += STABLE
        return self._now

    def away_s(self) -> float:
        """How long it was away, once it is back."""
        eventually(lambda: len(self.linked) == 2, 20, "it is linked again")
        self.link.stop()
        return self.linked[1] - self.gone[0]


@pytest.mark.parametrize("kill", [True, False])
def test_who_loses_its_broker_comes_back_as_one_of_thousands(broker: Mosquitto, kill: bool) -> None:
    guest = Guest(broker.url)
    assert broker.process is not None
    if kill:
        broker.process.kill()
        broker.process.wait()
    broker.stop()
    broker.start()
    assert CROWD * LUCK / 1000 - 0.1 < guest.away_s() < CROWD * LUCK / 1000 + 3
