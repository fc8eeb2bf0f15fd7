"""`python -m tests.month`: a month of a province, and a table of what was named rightly.

Started by a person or the bench.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from schedules.clock import HOUR, MINUTE, DurationMs
from tests.month.draw import boxes, faults
from tests.month.month import Month
from tests.month.province import settled
from tests.month.told import Told
from tests.village.scenario import START


def live(
    folder: Path,
    seed: int = 1,
    loudspeakers: int = 3_000,
    days: int = 30,
    more: float = 1,
    look_every: DurationMs = 2 * HOUR,
    round_every: DurationMs = 0,
) -> Month:
    """A month that has been lived through."""
    every = boxes(seed, loudspeakers)
    stores, broadcasts = settled(folder / "month.db", every, days, START)
    befalling = faults(seed, every, days, START, more)
    month = Month(stores, broadcasts, seed, every, befalling, START, days, look_every, round_every)
    month.run()
    return month


def main() -> int:
    """Live through it."""
    parser = argparse.ArgumentParser(prog="python -m tests.month")
    parser.add_argument("--loudspeakers", type=int, default=3_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--look-hours", type=float, default=4, help="how often somebody looks at all of them")
    parser.add_argument("--round-minutes", type=int, default=0, help="how often people are told; 0: with each look")
    parser.add_argument("--more", type=float, default=1, help="so many times more faults than in the field")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="month-") as folder:
        looks, rounds = round(given.look_hours * HOUR), given.round_minutes * MINUTE
        month = live(Path(folder), given.seed, given.loudspeakers, given.days, given.more, looks, rounds)
        told = Told.of(month)
    for line in (*month.verdicts.table(), *told.table()):
        print(line)
    print(f"{month.looks} looks, {len(month.faults)} faults; {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
