"""How fast recorded phrases become one sound, and whether a join can be heard.

Started by the bench.
"""

import tempfile
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

from audio.phrase_joining import SMALLEST_STEP_DBFS, Take, join, largest_jump, largest_level_step
from audio.phrase_take import TAKE_RATE, measured
from audio.sample_announcer import Announcer, say
from audio.voices.phrase_bank import PhraseBank, Script, Spoken, write_take
from tests.bench.figures import Figure

_MINUTE_S = 60


def measure(seconds: float = _MINUTE_S) -> Iterator[Figure]:
    """Seconds of one core for a minute of joined phrases, beside merely laying their samples behind one another; the
    worst join of announcers of all kinds."""
    with tempfile.TemporaryDirectory() as folder:
        takes, spoken, length = [], [], 0.0
        number = 0
        while length < seconds:
            number += 1
            samples = say(_announcer(number), 1 + number % 5, number)
            path = Path(folder, f"{number}.wav")
            write_take(path, samples)
            found, pause = measured(samples), (0, 0, 220, 450)[number % 4]
            takes.append(Take(samples, found, pause))
            spoken.append(Spoken(path, found, pause))
            length += found.sounds_ms / 1000 + pause / 1000
        began = time.perf_counter()
        PhraseBank().render(Script(tuple(spoken), ("pt-1",), "x"), Path(folder, "out.wav"))
        took = time.perf_counter() - began
        began = time.perf_counter()
        plain = array("h")
        for each in takes:
            plain.extend(each.samples)
        Path(folder, "plain.raw").write_bytes(plain.tobytes())
        floor = time.perf_counter() - began
    joined = join(takes)
    minutes = len(joined.samples) / TAKE_RATE / 60
    yield Figure("a minute of phrases joined, seconds of a core", took / minutes, "s", floor / minutes, 2)
    yield Figure("largest jump at a join", largest_jump(joined), "dBFS", None, SMALLEST_STEP_DBFS)
    yield Figure("largest step in loudness", largest_level_step(joined), "LU", None, 1)


def _announcer(number: int) -> Announcer:
    """One of many: quiet and loud, high and low, with the offset and the noise of its own room."""
    return Announcer(
        90 + number * 37 % 230, -26 + number * 7 % 20, -85 + number * 5 % 22, number * 173 % 1_200 - 600, 120
    )
