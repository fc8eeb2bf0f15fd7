"""Legal holds, as an administrator clicks them.

Imported by pytest alone.
"""

import re

import pytest
from starlette.testclient import TestClient

from tests.web.stage import House, text_of


@pytest.fixture
def administrator(house: House) -> TestClient:
    return house.somebody("quantri")


def test_an_area_and_a_bulletin_are_held_and_let_go(house: House, administrator: TestClient) -> None:
    broadcast = house.write("Họp thôn")
    page = administrator.get(f"/ban-tin/{broadcast}").text
    bulletin = re.search(r'name="bulletin" value="([\w-]+)"', page)
    assert bulletin
    assert "Chưa giữ gì." in text_of(administrator.get("/luu-giu").text)
    for held in ({"area": "thon-mau-ta-chai"}, {"bulletin": bulletin[1]}):
        empty = administrator.post("/luu-giu", data={**held, "reason": "  "})
        assert empty.status_code == 422
        assert "Vui lòng ghi lý do giữ lại" in empty.text
        assert administrator.post("/luu-giu", data={**held, "reason": "Công văn 12 <b>"}).status_code == 303
    said = administrator.get("/luu-giu").text
    assert "Công văn 12 &lt;b&gt;" in said
    assert "Thôn Tả Chải (mẫu) địa bàn" in text_of(said)
    assert "Họp thôn bản tin" in text_of(said)
    for address in re.findall(r'action="(/luu-giu/[\w-]+/bo)"', said):
        assert administrator.post(address).status_code == 303
        assert administrator.post(address).status_code == 409
    assert "Chưa giữ gì." in text_of(administrator.get("/luu-giu").text)


@pytest.mark.parametrize("who", ["bientap", "pheduyet", "tinh"])
def test_nobody_else_does(house: House, administrator: TestClient, who: str) -> None:
    broadcast = house.write()
    administrator.post("/luu-giu", data={"area": "thon-mau-ta-chai", "reason": "x"})
    [address] = re.findall(r'action="(/luu-giu/[\w-]+/bo)"', administrator.get("/luu-giu").text)
    browser = house.somebody(who)
    assert browser.get("/luu-giu").status_code == 403
    assert browser.post("/luu-giu", data={"area": "thon-mau-ta-chai", "reason": "x"}).status_code == 403
    assert browser.post(address).status_code == 403
    assert "luu-giu" not in browser.get(f"/ban-tin/{broadcast}").text


def test_a_sound_whose_time_is_over_is_said_and_not_offered(house: House, approver: TestClient) -> None:
    broadcast = house.write()
    for name in house.archive.kept():
        house.archive.remove(name)
    page = approver.get(f"/ban-tin/{broadcast}").text
    assert "<audio" not in page
    assert "Âm thanh không còn được lưu" in text_of(page)
