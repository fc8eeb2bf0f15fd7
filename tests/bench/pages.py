"""How many bytes the pages send over the wire, packed as a browser asks for them; and how long it takes to know how
ready a province is.

Imported by the bench.
"""

import gzip
import re
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from schedules.clock import HOUR, ClockTrust
from schedules.wire import Status
from server import before_air
from server.access import Role
from server.web.frame import SESSION_COOKIE
from tests.bench.figures import Figure, percentile
from tests.browser.serving import serving
from tests.web.stage import PASSWORD, House, fill_province, sample_database

FIRST_KB, LATER_KB = 70, 10
TIMES, MOST_READINGS = 9, 6
_ASSET = re.compile(r'(?:href|src)="(/tinh/[^"]+)"')
LATIN_FACES = re.compile(r'url\("\.\.(/[^"]+)"\)[^}]*unicode-range: U\+0-')
"""The typefaces in a style sheet that every page needs; those of other scripts are fetched where they are used."""
_PAGES = ("/", "/ban-tin", "/ban-tin/soan", "/nhat-ky", "/nghe", "/loa")


def measure() -> Iterator[Figure]:
    """The sign-in page with all that it needs, and the largest of the later pages."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), sample_database(Path(folder) / "sample.db"))
        try:
            with serving(house) as address:
                html, size = _fetch(f"{address}/dang-nhap")
                assets = set(_ASSET.findall(html))
                sheets = [_fetch(address + asset)[0] for asset in assets if asset.endswith(".css")]
                assets |= {f"/tinh{face}" for sheet in sheets for face in LATIN_FACES.findall(sheet)}
                first = size + sum(_fetch(address + asset)[1] for asset in assets)
                cookie = _signed_in(address)
                later = max(_fetch(address + page, cookie)[1] for page in _PAGES)
        finally:
            house.close()
    yield Figure("first page over the wire", first / 1000, "kB", None, FIRST_KB)
    yield Figure("largest later page over the wire", later / 1000, "kB", None, LATER_KB)


def readiness(hamlets: int = 30) -> Iterator[Figure]:
    """A broadcast to a province (with so many hamlets in each commune) whose loudspeakers have all spoken: who is ready and who is not, beside merely reading what
    they have said and what they are told."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), sample_database(Path(folder) / "sample.db"))
        try:
            fill_province(house, hamlets)
            broadcast, devices = _on_air(house)
            took = [_timed(lambda: _prepared(house, broadcast)) for _ in range(TIMES)]
            floor = [_timed(lambda: _read(house, devices)) for _ in range(TIMES)]
        finally:
            house.close()
    ratio = percentile(took, 50) / percentile(floor, 50)
    yield Figure(f"readiness of {len(devices)} loudspeakers", ratio, "× reading them", 1, MOST_READINGS)


def _on_air(house: House) -> tuple[str, list[str]]:
    with house.stores.open() as store:
        store.staff.grant("pheduyet", "tinh-lao-cai", Role.approver)
        devices = [area.id for area in store.fleet.below(["/"])]
    broadcast = house.write(at=house.clock.now + HOUR, targets=("tinh-lao-cai",), author="tinhvan")
    house.approve(broadcast)
    with house.stores.open() as store:
        held = {area: programme.revision for area, programme in store.fleet.programmes().items()}
        status = Status(online=True, journal="j", programmes=held, trust=ClockTrust.ntp, at=house.clock.now)
        for number, device in enumerate(devices):
            told = msgspec.structs.replace(status, online=number % 5 > 0, programmes=held if number % 7 else {})
            store.fleet.hear(device, told, house.clock.now)
    return broadcast, devices


def _prepared(house: House, broadcast: str) -> None:
    with house.stores.open() as store:
        before_air.coming(store, house.person(store, "tinhvan"), broadcast, house.clock.now)


def _read(house: House, devices: list[str]) -> None:
    with house.stores.open() as store:
        store.fleet.heard(devices, house.clock.now)
        store.fleet.assignments(devices)


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _signed_in(address: str) -> str:
    form = urlencode({"username": "bientap", "password": PASSWORD}).encode()
    opener = urllib.request.build_opener(_Stay())
    answer = opener.open(urllib.request.Request(f"{address}/dang-nhap", data=form))
    return SimpleCookie(answer.headers["set-cookie"])[SESSION_COOKIE].value


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is the answer."""

    def http_error_303(self, _request: object, answer: object, *_rest: object) -> object:
        return answer


def _fetch(url: str, cookie: str = "") -> tuple[str, int]:
    """The text of an answer, and the bytes of its head and packed body."""
    headers = {"Accept-Encoding": "gzip", "Cookie": f"{SESSION_COOKIE}={cookie}"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        body = answer.read()
        size = len(body) + len(str(answer.headers))
        text = gzip.decompress(body) if answer.headers.get("content-encoding") == "gzip" else body
        return text.decode(errors="replace"), size
