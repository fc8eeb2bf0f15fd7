"""The pages "Giờ và giới hạn": what holds, how it is set, and that two people must agree to what loosens it.

Imported by pytest alone.
"""

import re

import pytest
from starlette.testclient import TestClient

from schedules.clock import MINUTE
from server.access import Role
from tests.web.stage import House

HAMLET = "/gioi-han/thon-mau-ta-chai"
OWN = {"quiet": "own", "quiet_from": "21:00", "quiet_to": "05:30", "ceiling": "inherit"}


@pytest.fixture(autouse=True)
def _two_administrators(house: House) -> None:
    for name in ("quantri1", "quantri2"):
        house.grant(name, "tinh-lao-cai", Role.administrator)


def longest(house: House) -> int | None:
    with house.stores.open() as store:
        area = store.areas.find("thon-mau-ta-chai")
        assert area is not None
        return area.settings.longest_ms


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found is not None
    return found[1]


def test_a_stricter_wish_holds_at_once_and_the_page_says_so(house: House) -> None:
    one = house.somebody("quantri1")
    answer = one.post(HAMLET, data={**OWN, "longest": "20"})
    assert answer.headers["location"] == f"{HAMLET}?cho=0"
    page = one.get(answer.headers["location"]).text
    assert "Đã có hiệu lực" in page
    assert "21:00–05:30" in page
    assert "20 phút" in page
    assert longest(house) == 20 * MINUTE


def test_a_looser_wish_waits_until_another_administrator_has_seen_and_confirmed_it(house: House) -> None:
    one, other = house.somebody("quantri1"), house.somebody("quantri2")
    one.post(HAMLET, data={**OWN, "longest": "20"})
    answer = one.post(HAMLET, data={**OWN, "longest": "45"})
    assert answer.headers["location"] == f"{HAMLET}?cho=1"
    page = one.get(answer.headers["location"]).text
    assert "chờ quản trị viên khác xác nhận" in page
    assert "Rút đề xuất" in page
    assert ">Xác nhận<" not in page
    assert "1 đề xuất chờ xác nhận" in other.get("/gioi-han").text
    waiting = other.get("/cho-xac-nhan").text
    assert "20 phút → <strong>45 phút</strong>" in waiting
    assert "đề xuất lúc" in waiting
    path = re.search(r'action="(/cho-xac-nhan/\d+/xac-nhan)"', waiting)
    assert path is not None
    assert one.post(path[1], data={"seen": seen_in(waiting)}).status_code == 403
    assert other.post(path[1], data={"seen": "x"}).status_code == 409
    house.clock.now += 6 * MINUTE
    assert "xac_nhan_bang" in other.post(path[1], data={"seen": seen_in(waiting)}).text, "who are you, again?"
    assert longest(house) == 20 * MINUTE
    other = house.somebody("quantri2")
    assert other.post(path[1], data={"seen": seen_in(waiting)}).status_code == 303
    assert longest(house) == 45 * MINUTE
    assert "Không có đề xuất nào" in other.get("/cho-xac-nhan").text


def test_a_proposal_can_be_refused(house: House) -> None:
    one, other = house.somebody("quantri1"), house.somebody("quantri2")
    one.post(HAMLET, data={**OWN, "longest": "20"})
    one.post(HAMLET, data={**OWN, "longest": "0"})
    path = re.search(r'action="(/cho-xac-nhan/\d+/khong)"', other.get("/cho-xac-nhan").text)
    assert path is not None
    assert other.post(path[1]).headers["location"] == "/cho-xac-nhan"
    assert other.post(path[1]).status_code == 409
    assert longest(house) == 20 * MINUTE


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"quiet": "own", "quiet_from": "25:00"}, "hai mốc giờ"),
        ({"quiet": "x"}, "hai mốc giờ"),
        ({"ceiling": "own", "ceiling_from": ["06:00"], "ceiling_percent": ["200"]}, "số phần trăm"),
        ({"ceiling": "own"}, "số phần trăm"),
        ({"longest": "1441"}, "nhiều nhất 1440"),
        ({"rest": "nhiều"}, "nhiều nhất 120"),
        ({"daily": "-5"}, "nhiều nhất 1440"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field_and_changes_nothing(
    house: House, typed: dict[str, object], words: str
) -> None:
    answer = house.somebody("quantri1").post(HAMLET, data={"quiet": "inherit", "ceiling": "inherit", **typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text or "ceiling" in typed
    with house.stores.open() as store:
        assert all(line.act != "guards" for line in store.trail.lines())


def test_a_ceiling_is_typed_line_by_line(house: House) -> None:
    one = house.somebody("quantri1")
    lines = {"ceiling": "own", "ceiling_from": ["21:00", "06h00", ""], "ceiling_percent": ["40", "90 %", ""]}
    assert one.post(HAMLET, data={"quiet": "inherit", **lines}).status_code == 303
    page = one.get(HAMLET).text
    assert "từ 06:00: 90 %; từ 21:00: 40 %" in page
    assert 'value="06:00"' in page


def test_who_may_see_an_area_sees_its_guards_and_cannot_set_them(house: House, editor: TestClient) -> None:
    page = editor.get(HAMLET).text
    assert "Đang áp dụng ở đây" in page
    assert "<h2>Đặt cho khu vực này" not in page
    assert editor.post(HAMLET, data=OWN).status_code == 403
    assert "Chỉ quản trị viên" in editor.get("/cho-xac-nhan").text
    assert 'href="/gioi-han"' not in editor.get("/").text
    assert house.somebody("huyenbatxat").get(HAMLET).status_code == 404
    assert house.anonymous().get(HAMLET).status_code == 303
    for number in ("0", "x", "9" * 30):
        assert house.somebody("quantri1").post(f"/cho-xac-nhan/{number}/khong").status_code == 404


def test_the_preview_says_which_guard_keeps_a_bulletin_silent(house: House) -> None:
    one = house.somebody("quantri1")
    one.post(HAMLET, data={"quiet": "inherit", "ceiling": "inherit", "rest": "120"})
    start = house.clock.now + 30 * MINUTE
    for n, title in enumerate(("Bản một", "Bản hai")):
        house.approve(house.write(title, at=start + n * 5 * MINUTE))
    page = house.somebody("bientap").get("/nghe/thon-mau-ta-chai?ngay=04/12/2026").text
    assert "phải có khoảng nghỉ đã đặt cho khu vực" in page
