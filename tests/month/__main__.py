"""`python -m tests.month`: a month of a province, and a table of what was named rightly.

Started by a person or the bench.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.month.draw import boxes, faults
from tests.month.month import Month
from tests.month.province import settled
from tests.village.scenario import START


def live(
    folder: Path, seed: int = 1, loudspeakers: int = 3_000, days: int = 30, more: float = 1, look_every: int = 7_200_000
) -> Month:
    """A month that has been lived through."""
    every = boxes(seed, loudspeakers)
    stores, broadcasts = settled(folder / "month.db", every, days, START)
    month = Month(stores, broadcasts, seed, every, faults(seed, every, days, START, more), START, days, look_every)
    month.run()
    return month


def main() -> int:
    """Live through it."""
    parser = argparse.ArgumentParser(prog="python -m tests.month")
    parser.add_argument("--loudspeakers", type=int, default=3_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--more", type=float, default=1, help="so many times more faults than in the field")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="month-") as folder:
        month = live(Path(folder), given.seed, given.loudspeakers, given.days, given.more)
    for line in month.verdicts.table():
        print(line)
    print(f"{month.looks} looks, {len(month.faults)} faults; {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
