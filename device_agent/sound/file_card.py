"""A sound card that is a file: it takes real time, runs dry when it is not fed, and keeps what has sounded.

Imported by the composition root of the agent (`--sound-card file:PATH`), the bench and tests.

PATH holds the frames that sounded (not those that were dropped), PATH.jsonl a line for each start, stop and underrun,
with the time by both clocks and the number in PATH of its first frame, so that it can be computed when each frame
sounded, also where the wall clock was wrong. A file PATH.unplugged takes the card away while it is there.
"""

import json
import os
import time
from pathlib import Path

from device_agent.sound.pcm import FRAME_BYTES, RATE, RING_FRAMES, CardLost, CardMissing, Underrun

_SECOND_NS = 1_000_000_000


class FileCard:
    """`ppm`: how much faster than the clock of this machine the card runs. `Pcm` says what the methods do."""

    def __init__(self, path: Path, ppm: float = 0.0) -> None:
        """Raises `CardMissing` while it is unplugged."""
        self._unplugged = path.with_name(path.name + ".unplugged")
        if self._unplugged.exists():
            raise CardMissing(str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        self._sound = path.open("ab", buffering=0)
        self._log = path.with_name(path.name + ".jsonl").open("ab", buffering=0)
        self._rate = RATE * (1 + ppm / 1e6)
        self._ring = bytearray()
        self._started_ns: int | None = None
        self._sounded = 0
        self._gone = self._dry = False

    def write(self, frames: bytes) -> int:
        self._run()
        room = RING_FRAMES - len(self._ring) // FRAME_BYTES
        taken = min(room, len(frames) // FRAME_BYTES)
        self._ring += frames[: taken * FRAME_BYTES]
        return taken

    def delay(self) -> int:
        self._run()
        return len(self._ring) // FRAME_BYTES

    def start(self) -> None:
        self._run()
        if self._started_ns is None:
            self._started_ns = time.monotonic_ns()
            self._sounded = 0
            self._tell("started", self._started_ns)

    def drop(self) -> None:
        self._look()
        self._stop("stopped")
        self._dry = False

    def close(self) -> None:
        if not self.closed:
            self._stop("stopped")
        self._sound.close()
        self._log.close()

    @property
    def closed(self) -> bool:
        """Whether the card has been left."""
        return self._sound.closed

    def _stop(self, event: str) -> None:
        if self._started_ns is not None:
            self._advance()
            self._tell(event, time.monotonic_ns())
        self._started_ns = None
        self._ring.clear()

    def _look(self) -> None:
        """A card that was taken away stays away until it is opened anew, as a real one does."""
        if not self._gone and self._unplugged.exists():
            self._gone = True
            self._stop("unplugged")
        if self._gone:
            raise CardLost("unplugged")

    def _run(self) -> None:
        """Let sound what has sounded since the last call."""
        self._look()
        if self._started_ns is not None and self._advance():
            self._stop("underrun")
            self._dry = True
        if self._dry:
            raise Underrun

    def _advance(self) -> bool:
        """Whether the card has run dry."""
        if self._started_ns is None:
            return False
        due = int((time.monotonic_ns() - self._started_ns) * self._rate / _SECOND_NS) - self._sounded
        frames = min(due, len(self._ring) // FRAME_BYTES)
        if frames > 0:
            self._sound.write(self._ring[: frames * FRAME_BYTES])
            del self._ring[: frames * FRAME_BYTES]
            self._sounded += frames
        return due > frames

    def _tell(self, event: str, mono_ns: int) -> None:
        utc_ns = time.time_ns() - (time.monotonic_ns() - mono_ns)
        line = {
            "event": event,
            "utc_ns": utc_ns,
            "mono_ns": mono_ns,
            "frame": os.fstat(self._sound.fileno()).st_size // FRAME_BYTES,
            "rate": self._rate,
        }
        self._log.write(json.dumps(line).encode() + b"\n")
