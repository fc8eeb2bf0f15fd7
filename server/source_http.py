"""A source-information system over HTTPS, as JSON: the adapter that comes with the program. A shell.

Imported by composition roots and tests. What it asks and how it is answered stands in `deploy/source-system.md`, which
a supplier can hold their own server against (`loaban source-check`).
"""

import http.client
import json
import ssl
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

import msgspec

from server.source_system import Aired, Batch, SourceBulletin, SourceFault, SourceFaultKind

PATIENCE_S = 20
LARGEST = 5 * 1024 * 1024
ON_A_PAGE = 100
_LOCAL = ("127.0.0.1", "localhost", "::1")


class InsecureSource(Exception):
    """Its address is no HTTPS address: whoever stands between could put bulletins there."""


class HttpSource:
    """`url`: below which it answers; `token`: what lets us in."""

    def __init__(self, url: str, token: str, patience_s: float = PATIENCE_S) -> None:
        place = urlsplit(url)
        if place.scheme != "https" and place.hostname not in _LOCAL:
            raise InsecureSource(url)
        self._place, self._token, self._patience_s = place, token, patience_s

    def fetch(self, cursor: str) -> Batch:
        """One page."""
        status, body = self.ask("GET", f"/bulletins?limit={ON_A_PAGE}&after={quote(cursor, safe='')}")
        _must_be(status, 200)
        try:
            page = json.loads(body)
            items, cursor_, more = page["items"], page["next"], page["more"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise SourceFault(SourceFaultKind.senseless, f"{type(error).__name__}: {error}") from error
        if not (isinstance(items, list) and isinstance(cursor_, str) and isinstance(more, bool)):
            raise SourceFault(SourceFaultKind.senseless, "items, next, more")
        if len(items) > ON_A_PAGE or (more and cursor_ == cursor):
            raise SourceFault(SourceFaultKind.senseless, "it goes round in circles, or sends more than was asked for")
        return _batch(items, cursor_, more)

    def report(self, told: Sequence[Aired]) -> None:
        """One post."""
        status, _ = self.ask("POST", "/aired", msgspec.json.encode({"items": list(told)}))
        _must_be(status, 200, 201, 202, 204)

    def ask(self, method: str, path: str, body: bytes = b"", *, token: str | None = None) -> tuple[int, bytes]:
        """One question; status and body. It follows nobody elsewhere. Raises `SourceFault`."""
        told = {"authorization": f"Bearer {self._token if token is None else token}", "accept": "application/json"}
        told |= {"content-type": "application/json"} if body else {}
        host, port, path = self._place.hostname or "", self._place.port, self._place.path.rstrip("/") + path
        line = (
            http.client.HTTPSConnection(host, port, timeout=self._patience_s, context=ssl.create_default_context())
            if self._place.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=self._patience_s)
        )
        try:
            line.request(method, path, body or None, told)
            answer = line.getresponse()
            content = answer.read(LARGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            raise SourceFault(SourceFaultKind.unreachable, f"{type(error).__name__}: {error}") from error
        finally:
            line.close()
        if len(content) > LARGEST:
            raise SourceFault(SourceFaultKind.senseless, "the answer is too large")
        return answer.status, content


def _must_be(status: int, *good: int) -> None:
    if status in good:
        return
    kinds = {401: SourceFaultKind.refused, 403: SourceFaultKind.refused}
    fallback = SourceFaultKind.failing if status >= http.client.INTERNAL_SERVER_ERROR else SourceFaultKind.senseless
    raise SourceFault(kinds.get(status, fallback), f"HTTP {status}")


def _batch(items: list[object], cursor: str, more: bool) -> Batch:
    found, unreadable = list[SourceBulletin](), list[str]()
    for item in items:
        try:
            found.append(msgspec.convert(item, SourceBulletin, strict=True))
        except (msgspec.ValidationError, RecursionError) as error:
            unreadable.append(str(error)[:200])
    return Batch(tuple(found), tuple(unreadable), cursor, more)
