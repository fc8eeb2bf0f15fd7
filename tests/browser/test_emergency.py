"""The red page in a real browser: three touches from the first page to the sound, and a click alone does nothing.

Imported by pytest alone.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Visitor
from tests.waiting import eventually
from tests.web.stage import House

PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def red(house: House, address: str, context_of: Callable[..., BrowserContext]) -> Page:
    """The page of landslides on an officer's telephone, two touches from the first page."""
    page = Visitor(context_of(**PHONE), address).sign_in("trucbao").page
    page.click("text=Phát khẩn cấp")
    page.click("text=Sạt lở đất")
    return page


def test_a_click_alone_sends_nothing_and_says_so(house: House, red: Page) -> None:
    red.click("[data-hold]")
    expect(red.locator("[data-hint]")).to_have_text("Chưa phát. Vui lòng giữ nút trong hai giây.")
    red.keyboard.press("Enter")
    assert "/khan-cap/soan" in red.url
    assert house.broadcasts() == []


def test_holding_for_two_seconds_sounds_it_and_shows_the_count(house: House, red: Page) -> None:
    red.hover("[data-hold]")
    red.mouse.down()
    red.wait_for_url("**/khan-cap/dang-phat/*")
    red.mouse.up()
    assert len(house.broadcasts()) == 1
    house.follow()
    expect(red.locator(".count")).to_contain_text("0/6 loa đang phát", timeout=8_000)
    red.click("text=DỪNG ở tất cả các loa")
    red.wait_for_url("**/ban-tin/*")
    expect(red.locator("main")).to_contain_text("Đã rút")


def test_the_keyboard_holds_as_well(house: House, red: Page) -> None:
    red.focus("[data-hold]")
    red.keyboard.down(" ")
    red.wait_for_url("**/khan-cap/dang-phat/*")
    assert len(house.broadcasts()) == 1


def test_who_cannot_hold_confirms_in_two_steps(house: House, red: Page) -> None:
    red.click("[data-steps]")
    red.wait_for_url("**/phat-ngay")
    assert house.broadcasts() == []
    red.click("main button.danger")
    eventually(lambda: len(house.broadcasts()) == 1, what="the second step")


def test_without_scripts_the_button_asks_once_more(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = Visitor(context_of(java_script_enabled=False, **PHONE), address).sign_in("trucbao").page
    page.goto(f"{address}/khan-cap/soan?loai=storm")
    page.click("text=Giữ 2 giây")
    page.wait_for_url("**/phat-ngay")
    assert house.broadcasts() == []
