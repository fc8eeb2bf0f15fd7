"""The port to a sound card: what the engine needs of one, and how it fails.

Imported by the engine and by each kind of card.
"""

from typing import Protocol

from audio.clip import SAMPLE_RATE

RATE = SAMPLE_RATE
FRAME_BYTES = 2
"""One channel of signed 16-bit samples, lowest byte first."""
RING_FRAMES = RATE * 400 // 1000
"""400 ms in the card: a busy Raspberry Pi may look away that long. An emergency does not wait for it: it drops the
ring."""


class CardError(Exception):
    """Something is wrong with the card; the text is for a technician."""


class CardMissing(CardError):
    """There is no such card now."""


class CardLost(CardError):
    """The card has gone while it was open."""


class Underrun(CardError):
    """The card ran out of frames and has stopped; it says so until `drop` makes it ready again."""


class Pcm(Protocol):
    """An open card. Frames are mono, 16 bit, `RATE` a second. Every method may raise `CardLost`."""

    def write(self, frames: bytes) -> int:
        """Put frames into the ring as far as there is room, without waiting; how many were taken. Raises
        `Underrun`."""

    def delay(self) -> int:
        """How many frames will sound before the next one written. Raises `Underrun`."""

    def start(self) -> None:
        """Let what is in the ring begin to sound."""

    def drop(self) -> None:
        """Silence now: what is in the ring is lost. The card is then ready to be written and started again."""

    def close(self) -> None:
        """Leave the card."""
