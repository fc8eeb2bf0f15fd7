"""What measurements say of a recording: how deep its pauses are, whether it moves as speech does, whether the mains hum
in it. Pure.

Imported by `audio.examining`, `audio.quality`, the server's studio and tests.

The rule for speech: people who speak open and close their mouths two to eight times a second and change between vowels
and consonants all the time. So the level sways in that rhythm, and how often the sound crosses zero varies widely.
Tones, noise, engines and most music lack one of the two.
"""

import cmath
import math
import statistics
from collections.abc import Sequence

import msgspec

FRAME_MS = 20
HUMS = (50, 100, 150, 200, 250, 300, 60, 120, 180, 240)
NEIGHBOURS = (-8, 8)
_MAINS = {50: (50, 100, 150, 200, 250, 300), 60: (60, 120, 180, 240)}
_WINDOW = 128
_SYLLABLES_HZ = (2.0, 8.0)
_LEAST_BLOCKS = 10
"""In less than five seconds a voice may hold a tone as a hum does."""
_ACTIVE_DB = 25.0
"""So far below its loud parts a recording may go and still sound."""


class Examined(msgspec.Struct, frozen=True):
    """Measurements. `levels`: of each frame, dBFS; `crossings`: of zero, a second; `clipped`: share of samples at the
    very top; `lines`: level (dBFS) at each frequency of interest, in each half second."""

    duration_ms: int
    levels: tuple[float, ...]
    crossings: tuple[float, ...]
    clipped: float
    lines: dict[int, tuple[float, ...]]


class Traits(msgspec.Struct, frozen=True):
    """`speech_dbfs`: of the loudest fiftieth of the frames; `floor_dbfs`: of the quietest tenth; `sway`: how deep the
    level moves at the pace of syllables (0: not at all); `variety`: how much the crossings of zero vary (standard
    deviation over mean); `hum_db`: how far the mains stand out of what is beside them, and `hum_dbfs` how loud they
    are."""

    duration_ms: int
    speech_dbfs: float
    floor_dbfs: float
    clipped: float
    sway: float
    variety: float
    hum_db: float
    hum_dbfs: float


def traits_of(examined: Examined) -> Traits:
    """What the measurements say."""
    ordered = sorted(examined.levels) or [-96.0]
    loud, floor = ordered[int(len(ordered) * 0.98)], ordered[len(ordered) // 10]
    active = [c for level, c in zip(examined.levels, examined.crossings, strict=True) if level > loud - _ACTIVE_DB]
    mean = statistics.fmean(active) if active else 0.0
    stands, level = _hum(examined.lines)
    return Traits(
        duration_ms=examined.duration_ms,
        speech_dbfs=loud,
        floor_dbfs=floor,
        clipped=examined.clipped,
        sway=_sway(examined.levels, loud),
        variety=statistics.pstdev(active) / mean if mean else 0.0,
        hum_db=stands,
        hum_dbfs=level,
    )


def _sway(levels: Sequence[float], loud: float) -> float:
    """The depth of the level's movement between 2 and 8 Hz, in windows of two and a half seconds that sound: the median
    of them."""
    found = []
    for start in range(0, max(1, len(levels) - _WINDOW + 1), _WINDOW // 2):
        part = levels[start : start + _WINDOW]
        if len(part) < _WINDOW // 2 or max(part) < loud - _ACTIVE_DB / 2:
            continue
        pressure = [10 ** (level / 20) for level in part]
        mean = statistics.fmean(pressure)
        seconds = len(part) * FRAME_MS / 1000
        bins = range(math.ceil(_SYLLABLES_HZ[0] * seconds), math.floor(_SYLLABLES_HZ[1] * seconds) + 1)
        power = sum(_power(pressure, number) for number in bins)
        found.append(math.sqrt(2 * power) / mean if mean else 0.0)
    return statistics.median(found) if found else 0.0


def _power(values: Sequence[float], number: int) -> float:
    """Of one harmonic of a window."""
    turn = -2j * math.pi * number / len(values)
    return abs(sum(value * cmath.exp(turn * n) for n, value in enumerate(values)) / len(values)) ** 2


def _hum(lines: dict[int, tuple[float, ...]]) -> tuple[float, float]:
    """How far the mains stand out, in the quietest fifth of the half seconds: a voice passes, a hum stays. The second
    strongest line counts, for one alone may be a voice's."""
    best = (0.0, -96.0)
    for harmonics in _MAINS.values():
        found = []
        for hertz in harmonics:
            if len(lines.get(hertz, ())) >= _LEAST_BLOCKS:
                level = _low(lines[hertz])
                beside = max(_low(lines[hertz + each]) for each in NEIGHBOURS)
                found.append((level - beside, level))
        if len(found) > 1:
            best = max(best, sorted(found)[-2])
    return best


def _low(levels: Sequence[float]) -> float:
    return sorted(levels)[len(levels) // 5]
