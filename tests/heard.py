"""What a simulated sound card heard when: the reader of the two files of a file card, or of a card of the rig.

Imported by tests and the bench.
"""

import array
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from device_agent.sound.pcm import FRAME_BYTES, RATE

LOUD = 300
"""A sample above this is sound; a clip never is so quiet for so long as `QUIET_MS`."""
QUIET_MS = 250

_BLOCK = RATE // 100


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


def by_its_wall_clock(line: dict[str, Any]) -> int:
    """When a line of a card's log was written, in ns, by the clock of the machine that it is in."""
    return int(line["utc_ns"])


def runs(
    path: Path, clock: Callable[[dict[str, Any]], int] = by_its_wall_clock
) -> list[tuple[int, float, array.array]]:
    """For each run of the card: the time of its first frame (ns) by `clock`, the true rate, the samples that sounded.
    A run without an end (the player was killed) goes on to the next one, or to the end of the file."""
    log = path.with_name(path.name + ".jsonl")
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    if not lines:
        return []
    raw = path.read_bytes()
    frames = len(raw) // FRAME_BYTES
    ends = [*(line["frame"] for line in lines[1:]), frames]
    return [
        (clock(line), line["rate"], array.array("h", raw[line["frame"] * FRAME_BYTES : end * FRAME_BYTES]))
        for line, end in zip(lines, ends, strict=True)
        if line["event"] == "started"
    ]


def heard(path: Path, quiet_ms: int = QUIET_MS) -> list[Stretch]:
    """All stretches of sound, in order."""
    return [stretch for run in runs(path) for stretch in _stretches(*run, quiet_ms)]


def _stretches(utc_ns: int, rate: float, samples: array.array, quiet_ms: int) -> list[Stretch]:
    quiet = quiet_ms * RATE // 1000
    found: list[Stretch] = []
    first = last = None
    for n in _loud(samples):
        if first is not None and last is not None and n - last > quiet:
            found.append(_stretch(utc_ns, rate, samples, first, last))
            first = None
        first = n if first is None else first
        last = n
    if first is not None and last is not None:
        found.append(_stretch(utc_ns, rate, samples, first, last))
    return found


def _loud(samples: array.array) -> Iterator[int]:
    """The numbers of the loud samples; long silences are passed over quickly."""
    for start in range(0, len(samples), _BLOCK):
        block = samples[start : start + _BLOCK]
        if max(block) > LOUD or min(block) < -LOUD:
            yield from (start + n for n, sample in enumerate(block) if not -LOUD <= sample <= LOUD)


def _stretch(utc_ns: int, rate: float, samples: array.array, first: int, last: int) -> Stretch:
    return Stretch(utc_ns + round(first * 1e9 / rate), samples[first : last + 1])


def pitch(samples: array.array) -> float:
    """The frequency of a pure tone, by its crossings of zero, in Hz."""
    crossings = sum(1 for a, b in itertools.pairwise(samples) if a < 0 <= b)
    return crossings * RATE / max(len(samples), 1)
