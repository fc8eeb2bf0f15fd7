"""One measured figure, and how a table of them is printed.

Imported by every measurement.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Figure(NamedTuple):
    """`floor`: the same thing done by the ordinary means, measured in the same run; `limit`: what it may be at
    most. None where there is none."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    limit: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.limit is None or self.value <= self.limit


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed; not a number of no values."""
    if not values:
        return math.nan
    return sorted(values)[max(math.ceil(len(values) * percent / 100) - 1, 0)]


def table(figures: Iterable[Figure]) -> str:
    """The figures in lines for a person."""
    rows = [("figure", "value", "floor", "limit", "")]
    for figure in figures:
        limit = "" if figure.limit is None else f"≤ {figure.limit:g} {figure.unit}"
        floor = "" if figure.floor is None else f"{figure.floor:.2f} {figure.unit}"
        verdict = "" if figure.limit is None else "holds" if figure.holds else "BROKEN"
        rows.append((figure.name, f"{figure.value:.2f} {figure.unit}", floor, limit, verdict))
    widths = [max(len(row[n]) for row in rows) for n in range(5)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
