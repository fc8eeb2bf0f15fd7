"""What a change for the whole province costs the server, with a hundred loudspeakers and with ten thousand.

Imported by the bench command; `python -m tests.bench.one_publish` prints the table.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from schedules import wire
from schedules.clock import MINUTE
from schedules.wire import Report
from server import seed, system_clock
from server.authority import Authority
from server.bell import Bell
from server.clip_archive import ClipArchive
from server.desk import Desk
from server.keyring import Keyring
from server.mqtt_gateway import Gateway
from tests.bench import province
from tests.bench.figures import Figure, table
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.waiting import eventually, pass_time

FEW, MANY = 100, 10_000
ROUNDS = 7
AT_MOST = 1.2


class Cost(NamedTuple):
    """Of one change: messages published, and seconds from the bell until the programme is at who listens, the best of
    the rounds."""

    publishes: float
    seconds: float


def measure(few: int = FEW, many: int = MANY) -> Iterator[Figure]:
    """The real gateway on the real desk, a real Mosquitto, and one listener to everything."""
    with tempfile.TemporaryDirectory(prefix="one-publish-") as folder:
        of_few, of_many = (_cost(Path(folder) / f"{n}", n) for n in (few, many))
    name = f"a change for {many} loudspeakers"
    yield Figure(f"{name}, messages", of_many.publishes, "", of_few.publishes, of_few.publishes)
    limit = of_few.seconds * AT_MOST * 1e3
    yield Figure(f"{name}, order to message", of_many.seconds * 1e3, "ms", of_few.seconds * 1e3, limit)


class WatchedDesk(Desk):
    """It tells when what comes after a change, the rows of the log, has been done."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.settled = threading.Event()

    def settle(self) -> bool:
        changed = super().settle()
        self.settled.set()
        return changed


class Listener:
    """Hears everything below the root."""

    def __init__(self, broker: Mosquitto) -> None:
        self.topics: list[str] = []
        self.programme_at = 0.0
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_connect = lambda client, *_rest: client.subscribe(f"{wire.ROOT}/#", 1)
        self._client.on_message = self._arrived
        self._client.connect("127.0.0.1", int(broker.url.rpartition(":")[2]))
        self._client.loop_start()

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def _arrived(self, _client: object, _given: object, message: Any) -> None:
        self.topics.append(message.topic)
        if wire.PROGRAMME.parts(message.topic):
            self.programme_at = time.monotonic()


def _cost(folder: Path, loudspeakers: int) -> Cost:
    folder.mkdir()
    now, bell = system_clock.utc_ms(), Bell()
    province.settle_province(folder / "province.db", loudspeakers, now)
    stores, start = province.stores_of(folder / "province.db"), province.five_oclock(now)
    broker = Mosquitto(free_ports(1)[0], folder / "mosquitto")
    broker.start()
    listener = Listener(broker)
    keyring = Keyring(folder / "keys", lambda: bytes(32))
    desk = WatchedDesk(stores, bell, system_clock.utc_ms, _nobody, keyring, Authority(folder))
    gateway = Gateway(broker.url, "bench", desk, keyring, ClipArchive(folder / "clips"), bell)
    gateway.start()
    try:
        eventually(lambda: len(listener.topics) >= loudspeakers and desk.settled.is_set(), 120, "all are assigned")
        rounds = []
        for n in range(ROUNDS):
            desk.settled.clear()
            listener.topics.clear()
            province.air(stores, province.made_up(), [seed.PROVINCE], start + n * MINUTE, now)
            listener.programme_at = 0.0
            began = time.monotonic()
            bell.ring("programmes")
            eventually(lambda: listener.programme_at, 30, "the programme is published")
            rounds.append(listener.programme_at - began)
            eventually(desk.settled.is_set, 60, "the log is up to date")
            pass_time(0.2)
    finally:
        gateway.stop()
        listener.close()
        broker.stop()
    return Cost(len(listener.topics), min(rounds))


def _nobody(_device: str, _report: Report) -> None:
    """Nobody prints what is filed."""


if __name__ == "__main__":
    print(table(measure(*map(int, sys.argv[1:]))))
