"""How many bytes the pages send over the wire, packed as a browser asks for them.

Imported by the bench.
"""

import gzip
import re
import tempfile
import urllib.request
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from server.web.frame import SESSION_COOKIE
from tests.bench.figures import Figure
from tests.browser.serving import serving
from tests.web.stage import PASSWORD, House, sample_database

FIRST_KB, LATER_KB = 70, 10
_ASSET = re.compile(r'(?:href|src)="(/tinh/[^"]+)"')
_PAGES = ("/", "/ban-tin", "/ban-tin/soan", "/nhat-ky", "/nghe", "/loa")


def measure() -> Iterator[Figure]:
    """The sign-in page with all that it needs, and the largest of the later pages."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), sample_database(Path(folder) / "sample.db"))
        try:
            with serving(house) as address:
                html, size = _fetch(f"{address}/dang-nhap")
                assets = set(_ASSET.findall(html))
                first = size + sum(_fetch(address + asset)[1] for asset in assets)
                cookie = _signed_in(address)
                later = max(_fetch(address + page, cookie)[1] for page in _PAGES)
        finally:
            house.close()
    yield Figure("first page over the wire", first / 1000, "kB", None, FIRST_KB)
    yield Figure("largest later page over the wire", later / 1000, "kB", None, LATER_KB)


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
        return text.decode(), size
