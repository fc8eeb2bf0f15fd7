"""How long it takes to plan a day of a whole province: every play at every loudspeaker as a row of the log.

Imported by the bench command; `python -m tests.bench.planning` prints the table.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from schedules.clock import HOUR, MINUTE
from server import programmes, system_clock
from tests.bench import province
from tests.bench.figures import Figure, table

LOUDSPEAKERS, PLAYS, WITHIN_S = 3_000, 15, 5


def measure(loudspeakers: int = LOUDSPEAKERS, plays: int = PLAYS) -> Iterator[Figure]:
    """So many broadcasts to all of them, on one day; then once more, with nothing left to do."""
    with tempfile.TemporaryDirectory(prefix="planning-") as folder:
        now = system_clock.utc_ms()
        database = Path(folder) / "province.db"
        province.settle_province(database, loudspeakers, now)
        stores, start = province.stores_of(database), province.five_oclock(now)
        for number in range(plays):
            at = start + number // 3 * 3 * HOUR + number % 3 * 5 * MINUTE
            province.air(stores, province.made_up(), ["tinh-lao-cai"], at, now)
        took = []
        for _ in range(2):
            began = time.perf_counter()
            with stores.open() as store:
                programmes.bring_up_to_date(store, now)
            took.append(time.perf_counter() - began)
        with stores.open() as store:
            planned = len(store.logbook.expected_after(now))
        if planned < loudspeakers * plays:
            raise AssertionError(f"{planned} plays of {loudspeakers * plays} were planned")
    yield Figure(f"{planned} plays of a day planned at {loudspeakers} loudspeakers", took[0], "s", took[1], WITHIN_S)


if __name__ == "__main__":
    print(table(measure()))
