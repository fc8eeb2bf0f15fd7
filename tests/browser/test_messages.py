"""The bell, the browser's own question, and the guide, in a real browser.

Imported by pytest alone.
"""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Visitor
from tests.web.stage import House

CHOICE = "/tai-khoan/thong-bao"
PHONE = {"width": 360, "height": 740}
PUSHED = """({endpoint, denied}) => {
  const made = {endpoint, getKey: (name) => Uint8Array.from(name === "auth" ? {length: 16} : {length: 65}, (_, i) => i ? 7 : 4).buffer};
  const manager = {getSubscription: async () => null, subscribe: async (wish) => { window.asked = wish; return made; }};
  const registration = {pushManager: manager};
  Object.defineProperty(navigator, "serviceWorker", {value: {ready: Promise.resolve(registration), getRegistration: async () => registration, register: async () => registration}});
  window.PushManager ??= class {};
  Object.defineProperty(Notification, "permission", {get: () => denied ? "denied" : "default"});
  Notification.requestPermission = async () => { window.questions = (window.questions ?? 0) + 1; return denied ? "denied" : "granted"; };
}"""
"""What a browser with a push service of its maker's would do: the one here has none."""


def with_push(visitor: Visitor, *, denied: bool = False) -> Page:
    given = f'{{"endpoint": "https://push.example/send/abc", "denied": {str(denied).lower()}}}'
    visitor.page.context.add_init_script(f"({PUSHED})({given})")
    return visitor.go(CHOICE)


def test_the_bell_counts_without_a_reload_and_leads_to_what_waits(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = Visitor(context_of(viewport=PHONE), address).sign_in("pheduyet").page
    expect(page.locator("#bell")).to_have_text("Thông báo")
    house.write("Họp thôn tối nay")
    house.tell()
    expect(page.locator("#bell .number")).to_contain_text("1")
    page.click("#bell")
    page.click("text=Mở Chờ anh/chị phê duyệt")
    expect(page.locator("h1")).to_have_text("Họp thôn tối nay")
    expect(page.locator("#bell")).to_have_text("Thông báo")


def test_the_browser_is_asked_by_a_button_and_never_by_itself(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    visitor = Visitor(context_of(viewport=PHONE), address).sign_in("pheduyet")
    page = with_push(visitor)
    button = page.locator("[data-push-on]")
    expect(button).to_be_visible()
    assert page.evaluate("window.questions") is None
    button.click()
    expect(page.locator("[role=status]")).to_contain_text("Từ nay thiết bị này nhận thông báo")
    with house.stores.open() as store:
        [browser] = store.notices.subscriptions("pheduyet")
    assert browser.endpoint == "https://push.example/send/abc"
    page.click("text=Thôi nhận ở thiết bị này")
    with house.stores.open() as store:
        assert store.notices.subscriptions("pheduyet") == []
    assert visitor.complaints == []


def test_a_browser_that_may_not_says_so_and_one_without_scripts_too(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = with_push(Visitor(context_of(viewport=PHONE), address).sign_in("pheduyet"), denied=True)
    expect(page.locator("[data-push-denied]")).to_be_visible()
    expect(page.locator("[data-push-on]")).to_be_hidden()
    plain = Visitor(context_of(viewport=PHONE, java_script_enabled=False), address).sign_in("pheduyet").go(CHOICE)
    expect(plain.locator("[data-push-none]")).to_be_visible()
    expect(plain.locator("[data-push-on]")).to_be_hidden()
    plain.fill("#address", "lanh.dao@xa.example")
    plain.click("text=Lưu")
    expect(plain.locator("[role=status]")).to_contain_text("Đã lưu")


def test_the_guide_goes_through_a_first_bulletin_without_scripts(
    house: House, address: str, context_of: Callable[..., BrowserContext]
) -> None:
    page = Visitor(context_of(viewport=PHONE, java_script_enabled=False), address).sign_in("bientap").page
    page.click("text=Bắt đầu hướng dẫn")
    expect(page.locator("#buoc-1")).to_be_visible()
    page.click("main a:has-text('Soạn bản tin')")
    page.fill("#title", "Họp thôn")
    for step in range(2, 6):
        page.locator(f"#buoc-{step} a").click()
        assert page.url.endswith(f"#buoc-{step + 1}")
    expect(page.locator("#title")).to_have_value("Họp thôn")
    page.fill("#text", "Mời bà con họp thôn lúc 19 giờ.")
    page.click("button:has-text('Gửi phê duyệt')")
    expect(page.locator("#buoc-7")).to_contain_text("Đã gửi")
    page.click("text=Kết thúc hướng dẫn")
    expect(page.locator(".guide")).to_have_count(0)
