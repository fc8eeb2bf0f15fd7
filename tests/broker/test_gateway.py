"""Tests of the gateway at a real broker that comes and goes: what is said first, what is said again, and what is not.

Nobody imports this module.
"""

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from audio.clip import Clip, name_of
from schedules import wire
from schedules.alert import Alert, unpack, urgent_slots
from schedules.assignment import Assignment
from schedules.blocks import BLOCK_BYTES
from schedules.clock import DAY, HOUR, SECOND, UtcMs
from schedules.programme import BroadcastClass, Programme
from server import delivery, system_clock
from server.bell import Bell
from server.clip_archive import ClipArchive
from server.keyring import Keyring
from server.mqtt_gateway import Gateway
from server.planning import wanted
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.unit.device.stage import slot
from tests.waiting import eventually

pytestmark = pytest.mark.broker

CONTENT = bytes(range(256)) * 64 * 20
FLOOD = Clip(name_of([CONTENT]), "vi", 40 * SECOND, len(CONTENT))
DEVICES = {f"loa-{n}": 1 for n in range(250)}
HEARING = ("loa-1", "loa-2")


class Desk:
    """One area with a flood to be told of, and many loudspeakers, two of which stand in that area. `busy`: how often
    the database will not answer."""

    def __init__(self) -> None:
        self.busy, self.lock = 0, threading.Lock()
        now = self.now()
        flood = slot("flood", now, BroadcastClass.emergency, (FLOOD,), 2 * HOUR)
        self._programme = Programme("xa", 7, now, now + DAY, (flood,))
        self.asked: list[tuple[str, ...]] = []

    def now(self) -> UtcMs:
        return system_clock.utc_ms()

    def newest_act(self) -> int:
        return 1

    def desired(self) -> delivery.DesiredChanged:
        paths = {device: f"/{'xa' if device in HEARING else 'other'}/{device}/" for device in DEVICES}
        return wanted({"xa": self._programme}, DEVICES, paths, self.now())

    def settle(self) -> bool:
        return False

    def alert(self, area: str, named: Iterable[str]) -> Alert | None:
        now = self.now()
        return Alert(area, 7, now, now + HOUR, urgent_slots(self._programme, now))

    def programme(self, area: str) -> Programme | None:
        return self._programme

    def assignments(self, devices: Iterable[str]) -> dict[str, Assignment]:
        named = tuple(devices)
        self.asked.append(named)
        if self.busy:
            self.busy -= 1
            raise OSError("the database is busy")
        now = self.now()
        return {device: Assignment(device, 1, now, now + DAY, ("xa", device), ("vi",), None) for device in named}

    def file_reports(self, reports: object) -> list[wire.Ack | None]:
        return []

    def file_statuses(self, statuses: object) -> None:
        return None


class Ear:
    """Hears all that the gateway says; speaks for loudspeakers."""

    def __init__(self, url: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2, "ear", protocol=paho.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self.listens = threading.Event()
        topics = [(t, 1) for t in (wire.ALERT.topic("+"), wire.PROGRAMME.topic("+"), wire.ASSIGNMENT.topic("+"))]
        topics += [(wire.URGENT_BLOCK.topic(FLOOD.sha256, "+"), 1), (wire.BLOCK.topic("+", "+"), 1)]
        self._client.on_connect = lambda client, *_rest: client.subscribe(topics)
        self._client.on_subscribe = lambda *_rest: self.listens.set()
        self._client.on_message = lambda _client, _given, m: self.heard.append((m.topic, bytes(m.payload)))
        host, _, port = url.removeprefix("mqtt://").partition(":")
        self._client.connect(host, int(port))
        self._client.loop_start()
        assert self.listens.wait(10)

    def say(self, route: wire.Route, device: str, message: object) -> None:
        self._client.publish(route.topic(device), wire.encode(message), 1).wait_for_publish(10)

    def topics(self, route: wire.Route) -> list[str]:
        return [topic for topic, _ in self.heard if route.parts(topic) is not None]

    def sounds(self) -> list[bool]:
        """Of each alert, whether it had its sound."""
        return [bool(unpack(payload)[1]) for topic, payload in self.heard if wire.ALERT.parts(topic) is not None]

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(free_ports(1)[0], tmp_path / "mosquitto")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def gateway(broker: Mosquitto, tmp_path: Path) -> Iterator[tuple[Gateway, Desk]]:
    archive, desk = ClipArchive(tmp_path / "clips"), Desk()
    archive.write(f"{FLOOD.sha256}.opus", CONTENT)
    gateway = Gateway(broker.url, "gateway", desk, Keyring(tmp_path, lambda: b"gate" * 8), archive, Bell())
    yield gateway, desk
    gateway.stop()


def all_assigned(ear: Ear) -> bool:
    return len(set(ear.topics(wire.ASSIGNMENT))) == len(DEVICES)


def test_what_is_urgent_comes_first_and_who_has_acknowledged_it_is_not_told_again_by_a_broker_that_comes_and_goes(
    broker: Mosquitto, gateway: tuple[Gateway, Desk]
) -> None:
    ear = Ear(broker.url)
    gateway[0].start()
    eventually(lambda: all_assigned(ear), 20, "all are assigned")
    kinds = [next(r for r in (wire.ALERT, wire.PROGRAMME, wire.ASSIGNMENT) if r.parts(t)) for t, _ in ear.heard[:3]]
    assert kinds == [wire.ALERT, wire.PROGRAMME, wire.ASSIGNMENT]
    assert len(ear.topics(wire.ASSIGNMENT)) == len(DEVICES), "each once"
    assert {len(asked) for asked in gateway[1].asked} == {delivery.ASSIGN_TOGETHER, len(DEVICES) % 100}
    for device in HEARING:
        ear.say(wire.STATUS, device, wire.Status(online=True, clips_missing=(FLOOD.sha256,)))
        ear.say(wire.ALERT_ACK, device, wire.AlertAck("xa", 7))
    rest = [wire.URGENT_BLOCK.topic(FLOOD.sha256, n) for n in range(16, 20)]
    eventually(lambda: ear.topics(wire.URGENT_BLOCK) == rest, 20, "what the alert did not hold follows it")
    assert not ear.topics(wire.BLOCK)
    assert ear.sounds()[0]
    assert not any(ear.sounds()[1:])
    for _flap in range(3):
        ear.listens.clear()
        broker.stop()
        ear.heard.clear()
        broker.start()
        assert ear.listens.wait(20)
        eventually(lambda: all_assigned(ear), 20, "the gateway is back, and all is said again")
        assert ear.sounds() == []
    ear.leave()


def test_what_a_busy_database_kept_back_is_published_soon_and_nothing_else_again(
    broker: Mosquitto, gateway: tuple[Gateway, Desk]
) -> None:
    ear = Ear(broker.url)
    gateway[1].busy = 2
    gateway[0].start()
    eventually(lambda: all_assigned(ear), 20, "all are assigned")
    assert len(ear.topics(wire.ASSIGNMENT)) == len(DEVICES)
    assert len(ear.topics(wire.PROGRAMME)) == 1
    assert ear.sounds().count(True) == 1
    assert len(CONTENT) > 16 * BLOCK_BYTES
    ear.leave()
