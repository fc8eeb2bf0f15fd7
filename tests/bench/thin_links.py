"""What many loudspeakers on thin links fetch of one clip, by the clock of a simulation: how often, and until when.

Imported by the bench command; `python -m tests.bench.thin_links [LOUDSPEAKERS]` prints the table.
"""

import sys
from collections.abc import Iterator
from statistics import median

from schedules.clock import MINUTE
from tests.bench.figures import Figure, table
from tests.village.valley import IDEAL, ORDERED, Valley
from tests.village.weather import Dice

LOUDSPEAKERS, CUTS = 1_000, 2
OFTEN, MOST_OFTEN, LATEST = 1.1, 1.5, 2
"""What comes for each byte that is needed: at most in the middle and in the worst place; and the time for it, in the
times that the bare bytes would take."""


def measure(loudspeakers: int = LOUDSPEAKERS, cuts: int = CUTS) -> Iterator[Figure]:
    """1.2 MB, wanted soon, over links of 128 kbit/s that are each cut now and then; nothing is noisy here."""
    valley = Valley(loudspeakers)
    [clip] = valley.air("tin", ORDERED + 50 * MINUTE)
    valley.cut_all(Dice("bench"), cuts)
    valley.run(ORDERED + 30 * MINUTE)
    times = valley.times_fetched()
    name = f"1.2 MB at {loudspeakers} on 128 kbit/s, {cuts} cuts each"
    yield Figure(f"{name}: fetched, median", median(times), "times", 1, OFTEN)
    yield Figure(f"{name}: fetched, worst", times[-1], "times", 1, MOST_OFTEN)
    ideal = IDEAL / 1000
    yield Figure(f"{name}: the last one", valley.last_whole(clip) / 1000, "s", ideal, LATEST * ideal)


if __name__ == "__main__":
    print(table(measure(*map(int, sys.argv[1:]))))
