"""The form and the approval on every screen: sixty loudspeakers with long names, 320 px, 200 %, both themes.

Imported by pytest alone.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from schedules.clock import HOUR
from server.area import Area
from tests.browser.conftest import Visitor
from tests.browser.test_compose import DESK, approved, typed
from tests.browser.test_every_page import FAULTS, OVERFLOW, RULES, SMALL, VENDOR
from tests.web.stage import House

NARROW = {"viewport": {"width": 320, "height": 640}}
ZOOMED = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}
"""A screen of 1280 × 900 at 200 %."""
BAR = "(e) => e.getBoundingClientRect().height / innerHeight"


def sixty(house: House) -> None:
    """Twenty hamlets with long names and three loudspeakers each."""
    name = "Thôn Sín Chải – Nậm Pẻn (khu tái định cư trung tâm cụm xã biên giới số {})"
    with house.stores.open() as store:
        commune = store.areas.find("xa-03013")
        assert commune is not None
        for number in range(20):
            hamlet, path = f"thon-dai-{number}", f"{commune.path}thon-dai-{number}/"
            place = Area(
                hamlet, commune.id, path, commune.depth + 1, "hamlet", name.format(number + 1), languages=("vi", "mww")
            )
            store.areas.keep(place)
            for other in range(3):
                leaf = f"loa-dai-{number}-{other}"
                said = f"Loa cột điện số {other + 1}, gần nhà ông Vàng A Sử"
                store.fleet.keep(Area(leaf, hamlet, f"{path}{leaf}/", place.depth + 1, "loudspeaker", said))
    house.follow()


LONG = "Thông báo về việc tổ chức tiêm phòng vắc-xin cho đàn gia súc, gia cầm đợt hai năm 2026 trên địa bàn xã"


@pytest.mark.parametrize("size", [NARROW, ZOOMED, DESK], ids=["phone", "zoomed", "desk"])
def test_sixty_loudspeakers_with_long_names_fit_every_screen(
    house: House, address: str, context_of: Callable[..., BrowserContext], size: dict[str, object], tmp_path: Path
) -> None:
    """From the form to the approval. Pictures are kept where `LOABAN_PICTURES` says."""
    folder = Path(os.environ.get("LOABAN_PICTURES", tmp_path))
    width = size["viewport"]["width"]  # type: ignore[index]
    sixty(house)
    house.approve(house.write(LONG, at=house.clock.now + HOUR, targets=("xa-03013",)))
    writer, leader = (
        Visitor(context_of(**size, bypass_csp=True), address).sign_in(name) for name in ("bientap", "pheduyet")
    )
    for visitor in (writer, leader):
        visitor.page.context.add_init_script(path=VENDOR / "axe.min.js")
    page = writer.go("/ban-tin/soan")
    page.fill("#title", LONG)
    page.locator("#text").press_sequentially("Kính thưa bà con.")
    page.check("text=Một lần")
    page.fill("#date", "04/12/2026")
    page.fill("#time", "13:00")
    page.locator("#time").press("Tab")
    expect(page.locator("#outlay .sum")).to_contain_text("1 chỗ trùng giờ", timeout=15_000)
    expect(page.locator("#outlay .sum")).to_contain_text("66 loa")
    _fair(page, folder / f"compose-60-{width}.png")
    page.click("text=Gửi phê duyệt")
    expect(page.locator("h1")).to_have_text(LONG)
    page = leader.go("/phe-duyet")
    _fair(page, folder / f"approvals-60-{width}.png")
    page.click("main .list a.title")
    expect(page.locator(".facts")).to_contain_text("66 loa")
    expect(page.locator("main")).to_contain_text("Ảnh hưởng đến bản tin khác")
    _fair(page, folder / f"approval-60-{width}.png")
    page.click("text=Trả lại …")
    page.fill("#note", "Sửa lại giờ họp")
    page.click("main form button:has-text('Trả lại')")
    expect(page.locator("main .badge").first).to_have_text("Đã trả lại")
    assert (writer.complaints, leader.complaints) == ([], [])


def _fair(page: Page, picture: Path) -> None:
    page.screenshot(path=picture)
    bar = page.locator(".bar")
    if bar.count() and bar.evaluate("(e) => getComputedStyle(e).position") == "sticky":
        assert bar.evaluate(BAR) < 0.34, "the bar leaves room for what it is about"
    assert page.evaluate(OVERFLOW) == [], f"{page.url} is wider than the screen"
    assert page.evaluate(SMALL) == [], f"{page.url} has small targets"
    assert page.evaluate(FAULTS, RULES) == [], page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_form_shuts_nobody_out(
    house: House, address: str, context_of: Callable[..., BrowserContext], scheme: str
) -> None:
    """With every state of a language, a clash and a group on it."""
    visitor = Visitor(context_of(**NARROW, color_scheme=scheme, bypass_csp=True), address).sign_in("bientap")
    visitor.page.context.add_init_script(path=VENDOR / "axe.min.js")
    approved(house)
    house.approve(house.write("Họp huyện", at=house.clock.now + 14_000, targets=("xa-03013",)))
    page = visitor.go("/ban-tin/soan")
    typed(page)
    page.click("summary:has-text('Lưu lựa chọn này')")
    page.fill("#group_name", "Cả xã")
    page.click("text=Lưu nhóm")
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    expect(page.locator("#clashes .buttons")).to_have_count(1, timeout=15_000)
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert page.evaluate(OVERFLOW) == []
        assert page.evaluate(SMALL) == []
    assert page.evaluate(FAULTS, RULES) == []
