"""At which frame a sound must be placed to start at its instant: arithmetic only. Pure.

Imported by the engine and tests. Times are monotonic nanoseconds.
"""

from collections import deque

from device_agent.sound.pcm import RATE

READINGS = 100
"""Being interrupted between two reads, and a coarse position, only ever make a frame look later than it is: the
earliest of the last readings is the truth."""
SLACK_FRAMES = 2
"""A sound is corrected by one frame when it is this far off: nobody hears one frame in two seconds."""
_SECOND_NS = 1_000_000_000


class Estimate:
    """When frame 0 of an open stream sounded, judged from its last readings."""

    def __init__(self) -> None:
        self._zeros: deque[int] = deque(maxlen=READINGS)

    def read(self, mono_ns: int, written: int, delay: int) -> None:
        """At this instant, the next frame to be written is `written`, and will sound after `delay` frames."""
        self._zeros.append(mono_ns + (delay - written) * _SECOND_NS // RATE)

    @property
    def known(self) -> bool:
        """Whether there is any reading yet."""
        return bool(self._zeros)

    @property
    def zero_ns(self) -> int:
        """When frame 0 sounded."""
        return min(self._zeros)

    def frame_at(self, mono_ns: int) -> int:
        """The frame that sounds at an instant; may be negative."""
        return round((mono_ns - self.zero_ns) * RATE / _SECOND_NS)

    def instant_of(self, frame: int) -> int:
        """When a frame sounds."""
        return self.zero_ns + frame * _SECOND_NS // RATE


def correction(actual: int, ideal: int) -> int:
    """A sound lies at frame `actual` and should lie at `ideal`: 1 to say its next frame twice, -1 to leave it out."""
    off = actual - ideal
    if off <= -SLACK_FRAMES:
        return 1
    return -1 if off >= SLACK_FRAMES else 0


def ms_of(frames: int) -> int:
    """Frames as whole milliseconds."""
    return frames * 1000 // RATE


def frames_of(ms: int) -> int:
    """Milliseconds as frames."""
    return ms * RATE // 1000
