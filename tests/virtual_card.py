"""A sound card and a clock that exist only as numbers: an hour of play takes seconds, and anything may go wrong.

Imported by tests. It passes the same suite as the real cards (`tests/unit/sound/test_cards.py`).
"""

from typing import NamedTuple

from device_agent.sound.pcm import FRAME_BYTES, RATE, RING_FRAMES, CardLost, CardMissing, Underrun

_SECOND_NS = 1_000_000_000


class VirtualClock:
    """Monotonic nanoseconds that pass when they are told to."""

    def __init__(self, now_ns: int = 1000 * _SECOND_NS) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now_ns += round(seconds * _SECOND_NS)


class Run(NamedTuple):
    """What sounded between a start of the card and its end; `true_rate` frames a second."""

    started_ns: int
    true_rate: float
    frames: bytearray


class Socket:
    """Where a card is plugged in: opens cards on one clock, and keeps what all of them sounded. `ppm`: how much too
    fast they run; `grain`: in what steps of frames they show their position; `stuck`: it no longer moves;
    `write_takes_s`: how slow the machine is at writing."""

    def __init__(self, clock: VirtualClock, ppm: float = 0.0, grain: int = 1) -> None:
        self.clock, self.ppm, self.grain = clock, ppm, grain
        self.plugged = True
        self.stuck = False
        self.write_takes_s = 0.0
        self.runs: list[Run] = []
        self.opened = 0
        self.open_now: VirtualCard | None = None

    def open(self) -> "VirtualCard":
        """A card, or `CardMissing`."""
        if not self.plugged:
            raise CardMissing("unplugged")
        self.opened += 1
        self.open_now = VirtualCard(self)
        return self.open_now

    def unplug(self) -> None:
        """Take the card away; it sounds no longer."""
        self.plugged = False
        if self.open_now is not None:
            self.open_now.vanish()


class VirtualCard:
    """`Pcm` says what the methods do."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._ring = bytearray()
        self._run: Run | None = None
        self._gone = self._dry = False

    def write(self, frames: bytes) -> int:
        self._pass()
        taken = min(RING_FRAMES - len(self._ring) // FRAME_BYTES, len(frames) // FRAME_BYTES)
        self._ring += frames[: taken * FRAME_BYTES]
        self._socket.clock.advance(self._socket.write_takes_s)
        return taken

    def delay(self) -> int:
        self._pass()
        left = len(self._ring) // FRAME_BYTES
        if self._run is None:
            return left
        return left + len(self._run.frames) // FRAME_BYTES % self._socket.grain

    def start(self) -> None:
        self._pass()
        if self._run is None:
            rate = RATE * (1 + self._socket.ppm / 1e6)
            self._run = Run(self._socket.clock.now_ns, rate, bytearray())
            self._socket.runs.append(self._run)

    def drop(self) -> None:
        self._check()
        self._sound()
        self._run = None
        self._dry = False
        self._ring.clear()

    def close(self) -> None:
        if not self._gone:
            self.drop()
        self._gone = True

    def vanish(self) -> None:
        """The cable is out."""
        if not self._gone:
            self._sound()
        self._gone = True

    def _check(self) -> None:
        if self._gone:
            raise CardLost("unplugged")

    def _pass(self) -> None:
        self._check()
        if self._sound():
            self._run, self._dry = None, True
        if self._dry:
            raise Underrun

    def _sound(self) -> bool:
        """Let sound what is due; whether the ring has run dry."""
        if self._run is None or self._socket.stuck:
            return False
        passed = self._socket.clock.now_ns - self._run.started_ns
        due = int(passed * self._run.true_rate / _SECOND_NS) * FRAME_BYTES - len(self._run.frames)
        self._run.frames.extend(self._ring[:due] if due > 0 else b"")
        dry = due > len(self._ring)
        del self._ring[: max(due, 0)]
        return dry
