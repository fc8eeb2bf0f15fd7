"""What a recording is like, measured on its plain samples: how loud frame by frame, how often it crosses zero, how much
stands at the frequencies of the mains. A shell around `wave`.

Imported by the server's studio and tests; `audio.traits` makes of it what is judged.
"""

import array
import audioop
import math
import wave
from pathlib import Path

from audio.traits import FRAME_MS, HUMS, NEIGHBOURS, Examined

_FRAME_BYTES = 2
_HUM_RATE = 1_000
_HUM_BLOCK = 500
"""Half a second: frequencies two hertz apart can be told from one another."""
_MOST_BLOCKS = 240
"""Of a long recording so many, spread over it."""
_FULL = 32_768
_TOPS = (32_767, -32_768)
_SILENT_DB = -96.0


def examine(wav: Path) -> Examined:
    """Measure a WAV (mono, 16 bits)."""
    levels, crossings, slow, clipped, frames = [], [], bytearray(), 0, 0
    with wave.open(str(wav), "rb") as file:
        rate, state = file.getframerate(), None
        while block := file.readframes(rate * FRAME_MS // 1000):
            frames += len(block) // _FRAME_BYTES
            level = audioop.rms(block, _FRAME_BYTES)
            levels.append(20 * math.log10(level / _FULL) if level else _SILENT_DB)
            centred = audioop.bias(block, _FRAME_BYTES, -audioop.avg(block, _FRAME_BYTES))
            crossings.append(audioop.cross(centred, _FRAME_BYTES) * 1000 / FRAME_MS)
            if audioop.max(block, _FRAME_BYTES) >= _TOPS[0]:
                samples = array.array("h", block)
                clipped += sum(samples.count(top) for top in _TOPS)
            less, state = audioop.ratecv(block, _FRAME_BYTES, 1, rate, _HUM_RATE, state)
            slow += less
    return Examined(
        duration_ms=frames * 1000 // rate,
        levels=tuple(levels),
        crossings=tuple(crossings),
        clipped=clipped / max(1, frames),
        lines=_lines(array.array("h", bytes(slow[: len(slow) // 2 * 2]))),
    )


def _lines(samples: "array.array[int]") -> dict[int, tuple[float, ...]]:
    """The level (dBFS) at each frequency of the mains and beside it, in each half second."""
    starts = range(0, len(samples) - _HUM_BLOCK + 1, _HUM_BLOCK)
    step = max(1, len(starts) // _MOST_BLOCKS)
    window = [0.5 - 0.5 * math.cos(2 * math.pi * n / _HUM_BLOCK) for n in range(_HUM_BLOCK)]
    found: dict[int, list[float]] = {}
    for start in starts[::step]:
        block = [sample * weight for sample, weight in zip(samples[start:], window, strict=False)]
        for hertz in (h + beside for h in HUMS for beside in (0, *NEIGHBOURS)):
            found.setdefault(hertz, []).append(_goertzel(block, hertz))
    return {hertz: tuple(levels) for hertz, levels in found.items()}


def _goertzel(block: list[float], hertz: int) -> float:
    """The level of one frequency in a windowed block, in dBFS (a full sine wave: −3)."""
    turn = 2 * math.cos(2 * math.pi * hertz / _HUM_RATE)
    before = last = 0.0
    for sample in block:
        before, last = last, sample + turn * last - before
    power = last * last + before * before - turn * last * before
    amplitude = math.sqrt(max(power, 0.0)) * 4 / len(block)  # twice for the window, twice for the mirror
    return 20 * math.log10(amplitude / math.sqrt(2) / _FULL) if amplitude > 1e-6 else _SILENT_DB
