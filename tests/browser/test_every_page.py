"""Every page in a real browser: on a narrow telephone, in the dark, for people who use a screen reader.

Imported by pytest alone.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from server.staff import FRESH
from tests.browser.conftest import Visitor
from tests.web.stage import PASSWORD, House

PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}
VENDOR = Path(__file__).parent / "vendor"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = (
    "/",
    "/ban-tin",
    "/ban-tin/soan",
    "/ngoai-tuyen",
    "/ngan-hang-cau/mww/ghi-am",
    "/cach-doc",
    "/thu-vien",
    "/khan-cap",
    "/khan-cap/soan?loai=landslide",
    "/ban-tin/mau-cau",
    "/ngan-hang-cau",
    "/ngan-hang-cau/mww",
    "/ngan-hang-cau/mww/mau/hop-thon",
    "/nguoi-doc",
    "/nhom-loa",
    "/phe-duyet",
    "/nhat-ky",
    "/bao-cao",
    "/bao-cao/gui-thu",
    "/nhat-ky?loai=ordinary&tu=01/12/2026&noi=y+ty",
    "/bang-dieu-khien",
    "/bang-dieu-khien?so_ngay=31",
    "/bang-dieu-khien/mat-lien-lac",
    "/bang-dieu-khien/khan-cap",
    "/nghe",
    "/nghe/thon-mau-ta-chai",
    "/nghe/thon-mau-ta-chai?xem=tuan",
    "/loa",
    "/cai-dat",
    "/tu-nguon",
    "/day-ban-tin",
    "/tu-cap-tren",
    "/cai-dat/cong-khai",
    "/cong-khai/xa-03013",
    "/api/1",
    "/khan-cap?dien_tap=1",
    "/khan-cap/soan?loai=storm&dien_tap=1",
    "/lich-phat",
    "/lich-phat/thang",
    "/gioi-han",
    "/gioi-han/thon-mau-ta-chai",
    "/tam-ngung/thon-mau-ta-chai",
    "/cho-xac-nhan",
    "/loa/loa-mau-1/ghi-danh",
    "/thong-bao",
    "/tai-khoan/thong-bao",
    "/canh-bao",
    "/canh-bao/quy-tac",
    "/khu-vuc",
    "/loa/loa-mau-1",
    "/loa/loa-mau-1/thong-tin",
    "/am-luong/loa-mau-1",
    "/ban-giao/loa-mau-1",
    "/ban-do/ranh-gioi",
    "/vi-tri/thon-mau-ta-chai",
    "/ngon-ngu",
    "/ngon-ngu/phu",
    "/ngon-ngu/phu?tieng=hni",
    "/thon",
    "/none",
)
PERSONAL = ("/tai-khoan/mat-khau", "/tai-khoan/buoc-hai")
SMALL = """() => [...document.querySelectorAll("button, select, textarea, input:not([type=hidden]), .top a, .button, summary")]
  .filter((e) => e.checkVisibility() && !["checkbox", "radio"].includes(e.type) && !e.closest(".skip"))
  .filter((e) => e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 90))"""
OVERFLOW = """() => document.documentElement.scrollWidth > innerWidth
  ? [...document.querySelectorAll("main *, header *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.outerHTML.slice(0, 90)).slice(0, 3) : []"""
FAULTS = """async (tags) => (await axe.run(document, {runOnly: tags})).violations
  .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(" | ")}`)"""


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def visitor(
    lively: tuple[House, str], context_of: Callable[..., BrowserContext], scheme: str, request: pytest.FixtureRequest
) -> Iterator[Visitor]:
    """An approver at a screen of the size that the test asks for. The policy is lifted for the tester's own script."""
    size = getattr(request, "param", PHONE)
    visitor = Visitor(context_of(viewport=size, color_scheme=scheme, bypass_csp=True), lively[1]).sign_in("pheduyet")
    visitor.page.context.add_init_script(path=VENDOR / "axe.min.js")
    yield visitor


def _all_pages(visitor: Visitor) -> list[str]:
    """The pages, one bulletin that waits for a decision, one that loudspeakers get ready for, the results of one, and
    one that is moved."""
    waiting = visitor.go("/phe-duyet").locator("main .list a.title").first.get_attribute("href")
    ahead = visitor.go("/ban-tin").locator("main .list a.title", has_text="Ưu tiên").first.get_attribute("href")
    assert waiting
    assert ahead
    assert visitor.go(ahead).locator("#before-air .lacks li").count()
    results = visitor.go("/").locator("#results-today + ul a").last.get_attribute("href")
    moved = visitor.go("/lich-phat").locator("[data-move]").first.get_attribute("href")
    assert results
    assert moved
    return [*PAGES, waiting, ahead, f"{ahead}/ket-qua", results, moved]


@pytest.mark.parametrize("visitor", [PHONE, DESK], indirect=True, ids=["phone", "desk"])
def test_no_page_shuts_anybody_out(visitor: Visitor) -> None:
    """Nothing runs out of a narrow screen, everything is large enough for a thumb, and axe finds no fault."""
    for path in _all_pages(visitor):
        page = visitor.go(path)
        assert page.evaluate(OVERFLOW) == [], f"{path} is wider than the screen"
        assert page.evaluate(SMALL) == [], f"{path} has small targets"
        assert page.evaluate(FAULTS, RULES) == [], path
    page = visitor.go("/ban-tin/soan")
    page.fill("#text", "Gặp ABCX, hỏi 12zz")
    page.click(".bar button[value=save]")
    page.wait_for_selector(".error")
    assert page.locator(".error").count() >= 3
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    assert page.evaluate(OVERFLOW) == []
    assert page.evaluate(FAULTS, RULES) == []


OF_PEOPLE = (
    "/gioi-han/thon-mau-ta-chai",
    "/cho-xac-nhan",
    "/canh-bao/quy-tac/thon-mau-ta-chai",
    "/ket-noi",
    "/khu-vuc/tinh-lao-cai",
    "/khu-vuc/xa-03013",
    "/cai-dat/ket-noi",
    "/can-bo",
    "/can-bo/them",
    "/can-bo/bientap",
    "/can-bo/quantri",
    "/tai-khoan",
    "/ngon-ngu/them",
    "/ngon-ngu/tieng/vi",
    "/ngon-ngu/tieng/hni",
    "/thon/thon-mau-lao-chai",
    *PERSONAL,
)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_of_people_shuts_anybody_out(
    lively: tuple[House, str], context_of: Callable[..., BrowserContext], scheme: str, size: dict[str, int]
) -> None:
    context = context_of(viewport=size, color_scheme=scheme, bypass_csp=True)
    visitor = Visitor(context, lively[1]).sign_in("quantri")
    context.add_init_script(path=VENDOR / "axe.min.js")
    for path in OF_PEOPLE:
        page = visitor.go(path)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        assert page.evaluate(OVERFLOW) == [], f"{path} is wider than the screen"
        assert page.evaluate(SMALL) == [], f"{path} has small targets"
        assert page.evaluate(FAULTS, RULES) == [], path


def test_pages_of_people_keep_the_policy_and_need_no_scripts(
    lively: tuple[House, str], context_of: Callable[..., BrowserContext]
) -> None:
    house, address = lively
    visitor = Visitor(context_of(viewport=PHONE), address).sign_in("quantri")
    for path in OF_PEOPLE:
        visitor.go(path).wait_for_load_state("load")
    assert visitor.complaints == []
    page = Visitor(context_of(viewport=PHONE, java_script_enabled=False), address).sign_in("quantri").page
    page.goto(f"{address}/can-bo/them")
    page.fill("#display_name", "Nguyễn Văn An")
    page.fill("#username", "an")
    page.select_option("#role", "approver")
    page.select_option("#area", "xa-03013")
    house.clock.now += FRESH
    page.click("text=Tạo tài khoản")
    assert page.locator("h1").inner_text() == "Có đúng là anh/chị không?"
    page.fill("#secret", PASSWORD)
    page.click("text=Tiếp tục")
    assert page.locator("h1").inner_text() == "Mật khẩu ban đầu của Nguyễn Văn An"
    with house.stores.open() as store:
        assert [grant.role.value for grant in house.person(store, "an").grants] == ["approver"]


def test_no_page_breaks_its_own_policy(lively: tuple[House, str], context_of: Callable[..., BrowserContext]) -> None:
    visitor = Visitor(context_of(viewport=DESK), lively[1]).sign_in("pheduyet")
    for path in _all_pages(visitor):
        if path != "/none":
            visitor.go(path).wait_for_load_state("load")
    assert visitor.complaints == []


def test_the_language_of_the_page_is_told_and_changed(
    lively: tuple[House, str], context_of: Callable[..., BrowserContext]
) -> None:
    visitor = Visitor(context_of(viewport=PHONE), lively[1]).sign_in("tinh")
    page = visitor.go("/nhat-ky")
    page.click("text=English")
    assert page.url == f"{lively[1]}/nhat-ky"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == "Playback log"
    page.click("text=Tiếng Việt")
    assert page.locator("h1").inner_text() == "Nhật ký phát"


def test_a_keyboard_is_enough(lively: tuple[House, str], context_of: Callable[..., BrowserContext]) -> None:
    visitor = Visitor(context_of(viewport=DESK), lively[1])
    page = visitor.go("/dang-nhap")
    page.keyboard.type("bientap")
    page.keyboard.press("Tab")
    page.keyboard.type("mat-khau-thu")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{lively[1]}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_files_of_others_are_unchanged() -> None:
    for entry in tomllib.loads((VENDOR / "VENDOR.toml").read_text())["file"]:
        assert hashlib.sha256((VENDOR / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]
