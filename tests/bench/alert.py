"""How soon an alert is at a thousand loudspeakers and can be heard, and how soon a real one sounds.

Imported by the bench command; `python -m tests.bench.alert [SUBSCRIBERS]` prints the table.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from audio.quality import Loudness
from audio.voice import Provenance
from device_agent.sound.opus import OpusStream
from schedules import wire
from schedules.alert import Alert, contents_inside, unpack
from schedules.clock import SECOND
from schedules.programme import BroadcastClass
from schedules.signing import Refusal, SigningKey, key_id_of
from server import bulletins, seed, system_clock
from server.area import AreaSettings
from server.authority import Authority
from server.bell import Bell
from server.bulletin import RECORDING
from server.clip_archive import ClipArchive
from server.desk import Desk
from server.keyring import Keyring
from server.mqtt_gateway import Gateway
from server.repositories.store import Stores
from server.studio import Rendered
from tests.bench import province
from tests.bench.crowd import Crowd
from tests.bench.fan_out import publishing
from tests.bench.figures import Figure, percentile, table
from tests.broker.mosquitto import Mosquitto
from tests.fault import tones
from tests.fault.ports import free_ports
from tests.fault.town import NOW, Town
from tests.waiting import eventually

SUBSCRIBERS, ROUNDS, SPOKEN_MS = 1_000, 4, 20 * SECOND
TIMES_BARE, BEYOND_MS = 1.5, 300
TOPIC = wire.ALERT.topic(seed.PROVINCE)


def measure(subscribers: int = SUBSCRIBERS, rounds: int = ROUNDS) -> Iterator[Figure]:
    """From the committed order to 99 of 100 loudspeakers having received it and decoded its first frame, beside the
    same message through the broker alone; the best of rounds in turn. Then from an order to the first sample at the
    card of a real agent that does not wait for others."""
    with tempfile.TemporaryDirectory(prefix="alert-") as folder:
        heard, bare = _fanned_out(Path(folder), subscribers, rounds)
        sounded = _sounded(Path(folder) / "town", rounds)
    reached = percentile(heard, 0) * 1e3
    by_broker = percentile(bare, 0) * 1e3
    yield Figure(f"alert decoded at {subscribers}, p99", reached, "ms", by_broker, TIMES_BARE * by_broker)
    yield Figure(
        "alert → sound at a real agent, median", percentile(sounded, 50), "ms", by_broker, by_broker + BEYOND_MS
    )


def _fanned_out(folder: Path, subscribers: int, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds to the 99th of 100, for each round: through the server, and through the broker alone."""
    now, bell, keyring = system_clock.utc_ms(), Bell(), Keyring(folder / "keys", lambda: bytes(32))
    key = keyring.current().key
    province.settle_province(folder / "province.db", subscribers, now)
    stores, archive = province.stores_of(folder / "province.db"), ClipArchive(folder / "clips")
    broker = Mosquitto(free_ports(1)[0], folder / "mosquitto")
    broker.start()
    port, listener = int(broker.url.rpartition(":")[2]), _Listener(broker)
    desk = Desk(stores, bell, system_clock.utc_ms, _nobody, keyring, Authority(folder))
    gateway = Gateway(broker.url, "bench", desk, keyring, archive, bell)
    gateway.start()
    through_server, bare = [], []
    try:
        eventually(lambda: listener.assignments >= subscribers, 60, "all are assigned")
        for n in range(rounds):
            sound = Rendered(
                tones.record(archive.folder, tones.hertz_of(n), SPOKEN_MS, "vi"),
                Provenance(RECORDING),
                Loudness(-16, -2),
            )
            with Crowd("mqtt", port, subscribers, TOPIC, 1) as crowd:
                listener.alert = b""
                now = system_clock.utc_ms()
                ordered_one = province.air(stores, sound, [seed.PROVINCE], None, now, BroadcastClass.emergency)
                ordered = time.monotonic()
                bell.ring("programmes")
                reached = percentile(crowd.done(), 99) - ordered
            eventually(lambda: listener.alert, 10, "the alert itself")
            through_server.append(reached + _opened(listener.alert, key))
            with publishing(broker) as publish, Crowd("mqtt", port, subscribers, "bare/alert", 1) as crowd:
                began = time.monotonic()
                publish("bare/alert", listener.alert, 0)
                bare.append(percentile(crowd.done(), 99) - began)
            _silence(stores, bell, ordered_one)
    finally:
        gateway.stop()
        listener.close()
        broker.stop()
    return through_server, bare


def _opened(message: bytes, key: SigningKey) -> float:
    """Seconds that a loudspeaker needs from the message to the first frame of its sound."""
    began = time.perf_counter()
    envelope, behind = unpack(message)
    alert = wire.unseal_message(Alert, envelope, {key_id_of(key.public): key.public})
    if isinstance(alert, Refusal):
        raise TypeError(f"the alert is refused: {alert}")
    stream = OpusStream(contents_inside(alert, behind)[alert.heads[-1].clip])
    if not stream.read():
        raise AssertionError("the alert holds no sound")
    took = time.perf_counter() - began
    stream.close()
    return took


def _silence(stores: Stores, bell: Bell, broadcast: str) -> None:
    """Withdraw what has been ordered, so that the next alert is as small as the first."""
    with stores.open() as store:
        now = system_clock.utc_ms()
        editor = store.staff.person("bientap", now)
        if editor is not None:
            bulletins.withdraw(store, editor, broadcast, now)
    bell.ring("programmes")


class _Listener:
    """Keeps the last alert that holds sound, and counts assignments."""

    def __init__(self, broker: Mosquitto) -> None:
        self.alert, self.assignments = b"", 0
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        topics = [(TOPIC, 1), (wire.ASSIGNMENT.topic("+"), 1)]
        self._client.on_connect = lambda client, *_rest: client.subscribe(topics)
        self._client.on_message = self._arrived
        self._client.connect("127.0.0.1", int(broker.url.rpartition(":")[2]))
        self._client.loop_start()

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def _arrived(self, _client: object, _given: object, message: Any) -> None:
        if message.topic != TOPIC:
            self.assignments += 1
        elif len(unpack(message.payload)[1]):
            self.alert = bytes(message.payload)


class _TimedTown(Town):
    """It remembers when the server was last told of an order (UTC, ms)."""

    rung_at = 0.0

    def ring(self) -> None:
        self.rung_at = time.time() * 1e3
        super().ring()


def _sounded(folder: Path, rounds: int) -> list[float]:
    """Milliseconds from each order to the first sample at the card of a real agent."""
    device = "loa-mau-1"
    town, delays = _TimedTown(folder), []
    try:
        town.open(device)
        town.set_area(seed.PROVINCE, AreaSettings(quiet_hours_off=True, alert_lead_ms=0))
        for n in range(rounds):
            occurrence = town.air_tones(NOW, {"vi": 2 * SECOND}, (device,), BroadcastClass.emergency)
            ordered = town.rung_at
            town.reported(device, occurrence)
            delays.append(town.tones(device)[n].start_ms - ordered)
    finally:
        town.close()
    return delays


def _nobody(_device: str, _report: wire.Report) -> None:
    """Nobody prints what is filed."""


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if sys.argv[1:] else SUBSCRIBERS)))
