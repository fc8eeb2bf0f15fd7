"""How exactly a sound starts at its instant, and how far apart three players on one machine are.

Imported by the bench command; `python -m tests.bench.sound_start [STARTS]` prints the table.
"""

import array
import os
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from device_agent.sound.engine import Engine
from device_agent.sound.file_card import FileCard
from device_agent.sound.pcm import RATE
from tests.bench import snapcast
from tests.bench.busy import busy_core
from tests.bench.figures import Figure, percentile, table
from tests.bench.player import PROGRAMS
from tests.heard import LOUD, heard, runs
from tests.rig.cards import RigError, build
from tests.waiting import pass_time

PPMS = (0.0, 40.0, -40.0)
"""How wrong the clocks of the three cards are: crystals of sound cards are that bad."""
EVERY_MS = 1_200
FIRST_AHEAD_MS = 6_000
"""Until the first start: three interpreters must come up, and the card opens three seconds ahead."""
START_ERROR_MS, SKEW_MS, URGENT_MS = 1, 0.1, 20
NEAR_MS = EVERY_MS // 2
_LEVEL = 20_000


class Card(NamedTuple):
    """A simulated card: what a player is told to open, the file that tells what it sounded, its deviation."""

    address: str
    file: Path
    ppm: float


class Spread(NamedTuple):
    """Milliseconds, all absolute: of each start its distance from its instant; of each instant the distance between
    the first and the last player. `missed`: starts that nobody heard."""

    errors: list[float]
    skews: list[float]
    missed: int


def measure(starts: int = 30) -> list[Figure]:
    """Three players, so many starts each, on ALSA cards of the rig while another process takes all it can of a core,
    and the same with programs that are started at the instant. Where the rig cannot be built: on file cards, without
    a floor. About 40 s for each."""
    with tempfile.TemporaryDirectory(prefix="sound-start-") as folder, busy_core():
        place = Path(folder)
        sound = _marker(place / "marker.wav")
        try:
            rig = build(place / "rig", PPMS)
        except RigError as error:
            print(f"without ALSA and without a floor: {error}", file=sys.stderr)
            files = [Card(f"file:{place / f'card{n}'}", place / f"card{n}", ppm) for n, ppm in enumerate(PPMS)]
            return [*_figures("file cards", _played(files, sound, starts, {}), None), *measure_urgent()]
        cards = [Card(f"alsa:{card.name}", card.file, card.ppm) for card in rig.cards]
        ours = _played(cards, sound, starts, rig.environment)
        floors = {}
        for program in PROGRAMS:
            if shutil.which(program) is None:
                print(f"without {program}, which is not installed here", file=sys.stderr)
                continue
            for card in cards:
                for file in card.file.parent.glob(card.file.name + "*"):
                    file.unlink()
            floors[program] = _played(cards, sound, starts, rig.environment, "--by", program)
        others = [figure for name, spread in floors.items() for figure in _beside(name, spread)]
        others += snapcast.measure(place, rig, starts)
        return [*_figures("ALSA cards", ours, floors.get("aplay")), *others, *measure_urgent()]


def _beside(program: str, spread: Spread) -> Iterator[Figure]:
    """What another program does, for comparison."""
    yield Figure(f"start error p99 of {program}", percentile(spread.errors, 99), "ms")
    yield Figure(f"skew of three p95 of {program}", percentile(spread.skews, 95), "ms")
    yield Figure(f"starts not heard in time of {program}", spread.missed, "")


def measure_urgent(tries: int = 10) -> list[Figure]:
    """From the order to cut what sounds until the first sample of what is urgent, on a file card."""
    with tempfile.TemporaryDirectory(prefix="sound-urgent-") as folder:
        place = Path(folder)
        long, alert = _marker(place / "long.wav", 20, _LEVEL), _marker(place / "alert.wav", 0.1, -_LEVEL)
        delays = []
        for n in range(tries):
            card = place / f"card{n}"
            engine = Engine(lambda card=card: FileCard(card), _Deaf())
            engine.start()
            engine.place("long", 0, [(long, 0)], 100)
            pass_time(0.35 + 0.013 * n)
            ordered = time.time_ns()
            engine.place("alert", 0, [(alert, 0)], 100, urgent=True)
            pass_time(0.2)
            engine.stop()
            delays.append((_first_below(card) - ordered) / 1e6)
    return [Figure("urgent order → first sample, largest", max(delays), "ms", None, URGENT_MS)]


def _figures(where: str, spread: Spread, floor: Spread | None) -> list[Figure]:
    def figure(what: str, values: str, percent: float, limit: float | None = None) -> Figure:
        below = None if floor is None else percentile(getattr(floor, values), percent)
        return Figure(f"{what}, {where}", percentile(getattr(spread, values), percent), "ms", below, limit)

    return [
        figure("start error p50", "errors", 50),
        figure("start error p99", "errors", 99, START_ERROR_MS),
        figure("skew of three players p95", "skews", 95, SKEW_MS),
        Figure(f"starts not heard, {where}", spread.missed, "", None, 0),
    ]


def _played(cards: Sequence[Card], sound: Path, starts: int, environment: Mapping[str, str], *options: str) -> Spread:
    first = time.time_ns() // 1_000_000 + FIRST_AHEAD_MS
    instants = [first + n * EVERY_MS for n in range(starts)]
    program = [sys.executable, "-m", "tests.bench.player", *options]
    what = [str(sound), *map(str, instants)]
    surroundings = {**os.environ, **environment}
    players = [
        subprocess.Popen([*program, "--ppm", str(card.ppm), card.address, *what], env=surroundings) for card in cards
    ]
    try:
        for player in players:
            player.wait(FIRST_AHEAD_MS / 1000 + starts * EVERY_MS / 1000 + 20)
    finally:
        for player in players:
            player.kill()
    return _spread([list(_errors(card.file, instants)) for card in cards])


def _errors(file: Path, instants: Sequence[int]) -> Iterator[float | None]:
    """Of each instant: how many ms after it the sound began; None if it did not."""
    begun = [stretch.utc_ns / 1e6 for stretch in heard(file)]
    for instant in instants:
        errors = [at - instant for at in begun if abs(at - instant) < NEAR_MS]
        yield min(errors, key=abs, default=None)


def _spread(of_cards: Sequence[Sequence[float | None]]) -> Spread:
    errors = [abs(error) for card in of_cards for error in card if error is not None]
    whole = [together for together in zip(*of_cards, strict=True) if None not in together]
    skews = [max(together) - min(together) for together in whole]
    return Spread(errors, skews, sum(error is None for card in of_cards for error in card))


def _first_below(card: Path) -> float:
    """When the first sample below silence sounded, in ns."""
    for utc_ns, rate, samples in runs(card):
        for n, sample in enumerate(samples):
            if sample < -LOUD:
                return utc_ns + n * 1e9 / rate
    return float("inf")


def _marker(path: Path, seconds: float = 0.3, level: int = _LEVEL) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(array.array("h", [level]).tobytes() * round(seconds * RATE))
    return path


class _Deaf:
    """A listener who does not care."""

    def started(self, name: str, mono_ns: int) -> None: ...

    def ended(self, name: str, mono_ns: int, sounded_ms: int, whole: bool) -> None: ...

    def failed(self, name: str, mono_ns: int, sounded_ms: int, cause: str) -> None: ...


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if sys.argv[1:] else 30)))
