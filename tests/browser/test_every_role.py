"""Every role signs in once, in a real browser, and follows what its pages offer: nothing that is offered is refused, nobody
sees another commune's rows, and no page complains.

Imported by pytest alone. `tests/web/test_matrix.py` holds every route against every role; here it is what people see.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from schedules.clock import DAY, HOUR
from server.access import Role
from server.area import Area
from tests.browser.conftest import Visitor, fill
from tests.browser.serving import serving
from tests.web.stage import House
from tests.web.surface import HERE, OPEN, TABLE

REGION = "vung-sa-pa"
UPPER, LOWER = "Chuyện kín của bản trên", "Chuyện kín của bản dưới"
"""Titles of what one commune alone hears: Y Tý, and Tả Phìn."""
OF_UPPER, OF_LOWER = (UPPER, "Lao Chải 2", "Sim San 1"), (LOWER, "Can Ngài", "Sả Xéng")
MOST_PAGES = 70
"""So many pages does one person open: one of each kind."""
FEWEST = 20
NO_PAGE = re.compile(r"\.(csv|xlsx|json|crt|atom|mp3|pdf|txt|webmanifest)$|/(am-thanh|tep|nghe-thu)(/|$)|^/tinh/")
SEEN = """() => ({
  title: document.title, headings: document.querySelectorAll('h1').length, text: document.body.innerText,
  links: [...document.querySelectorAll('a[href]')].filter((a) => !a.download).map((a) => a.href),
  posts: [...document.querySelectorAll('form')].flatMap((f) => [f, ...f.querySelectorAll('[formaction]')].map((e) =>
    [(e.getAttribute('formmethod') || f.method).toUpperCase(), e.getAttribute('formaction') || f.getAttribute('action') || location.pathname])),
  asked: [...document.querySelectorAll('[hx-post]')].map((e) => ['POST', e.getAttribute('hx-post')]),
})"""


class Somebody(NamedTuple):
    """Who looks: their role, where, and what of others must stand on no page of theirs."""

    username: str
    role: Role
    area: str
    foreign: tuple[str, ...]


PEOPLE = (
    *(Somebody(f"xa-{role.value.replace('_', '-')}", role, HERE, OF_UPPER) for role in Role),
    Somebody("vung", Role.overseer, REGION, OF_UPPER),
    Somebody("huyenbatxat", Role.overseer, "", OF_LOWER),
    Somebody("tinh", Role.overseer, "", ()),
    Somebody("quantri", Role.administrator, "", ()),
)


def pattern(route: str) -> re.Pattern[str]:
    whole = re.escape(route).replace(r"\{name:path\}", ".+")
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", whole))


ROUTES = [
    (*line.split(" ", 1), pattern(line.split(" ", 1)[1]))
    for line in sorted({*TABLE, *(o if " " in o else f"GET {o}" for o in OPEN)}, key=lambda line: line.count("{"))
]
FREE = {o if " " in o else f"{method} {o}" for o in OPEN for method in ("GET", "POST")}


def route_of(method: str, path: str) -> str:
    """The line of the surface that an address is of: the one with the fewest blanks."""
    for of, route, fits in ROUTES:
        if of == method and fits.fullmatch(path):
            return f"{of} {route}"
    return f"POST {path}" if f"POST {path}" in FREE else f"{method} {path} (no line of the surface)"


def offered(role: Role, method: str, path: str) -> bool:
    """Whether the matrix lets this role do what a page offers."""
    route = route_of(method, path)
    return route in FREE or (route in TABLE and role.value in TABLE[route].roles.split())


@pytest.fixture(scope="module")
def province(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    """A week behind it, a region above one of its communes, and something that only one commune hears in each."""
    house = House(tmp_path_factory.mktemp("roles"), sample, demo=True)
    with house.stores.open() as store:
        commune, top = store.areas.find(HERE), store.areas.find("tinh-lao-cai")
        assert commune is not None
        assert top is not None
        region = Area(REGION, top.id, f"{top.path}{REGION}/", top.depth + 1, "region", "Khu vực Sa Pa (mẫu)")
        store.areas.keep(region)
        store.areas.move(commune, region)
    for each in PEOPLE:
        if each.area:
            house.grant(each.username, each.area, each.role)
    fill(house)
    for title, hamlet in ((UPPER, "thon-mau-lao-chai"), (LOWER, "thon-mau-can-ngai")):
        house.approve(house.write(title, at=house.clock.now + 2 * HOUR, targets=(hamlet,)))
        house.write(title, at=house.clock.now + DAY, targets=(hamlet,))
    with serving(house) as address:
        yield house, address
    house.close()


class Walk:
    """One person's way through their pages."""

    def __init__(self, visitor: Visitor, who: Somebody) -> None:
        self.visitor, self.who = visitor, who
        self.faults: list[str] = []
        self.opened: dict[str, str] = {}
        """By line of the surface, the address that was opened."""

    def through(self) -> None:
        """From the overview over the menu, and one step further from each page."""
        first = self._open("/")
        second = [link for path in first for link in self._open(path)]
        for path in second:
            self._open(path)

    def _open(self, address: str) -> list[str]:
        """Look at a page, unless one of its kind has been; where it leads."""
        path = urlsplit(address).path
        line = route_of("GET", path)
        if line in self.opened or len(self.opened) >= MOST_PAGES or NO_PAGE.search(path):
            return []
        self.opened[line] = address
        page = self.visitor.page
        try:
            answer = page.goto(self.visitor.address + address, wait_until="load")
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            return []
        if answer is None or answer.status >= 400:
            self.faults.append(f"{address} answers {answer.status if answer else 'nothing'}")
            return []
        return self._look(page, address)

    def _look(self, page: Page, address: str) -> list[str]:
        seen = page.evaluate(SEEN)
        if seen["title"] is None:
            return []
        if not seen["title"].removesuffix("– Loa Bản").strip() or seen["headings"] != 1:
            self.faults.append(f"{address} has the title “{seen['title']}” and {seen['headings']} headings")
        self.faults += [f"{address} shows “{each}”" for each in self.who.foreign if each in seen["text"]]
        for method, target in (*seen["posts"], *seen["asked"]):
            self._offered(method, urlsplit(target or address).path, address)
        links = [urlsplit(link) for link in seen["links"] if link.startswith(f"{self.visitor.address}/")]
        found = [f"{link.path}?{link.query}" if link.query else link.path for link in links]
        for path in dict.fromkeys(found):
            self._offered("GET", urlsplit(path).path, address)
        return list(dict.fromkeys(found))

    def _offered(self, method: str, path: str, address: str) -> None:
        if not offered(self.who.role, method, path):
            self.faults.append(f"{address} offers {method} {path}, which {self.who.role.value} may not")


@pytest.mark.parametrize("who", PEOPLE, ids=lambda who: who.username)
def test_whatever_is_offered_is_there_and_nothing_of_others(
    province: tuple[House, str], context_of: Callable[..., BrowserContext], who: Somebody
) -> None:
    visitor = Visitor(context_of(viewport={"width": 1280, "height": 900}), province[1]).sign_in(who.username)
    walk = Walk(visitor, who)
    walk.through()
    assert not walk.faults, "\n".join(sorted(set(walk.faults)))
    assert visitor.complaints == []
    assert len(walk.opened) > FEWEST, "the menu leads somewhere"


def test_a_page_that_offers_too_much_or_shows_what_is_others_is_found(
    province: tuple[House, str], context_of: Callable[..., BrowserContext]
) -> None:
    """The looking itself, on pages that are wrong: one that somebody else may use, seen as if by an overseer of the
    other commune."""
    visitor = Visitor(context_of(), province[1]).sign_in("quantri")
    walk = Walk(visitor, Somebody("quantri", Role.overseer, "", ("Tả Phìn",)))
    for address in ("/can-bo", "/loa"):
        walk._open(address)
    assert any("offers POST /can-bo" in fault or "offers GET /can-bo" in fault for fault in walk.faults)
    assert any("shows “Tả Phìn”" in fault for fault in walk.faults)
    walk.opened.clear()
    walk.faults.clear()
    walk._open("/khong-co")
    assert walk.faults == ["/khong-co answers 404"]
