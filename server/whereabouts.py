"""Whereabouts: where areas stand on a map. Pure: what nobody has measured stands around the middle of its commune,
and is said to.

Imported by the use cases and tests.
"""

import math
from collections.abc import Iterable, Mapping

import msgspec

from server.area import COMMUNE, Area

Point = tuple[float, float]
"""Degrees: latitude, longitude."""
_RING = 0.006
"""Degrees from the middle to the first ring, about 600 m: as far as a commune's centre reaches."""
_ON_RING = 12


class Spot(msgspec.Struct, frozen=True):
    """`exact`: somebody has entered it, for the area itself; otherwise it is only near."""

    lat: float
    lon: float
    exact: bool


def spots(areas: Iterable[Area], known: Mapping[str, Area], centres: Mapping[str, Point]) -> dict[str, Spot]:
    """Where these areas stand, by id; without those of which nothing is known. `known`: them and all above them;
    `centres`: of communes, as they came with the program."""
    found: dict[str, Spot] = {}
    around: dict[Point, int] = {}
    for area in areas:
        own = (area.lat, area.lon) if area.lat is not None and area.lon is not None else None
        if own is not None:
            found[area.id] = Spot(*own, exact=True)
            continue
        middle = _middle(area, known, centres)
        if middle is None:
            continue
        if area.level == COMMUNE:
            found[area.id] = Spot(*middle, exact=False)
            continue
        around[middle] = around.get(middle, 0) + 1
        found[area.id] = Spot(*_on_ring(middle, around[middle] - 1), exact=False)
    return found


def _middle(area: Area, known: Mapping[str, Area], centres: Mapping[str, Point]) -> Point | None:
    """The nearest of the areas above, or itself, of which somebody has said where it is; else its commune's centre."""
    for id_ in reversed(area.ids):
        above = known.get(id_)
        if above is not None and above.lat is not None and above.lon is not None:
            return above.lat, above.lon
        if id_ in centres:
            return centres[id_]
    return None


def _on_ring(middle: Point, number: int) -> Point:
    """The place of this number around a middle: rings of twelve, each further out."""
    ring, place = divmod(number, _ON_RING)
    angle = 2 * math.pi * (place + 0.5 * (ring % 2)) / _ON_RING
    far = _RING * (ring + 1)
    wide = far / max(math.cos(math.radians(middle[0])), 0.1)
    return round(middle[0] + far * math.cos(angle), 6), round(middle[1] + wide * math.sin(angle), 6)
