"""The pages "Lịch phát": what sounds on which day, what will be silent and why, what waits, by sun and moon.

Imported by pytest alone.
"""

import re
from datetime import date

import pytest

from schedules.clock import DAY, HOUR, MINUTE, at_civil, civil_day
from schedules.programme import BroadcastClass
from schedules.suspension import Suspension
from server import suspending
from server.access import Role
from tests.web.stage import House, text_of

EVERYWHERE = ("xa-03013", "xa-02701")


@pytest.fixture(autouse=True)
def _people(house: House) -> None:
    house.grant("viet", "tinh-lao-cai", Role.approver)
    house.grant("noikhac", "xa-02647", Role.approver)


def day_of(page: str, day: date) -> str:
    """What stands in the week's page on a day."""
    sections = re.split(r'<section class="card day', page)[1:]
    return next(text_of(each) for each in sections if f"{day:%d/%m}" in text_of(each))


def test_a_week_shows_what_sounds_when_where_and_in_which_languages(house: House) -> None:
    at = house.clock.now + HOUR
    house.approve(house.write("Họp thôn", at=at, targets=EVERYWHERE, languages=("vi", "mww")))
    waits = house.write("Tiêm phòng", at=at + DAY, targets=EVERYWHERE)
    page = house.somebody("viet").get("/lich-phat").text
    today = day_of(page, civil_day(at))
    assert "Họp thôn" in today
    assert "Tiếng Việt, Mông (Trắng)" in today
    assert "và 1 nơi khác" in today
    assert "hôm nay" in today
    tomorrow = day_of(page, civil_day(at + DAY))
    assert "Tiêm phòng chờ phê duyệt" in tomorrow
    assert f'href="/ban-tin/{waits}"' in page


def test_what_will_be_silent_or_late_says_why(house: House) -> None:
    at = house.clock.now + HOUR
    house.approve(house.write("Khai trường", at=at, targets=EVERYWHERE))
    house.approve(house.write("Ưu tiên của xã", at=at, targets=EVERYWHERE, klass=BroadcastClass.priority))
    house.approve(house.write("Trong tuần thi", at=at + 2 * DAY, targets=EVERYWHERE))
    exams = civil_day(at + 2 * DAY)
    with house.stores.open() as store:
        person = store.staff.person("viet", house.clock.now)
        assert person is not None
        suspending.suspend(store, person, "tinh-lao-cai", Suspension("Tuần thi", exams, exams), house.clock.now)
        area = store.areas.find("tinh-lao-cai")
        assert area is not None
    house.follow()
    page = house.somebody("viet").get("/lich-phat").text
    later = day_of(page, civil_day(at))
    assert "“Ưu tiên của xã”" in later
    silent = day_of(house.somebody("viet").get(f"/lich-phat?ngay={exams:%d/%m/%Y}").text, exams)
    assert "Tạm ngừng: Tuần thi (cả ngày)" in silent
    assert "không phát: Ngày này nơi đây tạm ngừng phát." in silent


def test_a_month_shows_the_days_of_the_moon_and_counts(house: House) -> None:
    house.approve(house.write("Họp thôn", at=at_civil(date(2026, 12, 9), 17 * 60), targets=EVERYWHERE))
    page = text_of(house.somebody("viet").get("/lich-phat/thang?ngay=15/12/2026").text)
    assert "tháng 12/2026" in page
    assert "09/12 1/11 âm lịch 1 lượt phát 17:00 Họp thôn" in page


def test_others_see_what_is_theirs_alone(house: House) -> None:
    at = house.clock.now + 5 * MINUTE
    house.approve(house.write("Chuyện của Tả Phìn", at=at, targets=("thon-mau-ta-chai",)))
    assert "Chuyện của Tả Phìn" not in house.somebody("noikhac").get("/lich-phat").text
    stranger = house.somebody("noikhac").get("/lich-phat?khu_vuc=thon-mau-ta-chai")
    assert stranger.status_code == 404
    assert "Chuyện của Tả Phìn" in house.somebody("viet").get("/lich-phat?khu_vuc=thon-mau-ta-chai").text


@pytest.mark.parametrize("typed", ["", "31/02/2026", "x", "01/01/1950", "31/12/2500", "31/12/9999", "01/01/0001"])
def test_any_day_that_is_typed_gives_a_page(house: House, typed: str) -> None:
    for address in ("/lich-phat", "/lich-phat/thang"):
        assert house.somebody("viet").get(address, params={"ngay": typed}).status_code == 200


def test_what_is_silent_in_one_hamlet_and_sounds_in_another_is_not_told_as_silent(house: House) -> None:
    at = house.clock.now + HOUR
    day = civil_day(at)
    house.approve(house.write("Họp xã", at=at, targets=EVERYWHERE))
    with house.stores.open() as store:
        person = house.person(store, "viet")
        suspending.suspend(store, person, "thon-mau-ta-chai", Suspension("Tang lễ", day, day), house.clock.now)
    house.follow()
    leader = house.somebody("viet")
    assert "không phát" not in day_of(leader.get("/lich-phat").text, day)
    assert "không phát" in day_of(leader.get("/lich-phat?khu_vuc=thon-mau-ta-chai").text, day)
