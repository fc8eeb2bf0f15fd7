"""How often an ear finds what was played, how often it claims what was not, and what listening costs.

Imported by the bench.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from device_agent.ear import detection
from tests.bench.figures import Figure
from tests.rig import room

SECONDS = 25
FEW_FALSE, FOUND_AT_0_DB = 1.0, 95.0


def measure(times: int = 300) -> Iterator[Figure]:
    """So many recordings with another bulletin or none, a third as many with the right one at each strength of noise."""
    with tempfile.TemporaryDirectory() as folder:
        said = [room.samples(path) for path in room.speak(Path(folder), SECONDS)]
    took, floor = [], []
    false = sum(_found(said, n, None if n % 3 == 0 else n + 1 + n % 5, 10 if n % 3 else 0, took) for n in range(times))
    yield Figure("other bulletins or none that the ear claims to have heard", false * 100 / times, "%", None, FEW_FALSE)
    for snr_db in (10, 0, -10):
        count = max(times // 3, 4)
        missed = sum(not _found(said, n, n, snr_db, took) for n in range(count))
        limit = 100 - FOUND_AT_0_DB if snr_db == 0 else None
        yield Figure(f"not found at {snr_db:+d} dB", missed * 100 / count, "%", None, limit)
    for sound in said:
        began = time.perf_counter()
        np.fft.rfft(sound)
        floor.append(time.perf_counter() - began)
    cost = sum(took) / len(took) / SECONDS
    yield Figure("listening, for a second of sound", cost * 1000, "ms", sum(floor) / len(floor) / SECONDS * 1000)


def _found(said: list[detection.Samples], wanted: int, played: int | None, snr_db: float, took: list[float]) -> bool:
    wanted %= len(said)
    played = None if played is None else played % len(said)
    others = [sound for n, sound in enumerate(said) if n not in (wanted, played)]
    seed = len(took)
    sound = None if played is None else said[played]
    heard, _ = room.recorded(sound, SECONDS * detection.RATE, others, room.NOISES[seed % 4], snr_db, seed)
    began = time.perf_counter()
    found = detection.listen(said[wanted], heard).found
    took.append(time.perf_counter() - began)
    return found
