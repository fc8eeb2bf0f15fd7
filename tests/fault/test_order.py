"""What comes twice, in another order, or thirty days late, and what comes in part: each play is told once, and truly.

Nobody imports this module.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from schedules import wire
from schedules.clock import DAY, MINUTE, SECOND
from schedules.playback import Outcome, Reason
from schedules.programme import EMERGENCY_PATIENCE, BroadcastClass
from tests.fault.town import Town
from tests.fault.witnesses import agree
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
ONE, TWO, MONG, BOTH = "loa-mau-1", "loa-mau-2", "loa-mau-4", "loa-mau-6"
ON_TIME_MS = 60


class Tap:
    """Somebody who holds the broker: hears everything, and says again whatever it likes."""

    def __init__(self, town: Town) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._paho = paho.Client(paho.CallbackAPIVersion.VERSION2, "tap", protocol=paho.MQTTv5)
        self._paho.on_message = lambda _client, _given, message: self.heard.append((message.topic, message.payload))
        self._paho.connect("127.0.0.1", town.port)
        self._paho.loop_start()

    def listen(self, *topics: str) -> None:
        """Hear these from now on."""
        for topic in topics:
            self._paho.subscribe(topic, 1)

    def say(self, topic: str, payload: bytes) -> None:
        """Say it, and wait until the broker has it."""
        self._paho.publish(topic, payload, 1).wait_for_publish(5)

    def end(self) -> None:
        """Leave."""
        self._paho.disconnect()
        self._paho.loop_stop()


@pytest.fixture
def opened(town: Town) -> Iterator[tuple[Town, Tap]]:
    town.open(ONE, TWO, MONG, BOTH)
    tap = Tap(town)
    tap.listen(wire.REPORT.topic("+"), wire.PROGRAMME.topic("+"))
    yield town, tap
    tap.end()


def test_words_that_come_twice_in_disorder_and_thirty_days_late(opened: tuple[Town, Tap]) -> None:
    """Programmes are said again in a wild order while they are carried out, reports as well; one loudspeaker hears no
    acknowledgement for thirty days."""
    town, tap = opened
    start = town.in_seconds(12)
    occurrences = [town.air_tones(start + 4 * n * SECOND, {"vi": 1000}) for n in range(3)]
    withdrawn = town.air_tones(start + 13 * SECOND, {"vi": 1000})
    town.ready(withdrawn, ONE, TWO, MONG, BOTH)
    town.withdraw(withdrawn)
    eventually(lambda: town.holds(ONE, town.programme(ONE).revision), 20, "the withdrawal is known")
    dice = random.Random(1)
    for topic, payload in dice.sample(tap.heard, len(tap.heard)):
        tap.say(topic, payload)
    eventually(lambda: town.told(TWO, occurrences[0]), 30, "the first is told")
    town.kill_server()
    eventually(lambda: town.now() > start + 14 * SECOND, 30, "all have sounded, and nobody hears of it")
    reports = [heard for heard in tap.heard if "report" in heard[0]]
    town.leap(30 * DAY)
    town.start_server()
    for topic, payload in dice.sample(reports * 3, len(reports) * 3):
        tap.say(topic, payload)
    found = agree(town, ONE, TWO, MONG, BOTH, within=60)
    for (device, occurrence), account in found.items():
        if occurrence == withdrawn:
            assert not account.heard
            continue
        assert account.playback.outcome is Outcome.played, account.words()
        assert abs(account.late_ms) < ON_TIME_MS, (device, account.words())


@pytest.mark.soak
def test_of_two_languages_the_one_that_is_there_sounds_and_the_other_is_told_as_missing(
    opened: tuple[Town, Tap],
) -> None:
    """The Mông clip never arrives. An emergency waits ten seconds for it, what is ordinary half of its useful time; a
    loudspeaker that needs no Mông waits for nothing."""
    town, _ = opened
    start = town.in_seconds(8)
    lengths = {"mww": 1500, "vi": 2500}
    urgent = town.air_tones(start, lengths, (MONG, BOTH), BroadcastClass.emergency, harm={"mww": Path.unlink})
    patient = town.air_tones(start + 3 * SECOND, lengths, harm={"mww": Path.unlink})
    whole = town.air_tones(start + 14 * SECOND, lengths)
    for device in (MONG, BOTH):
        eventually(lambda device=device: town.told(device, urgent), 60, "the emergency is told")
    eventually(lambda: town.told(BOTH, whole), 60, "what is whole is told")
    assert not town.told(MONG, patient)
    town.leap(8 * MINUTE)
    found = agree(town, ONE, TWO, MONG, BOTH, within=60)
    for device in (MONG, BOTH):
        alarm, waited = found[device, urgent], found[device, patient]
        assert "mww" in alarm.playback.missing, alarm.words()
        assert alarm.playback.outcome in (Outcome.played, Outcome.late)
        assert EMERGENCY_PATIENCE <= alarm.late_ms < EMERGENCY_PATIENCE + 4 * SECOND, alarm.words()
        assert "mww" in waited.playback.missing
        assert waited.playback.outcome is Outcome.late
        assert waited.playback.reason in (Reason.not_running, Reason.clock_untrusted)
        assert "mww" not in found[device, whole].playback.missing
    for device in (ONE, TWO):
        assert abs(found[device, patient].late_ms) < ON_TIME_MS
