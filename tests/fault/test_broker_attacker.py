"""Somebody holds the whole broker: he hears everything and may say anything, on every topic, under any name.

Nobody imports this module. He can delay and drop; what sounds stays what staff ordered, and no report is forgotten. What
loudspeakers say themselves carries no signature: a report that he makes up is filed, as is said in `deploy/`.
"""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import paho.mqtt.client as paho
import pytest

from schedules import wire
from schedules.clock import SECOND
from schedules.playback import Outcome
from schedules.programme import BroadcastClass
from schedules.signing import SigningKey
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.fault.town import Town
from tests.fault.witnesses import agree
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
ONE, TWO = "loa-mau-1", "loa-mau-2"
MOST = 3_000


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    [port] = free_ports(1)
    town = Town(tmp_path, Mosquitto(port, tmp_path / "mosquitto"))
    yield town
    town.close()


class Attacker:
    """Hears all, keeps all."""

    def __init__(self, town: Town) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._dice = random.Random(7)
        self._key = SigningKey(b"a key of his own, as good as any")
        self._paho = paho.Client(paho.CallbackAPIVersion.VERSION2, "attacker", protocol=paho.MQTTv5)
        self._paho.on_message = lambda _paho, _given, message: self.heard.append((message.topic, message.payload))
        self._paho.connect("127.0.0.1", town.port)
        self._paho.subscribe("#", 1)
        self._paho.loop_start()

    def leave(self) -> None:
        """Gone."""
        self._paho.disconnect()
        self._paho.loop_stop()

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Whatever he likes."""
        self._paho.publish(topic, payload, 1, retain=retain)

    def rage(self, orders: int) -> None:
        """All that he has heard so far: again, elsewhere, in another order, cut, flipped, under a key of his own, and kept
        by the broker for whoever comes."""
        known = [each for each in self.heard if each[1]]
        topics = sorted({topic for topic, _ in known if wire.REPORT.parts(topic) is None})
        for topic, payload in self._dice.sample(known, min(len(known), orders)):
            at = self._dice.randrange(len(payload))
            flipped = payload[:at] + bytes([payload[at] ^ (1 << self._dice.randrange(8))]) + payload[at + 1 :]
            kinds = (payload, flipped, payload[:at], payload + b"\0", payload[:76] + self._dice.choice(known)[1][76:])
            if wire.REPORT.parts(topic) is None:
                self.say(topic, self._dice.choice(kinds))
            self.say(self._dice.choice(topics), payload, retain=self._dice.random() < 0.1)

    def forge(self, town: Town) -> None:
        """An emergency, a place, a change of keys and an acknowledgement of everything, under his own key."""
        programme = town.programme(ONE)
        [slot, *_] = programme.slots
        urgent = msgspec.structs.replace(slot, start=town.now(), broadcast_class=BroadcastClass.emergency)
        forged = msgspec.structs.replace(programme, revision=programme.revision + 50, slots=(urgent,))
        self.say(wire.PROGRAMME.topic(ONE), wire.seal_message(forged, self._key), retain=True)
        self.say(wire.KEYS.topic(), wire.seal_message(wire.Keys(2**40, town.now(), (self._key.public,)), self._key))
        status = town.status(ONE)
        assert status is not None
        ack = wire.Ack(status.journal, 2**40, status.run, ONE, "0" * 32)
        self.say(wire.ACK.topic(ONE), wire.seal_message(ack, self._key))
        self.say(wire.ACK.topic(ONE), wire.encode(ack))


def test_who_holds_the_broker_can_delay_and_drop_but_never_speak(town: Town) -> None:
    town.open(ONE, TWO)
    attacker = Attacker(town)
    withdrawn = town.air_tones(town.in_seconds(30), {"vi": 900}, (ONE, TWO))
    played = town.air_tones(town.in_seconds(6), {"vi": 900}, (ONE, TWO))
    own = town.air_tones(town.in_seconds(26), {"vi": 900}, (TWO,))
    urgent = town.air_tones(town.in_seconds(10), {"vi": 700}, (ONE, TWO), BroadcastClass.emergency)
    town.ready(withdrawn, ONE, TWO)
    town.withdraw(withdrawn)
    eventually(lambda: all(town.told(d, name) for d in (ONE, TWO) for name in (played, urgent)), 40, "both sounded")
    for _ in range(4):
        attacker.rage(60)
        attacker.forge(town)
    town.kill(ONE)
    town.start(ONE)
    later = town.air_tones(town.in_seconds(12), {"vi": 900}, (ONE, TWO))
    for _ in range(4):
        attacker.rage(60)
    eventually(lambda: town.now() > town.ordered[later].start + 4 * SECOND, 40, "the hour has come")

    accounts = agree(town, ONE, TWO, within=60)
    for device, occurrence in itertools.product((ONE, TWO), (played, urgent, later)):
        assert accounts[device, occurrence].playback.outcome in (Outcome.played, Outcome.late)
    assert accounts[TWO, own].playback.outcome in (Outcome.played, Outcome.late)
    assert not accounts[ONE, withdrawn].heard
    assert not accounts[TWO, withdrawn].heard
    assert town.dead() == []
    status = town.status(TWO)
    assert status is not None
    assert {"unknown_key", "bad_signature", "malformed"} <= status.refused.keys()
    attacker.leave()
    assert len(attacker.heard) < MOST, "what he says is not answered with more than it"
