"""A month of a province in which everything breaks: how often the cause chain names what did.

Imported by the bench command; `python -m tests.month` prints the whole table.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from schedules.clock import HOUR
from tests.bench.figures import Figure
from tests.month.__main__ import live
from tests.month.told import Told

WRONG, WRONG_OF_A_KIND, FALSE_ALARMS = 5, 15, 1
"""Per cent."""


def measure(loudspeakers: int = 3_000, days: int = 30, more: float = 1, look_every: int = 4 * HOUR) -> Iterator[Figure]:
    """Faults named wrongly, of all and of the kind that fares worst; healthy ones called unwell; what people are told."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="causes-") as folder:
        month = live(Path(folder), 1, loudspeakers, days, more, look_every)
        told = Told.of(month)
    verdicts = month.verdicts
    print(*verdicts.table(), *told.table(), sep="\n", flush=True)
    worst = min(verdicts.kinds(), key=verdicts.share)
    name = f"{len(month.faults)} faults of {loudspeakers} loudspeakers in {days} days"
    yield Figure(f"{name}, named wrongly", 100 * (1 - verdicts.share()), "%", None, WRONG)
    yield Figure(
        f"the same of the worst kind ({worst.value})", 100 * (1 - verdicts.share(worst)), "%", None, WRONG_OF_A_KIND
    )
    yield Figure("healthy ones called unwell", 100 * verdicts.false_alarms, "%", None, FALSE_ALARMS)
    yield Figure(
        "silences missed, told twice or without ground", told.missed + told.doubled + told.groundless, "", None, 0
    )
    yield Figure("a month lived through", time.perf_counter() - began, "s")
