"""Whether what a microphone recorded holds what a loudspeaker played. Pure, but for numpy, which only the extra `proof`
brings.

Imported by `device_agent.ear.__main__`, the bench and tests.

The phases of recording and clip are lined up in blocks of a second, between 400 and 5000 Hz, which is what a horn
passes: noise and echoes disturb how loud a frequency is more than when it came. No sound is kept, only a score and a
lag.
"""

from typing import Any, NamedTuple

import numpy as np

from device_agent.ear.verdict import MARGIN_MS

RATE = 16_000
LOWEST_HZ, HIGHEST_HZ = 400, 5_000
BLOCK = RATE
TOGETHER, SMEARED = 8, 24
"""The clock of a microphone runs apart by a millisecond in 16 seconds: so many blocks are one, and the rest is added
without phases; and a peak is so many samples wide."""
FOUND = 5.0
"""From this score on, a sound counts as heard. What other bulletins from the same horn and noise alone come to,
`tests/unit/ear` and `loaban bench --only ear` count."""

Samples = np.ndarray[Any, np.dtype[np.float64]]


class Heard(NamedTuple):
    """`score`: what of the recording agrees with the clip, in multiples of what noise comes to; `lag_ms`: how much
    later than expected it was there."""

    score: float
    lag_ms: float

    @property
    def found(self) -> bool:
        """Whether it was there."""
        return self.score >= FOUND


def listen(clip: Samples, recording: Samples) -> Heard:
    """Compare. `clip`: what sounded, at `RATE`; `recording`: from `MARGIN_MS` before its first sample was expected to
    as long behind its last."""
    agreement = _by_phase(clip, recording)
    best = int(np.argmax(agreement))
    return Heard(float(agreement[best]), best * 1000 / RATE - MARGIN_MS)


def _by_phase(clip: Samples, recording: Samples) -> Samples:
    """For each lag, from -`MARGIN_MS` on, how well the phases agree, in multiples of what noise alone comes to."""
    margin = RATE * MARGIN_MS // 1000
    size = 1 << (BLOCK + 2 * margin - 1).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    inside = (hertz >= LOWEST_HZ) & (hertz <= HIGHEST_HZ)
    energy, group = np.zeros(2 * margin + 1), np.zeros(len(hertz), complex)
    blocks = len(clip) // BLOCK
    for number in range(blocks):
        begin = number * BLOCK
        said = np.fft.rfft(clip[begin : begin + BLOCK], size)
        noted = np.fft.rfft(recording[begin : begin + BLOCK + 2 * margin], size)
        cross = np.where(inside, noted * np.conj(said), 0)
        weight = np.abs(cross)
        group += np.divide(cross, weight, out=np.zeros_like(cross), where=weight > 0)
        if (number + 1) % TOGETHER == 0 or number == blocks - 1:
            energy += np.fft.irfft(group, size)[: 2 * margin + 1] ** 2
            group[:] = 0
    energy = np.convolve(energy, np.ones(SMEARED) / SMEARED, "same")
    return np.sqrt(energy / (float(np.median(energy)) or 1.0))
