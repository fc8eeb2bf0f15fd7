"""One sound on its way to the card, and how far it has come.

Imported by the engine.
"""

import array

from device_agent.sound.pcm import RATE
from device_agent.sound.reel import Reel
from device_agent.sound.source import NotYet, SourceError

OPEN_AHEAD_NS = 3_000_000_000
"""The card opens so long before a sound: the estimate needs a second, the amplifier's relay its lead-in."""
SETTLE_NS = 1_000_000_000
"""What the estimate needs, where the lead-in is longer than usual."""

SLEW = 2_000
"""When it turns out by how much its instant is off, a sound is moved by one part in so many: nobody hears it."""
FADE_FRAMES = RATE // 200
"""What is cut goes to silence within 5 ms: a step would be a crack in the horn."""


class Queued:
    """`start_ns`: when its first frame should sound; `at`: the stream frame of its first frame, once placed; `head`:
    the next of its frames to be written; `written`: how many were written; `written_end`: the stream frame after the
    last of them; `told_start`: the listener knows; `joins`: it goes on where it would be by now; `stalled`: frames of
    silence since more of it is awaited; `corrected`:
    the first of its frames at the last correction; `shift_ns`: by how much its instant has turned out to be off,
    `shifted_ns`: how far it has been moved; `fault`: why it is cancelled, if not on order."""

    def __init__(
        self, name: str, start_ns: int, reel: Reel, lead_in_ns: int = 0, *, urgent: bool = False, joins: bool = False
    ) -> None:
        self.name, self.start_ns, self.reel = name, start_ns, reel
        self.lead_in_ns, self.urgent, self.joins = lead_in_ns, urgent, joins
        self.at: int | None = None
        self.head = 0
        self.written = 0
        self.written_end = 0
        self.told_start = False
        self.cancelled = False
        self.stalled = 0
        self.corrected = 0
        self.shift_ns = self.shifted_ns = 0
        self.fault = ""

    @property
    def opens_ns(self) -> int:
        """When the card should be open for it."""
        return self.start_ns - max(OPEN_AHEAD_NS, self.lead_in_ns + SETTLE_NS)

    @property
    def begun(self) -> bool:
        """Whether it keeps to its clock by now: any of it has been given to a card, or it joins others."""
        return self.told_start or self.head > 0 or self.joins

    def earliest_ns(self, opened_ns: int) -> int:
        """When it may start on a card that was opened at this instant: the amplifier must be awake."""
        return max(self.start_ns, opened_ns + self.lead_in_ns)

    def slew(self, frames: int) -> None:
        """So many of its frames have been written: it is moved a little to where it should be."""
        most = frames * 1_000_000_000 // RATE // SLEW
        by = max(-most, min(self.shift_ns - self.shifted_ns, most))
        self.start_ns += by
        self.shifted_ns += by

    def sounded(self, position: int) -> int:
        """How many of its frames have left the card when the stream is at this position."""
        return max(0, self.written - max(0, self.written_end - position))

    def leave(self, position: int) -> None:
        """The stream ends at this position: the frames after it have not sounded, and it has no place any more."""
        if self.at is not None:
            self.written = self.sounded(position)
            self.written_end = 0
            self.at = None
            self.corrected = 0
            self.head = self.head if self.written else 0


def faded(sound: Queued, position: int) -> bytes:
    """The next few milliseconds of a sound that is cut while the stream is at this position, going to silence; nothing
    if it does not sound, or has no more."""
    if sound.at is None or position <= sound.at or sound.written_end <= position:
        return b""
    first = sound.head - (sound.written_end - position)
    count = min(FADE_FRAMES, sound.reel.frames - first)
    if sound.fault or first < 0 or count <= 0:
        return b""
    try:
        samples = array.array("h", sound.reel.read(first, count))
    except (SourceError, NotYet):
        return b""
    return array.array("h", [sample * (count - n) // count for n, sample in enumerate(samples)]).tobytes()
