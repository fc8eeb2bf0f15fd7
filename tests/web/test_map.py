"""The map as data: who sees which marks, in words as well; where a place stands; borders that an administrator brings.

Imported by pytest alone.
"""

import json

from schedules.clock import HOUR, ClockTrust
from schedules.wire import Status
from server import oversight
from tests.web.stage import NOON, House, text_of

COMMUNE = "xa-02701"
SQUARE = [[103.6, 22.6], [103.7, 22.6], [103.7, 22.7], [103.6, 22.6]]


def border(**named: str) -> bytes:
    feature = {"type": "Feature", "properties": named, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def test_each_mark_has_a_shape_and_words_beside_its_colour(house: House) -> None:
    with house.stores.open() as store:
        for device, ago in (("loa-mau-1", 0), ("loa-mau-2", 5 * HOUR)):
            status = Status(True, "j", run="r", link=1, number=1, trust=ClockTrust.ntp)
            oversight.file_status(store, device, status, NOON - ago)
    found = house.somebody("bientap").get("/ban-do.json").json()
    marks = {mark["id"]: mark for mark in found["marks"]}
    assert {id_: (m["state"], m["shape"]) for id_, m in marks.items()}.items() >= {
        "loa-mau-1": ("well", "✓"),
        "loa-mau-2": ("lost", "✗"),
        "loa-mau-3": ("never", "?"),
    }.items()
    assert "Mất kết nối" in marks["loa-mau-2"]["said"]
    assert "vị trí gần đúng" in marks["loa-mau-2"]["said"]
    assert marks["loa-mau-2"]["href"] == "/loa/loa-mau-2"
    assert sorted((label["name"] for label in found["labels"]), reverse=True) == ["Xã Y Tý", "Xã Tả Phìn"]
    assert found["note"] == ""


def test_nobody_sees_marks_of_elsewhere(house: House) -> None:
    ours = house.somebody("bientap").get(f"/ban-do.json?khu_vuc={COMMUNE}").json()
    assert {mark["id"] for mark in ours["marks"]} == {"loa-mau-1", "loa-mau-2", "loa-mau-3"}
    with house.stores.open() as store:
        store.staff.add("khach", "khach", "Khách", "plain:x")
    assert house.somebody("khach").get("/ban-do.json").json()["marks"] == []
    assert house.anonymous().get("/ban-do.json").status_code == 303


def test_places_can_be_chosen_by_what_the_list_says(house: House) -> None:
    editor = house.somebody("bientap")
    marks = {mark["id"]: mark for mark in editor.get("/ban-do/noi.json").json()["marks"]}
    assert marks[COMMUNE]["at"] == [22.6307, 103.625] or marks[COMMUNE]["at"][0] > 22
    assert {"thon-mau-trung-tam", "loa-mau-1"} <= marks.keys()
    assert not marks[COMMUNE]["href"]


def test_a_hamlet_s_coordinates_move_its_loudspeakers(house: House) -> None:
    keeper = house.somebody("quantri")
    path = "/vi-tri/thon-mau-trung-tam"
    assert keeper.post(path, data={"lat": "22.7", "lon": ""}).status_code == 422
    assert keeper.post(path, data={"lat": "22.70000", "lon": "103,60000"}).status_code == 303
    assert 'value="22.7"' in keeper.get(path).text
    marks = {mark["id"]: mark["at"] for mark in keeper.get("/ban-do.json").json()["marks"]}
    assert abs(marks["loa-mau-1"][0] - 22.7) < 0.01
    assert house.somebody("bientap").post(path, data={"lat": "22.7", "lon": "103.6"}).status_code == 403


def test_borders_are_taken_whole_or_not_at_all(house: House) -> None:
    keeper = house.somebody("quantri")
    for content, words in (
        (b"{}", "Đây không phải tệp GeoJSON"),
        (border(code="99999"), "“99999” không thuộc khu vực"),
    ):
        answer = keeper.post("/ban-do/ranh-gioi", files={"file": ("a.geojson", content)})
        assert answer.status_code == 422
        assert words in text_of(answer.text)
    assert keeper.get("/ban-do.json").json()["borders"] == []
    answer = keeper.post("/ban-do/ranh-gioi", files={"file": ("a.geojson", border(code="02701"))})
    assert answer.headers["location"] == "/ban-do/ranh-gioi?nhan=1"
    assert "Xã Y Tý" in text_of(keeper.get("/ban-do/ranh-gioi").text)
    assert house.somebody("bientap").get("/ban-do.json").json()["borders"] == [[SQUARE]]
    assert keeper.post("/ban-do/ranh-gioi").status_code == 422
    refused = house.somebody("bientap").post("/ban-do/ranh-gioi", files={"file": ("a", border(code="02701"))})
    assert refused.status_code == 403


def test_the_map_weighs_nothing_until_somebody_asks_for_it(house: House) -> None:
    page = house.somebody("bientap").get("/loa").text
    assert 'src="' in page
    assert "leaflet" not in page.replace("data-leaflet", "").replace("vendor/leaflet", "")
    assert '<p class="buttons" hidden>' in page, "without scripts there is no button that does nothing"
