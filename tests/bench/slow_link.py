"""How soon somebody on a poor link sees a page, in a real browser: 400 kbit/s, 400 ms away, on a processor a quarter as fast.

Imported by the bench. The floor is the same text without style, script and typeface, over the same link in the same run.
"""

import gzip
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.figures import Figure, percentile
from tests.browser.conftest import CHROMIUM, SWITCHES, Visitor, fill
from tests.browser.serving import serving
from tests.web.stage import House, sample_database

BYTES_A_SECOND, LATENCY_MS, SLOWER = 400_000 // 8, 400, 4
MOST_SECONDS = 3.0
TIMES = 5
_PHONE: dict[str, Any] = {"locale": "vi-VN", "viewport": {"width": 360, "height": 740}}
_ASSETS = re.compile(r'<link rel="(?:stylesheet|preload|icon|manifest)"[^>]*>|<script[^>]*></script>|<img[^>]*>')
# When the largest piece of text stood there (ms since the page was asked for).
_SEEN = """() => new Promise((told) => {
  let at = 0;
  new PerformanceObserver((list) => { for (const each of list.getEntries()) at = Math.max(at, each.startTime); })
    .observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => told(at), 300);
})"""


def measure(times: int = TIMES) -> Iterator[Figure]:
    """The overview for a first visitor and for one who has been here before."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        house = House(Path(folder), sample_database(Path(folder) / "sample.db"), demo=True)
        fill(house)
        path = shutil.which(os.environ.get("LOABAN_CHROMIUM", CHROMIUM))
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES.split())
        try:
            with serving(house) as address:
                for name, page in (("overview", "/"), ("compose page", "/ban-tin/soan")):
                    looks = [_looks(browser, address, page) for _ in range(times)]
                    first, again, bare = (percentile([look[n] for look in looks], 50) for n in range(3))
                    yield Figure(f"{name} seen on 400 kbit/s, nothing kept", first, "s", bare, MOST_SECONDS)
                    yield Figure(f"{name} seen on 400 kbit/s, been here before", again, "s", bare)
        finally:
            browser.close()
            house.close()


def _looks(browser: Browser, address: str, page: str) -> tuple[float, float, float]:
    """Seconds until it is seen with nothing kept, with the static files kept, and bare."""
    context = browser.new_context(**_PHONE)
    Visitor(context, address).sign_in("bientap")
    signed_in = context.storage_state()
    context.close()
    context = browser.new_context(**_PHONE, storage_state=signed_in)
    try:
        tab = context.new_page()
        bare = _ASSETS.sub("", tab.request.get(address + page).text())
        wire = context.new_cdp_session(tab)
        wire.send("Network.enable")
        speed = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
        wire.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **speed})
        wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        with _lone(bare) as other:
            first, again, floor = (_seen(tab, each) for each in (address + page, address + page, other))
        return first, again, floor
    finally:
        context.close()


def _seen(tab: Page, address: str) -> float:
    tab.goto(address, wait_until="load")
    return float(tab.evaluate(_SEEN)) / 1000


@contextmanager
def _lone(html: str) -> Iterator[str]:
    """The address of one page, packed, on a server of its own."""
    packed = gzip.compress(html.encode())

    class Lone(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in (("type", "text/html; charset=utf-8"), ("encoding", "gzip"), ("length", len(packed))):
                self.send_header(f"Content-{name}", str(value))
            self.end_headers()
            self.wfile.write(packed)

        def log_message(self, *_words: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Lone) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
