"""Tests of what an alert and the reports need of a broker: the one overtakes, the others are shared and never lost.

Nobody imports this module.
"""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from device_agent.mqtt_link import RECEIVE_MAXIMUM
from schedules import wire
from schedules.blocks import BLOCK_BYTES
from schedules.signing import trusted_by
from schedules.wire import Ack, Report, Status
from server.embedded_broker import EmbeddedBroker
from server.keyring import Keyring
from server.mqtt_reports import ReportLine
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.store.stage import playback
from tests.waiting import eventually

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module", params=["embedded", "mosquitto"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    [port] = free_ports(1)
    kind = EmbeddedBroker if request.param == "embedded" else Mosquitto
    broker = kind(port, tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker.url
    broker.stop()


class Guest:
    """Somebody at the broker. With a `receive_maximum` it takes its time: it acknowledges only on order."""

    def __init__(self, broker: str, name: str, receive_maximum: int = 0) -> None:
        self.heard: list[paho.MQTTMessage] = []
        slow = receive_maximum > 0
        self.paho = paho.Client(paho.CallbackAPIVersion.VERSION2, name, protocol=paho.MQTTv5, manual_ack=slow)
        self.paho.on_message = lambda _client, _given, message: self.heard.append(message)
        lives = Properties(PacketTypes.CONNECT)
        if receive_maximum:
            lives.ReceiveMaximum = receive_maximum
        host, _, port = broker.removeprefix("mqtt://").partition(":")
        self.paho.connect(host, int(port), properties=lives)
        self.paho.loop_start()
        eventually(self.paho.is_connected, 10, f"{name} is connected")

    def listen(self, *topics: str) -> None:
        done = threading.Event()
        self.paho.on_subscribe = lambda *_given: done.set()
        self.paho.subscribe([(topic, paho.SubscribeOptions(qos=1)) for topic in topics])
        assert done.wait(10)

    def say(self, topic: str, payload: bytes, qos: int = 1) -> None:
        self.paho.publish(topic, payload, qos).wait_for_publish(10)

    def leave(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()


def test_an_alert_and_what_continues_it_overtake_the_blocks_that_a_slow_link_has_not_taken_yet(
    broker: str, request: pytest.FixtureRequest
) -> None:
    slow, server = Guest(broker, "slow", RECEIVE_MAXIMUM), Guest(broker, "server")
    name = "c" * 64
    slow.listen(wire.blocks_of(name), wire.ALERT.topic("xa-1"), wire.URGENT_REPAIR.topic("slow"))
    for index in range(40):
        server.say(wire.BLOCK.topic(name, index), bytes(BLOCK_BYTES), wire.BLOCK.qos)
    server.say(wire.ALERT.topic("xa-1"), bytes(200_000), wire.ALERT.qos)
    server.say(wire.URGENT_BLOCK.topic(name, 40), bytes(BLOCK_BYTES), wire.URGENT_BLOCK.qos)
    server.say(wire.URGENT_REPAIR.topic("slow"), bytes(BLOCK_BYTES), wire.URGENT_REPAIR.qos)
    urgent = [wire.ALERT.topic("xa-1"), wire.URGENT_BLOCK.topic(name, 40), wire.URGENT_REPAIR.topic("slow")]
    eventually(lambda: [m.topic for m in slow.heard if m.topic in urgent] == urgent, 10, "what is urgent is heard")
    if "embedded" in request.node.name:
        pytest.skip("the embedded broker knows no receive maximum; it is reached over loopback alone")
    assert len(slow.heard) <= RECEIVE_MAXIMUM + len(urgent)
    taken = 0
    while len(slow.heard) < 40 + len(urgent):
        before = len(slow.heard)
        for message in slow.heard[taken:before]:
            if message.qos:
                slow.paho.ack(message.mid, message.qos)
        taken = before
        eventually(lambda n=before: len(slow.heard) > n, 10, "and then the rest")
    slow.leave()
    server.leave()


class Cabinet:
    """Files in memory; can be told to stop in the middle, as a process that dies before it commits."""

    def __init__(self) -> None:
        self.filed: list[tuple[str, int]] = []
        self.open = threading.Event()
        self.open.set()

    def file_reports(self, reports: Sequence[tuple[str, Report]]) -> list[Ack | None]:
        self.open.wait(60)
        self.filed += [(device, p.sequence) for device, report in reports for p in report.playbacks]
        return [Ack(report.journal, max(p.sequence for p in report.playbacks), report.run) for _, report in reports]

    def file_statuses(self, statuses: Sequence[tuple[str, Status]]) -> None:
        raise AssertionError(statuses)


def report(sequence: int) -> bytes:
    return wire.encode(Report("j", (playback(f"x@{sequence}", sequence),), "run"))


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path, lambda: b"line" * 8)


def test_those_who_share_a_line_file_each_report_once_and_answer_it(
    broker: str, keyring: Keyring, request: pytest.FixtureRequest
) -> None:
    alone = "embedded" in request.node.name
    cabinets = [Cabinet()] if alone else [Cabinet(), Cabinet(), Cabinet()]
    lines = [ReportLine(broker, f"line-{n}", cabinet, keyring, shared=not alone) for n, cabinet in enumerate(cabinets)]
    for line in lines:
        line.start()
    eventually(lambda: all(line.linked for line in lines), 10, "all lines are linked")
    device = Guest(broker, "device")
    device.listen(wire.ACK.topic("loa-1"))
    device.say(wire.REPORT.topic("loa-1"), b"this is no report")
    for sequence in range(1, 61):
        device.say(wire.REPORT.topic("loa-1"), report(sequence))

    def acked() -> set[int]:
        trusted = trusted_by([keyring.current().key.public])
        found = [wire.unseal_message(Ack, bytes(message.payload), trusted) for message in device.heard]
        acks = [ack for ack in found if isinstance(ack, Ack)]
        assert len(acks) == len(found), "each is signed"
        assert all(ack.report == wire.digest_of(report(ack.up_to)) and ack.device == "loa-1" for ack in acks)
        return {ack.up_to for ack in acks}

    eventually(lambda: acked() == set(range(1, 61)), 20, "each is acknowledged")
    assert sorted(pair for cabinet in cabinets for pair in cabinet.filed) == [("loa-1", n) for n in range(1, 61)]
    assert all(cabinet.filed for cabinet in cabinets), "the work is shared"
    for line in lines:
        line.stop()
    device.leave()


def test_what_was_not_committed_when_a_line_died_comes_to_another(
    broker: str, keyring: Keyring, request: pytest.FixtureRequest
) -> None:
    if "embedded" in request.node.name:
        pytest.skip("the embedded broker keeps nothing for who is away: loudspeakers send again")
    stuck, sound = Cabinet(), Cabinet()
    stuck.open.clear()
    dying = ReportLine(broker, "line-dying", stuck, keyring)
    dying.start()
    eventually(lambda: dying.linked, 10, "it is linked")
    device = Guest(broker, "device-2")
    for sequence in range(1, 11):
        device.say(wire.REPORT.topic("loa-2"), report(sequence))
    # It vanishes without a goodbye and without a commit; another takes its name, as a process that is started again.
    dying._paho.loop_stop()
    socket = dying._paho.socket()
    assert socket is not None
    socket.close()
    again = ReportLine(broker, "line-dying", sound, keyring)
    again.start()
    eventually(lambda: len({n for _, n in sound.filed}) == 10, 20, "all are filed")
    assert stuck.filed == []
    stuck.open.set()
    again.stop()
    device.leave()
