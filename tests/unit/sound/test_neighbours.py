"""Tests of neighbours in a long bulletin: none has a clock but its quartz and the server's word, and each sound card runs
at its own pace. Half an hour of numbers.

Nobody imports this module.
"""

import array
import itertools
import random
from pathlib import Path

import pytest

from device_agent import timekeeping
from device_agent.actions import PlaceSound
from device_agent.loudspeaker import ASK_TIME_SOUNDING
from device_agent.runner import LOOK_EVERY
from device_agent.sound.engine import Engine, Listener
from device_agent.sound.pcm import FRAME_BYTES, RATE, RING_FRAMES, Underrun
from device_agent.sound.placing import APART_FRAMES, correction
from device_agent.speaker import FOLLOWED_NS, EngineSpeaker
from device_agent.timekeeping import Reading, Timekeeping
from schedules.wire import TimeAnswer
from tests.unit.sound.stage import wav

MS = 1_000_000
NOON = 1_795_000_000_000
BOOTED_NS = 10**12
STEP_MS = 100
"""A quarter of the ring."""
LONG_S = 1_800
EVERY_S = 60
"""So often is a click in it."""


class World:
    """The true time, in milliseconds since the test began."""

    def __init__(self) -> None:
        self.ms = 0


class PacedCard:
    """A card at its own pace that keeps nothing but when each click sounded, in true milliseconds."""

    def __init__(self, world: World, ppm: float) -> None:
        self._world, self._rate = world, RATE * (1 + ppm / 1e6)
        self._ring = bytearray()
        self._started_ms: int | None = None
        self._sounded = 0
        self.clicks: list[float] = []

    def write(self, frames: bytes) -> int:
        self._pass()
        taken = min(RING_FRAMES - len(self._ring) // FRAME_BYTES, len(frames) // FRAME_BYTES)
        self._ring += frames[: taken * FRAME_BYTES]
        return taken

    def delay(self) -> int:
        self._pass()
        return len(self._ring) // FRAME_BYTES

    def start(self) -> None:
        self._started_ms, self._sounded = self._world.ms, 0

    def drop(self) -> None:
        self._started_ms = None
        self._ring.clear()

    def close(self) -> None:
        self.drop()

    def _pass(self) -> None:
        if self._started_ms is None:
            return
        due = int((self._world.ms - self._started_ms) * self._rate / 1000) - self._sounded
        if due * FRAME_BYTES > len(self._ring):
            raise Underrun
        loud = self._ring[: due * FRAME_BYTES].lstrip(b"\0")
        if loud:
            first = self._sounded + due - len(loud) // FRAME_BYTES
            at = self._started_ms + first * 1000 / self._rate
            if not self.clicks or at - self.clicks[-1] > 1000:
                self.clicks.append(at)
        del self._ring[: due * FRAME_BYTES]
        self._sounded += due


class Neighbour:
    """A loudspeaker whose quartz and card are so much too fast, and whose system clock nobody holds. The server's answers
    take up to 20 ms there and back, which tells its time within 10 ms."""

    def __init__(self, world: World, ppm: float, card_ppm: float, system_off: int) -> None:
        self._world, self._ppm, self._system_off = world, ppm, system_off
        self._luck = random.Random(system_off)
        self._keeping = Timekeeping()
        self.card = PacedCard(world, card_ppm)
        self.leapt = 0
        self.engine: Engine | None = None
        self.speaker = EngineSpeaker(lambda: self.card, Path, self.utc_and_mono_ns, self._engine_of)
        self._ask_at = self._look_at = 0

    def live(self) -> None:
        """What its threads and its core do in a step."""
        assert self.engine is not None
        if self._world.ms >= self._ask_at:
            self._ask_at = self._world.ms + ASK_TIME_SOUNDING
            self._ask()
        if self._world.ms >= self._look_at:
            self._look_at = self._world.ms + LOOK_EVERY
            self.speaker.follow()
        self.engine.turn()

    def utc_and_mono_ns(self) -> tuple[int, int]:
        mono = self._mono_ns() // MS
        reading = Reading(NOON + self._system_off + mono - BOOTED_NS // MS, mono)
        return (timekeeping.now(self._keeping, reading).utc + self.leapt) * MS, mono * MS

    def _ask(self) -> None:
        there, back = (self._luck.randrange(11) for _ in range(2))
        mono = self._mono_ns() // MS
        self._keeping = timekeeping.asked(self._keeping, "n", mono)
        answer = TimeAnswer("loa", "n", mono, NOON + self._world.ms + there)
        self._keeping = timekeeping.learnt(self._keeping, answer, mono + there + back)

    def _mono_ns(self) -> int:
        return BOOTED_NS + round(self._world.ms * MS * (1 + self._ppm / 1e6))

    def _engine_of(self, open_card: object, listener: Listener) -> Engine:
        self.engine = Engine(lambda: self.card, listener, self._mono_ns)
        return self.engine


def bulletin(folder: Path, neighbours: list[Neighbour], world: World, leap_ms: int = 0) -> list[list[float]]:
    """Half an hour sounds at all of them from the twentieth second on; the clicks of each. In its middle, the clock of
    each leaps."""
    click = str(wav(folder / "click.wav", array.array("h", [9000] * 48)))
    pieces = tuple((click, at * 1000) for at in range(0, LONG_S + 1, EVERY_S))
    while world.ms < (LONG_S + 25) * 1000:
        for neighbour in neighbours:
            if world.ms == 16_000:
                neighbour.speaker.place(PlaceSound("long@1", NOON + 20_000, pieces, 100, 0))
            if world.ms == LONG_S * 500:
                neighbour.leapt = leap_ms
            neighbour.live()
        world.ms += STEP_MS
    return [neighbour.card.clicks for neighbour in neighbours]


def test_neighbours_are_together_to_the_end_of_half_an_hour(tmp_path: Path) -> None:
    world = World()
    neighbours = [Neighbour(world, 50, -50, 80), Neighbour(world, -50, 50, -80), Neighbour(world, 20, 30, 3)]
    clicks = bulletin(tmp_path, neighbours, world)
    assert [len(each) for each in clicks] == [LONG_S // EVERY_S + 1] * 3
    apart = [max(at) - min(at) for at in zip(*clicks, strict=True)]
    assert max(apart) <= 20
    off = [abs(at - 20_000 - n * EVERY_S * 1000) for each in clicks for n, at in enumerate(each)]
    assert max(off) <= 20
    paces = [(b - a) / EVERY_S / 1000 - 1 for each in clicks for a, b in itertools.pairwise(each)]
    assert max(map(abs, paces)) <= 0.001


@pytest.mark.parametrize("leap_ms", [FOLLOWED_NS // MS + 20, -7_200_000])
def test_a_clock_that_leaps_in_mid_play_moves_nothing(tmp_path: Path, leap_ms: int) -> None:
    world = World()
    [clicks] = bulletin(tmp_path, [Neighbour(world, 0, 40, 3)], world, leap_ms)
    assert max(abs(at - 20_000 - n * EVERY_S * 1000) for n, at in enumerate(clicks)) <= 15


def test_a_clock_that_knows_a_little_better_is_followed_slowly(tmp_path: Path) -> None:
    world = World()
    [clicks] = bulletin(tmp_path, [Neighbour(world, 0, 0, 3)], world, 150)
    middle = LONG_S // EVERY_S // 2
    off = [at - 20_000 - n * EVERY_S * 1000 for n, at in enumerate(clicks)]
    assert abs(off[middle - 1]) <= 15
    assert abs(off[-1] + 150) <= 20
    moved = [b - a for a, b in itertools.pairwise(off[middle:])]
    assert min(moved) >= -0.0006 * EVERY_S * 1000
    assert sum(m < -5 for m in moved) >= 8, "little by little"


def test_corrections_are_a_thousandth_at_most() -> None:
    assert [correction(9, 0, since) for since in (0, APART_FRAMES - 1, APART_FRAMES)] == [0, 0, -1]
    assert 1 / APART_FRAMES <= 0.001
