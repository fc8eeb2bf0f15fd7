"""Boundary: borders of areas as somebody brings them, a GeoJSON file. Pure: what of it is taken, and why it is refused.

Imported by the use cases and the web. Nothing is taken of a file in which anything is wrong.
"""

import enum
import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from server.area import Area

MOST_BYTES = 900_000
MOST_POINTS = 40_000
MOST_FEATURES = 400
_SOUTH, _NORTH, _WEST, _EAST = 8.0, 24.0, 102.0, 110.0
_FEWEST = 4
"""Points of a ring: a triangle, and its first one again."""
Ring = list[tuple[float, float]]
"""Points, longitude before latitude, the first one again at the end."""


class BoundaryFault(enum.Enum):
    """Why a file is refused."""

    too_large = "too_large"
    no_geojson = "no_geojson"
    no_polygon = "no_polygon"
    open_ring = "open_ring"
    elsewhere = "elsewhere"  # outside the province's degrees: most likely another projection
    unknown_area = "unknown_area"
    twice = "twice"


class Fault(msgspec.Struct, frozen=True):
    """`about`: which feature, by the name or number that it gives itself."""

    fault: BoundaryFault
    about: str = ""


def read(content: bytes, areas: Iterable[Area]) -> dict[str, list[Ring]] | Fault:
    """The borders by area id. A feature is an area's by its `id`, `code` or `name`; only these `areas` are known."""
    if len(content) > MOST_BYTES:
        return Fault(BoundaryFault.too_large)
    try:
        found: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Fault(BoundaryFault.no_geojson)
    features = found.get("features") if isinstance(found, dict) and found.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not features or len(features) > MOST_FEATURES:
        return Fault(BoundaryFault.no_geojson)
    known = _by_name(areas)
    borders: dict[str, list[Ring]] = {}
    points = 0
    for number, feature in enumerate(features, 1):
        area, about = _area_of(feature, known, number)
        rings = _rings_of(feature)
        if isinstance(rings, BoundaryFault):
            return Fault(rings, about)
        if area is None:
            return Fault(BoundaryFault.unknown_area, about)
        if area in borders:
            return Fault(BoundaryFault.twice, about)
        points += sum(map(len, rings))
        if points > MOST_POINTS:
            return Fault(BoundaryFault.too_large, about)
        borders[area] = rings
    return borders


def _by_name(areas: Iterable[Area]) -> dict[str, str]:
    """Ids by what a file may call an area: its id, its code (`xa-` before it), its name if only one has it."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for area in areas:
        found[area.id] = area.id
        found[area.id.removeprefix("xa-")] = area.id
        twice |= {area.name} & found.keys()
        found[area.name] = area.id
    return {name: id_ for name, id_ in found.items() if name not in twice}


def _area_of(feature: Any, known: dict[str, str], number: int) -> tuple[str | None, str]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    given = properties if isinstance(properties, dict) else {}
    names = [" ".join(str(given[key]).split()) for key in ("id", "code", "name") if isinstance(given.get(key), str)]
    about = (names[-1] if names else f"{number}")[:80]
    return next((known[name] for name in names if name in known), None), about


def _rings_of(feature: Any) -> list[Ring] | BoundaryFault:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind if isinstance(kind, str) else "")
    if not isinstance(polygons, list) or not polygons:
        return BoundaryFault.no_polygon
    rings: list[Ring] = []
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            return BoundaryFault.no_polygon
        for given in polygon:
            ring = _ring_of(given)
            if isinstance(ring, BoundaryFault):
                return ring
            rings.append(ring)
    return rings


def _ring_of(given: Any) -> Ring | BoundaryFault:
    if not isinstance(given, list) or len(given) < _FEWEST:
        return BoundaryFault.open_ring
    if not all(map(_is_point, given)):
        return BoundaryFault.no_polygon
    if any(not (_WEST <= p[0] <= _EAST and _SOUTH <= p[1] <= _NORTH) for p in given):
        return BoundaryFault.elsewhere
    ring = [(round(p[0], 5), round(p[1], 5)) for p in given]
    return ring if ring[0] == ring[-1] else BoundaryFault.open_ring


def _is_point(given: Any) -> bool:
    numbers = isinstance(given, Sequence) and not isinstance(given, str) and 2 <= len(given) <= 3
    return numbers and all(
        isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in given[:2]
    )
