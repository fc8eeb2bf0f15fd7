"""The map in a real browser: fetched when somebody asks for it, by keyboard as well; it chooses what the list chooses.

Imported by pytest alone.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Visitor
from tests.browser.test_every_page import DESK, FAULTS, PHONE, RULES, VENDOR
from tests.web.stage import House


@pytest.fixture
def visitor(lively: tuple[House, str], context_of: Callable[..., BrowserContext]) -> Visitor:
    visitor = Visitor(context_of(viewport=DESK, bypass_csp=True), lively[1])
    visitor.sign_in("bientap")
    return visitor


def test_the_map_comes_when_it_is_asked_for_and_leads_to_a_loudspeaker(visitor: Visitor) -> None:
    fetched: list[str] = []
    visitor.page.context.add_init_script(path=VENDOR / "axe.min.js")
    visitor.page.on("request", lambda request: fetched.append(request.url))
    page = visitor.go("/loa")
    button = page.get_by_role("button", name="Xem trên bản đồ")
    expect(button).to_be_visible()
    assert not [url for url in fetched if "leaflet" in url or "ban-do" in url]
    button.focus()
    page.keyboard.press("Enter")
    mark = page.locator(".mark").first
    expect(mark).to_be_visible()
    assert [url for url in fetched if "leaflet.js" in url]
    assert page.evaluate(FAULTS, RULES) == []
    for _ in range(8):
        if page.locator(".leaflet-marker-icon[title*='Loa mẫu số 1']").count() == 0:
            break
        page.locator(".leaflet-marker-icon[title*='Loa mẫu số 1']").first.click()
        if page.locator(".leaflet-popup a").count():
            break
    page.locator(".leaflet-popup a").first.click()
    page.wait_for_url("**/loa/loa-mau-1")


def test_a_mark_ticks_the_box_of_the_list(visitor: Visitor) -> None:
    page = visitor.go("/khan-cap/soan?loai=landslide")
    page.locator("summary", has_text="Nơi phát").click()
    boxes = page.locator("#places input[name=targets]")
    before = boxes.evaluate_all("boxes => boxes.filter(b => b.checked).length")
    page.get_by_role("button", name="Xem trên bản đồ").click()
    expect(page.locator(".mark").first).to_be_visible()
    for _ in range(8):
        if page.locator(".leaflet-marker-icon[role=checkbox]").count():
            break
        page.locator(".mark").first.click()
        page.wait_for_function("!document.querySelector('.leaflet-zoom-anim')")
    mark = page.locator(".leaflet-marker-icon[role=checkbox]").first
    checked = mark.get_attribute("aria-checked")
    mark.click()
    expect(page.locator(".leaflet-marker-icon[role=checkbox]").first).to_have_attribute(
        "aria-checked", "false" if checked == "true" else "true"
    )
    after = boxes.evaluate_all("boxes => boxes.filter(b => b.checked).length")
    assert after != before


def test_without_scripts_there_is_the_list_alone(
    lively: tuple[House, str], context_of: Callable[..., BrowserContext]
) -> None:
    visitor = Visitor(context_of(viewport=PHONE, java_script_enabled=False), lively[1])
    visitor.sign_in("bientap")
    page = visitor.go("/loa")
    expect(page.get_by_role("button", name="Xem trên bản đồ")).to_be_hidden()
    expect(page.get_by_role("link", name="Loa mẫu số 1", exact=False).first).to_be_visible()
