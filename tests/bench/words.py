"""How fast written Vietnamese becomes spoken words, beside merely normalising and splitting the same text.

Started by the bench.
"""

import json
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from audio.spoken_text import speak
from tests.bench.figures import Figure, percentile

_CASES = Path(__file__).parents[1] / "unit" / "audio"
_WARM = 1


def measure(rounds: int = 20) -> Iterator[Figure]:
    """Milliseconds for one sentence of a bulletin: the middle one, the mean, the slowest of a hundred."""
    files = ("spoken-text-cases.json", "spoken-text-commune-cases.json")
    sentences = [case["written"] for name in files for case in json.loads((_CASES / name).read_text())]
    took = _each(speak, sentences, rounds)
    floor = _each(lambda text: unicodedata.normalize("NFC", text).lower().split(), sentences, rounds)
    yield Figure("spoken words, a sentence", percentile(took, 50), "ms", percentile(floor, 50), 1)
    yield Figure("spoken words, mean", sum(took) / len(took), "ms", sum(floor) / len(floor), 1)
    yield Figure("spoken words, p99", percentile(took, 99), "ms", percentile(floor, 99))


def _each(work: Callable[[str], object], sentences: Sequence[str], rounds: int) -> list[float]:
    took = []
    for number in range(rounds + _WARM):
        for sentence in sentences:
            began = time.perf_counter()
            work(sentence)
            if number >= _WARM:
                took.append((time.perf_counter() - began) * 1000)
    return took
