"""The province sends bulletins down on a desktop; communes answer on telephones, one of them without scripts.

Imported by pytest alone.
"""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from schedules.clock import DAY, at_civil, civil_day
from schedules.programme import BroadcastClass
from server.access import Role
from tests.browser.conftest import Visitor
from tests.web.office import ELSEWHERE, HERE, LEADER, WRITER, open_office, send_down
from tests.web.stage import House

PHONE = {"width": 360, "height": 740}
TITLE = "Tháng an toàn giao thông"


def test_a_province_sends_a_commune_accepts_and_hears_it_another_refuses(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    open_office(house)
    house.grant("lan", HERE, Role.approver)
    house.grant("minh", ELSEWHERE, Role.approver)
    office = Visitor(context_of(), address).sign_in(WRITER)
    page = office.go("/day-ban-tin")
    page.click("text=Soạn bản tin để đẩy xuống")
    expect(page.locator("[name=pushed]")).to_be_checked()
    page.fill("#title", TITLE)
    page.fill("#text", "Kính thưa bà con.")
    page.check("[name=targets][value=tinh-lao-cai]")
    page.fill("#date", civil_day(house.clock.now + DAY).strftime("%d/%m/%Y"))
    page.fill("#time", "10:00")
    page.click("text=Gửi phê duyệt")
    expect(page.locator("h1")).to_have_text(TITLE)
    sent = page.url.rpartition("/")[2]

    leader = Visitor(context_of(), address).sign_in(LEADER)
    leader.go(f"/ban-tin/{sent}").click("button:has-text('Duyệt theo văn bản')")
    expect(leader.page.locator(".state-approved").first).to_be_visible()
    house.follow()

    commune = Visitor(context_of(viewport=PHONE), address).sign_in("lan")
    commune.page.click(f"text={TITLE}")
    commune.page.click("text=Nhận: loa của xã sẽ phát")
    expect(commune.page.locator("main")).to_contain_text("xã đã nhận")
    other = Visitor(context_of(viewport=PHONE, java_script_enabled=False), address).sign_in("minh")
    other.go(f"/tu-cap-tren/{sent}").click("summary:has-text('Từ chối')")
    other.page.fill(f"#reason-{ELSEWHERE}", "Trùng lễ hội của xã")
    other.page.click("button:has-text('Từ chối')")
    expect(other.page.locator("main")).to_contain_text("xã từ chối")
    house.follow()

    heard = commune.go("/nghe/thon-mau-ta-chai?xem=tuan")
    expect(heard.locator("main")).to_contain_text(TITLE)
    silent = other.go("/nghe/thon-mau-sim-san?xem=tuan")
    expect(silent.locator("main")).not_to_contain_text(TITLE)
    page.goto(f"{address}/day-ban-tin/{sent}")
    page.click("a:has-text('xã đã nhận: 1')")
    expect(page.locator("li.card", has_text="Xã Tả Phìn")).to_contain_text("xã đã nhận")
    page.click("a:has-text('xã từ chối: 1')")
    expect(page.locator("li.card", has_text="Xã Y Tý")).to_contain_text("Trùng lễ hội của xã")
    assert [*office.complaints, *commune.complaints] == []


def test_what_plays_by_force_says_so_and_the_commune_orders_it(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    house.grant("lan", HERE, Role.approver)
    commune = Visitor(context_of(viewport=PHONE), address).sign_in("lan")
    warned = send_down(
        house, "Rét đậm, rét hại", BroadcastClass.priority, at=at_civil(civil_day(house.clock.now), 20 * 60)
    )
    forced = commune.go(f"/tu-cap-tren/{warned}")
    expect(forced.locator("main")).to_contain_text("bắt buộc phát đúng giờ")
    expect(forced.locator("button.danger")).to_have_count(0)
    forced.select_option(f"#turn-{HERE}", "first")
    forced.click("text=Đã xem, giữ thứ tự này")
    expect(forced.locator("main")).to_contain_text("Trước bản tin ưu tiên của xã")
    expect(commune.go("/nghe/thon-mau-ta-chai").locator("main")).to_contain_text("Rét đậm, rét hại")
    assert commune.complaints == []
