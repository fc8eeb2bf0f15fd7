"""Attacks and damage on the way: nothing that is not exactly what was approved ever sounds.

Nobody imports this module.
"""

import secrets
from collections.abc import Callable
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
from server.area import AreaSettings
from tests.fault.tones import record
from tests.fault.town import Town, in_seconds
from tests.fault.witnesses import agree
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
ONE, TWO = "loa-mau-1", "loa-mau-2"
STRANGER_HZ = 7_600


def flipped(path: Path) -> None:
    """One bit is another."""
    sound = path.read_bytes()
    middle = len(sound) // 2
    path.write_bytes(sound[:middle] + bytes([sound[middle] ^ 1]) + sound[middle + 1 :])


def truncated(path: Path) -> None:
    """Its end is missing."""
    path.write_bytes(path.read_bytes()[:-900])


def swapped(path: Path) -> None:
    """Another sound lies under its name."""
    other = record(path.parent, STRANGER_HZ, 1500, "vi")
    path.write_bytes((path.parent / f"{other.sha256}.opus").read_bytes())


def test_a_damaged_clip_is_refused_asked_for_again_and_never_played(town: Town) -> None:
    """A bit flipped, truncated, swapped: as bulletins at one loudspeaker, as emergencies at the other. What no longer is
    what was approved does not sound, not even inside an alert; once it is whole again, it does."""
    town.open(ONE, TWO)
    whole: dict[Path, bytes] = {}
    start = town.in_seconds(6)
    occurrences = []
    for n, damage in enumerate((flipped, truncated, swapped)):
        for device, kind in ((ONE, BroadcastClass.priority), (TWO, BroadcastClass.emergency)):

            def harm(path: Path, damage: Callable[[Path], None] = damage) -> None:
                whole[path] = path.read_bytes()
                damage(path)

            at = start + 2 * n * SECOND
            occurrences.append((device, town.air_tones(at, {"vi": 1500}, (device,), kind, harm={"vi": harm})))
    eventually(lambda: town.now() > start + 6 * SECOND, 30, "their hour has passed")
    for device in (ONE, TWO):
        assert town.tones(device) == []
        eventually(lambda device=device: refused(town, device) >= 1, 10, "a hash that differs is told")
    mended = town.now()
    for path, content in whole.items():
        path.write_bytes(content)
    found = agree(town, ONE, TWO, within=90)
    for device, occurrence in occurrences:
        playback = found[device, occurrence].playback
        assert playback.outcome in (Outcome.played, Outcome.late)
        assert playback.started is not None
        assert playback.started >= mended


def refused(town: Town, device: str) -> int:
    """How many clips a loudspeaker has refused because they were not what their name says."""
    status = town.status(device)
    return status.refused.get("hash_differs", 0) if status is not None else 0


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
