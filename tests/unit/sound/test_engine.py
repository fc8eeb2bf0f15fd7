"""Tests of the playback engine on simulated cards in real time: what was heard is what was said.

Nobody imports this module.
"""

import array
import math
import queue
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_agent.sound.engine import Engine
from device_agent.sound.file_card import FileCard
from device_agent.sound.pcm import RATE, Pcm
from tests.heard import heard, pitch

pytestmark = pytest.mark.sound
SECOND = 1_000_000_000


class Told:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.events: queue.Queue[tuple] = queue.Queue()

    def started(self, name: str, mono_ns: int) -> None:
        self.events.put(("started", name, mono_ns))

    def ended(self, name: str, mono_ns: int, sounded_ms: int, whole: bool) -> None:
        self.events.put(("ended", name, sounded_ms, whole))

    def failed(self, name: str, mono_ns: int, sounded_ms: int, cause: str) -> None:
        self.events.put(("failed", name, sounded_ms, cause))

    def next(self, kind: str, timeout: float = 12) -> tuple:
        event = self.events.get(timeout=timeout)
        assert event[0] == kind, event
        return event


def tone(path: Path, seconds: float, hertz: float = 440, peak: int = 12_000) -> Path:
    samples = array.array("h", (round(peak * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(round(seconds * RATE))))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return tmp_path / "card.raw"


@pytest.fixture
def engine(card: Path, told: Told) -> Iterator[Engine]:
    engine = Engine(lambda: FileCard(card), told)
    engine.start()
    yield engine
    engine.stop()


def ahead(seconds: float) -> tuple[int, int]:
    """An instant so far ahead: monotonic and wall clock, in nanoseconds."""
    return time.monotonic_ns() + round(seconds * SECOND), time.time_ns() + round(seconds * SECOND)


def test_a_sound_starts_at_its_instant_and_all_of_it_is_heard(engine: Engine, told: Told, card: Path, tmp_path: Path) -> None:
    mono, utc = ahead(1.0)
    engine.place("a", mono, [(tone(tmp_path / "a.wav", 0.5), 0)], 100)
    assert abs(told.next("started")[2] - mono) < SECOND // 20
    assert told.next("ended") == ("ended", "a", 500, True)
    [stretch] = heard(card)
    assert abs(stretch.utc_ns - utc) < SECOND // 20
    assert abs(stretch.ms - 500) < 2


def test_pieces_follow_each_other_with_their_pauses(engine: Engine, told: Told, card: Path, tmp_path: Path) -> None:
    pieces = [(tone(tmp_path / "a.wav", 0.3, 400), 0), (tone(tmp_path / "b.wav", 0.3, 900), 800)]
    engine.place("two", ahead(0.8)[0], pieces, 100)
    told.next("started")
    assert told.next("ended")[2:] == (1100, True)
    first, second = heard(card)
    assert abs((second.utc_ns - first.utc_ns) / 1e6 - 800) < 2
    assert abs(pitch(first.samples) - 400) < 10
    assert abs(pitch(second.samples) - 900) < 10


def test_a_late_one_starts_at_once(engine: Engine, told: Told, tmp_path: Path) -> None:
    engine.place("late", time.monotonic_ns() - 5 * SECOND, [(tone(tmp_path / "a.wav", 0.2), 0)], 100)
    told.next("started", 3)
    assert told.next("ended") == ("ended", "late", 200, True)


def test_what_is_cut_is_counted_as_the_card_heard_it(engine: Engine, told: Told, card: Path, tmp_path: Path) -> None:
    engine.place("long", ahead(0.6)[0], [(tone(tmp_path / "a.wav", 3.0), 0)], 100)
    told.next("started")
    time_left = time.monotonic_ns() + SECOND
    while time.monotonic_ns() < time_left:
        pass
    engine.cancel("long")
    _, _, sounded, whole = told.next("ended")
    assert not whole
    [stretch] = heard(card)
    assert 900 < sounded < 1300
    assert abs(stretch.ms - sounded) <= 50


def test_an_urgent_one_follows_the_cut_at_once(engine: Engine, told: Told, card: Path, tmp_path: Path) -> None:
    engine.place("ordinary", ahead(0.5)[0], [(tone(tmp_path / "a.wav", 3.0, 400), 0)], 100)
    told.next("started")
    engine.cancel("ordinary")
    told.next("ended")
    ordered = time.time_ns()
    engine.place("alert", 0, [(tone(tmp_path / "b.wav", 0.4, 1200), 0)], 100, urgent=True)
    told.next("started")
    assert told.next("ended") == ("ended", "alert", 400, True)
    last = heard(card, quiet_ms=2)[-1]
    assert abs(pitch(last.samples) - 1200) < 20
    assert last.utc_ns - ordered < SECOND // 5


def test_two_sounds_follow_each_other_on_one_open_card(engine: Engine, told: Told, card: Path, tmp_path: Path) -> None:
    mono, _ = ahead(0.6)
    engine.place("b", mono + SECOND, [(tone(tmp_path / "b.wav", 0.2, 900), 0)], 100)
    engine.place("a", mono, [(tone(tmp_path / "a.wav", 0.2, 400), 0)], 100)
    assert [told.next(kind)[1] for kind in ("started", "ended", "started", "ended")] == ["a", "a", "b", "b"]
    first, second = heard(card)
    assert abs((second.utc_ns - first.utc_ns) / 1e6 - 1000) < 2


def test_the_volume_is_kept(engine: Engine, told: Told, card: Path, tmp_path: Path) -> None:
    engine.place("soft", ahead(0.5)[0], [(tone(tmp_path / "a.wav", 0.2, peak=20_000), 0)], 25)
    told.next("started")
    told.next("ended")
    assert 4_800 < heard(card)[0].peak < 5_100


def test_a_file_that_is_no_sound_has_failed_before_air(engine: Engine, told: Told, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"not a sound")
    engine.place("bad", ahead(1)[0], [(tmp_path / "bad.wav", 0)], 100)
    assert told.next("failed") == ("failed", "bad", 0, "file_unreadable")


def test_with_no_card_a_sound_fails_when_its_time_is_over(told: Told, tmp_path: Path) -> None:
    (tmp_path / "card.raw.unplugged").touch()
    engine = Engine(lambda: FileCard(tmp_path / "card.raw"), told)
    engine.start()
    engine.place("a", ahead(0.1)[0], [(tone(tmp_path / "a.wav", 0.3), 0)], 100)
    assert told.next("failed") == ("failed", "a", 0, "card_missing")
    assert engine.fault
    engine.stop()


def test_a_card_that_comes_back_goes_on_where_the_sound_would_be(
    engine: Engine, told: Told, card: Path, tmp_path: Path
) -> None:
    unplugged = tmp_path / "card.raw.unplugged"
    engine.place("long", ahead(0.5)[0], [(tone(tmp_path / "a.wav", 3.0), 0)], 100)
    told.next("started")
    unplugged.touch()
    gone = time.monotonic_ns() + SECOND
    while time.monotonic_ns() < gone:
        pass
    unplugged.unlink()
    _, _, sounded, whole = told.next("ended")
    assert whole
    assert 1_500 < sounded < 2_500
    assert abs(sum(s.ms for s in heard(card, quiet_ms=20)) - sounded) < 60


def test_a_drifting_card_is_kept_in_step(told: Told, card: Path, tmp_path: Path) -> None:
    engine = Engine(lambda: FileCard(card, ppm=400), told)
    engine.start()
    pieces = [(tone(tmp_path / "a.wav", 0.1), 0), (tone(tmp_path / "b.wav", 0.1), 5_000)]
    engine.place("drift", ahead(1.5)[0], pieces, 100)
    told.next("started")
    told.next("ended")
    first, second = heard(card)
    engine.stop()
    assert abs((second.utc_ns - first.utc_ns) / 1e6 - 5_000) < 1.0


def test_the_thread_ends_and_the_card_is_closed(card: Path, told: Told, tmp_path: Path) -> None:
    opened: list[Pcm] = []

    def open_card() -> Pcm:
        opened.append(FileCard(card))
        return opened[-1]

    engine = Engine(open_card, told)
    engine.start()
    engine.place("a", ahead(0.2)[0], [(tone(tmp_path / "a.wav", 2.0), 0)], 100)
    told.next("started")
    engine.stop()
    assert isinstance(opened[0], FileCard)
    assert opened[0].closed
