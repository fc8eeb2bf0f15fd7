"""Clips that a listener can tell apart: pure tones, one pitch for each, and the reading of them from a card.

Imported by the town and the witnesses. A tone is its own name: what a card recorded says by itself which clip it was.
"""

import array
import itertools
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from audio.clip import Clip, name_of
from device_agent.sound.pcm import RATE
from tests.heard import LOUD, runs

LOWEST_HZ, STEP_HZ, TONES = 400, 30, 220
"""From 400 Hz to 7 kHz; a card that runs 0.1 % wrong moves none by more than 7 Hz."""
CLICK_MS = 20
"""What is shorter has no pitch that could be told."""
_BLOCK = RATE // 100
_LONGEST_GAP = RATE // 2
"""A hole in a tone that is shorter than this is one of the card's (it ran dry), not the end of the sound."""


class Tone(NamedTuple):
    """A stretch of one tone: its pitch, when its first frame sounded, how long to its last, and how much of that was
    sound."""

    hertz: int
    start_ms: float
    ms: float
    loud_ms: float


def hertz_of(number: int) -> int:
    """The pitch of the n-th tone; they begin anew after the last. Those that are ordered one after the other lie far from
    each other: what is too short to be measured well is not taken for the next."""
    return LOWEST_HZ + number * 97 % TONES * STEP_HZ


def record(folder: Path, hertz: int, ms: int, language: str, kbits: int = 24) -> Clip:
    """A clip that is this tone, in an archive's folder; more kilobits a second make it larger, not better."""
    fresh = folder / f"tone-{hertz}-{language}.opus"
    source = f"sine=frequency={hertz}:duration={ms / 1000}:sample_rate={RATE}"
    codec = ["-af", "volume=8dB", "-c:a", "libopus", "-vbr", "off", "-b:a", f"{kbits}k", "-fflags", "+bitexact"]
    codec += ["-metadata", f"language={language}"]
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *codec, "-y", str(fresh)], check=True)
    clip = Clip(name_of([fresh.read_bytes()]), language, ms, fresh.stat().st_size)
    fresh.rename(folder / f"{clip.sha256}.opus")
    return clip


def tones(card: Path, clock: Callable[[dict[str, Any]], int]) -> list[Tone]:
    """All tones that a card sounded, in order; `clock` reads the time of a line of its log."""
    found: list[Tone] = []
    for utc_ns, rate, samples in runs(card, clock):
        for hertz, first, last, loud in _joined(_sure(_pieces(samples))):
            start = utc_ns / 1e6 + first * 1000 / rate
            found.append(Tone(hertz, start, (last - first) * 1000 / rate, loud * 1000 / rate))
    return _over_runs(found)


def _over_runs(found: Iterable[Tone]) -> list[Tone]:
    """A card that ran dry begins a new run at once: the tone goes on. What is cut fades: that end is part of it, though
    too short to be measured."""
    whole: list[Tone] = []
    for tone in found:
        last = whole[-1] if whole else None
        gap = tone.start_ms - last.start_ms - last.ms if last is not None else 0
        fades = tone.ms <= CLICK_MS and gap < CLICK_MS
        if last is not None and (fades or (last.hertz == tone.hertz and gap < 500)):
            ms = tone.start_ms + tone.ms - last.start_ms
            whole[-1] = Tone(last.hertz, last.start_ms, ms, last.loud_ms + tone.loud_ms)
        else:
            whole.append(tone)
    return whole


def _joined(pieces: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Pitch, first and last sample, loud samples of each tone."""
    now: tuple[int, int, int, int] | None = None
    for hertz, first, last in pieces:
        same = now is not None and (hertz == now[0] or 0 in (hertz, now[0]))
        if now is not None and same and first - now[2] < _LONGEST_GAP:
            now = now[0] or hertz, now[1], last, now[3] + last - first
            continue
        if now is not None:
            yield now
        now = hertz, first, last, last - first
    if now is not None:
        yield now


def _sure(pieces: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """A block between two others, and like neither, holds the end of one tone and the beginning of the next."""
    nowhere = (0, -_BLOCK, -_BLOCK)
    before = nowhere
    for now, after in itertools.pairwise([*pieces, (0, 1 << 40, 1 << 40)]):
        near = [p for p in (before, after) if max(p[1] - now[2], now[1] - p[2]) < _BLOCK]
        unlike = bool(near) and all(p[0] != now[0] for p in near)
        before = now
        yield (0 if unlike else now[0]), *now[1:]


def _pieces(samples: "array.array[int]") -> Iterator[tuple[int, int, int]]:
    """The loud blocks: the nearest tone (0 where a block holds too little to tell), first and last loud sample."""
    for start in range(0, len(samples), _BLOCK):
        block = samples[start : start + _BLOCK]
        if max(block) <= LOUD and min(block) >= -LOUD:
            continue
        loud = [n for n, sample in enumerate(block) if not -LOUD <= sample <= LOUD]
        yield _nearest(block), start + loud[0], start + loud[-1] + 1


def _nearest(block: "array.array[int]") -> int:
    """By the time between the first crossing of zero and the last."""
    crossings = [n + a / (a - b) for n, (a, b) in enumerate(itertools.pairwise(block)) if a < 0 <= b]
    if len(crossings) < 3:
        return 0
    hertz = (len(crossings) - 1) * RATE / (crossings[-1] - crossings[0])
    return LOWEST_HZ + round((hertz - LOWEST_HZ) / STEP_HZ) * STEP_HZ
