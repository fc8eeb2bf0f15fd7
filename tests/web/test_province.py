"""The same pages for a whole province: still light, and everything still within reach.

Imported by pytest alone.
"""

import re

import pytest
from starlette.testclient import TestClient

from server.web.places import LINES, MOST
from tests.web.stage import HAMLETS, House, fill_province, text_of
from tests.web.test_composing import GOOD, Form
from tests.web.test_markup import LATER_PAGE, PAGES, weight

LOUDSPEAKERS = 99 * HAMLETS + 6


@pytest.fixture
def province(house: House) -> House:
    """Every commune with hamlets and loudspeakers, and somebody who writes for the whole province."""
    fill_province(house)
    return house


@pytest.fixture
def writer(province: House) -> TestClient:
    return province.somebody("tinhvan")


def test_every_page_stays_light(province: House, writer: TestClient) -> None:
    assert {path: size for path in PAGES if (size := weight(writer, path)) > LATER_PAGE} == {}


def test_nobody_speaks_to_a_whole_province_by_leaving_things_as_they_are(writer: TestClient) -> None:
    assert "targets" not in Form(writer.get("/ban-tin/soan").text).fields


def test_hamlets_are_shown_for_a_chosen_commune_and_what_is_ticked_stays(province: House, writer: TestClient) -> None:
    page = writer.get("/ban-tin/soan").text
    assert page.count('name="targets"') < MOST
    assert "thon-mau-ta-chai" not in page
    with province.stores.open() as store:
        commune = next(a for a in store.areas.below(["/tinh-lao-cai/"], "commune") if a.name == "Xã Tả Phìn")
    ticked = {**GOOD, "targets": ["thon-mau-sim-san"], "title": "Chưa xong", "within": commune.id, "action": "places"}
    answer = writer.post("/ban-tin/soan", data=ticked)
    form = Form(answer.text)
    assert answer.status_code == 200
    assert 'value="thon-mau-ta-chai"' in answer.text
    assert form.fields["targets"] == ["thon-mau-sim-san"]
    assert form.fields["title"] == ["Chưa xong"]
    assert form.messages == {}
    assert writer.post("/ban-tin/soan", data={**GOOD, "targets": ["thon-mau-ta-chai"]}).status_code == 303


def test_long_lists_come_in_pages(province: House, writer: TestClient) -> None:
    for path in ("/loa", "/nghe"):
        seen: list[str] = []
        address = path
        while address:
            page = writer.get(address).text
            assert page.count("Thôn") <= 2 * LINES
            seen += re.findall(r'data-head="Loa">(.*?)</td>', page) + re.findall(r'href="/nghe/([\w-]+)"', page)
            after = re.search(r'href="(\?[^"]*)">Trang sau', page)
            address = path + after[1].replace("&amp;", "&") if after else ""
        assert len(seen) == len(set(seen)) == LOUDSPEAKERS, path
        assert f"101–200 trong {LOUDSPEAKERS}" in text_of(writer.get(f"{path}?trang=1").text)
        assert writer.get(f"{path}?trang=-1&khu_vuc=%00").status_code == 200
        assert writer.get(f"{path}?trang=99999").status_code == 200


def test_long_lists_are_narrowed_by_area_by_name_and_by_what_is_silent(province: House, writer: TestClient) -> None:
    assert text_of(writer.get("/loa?khu_vuc=thon-mau-ta-chai").text).count("Loa mẫu số") == 1
    assert text_of(writer.get("/loa?tim=ta+chai").text).count("Loa mẫu số") == 1
    assert text_of(writer.get("/nghe?tim=TẢ+CHẢI").text).count("Tả Chải (mẫu)") == 1
    assert "Loa mẫu số 6" in writer.get("/loa?tim=ta+chai&mat=1").text
    assert f"Xem cả {LOUDSPEAKERS} loa mất kết nối" in text_of(writer.get("/").text)
