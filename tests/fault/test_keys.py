"""A change of the server's signing keys beside everything that goes on: nobody falls silent, and the old key ends.

Nobody imports this module.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import paho.mqtt.client as paho
import pytest

from schedules import wire
from schedules.signing import SigningKey
from server import rotation, system_clock
from server.keyring import Keyring
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.fault.town import Town
from tests.fault.witnesses import agree
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
ONE, TWO = "loa-mau-1", "loa-mau-2"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    [port] = free_ports(1)
    town = Town(tmp_path, Mosquitto(port, tmp_path / "mosquitto"))
    yield town
    town.close()


def known(town: Town, device: str) -> tuple[str, ...]:
    """The ids of the keys that a loudspeaker has acknowledged, newest first."""
    status = town.status(device)
    return status.keys if status is not None else ()


def test_keys_are_changed_while_loudspeakers_play_and_one_of_them_is_off(town: Town) -> None:
    """The one that was off hears of the change when it comes back, and both still do after a restart, though their
    enrolment names the old key alone."""
    keyring, old = Keyring(town.data, system_clock.new_key), town.key
    town.open(ONE, TWO)
    eventually(lambda: known(town, ONE) == (old.key_id.hex(),), 20, "the first key is acknowledged")
    town.kill(TWO)

    signing = keyring.begin(town.now())
    assert signing.next is not None
    both = (signing.next.key_id.hex(), old.key_id.hex())
    eventually(lambda: known(town, ONE) == both, 20, "the next key is acknowledged beside the old one")
    with town.stores.open() as store:
        knowing = rotation.who_knows([ONE, TWO], store.fleet.heard([ONE, TWO], town.now()))
    assert [each.device for each in rotation.left_behind(knowing, signing.next.public)] == [TWO]
    during = town.air_tones(town.in_seconds(8), {"vi": 900}, (ONE,))

    town.start(TWO)
    eventually(lambda: known(town, TWO) == both, 30, "who was off hears of it when it is back")
    eventually(lambda: town.told(ONE, during) != [], 30, "a play while two keys hold")
    keyring.finish(town.now())
    for device in (ONE, TWO):
        eventually(lambda device=device: known(town, device) == both[:1], 20, "the old key holds no more")
    after = town.air_tones(town.in_seconds(8), {"vi": 900}, (ONE, TWO))
    town.ready(after, ONE, TWO)
    town.kill(TWO)
    town.start(TWO)

    accounts = agree(town, ONE, TWO, within=40)
    assert {accounts[device, after].playback.outcome.value for device in (ONE, TWO)} == {"played"}
    assert known(town, TWO) == both[:1]
    _is_refused(town, old, "unknown_key")


def _is_refused(town: Town, key: SigningKey, cause: str) -> None:
    """What this key seals, however new it says to be."""
    programme = town.programme(ONE)
    newer = msgspec.structs.replace(programme, revision=programme.revision + 1, slots=())
    thief = paho.Client(paho.CallbackAPIVersion.VERSION2, "thief", protocol=paho.MQTTv5)
    thief.connect("127.0.0.1", town.port)
    thief.loop_start()
    word = wire.Keys(system_clock.utc_ms() // 1000 + 10_000, town.now(), (key.public,))
    for topic, message in ((wire.PROGRAMME.topic(ONE), newer), (wire.KEYS.topic(), word)):
        thief.publish(topic, wire.seal_message(message, key), 1).wait_for_publish(5)
    eventually(lambda: (s := town.status(ONE)) is not None and s.refused.get(cause, 0) >= 2, 20, "refused and counted")
    status = town.status(ONE)
    assert status is not None
    assert status.programmes[ONE] == programme.revision
    thief.loop_stop()
    thief.disconnect()
