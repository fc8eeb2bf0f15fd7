"""The picture of a sound: how loud it is from beginning to end, as an SVG of a few kilobytes. Pure.

Imported by mastering and tests. Who looks at it sees at once whether it is silent, cut off, or half as long as it
should be.
"""

import array
import itertools

COLUMNS, HEIGHT = 240, 60
_LOOKED_AT = 4
"""Every fourth sample is enough: a picture shows no clicks."""
_FULL = 32_768
_COLOUR = "#4a86c5"


def outline(samples: "array.array[int]", columns: int = COLUMNS) -> tuple[float, ...]:
    """The highest sample of each column, 0 to 1."""
    if not samples:
        return (0.0,) * columns
    edges = [len(samples) * n // columns for n in range(columns + 1)]
    looked_at = samples if len(samples) < columns * _LOOKED_AT * 2 else samples[::_LOOKED_AT]
    if looked_at is not samples:
        edges = [edge // _LOOKED_AT for edge in edges]
    parts = (looked_at[begin : max(end, begin + 1)] for begin, end in itertools.pairwise(edges))
    return tuple(max(max(part, default=0), -min(part, default=0)) / _FULL for part in parts)


def drawn(samples: "array.array[int]") -> str:
    """The picture."""
    middle = HEIGHT / 2
    lines = "".join(
        f"M{n + 0.5:g} {middle - peak * middle:.1f}V{middle + peak * middle:.1f}"
        for n, peak in enumerate(max(peak, 0.01) for peak in outline(samples))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS} {HEIGHT}" preserveAspectRatio="none">'
        f'<path d="{lines}" stroke="{_COLOUR}" stroke-width="0.8" fill="none"/></svg>\n'
    )
