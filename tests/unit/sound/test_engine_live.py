"""Tests of the engine with its thread, in real time, on a file card and on ALSA: what was heard is what was said.

Nobody imports this module. How exact a start is, is measured in the bench; here the machine may be busy.
"""

import array
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from device_agent import events
from device_agent.actions import AT_ONCE, PlaceSound
from device_agent.sound.alsa import AlsaCard
from device_agent.sound.engine import Engine
from device_agent.sound.file_card import FileCard
from device_agent.sound.pcm import RATE, CardMissing, Pcm
from device_agent.speaker import EngineSpeaker, card_opener
from tests.heard import heard
from tests.rig.cards import RigCards
from tests.unit.sound.stage import SECOND, Ear, wav
from tests.waiting import eventually

pytestmark = pytest.mark.sound
Card = tuple[Path, Callable[[], Pcm]]


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture(params=["file", "alsa"])
def card(request: pytest.FixtureRequest, tmp_path: Path) -> Card:
    if request.param == "file":
        return tmp_path / "card", card_opener(f"file:{tmp_path / 'card'}")
    rig: RigCards = request.getfixturevalue("rig")
    os.environ.update(rig.environment)
    place = rig.cards[1]
    for file in place.file.parent.glob(place.file.name + "*"):
        file.unlink()
    return place.file, card_opener(f"alsa:{place.name}")


@pytest.fixture
def engine(card: Card, ear: Ear) -> Iterator[Engine]:
    engine = Engine(card[1], ear)
    engine.start()
    yield engine
    engine.stop()


def level(path: Path, seconds: float, value: int = 9000) -> Path:
    """A sound of one level, so that its frames can be counted whatever the card did to it."""
    return wav(path, array.array("h", [value]) * round(seconds * RATE))


def test_all_of_a_sound_is_heard_at_its_instant(engine: Engine, ear: Ear, card: Card, tmp_path: Path) -> None:
    utc, mono = time.time_ns() + SECOND // 2, time.monotonic_ns() + SECOND // 2
    engine.place("a", mono, [(level(tmp_path / "a.wav", 0.3), 0)], 100)
    assert abs(ear.next("started").mono_ns - mono) < SECOND // 10
    ended = ear.next("ended")
    [stretch] = heard(card[0])
    assert ended.whole
    assert abs(ended.ms - stretch.ms) <= 2
    assert abs(stretch.ms - 300) <= 2
    assert abs(stretch.utc_ns - utc) < SECOND // 10


def test_of_a_cut_sound_that_is_claimed_which_was_heard(engine: Engine, ear: Ear, card: Card, tmp_path: Path) -> None:
    engine.place("long", 0, [(level(tmp_path / "a.wav", 5), 0)], 100)
    ear.next("started")
    eventually(lambda: sum(s.ms for s in heard(card[0])) > 300)
    engine.cancel("long")
    ended = ear.next("ended")
    assert not ended.whole
    assert abs(ended.ms - sum(s.ms for s in heard(card[0]))) <= 50


def test_a_card_pulled_and_put_back_plays_on(engine: Engine, ear: Ear, card: Card, tmp_path: Path) -> None:
    unplugged = card[0].with_name(card[0].name + ".unplugged")
    engine.place("long", 0, [(level(tmp_path / "a.wav", 1.5), 0)], 100)
    ear.next("started")
    unplugged.touch()
    eventually(lambda: engine.fault)
    unplugged.unlink()
    ended = ear.next("ended")
    before, after = heard(card[0], quiet_ms=20)
    assert ended.whole
    assert 750 <= ended.ms < 1500
    assert abs(before.ms + after.ms - ended.ms) <= 50
    assert abs((after.utc_ns - before.utc_ns) / 1e6 + after.ms - 1500) <= 50


def test_the_thread_ends_in_mid_play_and_leaves_the_card(card: Card, ear: Ear, tmp_path: Path) -> None:
    opened: list[Pcm] = []

    def open_card() -> Pcm:
        opened.append(FileCard(tmp_path / "own"))
        return opened[-1]

    engine = Engine(open_card, ear)
    engine.start()
    engine.place("a", 0, [(level(tmp_path / "a.wav", 2), 0)], 100)
    ear.next("started")
    engine.stop()
    assert isinstance(opened[0], FileCard)
    assert opened[0].closed
    assert "sound" not in {thread.name for thread in threading.enumerate()}


def test_many_threads_may_place_and_cancel(ear: Ear, tmp_path: Path) -> None:
    engine = Engine(lambda: FileCard(tmp_path / "card"), ear)
    engine.start()
    sound = level(tmp_path / "a.wav", 0.05)

    def use(who: int) -> None:
        for n in range(20):
            engine.place(f"{who}.{n}", time.monotonic_ns() + 60 * SECOND, [(sound, 0)], 100)
            engine.cancel(f"{who}.{n}")

    threads = [threading.Thread(target=use, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [ear.next("ended") for _ in range(80)]
    engine.stop()
    assert len({word.name for word in told}) == 80
    assert ear.all() == []


class SteppedClock:
    """UTC that somebody sets while a sound plays."""

    def __init__(self) -> None:
        self.step_ns = 0

    def __call__(self) -> tuple[int, int]:
        return time.time_ns() + self.step_ns, time.monotonic_ns()


def test_a_step_of_the_wall_clock_changes_nothing_that_sounds(tmp_path: Path) -> None:
    clock = SteppedClock()
    words: list[events.Event] = []
    speaker = EngineSpeaker(lambda: FileCard(tmp_path / "card"), lambda name: tmp_path / name, clock)
    speaker.start(words.append)
    level(tmp_path / "a.wav", 0.4)
    true_start = time.time_ns() // 1_000_000 + 400
    speaker.place(PlaceSound("a", true_start, (("a.wav", 0),), 100, 0))
    clock.step_ns = -2 * 3600 * SECOND
    eventually(lambda: words)
    clock.step_ns = 24 * 3600 * SECOND
    eventually(lambda: len(words) == 2)
    speaker.stop()
    [stretch] = heard(tmp_path / "card")
    assert abs(stretch.utc_ns / 1e6 - true_start) < 100
    assert abs(stretch.ms - 400) <= 2
    assert isinstance(words[1], events.SoundEnded)
    assert words[1].whole


def test_an_alert_cuts_what_waits_for_the_amplifier_or_sounds(tmp_path: Path) -> None:
    words: list[events.Event] = []
    speaker = EngineSpeaker(lambda: FileCard(tmp_path / "card"), lambda name: tmp_path / name, SteppedClock())
    speaker.start(words.append)
    level(tmp_path / "a.wav", 5)
    level(tmp_path / "b.wav", 0.1)
    ordered = time.time_ns()
    speaker.place(PlaceSound("ordinary", AT_ONCE, (("a.wav", 0),), 100, lead_in_ms=300))
    eventually(lambda: words)
    speaker.place(PlaceSound("alert", AT_ONCE, (("b.wav", 0),), 100, 300, urgent=True))
    eventually(lambda: len(words) == 4, within_s=3)
    speaker.stop()
    assert [(type(word).__name__, word.occurrence) for word in words] == [  # type: ignore[union-attr]
        ("SoundStarted", "ordinary"),
        ("SoundEnded", "ordinary"),
        ("SoundStarted", "alert"),
        ("SoundEnded", "alert"),
    ]
    assert heard(tmp_path / "card")[0].utc_ns - ordered >= 300_000_000


def test_a_killed_player_leaves_what_sounded(tmp_path: Path) -> None:
    card, sound = tmp_path / "card", level(tmp_path / "a.wav", 10)
    start = time.time_ns() // 1_000_000
    command = [sys.executable, "-m", "tests.bench.player", f"file:{card}", str(sound), str(start)]
    player = subprocess.Popen(command)
    try:
        eventually(lambda: sum(s.ms for s in heard(card)) > 400)
    finally:
        killed = time.time_ns()
        player.send_signal(signal.SIGKILL)
        player.wait()
    [stretch] = heard(card)
    assert abs(stretch.ms - (killed - stretch.utc_ns) / 1e6) < 100


def test_an_alsa_card_that_is_not_there_is_missing_in_words(rig: RigCards) -> None:
    os.environ.update(rig.environment)
    with pytest.raises(CardMissing, match="no_such_card"):
        AlsaCard("no_such_card")


@pytest.mark.parametrize("name", ["", "file:", "alsa:", "usb:1", "default"])
def test_a_setting_that_names_no_card_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="alsa:"):
        card_opener(name)


def test_a_chime_that_cannot_be_read_is_left_out_and_the_words_begin_at_once(tmp_path: Path) -> None:
    words: list[events.Event] = []
    speaker = EngineSpeaker(lambda: FileCard(tmp_path / "card"), lambda name: tmp_path / name, SteppedClock())
    speaker.start(words.append)
    level(tmp_path / "words.wav", 0.3)
    (tmp_path / "chime.wav").write_bytes(b"rotten")
    start = time.time_ns() // 1_000_000 + 500
    pieces = (("chime.wav", 0), ("words.wav", 3_500), ("gone.wav", 4_500))
    speaker.place(PlaceSound("a", start, pieces, 100, 0, optional=("chime.wav", "gone.wav")))
    eventually(lambda: any(isinstance(word, events.SoundEnded) for word in words))
    speaker.stop()
    [stretch] = heard(tmp_path / "card")
    assert abs(stretch.utc_ns / 1e6 - start) < 100
    assert words[0] == events.SoundStarted("a", words[0].at, ("chime.wav", "gone.wav"))  # type: ignore[union-attr]
    assert {word.clip for word in words if isinstance(word, events.ClipRotten)} == {"chime.wav", "gone.wav"}
