"""How soon an alert cuts in at a real ALSA card, and whether a long sound ever runs dry, while a core is busy.

Imported by the bench command; `python -m tests.bench.cut_in [MINUTES]` prints the table. It starts itself as a player.
"""

import array
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path

from device_agent.sound.alsa import AlsaCard
from device_agent.sound.engine import Engine
from device_agent.sound.pcm import RATE
from tests.bench.busy import busy_core
from tests.bench.figures import Figure, percentile, table
from tests.heard import LOUD, runs
from tests.rig.cards import RigCard, RigError, build
from tests.waiting import pass_time

CUTS, LONG_MINUTES, SHORT_MINUTES = 20, 30, 1
CUT_IN_MS = 50
LEVEL = 8_000


def measure(minutes: float = SHORT_MINUTES, cuts: int = CUTS) -> Iterator[Figure]:
    """The engine on cards of the rig, in a process of its own as at a loudspeaker."""
    with tempfile.TemporaryDirectory(prefix="cut-in-") as folder, busy_core():
        try:
            rig = build(Path(folder) / "rig", (0.0, 40.0))
        except RigError as error:
            print(f"without ALSA: {error}", file=sys.stderr)
            return
        first, second = rig.cards
        environment = {**os.environ, **rig.environment}
        told = _player(environment, "cut", first.name, folder, str(cuts))
        delays = list(_delays(first, json.loads(told)))
        yield Figure("alert → first sample at an ALSA card, largest", max(delays), "ms", None, CUT_IN_MS)
        yield Figure("alert → first sample, median", percentile(delays, 50), "ms")
        _player(environment, "long", second.name, folder, str(minutes))
        yield Figure(f"underruns in {minutes:g} min", _interruptions(second), "", None, 0)


def _player(environment: dict[str, str], *what: str) -> str:
    command = [sys.executable, "-m", "tests.bench.cut_in", *what]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def _cut(card: str, folder: str, cuts: int) -> list[int]:
    """Cut a long sound so many times; when each alert was ordered (UTC, ns)."""
    long, alert = _tone(Path(folder) / "long.wav", 60, LEVEL), _tone(Path(folder) / "alert.wav", 0.1, -LEVEL)
    engine = Engine(lambda: AlsaCard(card), Deaf())
    engine.start()
    ordered = []
    for n in range(cuts):
        engine.place(f"long{n}", time.monotonic_ns(), [(long, 0)], 100)
        pass_time(0.7 + 0.013 * n)
        ordered.append(time.time_ns())
        engine.place(f"alert{n}", time.monotonic_ns(), [(alert, 0)], 100, urgent=True)
        pass_time(0.3)
        engine.cancel(f"long{n}")
        pass_time(0.2)
    engine.stop()
    return ordered


def _play_long(card: str, folder: str, minutes: float) -> None:
    sound = _tone(Path(folder) / "minutes.wav", minutes * 60, LEVEL)
    engine = Engine(lambda: AlsaCard(card), Deaf())
    engine.start()
    engine.place("long", time.monotonic_ns(), [(sound, 0)], 100)
    pass_time(minutes * 60 + 2)
    engine.stop()


def _delays(card: RigCard, ordered: list[int]) -> Iterator[float]:
    """Milliseconds from each order to the first sample of its alert; infinite where there is none."""
    begun = [
        utc_ns + n * 1e9 / rate
        for utc_ns, rate, samples in runs(card.file)
        for n, (before, sample) in enumerate(itertools.pairwise(samples), 1)
        if sample < -LOUD <= before
    ]
    for at in ordered:
        yield min(((b - at) / 1e6 for b in begun if b >= at), default=float("inf"))


def _interruptions(card: RigCard) -> float:
    """How often the sound stopped before its end; infinite if it never began."""
    log = card.file.with_name(card.file.name + ".jsonl")
    told = [json.loads(line)["event"] for line in log.read_text().splitlines()] if log.exists() else []
    return max(told.count("started") - 1, told.count("underrun")) if told else float("inf")


def _tone(path: Path, seconds: float, level: int) -> Path:
    second = array.array("h", [level]).tobytes() * RATE
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        for _ in range(int(seconds)):
            file.writeframes(second)
        file.writeframes(second[: round(seconds % 1 * RATE) * 2])
    return path


class Deaf:
    """A listener who does not care."""

    def started(self, name: str, mono_ns: int) -> None: ...

    def ended(self, name: str, mono_ns: int, sounded_ms: int, whole: bool) -> None: ...

    def failed(self, name: str, mono_ns: int, sounded_ms: int, cause: str) -> None: ...


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["cut", card, folder, cuts]:
            print(json.dumps(_cut(card, folder, int(cuts))))
        case ["long", card, folder, minutes]:
            _play_long(card, folder, float(minutes))
        case given:
            print(table(measure(float(given[0]) if given else SHORT_MINUTES)))
