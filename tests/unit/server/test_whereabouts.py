"""Tests of where areas stand on a map, and of the borders that somebody brings.

Nobody imports this module.
"""

import json
import math
from typing import Any

import pytest

from server import seed
from server.area import COMMUNE, HAMLET, LOUDSPEAKER, Area
from server.boundary import MOST_BYTES, BoundaryFault, Fault, read
from server.whereabouts import Spot, spots

XA, THON = (
    Area("xa-1", None, "/xa-1/", 0, COMMUNE, "Xã Một"),
    Area("thon-1", "xa-1", "/xa-1/thon-1/", 1, HAMLET, "Thôn Một"),
)
CENTRES = {"xa-1": (22.5, 104.0)}
SQUARE = [[104.0, 22.0], [104.1, 22.0], [104.1, 22.1], [104.0, 22.0]]


def loa(number: int, **more: Any) -> Area:
    id_ = f"loa-{number}"
    return Area(id_, "thon-1", f"/xa-1/thon-1/{id_}/", 2, LOUDSPEAKER, f"Loa {number}", **more)


def placed(areas: list[Area], *above: Area) -> dict[str, Spot]:
    return spots(areas, {a.id: a for a in (XA, THON, *above, *areas)}, CENTRES)


def test_what_nobody_has_measured_stands_in_rings_around_its_commune() -> None:
    found = placed([loa(n) for n in range(30)])
    assert not any(spot.exact for spot in found.values())
    assert len({(spot.lat, spot.lon) for spot in found.values()}) == 30
    far = [math.hypot(s.lat - 22.5, (s.lon - 104.0) * math.cos(math.radians(22.5))) for s in found.values()]
    assert far == pytest.approx([0.006] * 12 + [0.012] * 12 + [0.018] * 6, abs=1e-5)


def test_what_somebody_entered_counts_and_the_hamlet_s_before_the_commune_s() -> None:
    hamlet = Area("thon-1", "xa-1", "/xa-1/thon-1/", 1, HAMLET, "Thôn Một", lat=22.6, lon=104.2)
    found = placed([loa(1), loa(2, lat=22.7, lon=104.3)], hamlet)
    assert found["loa-2"] == Spot(22.7, 104.3, exact=True)
    assert abs(found["loa-1"].lat - 22.6) < 0.01
    assert placed([XA])["xa-1"] == Spot(22.5, 104.0, exact=False)


def test_what_nothing_is_known_of_is_not_on_the_map() -> None:
    assert spots([loa(1)], {"loa-1": loa(1)}, {}) == {}


def test_every_commune_of_the_province_has_its_middle_within_it() -> None:
    found = seed.centres()
    assert found.keys() == {id_ for id_, _ in seed.communes()}
    assert len(found) == 99
    assert all(21.3 < lat < 22.9 and 103.5 < lon < 105.2 for lat, lon in found.values())


def file(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def feature(kind: str = "Polygon", coordinates: Any = None, **properties: Any) -> dict[str, Any]:
    coordinates = [SQUARE] if coordinates is None else coordinates
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def test_a_border_is_an_area_s_by_code_or_name() -> None:
    for given in ({"code": "1"}, {"name": "Xã  Một"}, {"id": "xa-1"}):
        assert read(file(feature(**given)), [XA, THON]) == {"xa-1": [[(p[0], p[1]) for p in SQUARE]]}
    several = read(file(feature("MultiPolygon", [[SQUARE], [SQUARE]], code="1")), [XA])
    assert not isinstance(several, Fault)
    assert len(several["xa-1"]) == 2


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", BoundaryFault.no_geojson),
        (b"\xff\xfe", BoundaryFault.no_geojson),
        (b"[" * 100_000, BoundaryFault.no_geojson),
        (b"{}", BoundaryFault.no_geojson),
        (file(), BoundaryFault.no_geojson),
        (b" " * (MOST_BYTES + 1), BoundaryFault.too_large),
        (file(feature(code="1"), feature(code="1")), BoundaryFault.twice),
        (file(feature(code="2")), BoundaryFault.unknown_area),
        (file(feature()), BoundaryFault.unknown_area),
        (file(feature("Point", [104, 22], code="1")), BoundaryFault.no_polygon),
        (file(feature("Polygon", [], code="1")), BoundaryFault.no_polygon),
        (file(feature("Polygon", "x", code="1")), BoundaryFault.no_polygon),
        (file(feature("Polygon", [[["a", 1]] * 4], code="1")), BoundaryFault.no_polygon),
        (file(feature("Polygon", [[[True, 22.0]] * 4], code="1")), BoundaryFault.no_polygon),
        (file(feature("Polygon", [SQUARE[:3]], code="1")), BoundaryFault.open_ring),
        (file(feature("Polygon", [[*SQUARE[:3], [104.2, 22.2]]], code="1")), BoundaryFault.open_ring),
        (file(feature("Polygon", [[[500000.0, 2500000.0]] * 4], code="1")), BoundaryFault.elsewhere),
        (file(feature("Polygon", [[[22.0, 104.0]] * 4], code="1")), BoundaryFault.elsewhere),
        (file({"type": "Feature", "properties": None, "geometry": None}), BoundaryFault.no_polygon),
    ],
)
def test_a_file_with_anything_wrong_is_refused_whole(content: bytes, fault: BoundaryFault) -> None:
    found = read(content, [XA, THON])
    assert isinstance(found, Fault)
    assert found.fault is fault


def test_one_bad_feature_refuses_the_good_ones_and_is_named() -> None:
    found = read(file(feature(code="1"), feature(name="Xã Lạ")), [XA])
    assert found == Fault(BoundaryFault.unknown_area, "Xã Lạ")
