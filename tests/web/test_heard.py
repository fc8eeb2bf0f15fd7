"""The page "Thôn nghe gì": a day, the next 24 hours, a week; what waits stands apart.

Imported by pytest alone.
"""

from schedules.clock import DAY, HOUR, civil_day
from schedules.suspension import Suspension
from server import suspending
from server.access import Role
from server.area import Area
from tests.web.stage import NOON, House, text_of

PLACE = "/nghe/thon-mau-ta-chai"


def test_the_next_24_hours_reach_into_tomorrow_and_no_further(house: House) -> None:
    house.approve(house.write("Chiều nay", at=NOON + 5 * HOUR, languages=("vi", "mww")))
    house.approve(house.write("Sáng mai", at=NOON + 17 * HOUR))
    house.approve(house.write("Chiều mai", at=NOON + 29 * HOUR))
    page = house.somebody("bientap").get(f"{PLACE}?xem=24").text
    said = text_of(page)
    assert "Thôn Tả Chải (mẫu) nghe gì trong 24 giờ tới" in said
    assert said.index("Thứ Sáu 04/12/2026") < said.index("Chiều nay") < said.index("Thứ Bảy 05/12/2026")
    assert said.index("Thứ Bảy 05/12/2026") < said.index("Sáng mai")
    assert "Chiều mai" not in said
    assert page.count("<audio") >= 3, "each with its sounds"
    assert 'href="/lich-phat"' in page, "the way to other pages stays"
    assert "26/10 âm lịch" in said


def test_a_week_has_seven_days_and_says_why_one_is_silent(house: House) -> None:
    house.approve(house.write("Họp thôn", at=NOON + 2 * DAY))
    house.approve(house.write("Tiêm phòng", at=NOON + 6 * DAY))
    house.approve(house.write("Quá xa", at=NOON + 7 * DAY))
    exams = civil_day(NOON + 2 * DAY)
    house.grant("viet", "tinh-lao-cai", Role.approver)
    with house.stores.open() as store:
        person = house.person(store, "viet")
        suspending.suspend(store, person, "tinh-lao-cai", Suspension("Tuần thi", exams, exams), NOON)
    house.follow()
    said = text_of(house.somebody("bientap").get(f"{PLACE}?xem=tuan").text)
    assert said.count("âm lịch") == 7
    silent = said[said.index("Họp thôn") : said.index("Tiêm phòng")]
    assert "không phát" in silent
    assert "tạm ngừng phát" in silent
    assert "Tạm ngừng: Tuần thi (cả ngày)" in said
    assert "Quá xa" not in said


def test_what_waits_for_approval_stands_apart_and_not_on_paper(house: House) -> None:
    house.write("Chưa duyệt", at=NOON + HOUR, languages=("vi", "mww"))
    house.write("Nơi khác", at=NOON + HOUR, targets=("thon-mau-sim-san",), author="bientap")
    page = house.somebody("bientap").get(f"{PLACE}?ngay=04/12/2026").text
    said = text_of(page)
    assert "Đang chờ phê duyệt, chưa được duyệt thì không phát 13:00 Chưa duyệt chờ phê duyệt Tiếng Việt, Mông" in said
    assert "Nơi khác" not in said
    assert page.index("no-print", page.index("Chưa duyệt") - 400) < page.index("Chưa duyệt")


def test_loudspeakers_that_do_otherwise_are_named(house: House) -> None:
    with house.stores.open() as store:
        hamlet = store.areas.find("thon-mau-ta-chai")
        assert hamlet is not None
        leaf = Area("loa-hai", hamlet.id, f"{hamlet.path}loa-hai/", hamlet.depth + 1, "loudspeaker", "Loa thứ hai")
        store.fleet.keep(leaf, place="", enrolled_at=NOON)
    house.follow()
    editor = house.somebody("bientap")
    assert "không phát giống nhau" not in editor.get(PLACE).text
    house.approve(house.write("Riêng loa hai", at=NOON + HOUR, targets=("loa-hai",)))
    page = editor.get(f"{PLACE}?ngay=04/12/2026").text
    assert "không phát giống nhau" in page
    assert 'href="/nghe/loa-hai?ngay=04/12/2026&amp;xem="' in page
    assert "Riêng loa hai" in editor.get("/nghe/loa-hai").text


def test_any_day_and_any_view_gives_a_page(house: House) -> None:
    for query in (
        "ngay=01/01/0001&xem=tuan",
        "ngay=31/12/9999",
        "ngay=29/02/2027",
        "xem=x",
        "ngay=&xem=tuan",
        "xem=24",
    ):
        assert house.somebody("bientap").get(f"{PLACE}?{query}").status_code == 200, query
