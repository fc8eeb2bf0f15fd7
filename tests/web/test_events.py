"""What happened, for programs: by cursor, and in the description.

Imported by pytest alone.
"""

from urllib.parse import quote

from server.happening import About, Happening, HappeningKind
from tests.web.stage import House
from tests.web.test_api import COMMUNE, OTHER, Program, make


def test_a_program_reads_what_happened_in_its_own_area_by_cursor(house: House) -> None:
    with house.stores.open() as store:
        paths = [store.areas.named([id_])[id_].path for id_ in (COMMUNE, OTHER)]
        for n, path in enumerate((*paths, paths[0])):
            about = About(f"ps-{n}", "bt", f"Bản tin {n}", "ordinary", path, (path,))
            store.happenings.add(Happening(f"k{n}", HappeningKind.approved, house.clock.now, about))
    program = Program(house, make(house, "read"))
    first = program.get("/events?limit=1").json()
    assert [each["broadcast"]["title"] for each in first["items"]] == ["Bản tin 0"]
    assert (first["more"], first["lost"]) == (True, False)
    second = program.get(f"/events?cursor={first['next']}").json()
    assert [each["broadcast"]["title"] for each in second["items"]] == ["Bản tin 2"]
    assert not second["more"]
    assert program.get(f"/events?cursor={second['next']}").json()["items"] == []
    assert program.get("/events?kind=emergency.issued").json()["items"] == []
    assert program.get(f"/events?area={OTHER}").status_code == 404
    for wrong in ("x", "-1", "9" * 20, "1e3", "²"):
        assert program.get(f"/events?cursor={quote(wrong)}").status_code == 422, wrong
    assert program.get("/events?kind=nothing").status_code == 422
    with house.stores.open() as store:
        store.happenings.forget(house.clock.now + 1)
        store.happenings.add(Happening("k9", HappeningKind.approved, house.clock.now + 1, about))
    assert program.get(f"/events?cursor={first['next']}").json()["lost"] is True


def test_what_webhooks_bring_is_described_for_programs_and_for_people(house: House) -> None:
    told = house.anonymous().get("/api/1/openapi.json").json()
    assert set(told["webhooks"]) == {kind.value for kind in HappeningKind}
    for call in told["webhooks"].values():
        body = call["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert body["$ref"].rpartition("/")[2] in told["components"]["schemas"]
    page = house.anonymous().get("/api/1").text
    assert "Một lượt phát đã phát ra loa" in page
    assert "Loaban-Signature" in page
