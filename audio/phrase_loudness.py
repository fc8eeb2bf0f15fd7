"""How loud a short piece of speech is, as ITU-R BS.1770 weighs it. Pure, plain Python: a take is measured once.

Imported by the other rooms of phrases and tests. Blocks of 100 ms instead of 400 ms, because a day of the week is
hardly longer than that; gated as the recommendation says.
"""

import itertools
import math
from collections.abc import Sequence

BLOCK_MS, STEP_MS = 100, 50
SILENT = -99.0
_ABSOLUTE, _RELATIVE = -70.0, -10.0
_OFFSET = -0.691
FULL = 32_768.0


def loudness(samples: Sequence[int], rate: int) -> float:
    """LUFS of one channel of 16 bits; `SILENT` for silence."""
    powers = _powers(_weighted(samples, rate), rate)
    loud = [power for power in powers if _lufs(power) > _ABSOLUTE]
    if not loud:
        return SILENT
    gate = _lufs(sum(loud) / len(loud)) + _RELATIVE
    kept = [power for power in loud if _lufs(power) > gate]
    return _lufs(sum(kept) / len(kept))


def dbfs(amplitude: float) -> float:
    """An amplitude of 16 bits in dB below the largest."""
    return 20 * math.log10(amplitude / FULL) if amplitude > 0 else SILENT


def _lufs(power: float) -> float:
    return _OFFSET + 10 * math.log10(power / FULL**2) if power > 0 else SILENT


def _powers(weighted: Sequence[float], rate: int) -> list[float]:
    """Mean squares of the blocks; of all where there is less than one."""
    length, step = rate * BLOCK_MS // 1000, rate * STEP_MS // 1000
    if not weighted:
        return []
    if len(weighted) <= length:
        return [math.fsum(x * x for x in weighted) / len(weighted)]
    steps = [math.fsum(x * x for x in weighted[at : at + step]) for at in range(0, len(weighted) - step + 1, step)]
    return [(one + two) / length for one, two in itertools.pairwise(steps)] or [steps[0] / step]


def _weighted(samples: Sequence[int], rate: int) -> list[float]:
    """Through the two filters of the recommendation, made anew for this rate."""
    return _filtered(_filtered(samples, _shelf(rate)), _high_pass(rate))


def _filtered(samples: Sequence[float], coefficients: tuple[float, float, float, float, float]) -> list[float]:
    b0, b1, b2, a1, a2 = coefficients
    one = two = 0.0
    out = []
    for x in samples:
        y = b0 * x + one
        one = b1 * x - a1 * y + two
        two = b2 * x - a2 * y
        out.append(y)
    return out


def _shelf(rate: int) -> tuple[float, float, float, float, float]:
    k = math.tan(math.pi * 1681.974450955533 / rate)
    vh = 10 ** (3.999843853973347 / 20)
    vb, q = vh**0.4996667741545416, 0.7071752369554196
    a0 = 1 + k / q + k * k
    return (
        (vh + vb * k / q + k * k) / a0,
        2 * (k * k - vh) / a0,
        (vh - vb * k / q + k * k) / a0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    )


def _high_pass(rate: int) -> tuple[float, float, float, float, float]:
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return 1.0, -2.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0
