"""The ear: what it finds in noise, what it never claims, and the whole way on a simulated card with a microphone before
it.

Nobody imports this module.
"""

import os
import queue
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent import events
from device_agent.actions import PlaceSound
from device_agent.ear import detection
from device_agent.ear.capture import CaptureError, record
from device_agent.ear.ear import Ear, ear_of
from device_agent.ear.verdict import (
    LONGEST_MS,
    MARGIN_MS,
    SHORTEST_MS,
    THINKING_MS,
    Place,
    Question,
    is_worth_it,
    stretch,
)
from device_agent.sound.pcm import RATE as CARD_RATE
from device_agent.speaker import EngineSpeaker, card_opener
from schedules.playback import Evidence, higher
from tests.rig import room
from tests.rig.cards import RigCards
from tests.waiting import eventually

SECONDS = 20
LENGTH = SECONDS * detection.RATE


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[detection.Samples]:
    return [room.samples(path) for path in room.speak(tmp_path_factory.mktemp("said"), SECONDS)]


def looked(said: list[detection.Samples], wanted: int, played: int | None, noise: str, snr: float, seed: int) -> float:
    """The score of a clip in the recording of what another, or nothing, or itself, sounded like."""
    others = [sound for n, sound in enumerate(said) if n not in (wanted, played)]
    sound = said[played] if played is not None else None
    heard, late_ms = room.recorded(sound, LENGTH, others, noise, snr, seed)
    found = detection.listen(said[wanted][:LENGTH], heard)
    if found.found and wanted == played:
        assert abs(found.lag_ms - late_ms) < 20, "where it was"
    return found.score


@pytest.mark.parametrize(("snr", "least"), [(10, 12), (0, 12), (-10, 3)])
def test_a_sound_is_found_in_noise(said: list[detection.Samples], snr: int, least: int) -> None:
    """At 0 dB at least 95 %, of a few here all; at -10 dB what can be found is found. The bench counts many."""
    scores = [looked(said, n % 6, n % 6, room.NOISES[n % 4], snr, n) for n in range(12)]
    assert sum(score >= detection.FOUND for score in scores) >= least, sorted(scores)


def test_another_bulletin_of_the_same_voice_and_mere_noise_are_never_heard(said: list[detection.Samples]) -> None:
    """More of them, 1 % at most, in the bench."""
    scores = [looked(said, n % 6, (n + 1 + n // 6 % 5) % 6, room.NOISES[n % 4], 10, n) for n in range(24)]
    scores += [looked(said, n % 6, None, room.NOISES[n % 4], 0, n) for n in range(8)]
    assert [score for score in scores if score >= detection.FOUND] == []


@given(since=st.integers(-5_000, 60_000), length=st.integers(0, 600_000))
def test_what_is_judged_lies_in_the_recording_and_leaves_time_to_answer(since: int, length: int) -> None:
    question = Question("ear", (), 0, length)
    begins, ends = stretch(question, since * 1_000_000)
    if begins == ends:
        return
    assert begins >= max(since + MARGIN_MS, 0)
    assert SHORTEST_MS <= ends - begins <= LONGEST_MS
    assert ends + MARGIN_MS + THINKING_MS <= length


def test_a_short_sound_is_not_judged() -> None:
    assert not is_worth_it(15_000)
    assert is_worth_it(16_000)
    begins, ends = stretch(Question("ear", (), 0, 16_000), 1_500 * 1_000_000)
    assert ends - begins >= SHORTEST_MS, "an ear that wakes in a second and a half has enough"


@given(st.sampled_from(Evidence), st.sampled_from(Evidence))
def test_the_higher_rung_counts(one: Evidence, other: Evidence) -> None:
    assert higher(one, other) is higher(other, one)
    assert higher(one, one) is one
    assert higher(one, Evidence.unknown) is one
    assert higher(Evidence.heard, one) is Evidence.heard


def test_a_setting_that_is_no_ear_is_told_to_the_technician() -> None:
    assert ear_of("") is None
    with pytest.raises(ValueError, match="neither"):
        ear_of("nose:hw:0")
    with pytest.raises(ValueError, match="neither"):
        ear_of("microphone:")
    ear = ear_of("loopback:plughw:CARD=Device,DEV=0")
    assert ear is not None
    assert ear.place.proves is Evidence.level


class Speaking:
    """A speaker on one card of the rig, with an ear before it; what it tells lands in `told`."""

    def __init__(self, card: str, ear: Ear) -> None:
        def now() -> tuple[int, int]:
            return time.time_ns(), time.monotonic_ns()

        self.told: queue.Queue[events.Event] = queue.Queue()
        self.speaker = EngineSpeaker(card_opener(f"alsa:{card}"), Path, now, ear=ear)
        self.speaker.start(self.told.put)

    def until_ended(self) -> list[events.Event]:
        """All that is told of a sound, up to its end."""
        words = []
        while not words or not isinstance(words[-1], events.SoundEnded | events.SoundFailed):
            words.append(self.told.get(timeout=60))
        return words


@pytest.fixture
def rigged(rig: RigCards) -> Iterator[RigCards]:
    os.environ.update(rig.environment)
    for card in rig.cards:
        for file in card.file.parent.glob(card.file.name + "*"):
            file.unlink()
    yield rig


@pytest.mark.sound
def test_what_the_card_plays_is_heard_at_the_microphone_and_a_dead_amplifier_is_not(
    rigged: RigCards, tmp_path: Path
) -> None:
    """Three at once: one in noise as loud as itself, one whose amplifier is dead, one with a line back from the
    amplifier."""
    clips = room.speak(tmp_path, 18, CARD_RATE)
    places = {"ear0": Place.microphone, "dead1": Place.microphone, "line2": Place.loopback}
    speaking = [
        Speaking(card.name, Ear(place, name)) for card, (name, place) in zip(rigged.cards, places.items(), strict=True)
    ]
    start = (time.time_ns() + 500_000_000) // 1_000_000
    for each in speaking:
        each.speaker.place(PlaceSound("a", start, ((str(clips[0]), 0),), 100, 0))
    told = [each.until_ended() for each in speaking]
    for each in speaking:
        each.speaker.stop()
    assert [[type(word).__name__ for word in words] for words in told] == [
        ["SoundStarted", "SoundFound", "SoundEnded"],
        ["SoundStarted", "SoundMissed", "SoundEnded"],
        ["SoundStarted", "SoundFound", "SoundEnded"],
    ]
    assert told[0][1] == events.SoundFound("a", Evidence.heard)
    assert told[2][1] == events.SoundFound("a", Evidence.level)


@pytest.mark.sound
def test_a_microphone_that_is_gone_is_told_and_disturbs_nothing(rigged: RigCards, tmp_path: Path) -> None:
    card = rigged.cards[0]
    card.file.with_name(card.file.name + ".deaf").touch()
    with pytest.raises(CaptureError, match="ear0"):
        record("ear0", detection.RATE, time.monotonic_ns(), time.monotonic_ns)
    speaking = Speaking(card.name, Ear(Place.microphone, "ear0"))
    [clip, *_] = room.speak(tmp_path, 16, CARD_RATE)
    speaking.speaker.place(PlaceSound("a", 0, ((str(clip), 0),), 100, 0))
    assert isinstance(speaking.told.get(timeout=20), events.SoundStarted)
    speaking.speaker.cancel("a")
    assert isinstance(speaking.until_ended()[-1], events.SoundEnded)
    speaking.speaker.stop()


def test_an_ear_is_left_when_the_sound_ends_early_or_the_process_fails() -> None:
    told: list[object] = []
    waits = Ear(Place.microphone, "none", [sys.executable, "-c", "import sys; sys.stdin.read()"])
    waits.listen("a", (), 0, 60_000, told.append)
    eventually(lambda: waits._listening)
    waits.leave("a")
    eventually(lambda: not waits._listening)
    broken = Ear(Place.microphone, "none", [sys.executable, "-c", "print('nonsense')"])
    broken.listen("a", (), 0, 60_000, told.append)
    eventually(lambda: broken._deaf)
    gone = Ear(Place.microphone, "none", ["/nowhere/at-all"])
    gone.listen("a", (), 0, 60_000, told.append)
    eventually(lambda: gone._deaf)
    assert told == []
