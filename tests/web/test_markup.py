"""What every page is made of: nothing inline, nothing from elsewhere, light enough for a weak link.

Imported by pytest alone.
"""

import hashlib
import re
import tomllib
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from server.staff import FRESH
from server.web.frame import HERE
from tests.bench.pages import LATIN_FACES
from tests.web.stage import PASSWORD, House
from tests.web.test_composing import GOOD

PAGES = (
    "/",
    "/ban-tin",
    "/ban-tin/soan",
    "/ngoai-tuyen",
    "/cach-doc",
    "/ban-tin/mau-cau",
    "/ngan-hang-cau",
    "/ngan-hang-cau/mww",
    "/ngan-hang-cau/mww/mau/hop-thon",
    "/nguoi-doc",
    "/phe-duyet",
    "/nhat-ky",
    "/nghe",
    "/nghe/thon-mau-ta-chai?ngay=04/12/2026",
    "/loa",
    "/gioi-han",
    "/gioi-han/thon-mau-ta-chai",
    "/cho-xac-nhan",
    "/none",
)
OWN = ("/tai-khoan/mat-khau", "/tai-khoan/buoc-hai")
FIRST_PAGE = 70_000
LATER_PAGE = 10_000
WITHOUT_CONTENT = {"input", "img", "br", "meta", "link", "hr"}
ELSEWHERE = re.compile(r"(?:https?:)?//[\w.-]+", re.IGNORECASE)


class Markup(HTMLParser):
    """What a page uses: addresses, ids, and everything that a strict policy forbids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.forbidden: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if len(given) != len(attrs):
            self.forbidden.append(f"<{tag}> has an attribute twice: {attrs}")
        if tag == "style" or (tag == "script" and "src" not in given):
            self.forbidden.append(f"inline <{tag}>")
        self.forbidden += [
            f"{name} on <{tag}>" for name in given if name == "style" or name.startswith(("on", "hx-on"))
        ]
        self.addresses += [
            given[name] for name in ("src", "href", "action", "formaction", "hx-get", "hx-post") if name in given
        ]
        if given.get("id"):
            self.ids.append(given["id"])
        self.labelled |= set(given.get("for", "").split()) | set(given.get("aria-describedby", "").split())
        if tag not in WITHOUT_CONTENT:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.forbidden.append(f"</{tag}> closes nothing")


@pytest.fixture
def pages(house: House) -> dict[str, str]:
    """Every page, with something on it, as an approver sees it."""
    house.approve(house.write("Họp thôn", languages=("vi", "mww")))
    waiting = house.write("Tiêm phòng", languages=("vi",))
    approver = house.somebody("pheduyet")
    found = {path: approver.get(path).text for path in (*PAGES, f"/ban-tin/{waiting}")}
    found["bad form"] = approver.post("/ban-tin/soan", data={"text": "ABCX 12zz", "mode": "weekly"}).text
    found["heard"] = approver.post("/ban-tin/soan", data={**GOOD, "action": "listen"}).text
    found["sign in"] = house.anonymous().get("/dang-nhap").text
    keeper = house.somebody("quantri")
    for path in ("/can-bo", "/can-bo/them", "/can-bo/bientap", "/can-bo/quantri", "/tai-khoan", *OWN):
        found[path] = keeper.get(path).text
    found["bad grant"] = keeper.post("/can-bo/bientap/quyen", data={"since": "x"}).text
    found["recovery"] = keeper.post("/tai-khoan/ma-du-phong").text
    found["first password"] = keeper.post("/can-bo/bientap/mat-khau").text
    house.clock.now += FRESH
    found["confirm"] = keeper.post("/can-bo/bientap/khoa", data={"a": '<b>"'}).text
    half = house.anonymous()
    half.post("/dang-nhap", data={"username": "pheduyet", "password": PASSWORD})
    found["code"] = half.get("/dang-nhap/ma").text
    return found


def test_pages_hold_only_what_the_policy_allows(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        markup = Markup(html)
        assert markup.forbidden == [], name
        assert markup.open == [], f"{name}: never closed"
        assert len(markup.ids) == len(set(markup.ids)), f"{name}: an id twice: {markup.ids}"
        assert markup.labelled <= set(markup.ids), f"{name}: a label for nothing: {markup.labelled - set(markup.ids)}"


def test_pages_ask_nobody_else_for_anything(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        for address in Markup(html).addresses:
            parts = urlsplit(address)
            assert (parts.scheme, parts.netloc) == ("", ""), f"{name}: {address}"
    for path in (HERE / "static").rglob("*"):
        if path.suffix in (".css", ".js", ".svg") and path.parent.name != "vendor":
            left = set(ELSEWHERE.findall(path.read_text())) - {"http://www.w3.org"}
            assert left == set(), path.name


def test_links_and_static_files_of_every_page_are_there(house: House, pages: dict[str, str]) -> None:
    approver = house.somebody("pheduyet")
    addresses = {address for html in pages.values() for address in Markup(html).addresses}
    for address in sorted(addresses):
        if address.startswith(("/tinh/", "/am-thanh/")) or "/ban-tin/ps-" in address:
            path = address.removesuffix("/duyet").removesuffix("/tra-lai").removesuffix("/rut")
            path = path.removesuffix("/nho-ghi-am").removesuffix("/tham-dinh")
            assert approver.get(path).status_code == 200, address


def test_files_of_others_are_unchanged() -> None:
    folder = HERE / "static" / "vendor"
    listed = tomllib.loads((folder / "VENDOR.toml").read_text())["file"]
    assert {entry["name"] for entry in listed} == {path.name for path in folder.iterdir()} - {"VENDOR.toml"}
    for entry in listed:
        assert hashlib.sha256((folder / entry["name"]).read_bytes()).hexdigest() == entry["sha256"], entry["name"]
        assert entry["licence"], entry["name"]


def weight(browser: TestClient, path: str) -> int:
    """Bytes of an answer with its headers, as they cross the wire."""
    with browser.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        body = b"".join(answer.iter_raw())
        packed = answer.headers.get("content-encoding") == "gzip" or path.endswith(
            (".woff2", ".png")
        )  # packed as it is
        assert packed or len(body) < 500, f"{path} is not compressed"
        return len(body) + sum(len(name) + len(value) + 4 for name, value in answer.headers.items())


def test_the_first_page_and_later_pages_are_light(house: House, editor: TestClient) -> None:
    for number in range(20):
        at = house.clock.now + (number + 1) * 30 * 60_000
        house.approve(house.write(f"Bản tin số {number}", at=at, targets=("thon-mau-ta-chai", "thon-mau-sa-xeng")))
    page = editor.get("/nhat-ky").text
    statics = {address for address in Markup(page).addresses if address.startswith("/tinh/")}
    sheets = [editor.get(address).text for address in statics if address.endswith(".css")]
    faces = {f"/tinh{face}" for sheet in sheets for face in LATIN_FACES.findall(sheet)}
    assert len(faces) == 2
    statics |= faces
    first = weight(editor, "/nhat-ky") + sum(weight(editor, address) for address in statics)
    later = {path: weight(editor, path) for path in PAGES}
    assert first <= FIRST_PAGE
    assert {path: weight for path, weight in later.items() if weight > LATER_PAGE} == {}
