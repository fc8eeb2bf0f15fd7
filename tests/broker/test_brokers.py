"""Tests of what the product needs of a broker: the embedded one and Mosquitto pass the same suite.

Nobody imports this module.
"""

import queue
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from schedules.wire import LARGEST_MESSAGE
from server.embedded_broker import EmbeddedBroker
from tests.broker.mosquitto import Mosquitto
from tests.contract.house import ROOT
from tests.fault.ports import free_ports
from tests.waiting import eventually, pass_time

pytestmark = pytest.mark.broker
Join = Callable[..., "Guest"]


class Guest:
    """Somebody at the broker; `heard` is what came."""

    def __init__(self, port: int, name: str, *, will: str = "", lasting: bool = False) -> None:
        self.heard: queue.Queue[tuple[str, bytes, bool]] = queue.Queue()
        self.paho = paho.Client(paho.CallbackAPIVersion.VERSION2, name, protocol=paho.MQTTv5)
        self.paho.on_message = lambda _p, _g, m: self.heard.put((m.topic, bytes(m.payload), m.retain))
        if will:
            self.paho.will_set(will, b"gone", qos=1, retain=True)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600 if lasting else 0
        self.paho.connect("127.0.0.1", port, 60, clean_start=not lasting, properties=properties)
        self.paho.loop_start()
        eventually(self.paho.is_connected, 5, f"{name} is connected")

    def listen(self, topic: str) -> "Guest":
        done: queue.Queue[Any] = queue.Queue()
        self.paho.on_subscribe = lambda *_given: done.put(True)
        self.paho.subscribe(topic, qos=1)
        done.get(timeout=5)
        return self

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self.paho.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def next(self, timeout: float = 10) -> tuple[str, bytes, bool]:
        return self.heard.get(timeout=timeout)

    def vanish(self) -> None:
        """Gone without a goodbye."""
        self.paho.loop_stop()
        found = self.paho.socket()
        assert found is not None
        found.close()

    def leave(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()


@pytest.fixture(scope="module", params=["embedded", "mosquitto"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    [port] = free_ports(1)
    kind = EmbeddedBroker if request.param == "embedded" else Mosquitto
    broker = kind(port, tmp_path_factory.mktemp("broker"))
    broker.start()
    yield port
    broker.stop()


@pytest.fixture
def join(port: int, request: pytest.FixtureRequest) -> Iterator[Join]:
    guests: list[Guest] = []

    def join(name: str, **more: Any) -> Guest:
        guests.append(Guest(port, f"{request.node.name[:20]}-{name}", **more))
        return guests[-1]

    yield join
    for guest in guests:
        guest.leave()


def test_what_is_retained_is_there_for_who_comes_later(join: Join) -> None:
    join("a").say("retained/x", b"kept", retain=True)
    assert join("b").listen("retained/+").next() == ("retained/x", b"kept", True)


def test_the_last_will_of_who_vanishes_is_told_and_kept(join: Join) -> None:
    watcher = join("watch").listen("will/+")
    join("mortal", will="will/mortal").vanish()
    assert watcher.next()[:2] == ("will/mortal", b"gone")
    assert join("late").listen("will/+").next() == ("will/mortal", b"gone", True)


def test_a_goodbye_is_no_death(join: Join) -> None:
    watcher = join("watch").listen("bye/+")
    join("polite", will="bye/polite").leave()
    join("other").say("bye/other", b"x")
    assert watcher.next()[0] == "bye/other"


def test_many_blocks_arrive_whole_and_in_order(join: Join) -> None:
    listener, sender = join("l").listen("clip/+"), join("s")
    for n in range(300):
        sender.paho.publish(f"clip/{n}", bytes([n % 256]) * 16_384, qos=1)
    found = [listener.next() for _ in range(300)]
    assert [topic for topic, _, _ in found] == [f"clip/{n}" for n in range(300)]
    assert all(payload == bytes([n % 256]) * 16_384 for n, (_, payload, _) in enumerate(found))


def test_the_largest_message_passes(join: Join) -> None:
    listener = join("l").listen("large/x")
    join("s").say("large/x", bytes(LARGEST_MESSAGE - 2000))
    assert len(listener.next(20)[1]) == LARGEST_MESSAGE - 2000


def test_a_shared_subscription_gives_each_message_to_one(join: Join) -> None:
    one, two = join("1").listen("$share/g/shared/+"), join("2").listen("$share/g/shared/+")
    sender = join("s")
    for n in range(40):
        sender.say(f"shared/{n}", b"x")
    eventually(lambda: one.heard.qsize() + two.heard.qsize() == 40, 10, "all have come")
    pass_time(0.3)
    assert one.heard.qsize() + two.heard.qsize() == 40


def test_a_lasting_session_gets_what_came_while_it_was_away(join: Join, port: int) -> None:
    away = join("away", lasting=True).listen("kept/+")
    away.vanish()
    join("s").say("kept/x", b"while away")
    back = Guest(port, away.paho._client_id.decode(), lasting=True)
    assert back.next()[:2] == ("kept/x", b"while away")
    back.leave()


# Starts the embedded broker, says that it has, and waits to be killed.
PARENT = """
import sys
from pathlib import Path
from server.embedded_broker import EmbeddedBroker
EmbeddedBroker(int(sys.argv[1]), Path(sys.argv[2])).start()
print("started", flush=True)
sys.stdin.read()
"""


def test_the_embedded_broker_ends_with_a_killed_server_and_frees_its_port(tmp_path: Path) -> None:
    [port] = free_ports(1)
    line = [sys.executable, "-c", PARENT, str(port), str(tmp_path)]
    with subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        assert listening(port)
        parent.kill()
        eventually(lambda: not listening(port), 5, "the port is free")


def test_the_embedded_broker_listens_on_loopback_alone(tmp_path: Path) -> None:
    [port] = free_ports(1)
    broker = EmbeddedBroker(port, tmp_path)
    broker.start()
    try:
        assert listening(port) == {"127.0.0.1"}
        assert listening(port + 1) == {"127.0.0.1"}
    finally:
        broker.stop()
    assert not listening(port)


def listening(port: int) -> set[str]:
    """The addresses of this machine where somebody listens on a port (Linux)."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            if state == "0A" and int(number, 16) == port:
                found.add(socket.inet_ntoa(bytes.fromhex(address)[::-1]) if table == "tcp" else address)
    return found


def test_a_port_that_is_taken_is_said_at_once(tmp_path: Path) -> None:
    [port] = free_ports(1)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(OSError, match=str(port)):
        EmbeddedBroker(port, tmp_path).start()
