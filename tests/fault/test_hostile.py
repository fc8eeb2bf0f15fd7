"""Attacks and damage on the way: nothing that is not exactly what was approved ever sounds.

Nobody imports this module.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import paho.mqtt.client as paho
import pytest

from schedules import wire
from schedules.assignment import QuietHours
from schedules.clock import SECOND, civil_minute
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from schedules.signing import SigningKey
from server import system_clock
from server.area import AreaSettings
from tests.fault.town import Town, in_seconds
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
ONE = "loa-mau-1"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.close()


def flip(sound: bytes) -> bytes:
    middle = len(sound) // 2
    return sound[:middle] + bytes([sound[middle] ^ 1]) + sound[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [flip, lambda sound: sound[:-900], lambda sound: secrets.token_bytes(len(sound))],
    ids=["one bit flipped", "truncated", "another sound"],
)
def test_a_damaged_clip_is_refused_asked_for_again_and_never_played(
    town: Town, damage: Callable[[bytes], bytes]
) -> None:
    town.open(ONE)
    sound = town.studio.speak("Bản tin bị hỏng trên đường đi.", "vi")
    path = town.archive.folder / f"{sound.clip.sha256}.opus"
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    start = in_seconds(6)
    occurrence = town.air_sounds(start, {"vi": sound}, broadcast_class=BroadcastClass.priority)
    eventually(lambda: sound.clip.sha256 in town.status(ONE).clips_missing, 20, "the clip is missing")
    later = in_seconds(9)
    eventually(lambda: in_seconds(0) > later, 15, "its hour has passed")
    assert town.heard(ONE) == []
    if len(damage(whole)) == len(whole):
        assert town.status(ONE).refused.get("hash_differs", 0) >= 1
    mended = system_clock.utc_ms()
    path.write_bytes(whole)
    playback = town.reported(ONE, occurrence, 90)
    assert playback.outcome in (Outcome.played, Outcome.late)
    assert playback.started is not None
    assert playback.started >= mended
    assert len(town.heard(ONE)) == 1


def test_a_forged_an_older_and_a_misdirected_programme_are_refused_and_counted(town: Town) -> None:
    town.open(ONE)
    occurrence = town.air(in_seconds(60))
    town.ready(occurrence, ONE)
    with town.stores.open() as store:
        programme = store.fleet.programmes()[ONE]
    forged = msgspec.structs.replace(programme, revision=programme.revision + 1)
    older = msgspec.structs.replace(programme, revision=programme.revision - 1)
    elsewhere = msgspec.structs.replace(forged, area="loa-mau-2")
    envelope = wire.seal_message(forged, town.key)
    attacks = [
        wire.seal_message(forged, SigningKey(secrets.token_bytes(32))),
        envelope[:-1] + bytes([envelope[-1] ^ 1]),
        wire.seal_message(older, town.key),
        wire.seal_message(elsewhere, town.key),
        b"\x00" * 50,
    ]
    attacker = paho.Client(paho.CallbackAPIVersion.VERSION2, "attacker", protocol=paho.MQTTv5)
    attacker.connect("127.0.0.1", town.port)
    attacker.loop_start()
    for attack in attacks:
        attacker.publish(wire.PROGRAMME.topic(ONE), attack, 1, retain=False).wait_for_publish(5)
    causes = {"unknown_key", "bad_signature", "older_revision", "wrong_area", "malformed"}
    eventually(lambda: causes <= town.status(ONE).refused.keys(), 20, "all five are counted")
    assert town.status(ONE).programmes[ONE] == programme.revision
    attacker.loop_stop()


def test_quiet_hours_are_kept_by_the_loudspeaker_itself_and_only_an_emergency_passes(town: Town) -> None:
    minute = civil_minute(in_seconds(0))
    quiet = QuietHours((minute - 5) % 1440, (minute + 30) % 1440)
    with town.stores.open() as store:
        hamlet = store.areas.find("thon-mau-trung-tam")
        assert hamlet is not None
        settings = AreaSettings(quiet_hours=quiet, quiet_hours_off=False)
        store.areas.keep(msgspec.structs.replace(hamlet, settings=settings))
    town.open(ONE)
    start = in_seconds(8)
    ordinary = town.air(start)
    emergency = town.air(start + 4 * SECOND, "Sơ tán ngay.", broadcast_class=BroadcastClass.emergency)
    playback = town.reported(ONE, ordinary)
    assert (playback.outcome, playback.reason) == (Outcome.skipped, Reason.quiet_hours)
    assert town.reported(ONE, emergency).outcome is Outcome.played
    [stretch] = town.heard(ONE)
    assert stretch.utc_ns / 1e6 >= start + 4 * SECOND
