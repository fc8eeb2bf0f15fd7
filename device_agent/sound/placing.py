"""At which frame a sound must be placed to start at its instant: arithmetic only. Pure.

Imported by the engine and tests. Times are monotonic nanoseconds.
"""

from collections import deque
from collections.abc import Sequence
from statistics import median

from device_agent.sound.pcm import RATE

READINGS = 100
"""Being interrupted between two reads, and a coarse position, only ever make a frame look later than it is: the
earliest of the last readings is the truth."""
SLACK_FRAMES = 2
"""A sound is corrected by one frame when it is this far off: nobody hears one frame in two seconds."""
APART_FRAMES = 1_000
"""Corrections are so far apart: at most 0.1 % faster or slower, which nobody hears either."""
SPELL = READINGS // 2
"""So many readings make a point of the line by which the card's clock is seen to run away from ours."""
_FEWEST_SPELLS, _MOST_SPELLS = 4, 40
STRANGEST_RATE = 300e-6
"""No crystal is worse."""
_CLEAR = 4
"""How much further the card must have run away than its readings scatter, to be believed that it does."""
_SECOND_NS = 1_000_000_000

_Reading = tuple[int, int]
"""The instant of a reading, and when frame 0 sounded, judged by it alone."""


class Estimate:
    """When each frame of an open stream sounds, judged from its last readings. A card's clock is not ours: by 40 parts
    in a million it is two frames off after a second, so that its own pace is learnt as soon as it can be told from the
    scatter."""

    def __init__(self) -> None:
        self._last: deque[_Reading] = deque(maxlen=READINGS)
        self._spell: list[_Reading] = []
        self._line: deque[_Reading] = deque(maxlen=_MOST_SPELLS)
        self._rate = 0.0
        self._zero: int | None = None

    def read(self, mono_ns: int, written: int, delay: int) -> None:
        """At this instant, the next frame to be written is `written`, and will sound after `delay` frames."""
        self._zero = None
        reading = (mono_ns, mono_ns + (delay - written) * _SECOND_NS // RATE)
        self._last.append(reading)
        self._spell.append(reading)
        if len(self._spell) == SPELL:
            self._line.append(min(self._spell, key=lambda read: read[1]))
            self._spell.clear()
            self._rate = rate_of(self._line)

    @property
    def known(self) -> bool:
        """Whether there is any reading yet."""
        return bool(self._last)

    @property
    def zero_ns(self) -> int:
        """When frame 0 sounded, for a frame that sounds about now: by the card's own pace, a later one is told by
        another."""
        if self._zero is None:
            now = self._last[-1][0]
            self._zero = min(zero + round(self._rate * (now - at)) for at, zero in self._last)
        return self._zero

    def frame_at(self, mono_ns: int) -> int:
        """The frame that sounds at an instant; may be negative."""
        ahead = mono_ns - self._last[-1][0]
        return round((mono_ns - self.zero_ns - round(self._rate * ahead)) * RATE / _SECOND_NS)

    def instant_of(self, frame: int) -> int:
        """When a frame sounds."""
        nearly = self.zero_ns + frame * _SECOND_NS // RATE
        return nearly + round(self._rate / (1 - self._rate) * (nearly - self._last[-1][0]))


def rate_of(line: Sequence[_Reading]) -> float:
    """How fast frame 0 seems to move: how many seconds in each second the card's clock loses. 0 where that cannot be
    told from the scatter of the readings."""
    if len(line) < _FEWEST_SPELLS:
        return 0.0
    half = len(line) // 2
    rate = median(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for earlier, later in zip(line, list(line)[half:], strict=False)
    )
    (begin, zero), (end, _) = line[0], line[-1]
    off = [z - zero - rate * (at - begin) for at, z in line]
    middle = median(off)
    scatter = median(abs(each - middle) for each in off)
    clear = abs(rate) * (end - begin) > _CLEAR * scatter
    return max(-STRANGEST_RATE, min(rate, STRANGEST_RATE)) if clear else 0.0


def correction(actual: int, ideal: int, since: int = APART_FRAMES) -> int:
    """A sound lies at frame `actual` and should lie at `ideal`: 1 to say its next frame twice, -1 to leave it out.
    `since`: how many frames the last correction is ago."""
    off = actual - ideal if since >= APART_FRAMES else 0
    if off <= -SLACK_FRAMES:
        return 1
    return -1 if off >= SLACK_FRAMES else 0


def ms_of(frames: int) -> int:
    """Frames as whole milliseconds."""
    return frames * 1000 // RATE


def frames_of(ms: int) -> int:
    """Milliseconds as frames."""
    return ms * RATE // 1000
