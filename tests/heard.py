"""What a simulated sound card heard when: the reader of a file card's two files.

Imported by tests and the bench.
"""

import array
import json
from pathlib import Path
from typing import NamedTuple

from device_agent.sound.pcm import FRAME_BYTES, RATE

LOUD = 300
"""A sample above this is sound; a clip never is so quiet for so long as `QUIET_MS`."""
QUIET_MS = 250


class Stretch(NamedTuple):
    """A stretch of sound between silences: when its first loud frame sounded, and its samples."""

    utc_ns: int
    samples: array.array

    @property
    def ms(self) -> float:
        """Its length."""
        return len(self.samples) * 1000 / RATE

    @property
    def peak(self) -> int:
        """Its loudest sample."""
        return max(abs(s) for s in self.samples)


def runs(path: Path) -> list[tuple[int, float, array.array]]:
    """For each run of the card: the wall-clock time of its first frame (ns), the true rate, the samples."""
    raw = array.array("h", path.read_bytes()[: path.stat().st_size // FRAME_BYTES * FRAME_BYTES]) if path.exists() else array.array("h")
    log = path.with_name(path.name + ".jsonl")
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    starts = [line for line in lines if line["event"] == "started"]
    found = []
    for line, following in zip(starts, [*starts[1:], None], strict=True):
        end = following["frame"] if following else len(raw)
        found.append((line["utc_ns"], line["rate"], raw[line["frame"] : end]))
    return found


def heard(path: Path, quiet_ms: int = QUIET_MS) -> list[Stretch]:
    """All stretches of sound, in order."""
    return [stretch for run in runs(path) for stretch in _stretches(*run, quiet_ms)]


def _stretches(utc_ns: int, rate: float, samples: array.array, quiet_ms: int) -> list[Stretch]:
    quiet = quiet_ms * RATE // 1000
    found: list[Stretch] = []
    first = last = None
    for n, sample in enumerate(samples):
        if sample > LOUD or sample < -LOUD:
            if first is not None and last is not None and n - last > quiet:
                found.append(_stretch(utc_ns, rate, samples, first, last))
                first = None
            first = n if first is None else first
            last = n
    if first is not None and last is not None:
        found.append(_stretch(utc_ns, rate, samples, first, last))
    return found


def _stretch(utc_ns: int, rate: float, samples: array.array, first: int, last: int) -> Stretch:
    return Stretch(utc_ns + round(first * 1e9 / rate), samples[first : last + 1])


def pitch(samples: array.array) -> float:
    """The frequency of a pure tone, by its crossings of zero, in Hz."""
    crossings = sum(1 for a, b in zip(samples, samples[1:], strict=False) if a < 0 <= b)
    return crossings * RATE / max(len(samples), 1)
