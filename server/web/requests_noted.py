"""What is noted of every request: its id, for the log and for who asks; how long it took. Middleware.

Imported by `server.app`.
"""

import logging
import re
from collections.abc import Callable
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import log_lines

_ID = re.compile(rb"[A-Za-z0-9-]{8,64}")
_log = logging.getLogger(log_lines.REQUESTS)


class Counting(Protocol):
    """Who counts requests."""

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """One was answered."""


class RequestsNoted:
    """`new_id` names a request that a server in front has not named; `mono_ms` is a clock that never steps."""

    def __init__(
        self,
        app: ASGIApp,
        new_id: Callable[[str], str],
        mono_ms: Callable[[], int],
        counting: Callable[[], Counting | None],
    ) -> None:
        self._app, self._new_id, self._mono_ms, self._counting = app, new_id, mono_ms, counting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        name = given.decode() if _ID.fullmatch(given) else self._new_id("yc")
        status, began = 500, self._mono_ms()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        with log_lines.answering(name):
            try:
                await self._app(scope, receive, named)
            finally:
                self._note(scope, status, self._mono_ms() - began)

    def _note(self, scope: Scope, status: int, took_ms: int) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        if (counting := self._counting()) is not None:
            counting.answered(method, route, status, took_ms / 1000)
        facts = {"method": method, "route": route, "status": status, "ms": took_ms}
        _log.info("%s %s %d", method, route, status, extra={"facts": facts})
