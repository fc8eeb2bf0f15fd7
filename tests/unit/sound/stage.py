"""A stage for the engine: sounds to play, an ear for what it tells, and a clock of its own.

Imported by the tests of the sound room.
"""

import array
import math
import queue
import wave
from pathlib import Path
from typing import NamedTuple

from device_agent.sound.engine import REFILL_S, REOPEN_S, Engine
from device_agent.sound.pcm import RATE
from device_agent.sound.source import Begun
from tests.virtual_card import Socket, VirtualClock

SECOND = 1_000_000_000


class Told(NamedTuple):
    """One word of the engine; `ms` is what sounded."""

    kind: str
    name: str
    mono_ns: int
    ms: int = 0
    whole: bool = False
    cause: str = ""


class Ear:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.told: queue.Queue[Told] = queue.Queue()

    def started(self, name: str, mono_ns: int) -> None:
        self.told.put(Told("started", name, mono_ns))

    def ended(self, name: str, mono_ns: int, sounded_ms: int, whole: bool) -> None:
        self.told.put(Told("ended", name, mono_ns, sounded_ms, whole))

    def failed(self, name: str, mono_ns: int, sounded_ms: int, cause: str) -> None:
        self.told.put(Told("failed", name, mono_ns, sounded_ms, cause=cause))

    def next(self, kind: str, timeout: float = 12) -> Told:
        """The next word, which must be of this kind."""
        told = self.told.get(timeout=timeout)
        assert told.kind == kind, told
        return told

    def all(self) -> list[Told]:
        """All words so far."""
        return [self.told.get_nowait() for _ in range(self.told.qsize())]


class Stage:
    """An engine without its thread, on a virtual card: `run` plays."""

    def __init__(self, ppm: float = 0.0, grain: int = 1) -> None:
        self.clock = VirtualClock()
        self.socket = Socket(self.clock, ppm, grain)
        self.ear = Ear()
        self.engine = Engine(self.socket.open, self.ear, self.clock)

    def place(
        self,
        name: str,
        in_s: float,
        pieces: list[tuple[Path | Begun, int]],
        *,
        lead_in_ms: int = 0,
        urgent: bool = False,
        joins: bool = False,
    ) -> int:
        """Place a sound so many seconds ahead; its instant."""
        start = self.clock.now_ns + round(in_s * SECOND)
        self.engine.place(name, start, pieces, 100, lead_in_ms=lead_in_ms, urgent=urgent, joins=joins)
        return start

    def run(self, seconds: float) -> None:
        """Let time pass and the engine take its turns, in the rhythm of its thread."""
        until = self.clock.now_ns + round(seconds * SECOND)
        while self.clock.now_ns < until:
            self.engine.turn()
            self.clock.advance(REFILL_S if self.socket.plugged else REOPEN_S)

    def heard(self) -> list[tuple[int, list[int]]]:
        """What was not silence, in one piece for each stretch of it: the instant of its first frame, and the frames."""
        return [stretch for run in self.socket.runs for stretch in _stretches(*run)]


def _stretches(started_ns: int, true_rate: float, frames: bytes) -> list[tuple[int, list[int]]]:
    found: list[tuple[int, list[int]]] = []
    last = -2
    for n, sample in enumerate(array.array("h", bytes(frames))):
        if sample:
            if n != last + 1:
                found.append((started_ns + round(n * SECOND / true_rate), []))
            found[-1][1].append(sample)
            last = n
    return found


def numbered(path: Path, seconds: float, first: int = 1) -> Path:
    """A sound whose frames are numbers, never silent, each another than the one before."""
    count = round(seconds * RATE)
    return wav(path, array.array("h", (1 + (first + n) % 32_000 for n in range(count))))


def tone(path: Path, seconds: float, hertz: float = 440, peak: int = 12_000) -> Path:
    """A sound with a pitch."""
    step = 2 * math.pi * hertz / RATE
    return wav(path, array.array("h", (round(peak * math.sin(step * n)) for n in range(round(seconds * RATE)))))


def wav(path: Path, samples: array.array, rate: int = RATE) -> Path:
    """A WAV file of these samples."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path
