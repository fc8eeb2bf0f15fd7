"""An open card and how far it has got: frames are counted from the start of its present run. A shell.

Imported by the engine.
"""

import contextlib
from collections.abc import Callable

from device_agent.sound.pcm import FRAME_BYTES, RING_FRAMES, CardError, CardLost, Pcm, Underrun
from device_agent.sound.placing import Estimate

STUCK_NS = 2_000_000_000
"""A card whose position has not moved for so long is gone, whatever it says."""


class Stream:
    """`head`: the frame that is written next; `estimate`: when each frame sounds; `opened_ns`: since when the card is
    open. Every method but `position` and `close` may raise `CardError`."""

    def __init__(self, card: Pcm, clock: Callable[[], int]) -> None:
        self._card, self._clock = card, clock
        self.opened_ns = clock()
        self.head = 0
        self.estimate = Estimate()
        self._moved = (0, self.opened_ns)

    def begin(self) -> None:
        """A new run, empty. Until it starts, the estimate is the guess that it does so now."""
        now = self._clock()
        self.head, self._moved = 0, (0, now)
        self.estimate = Estimate()
        self.estimate.read(now, 0, 0)

    def write(self, frames: bytes) -> int:
        """Offer frames; how many were taken."""
        taken = self._card.write(frames)
        self.head += taken
        return taken

    def start(self) -> None:
        """Let the run sound; from here on the card's own word counts."""
        self._card.start()
        self.estimate = Estimate()
        self.room()

    def drop(self) -> None:
        """Silence at once; to be followed by `begin`."""
        self._card.drop()

    def room(self) -> int:
        """How many frames the ring should get now, by a reading of the card. Raises `CardLost` if its position stands
        still."""
        delay = self._card.delay()
        now = self._clock()
        self.estimate.read(now, self.head, delay)
        position = self.head - delay
        if position != self._moved[0]:
            self._moved = (position, now)
        elif now - self._moved[1] > STUCK_NS:
            raise CardLost("its position stands still")
        return RING_FRAMES - delay

    def position(self) -> int:
        """The frame that sounds now; of a lost card, the last that was known."""
        try:
            return self.head - self._card.delay()
        except Underrun:
            return self.head
        except CardError:
            return min(self.head, self._moved[0])

    def close(self) -> None:
        """Leave the card."""
        with contextlib.suppress(CardError):
            self._card.close()


def silence(count: int) -> bytes:
    """So many frames of it."""
    return bytes(count * FRAME_BYTES)
