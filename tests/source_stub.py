"""A source-information system on loopback that behaves as a test wants: well, or like the weather.

Imported by tests. It answers as `deploy/source-system.md` says, as far as it is not told otherwise.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ma-nguon-tin"


class Stub:
    """`items`: what it has, in order; `told`: what it was told, by occurrence and area; `weather`: what it answers in
    place of the truth (`(status, body)`); `faults`: which requirements it breaks."""

    def __init__(self, *items: Any) -> None:
        self.items: list[Any] = list(items)
        self.told: dict[tuple[str, str], dict[str, Any]] = {}
        self.posts = 0
        self.weather: tuple[int, bytes] | None = None
        self.faults: set[str] = set()
        self.url = ""

    def page(self, after: str, limit: int) -> tuple[int, bytes]:
        """A page of what it has."""
        begin = int(after or 0) if "forgetful" not in self.faults else 0
        some = self.items[begin : begin + limit]
        end, more = begin + len(some), begin + len(some) < len(self.items)
        if "restless" in self.faults:
            some = [{**each, "title": f"{each['title']} {self.posts}"} for each in some]
            self.posts += 1
        return 200, json.dumps({"items": some, "next": str(end), "more": more or "endless" in self.faults}).encode()

    def hear(self, body: bytes) -> tuple[int, bytes]:
        """What was aired."""
        try:
            items = json.loads(body)["items"]
            found = {(each["occurrence"], each["area"]): each for each in items}
        except (ValueError, KeyError, TypeError):
            return (500 if "breakable" in self.faults else 400), b"{}"
        self.posts += 1
        if "touchy" in self.faults and found.keys() & self.told.keys():
            return 409, b"{}"
        self.told |= found
        return 204, b""


@contextmanager
def serving_source(stub: Stub) -> Iterator[Stub]:
    """It answers until the test is over."""

    class Door(BaseHTTPRequestHandler):
        def log_message(self, *_given: object) -> None:
            """It says nothing."""

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            self._answer(lambda: stub.page(asked.get("after", [""])[0], int(asked["limit"][0])))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self._answer(lambda: stub.hear(body))

        def _answer(self, truth: Any) -> None:
            if self.headers["authorization"] != f"Bearer {TOKEN}" and "open" not in stub.faults:
                status, body = 401, b"{}"
            else:
                status, body = stub.weather or truth()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    stub.url = f"http://127.0.0.1:{server.server_port}/nguon"
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
