"""What every answer and every request must satisfy: headers, origin, size. Middleware without a framework's help.

Imported by `server.app`.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Refusal = Callable[[Scope, str, int], ASGIApp]
"""Makes the answer to a refused request: its scope, a word of the dictionary of refusals, the status."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(self)"),
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 1024 * 1024
LARGEST_UPLOAD = 80 * 1024 * 1024
"""Three recordings of 25 MB; each one is checked by itself."""


class SecurityHeaders:
    """Sets the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in HEADERS if h[0] not in given)]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class SameOrigin:
    """Refuses a changing request that another site made a browser send. A browser says where a request comes from
    (`Sec-Fetch-Site`, on plain HTTP only `Origin`); what says neither carries no cookies of a browser."""

    def __init__(self, app: ASGIApp, refusal: Refusal) -> None:
        self._app, self._refusal = app, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] not in SAFE and not same_origin(_headers(scope)):
            await self._refusal(scope, "cross_site", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses bodies that no form of ours sends; `uploads` are the paths that take recordings."""

    def __init__(self, app: ASGIApp, uploads: tuple[str, ...], refusal: Refusal) -> None:
        self._app, self._uploads, self._refusal = app, uploads, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = LARGEST_UPLOAD if scope["path"].startswith(self._uploads) else LARGEST_BODY
        announced = _headers(scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > largest:
            await self._refusal(scope, "too_large", 413)(scope, receive, send)
            return
        left = largest

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


def same_origin(headers: dict[str, str]) -> bool:
    """Whether a changing request comes from our own pages, or from no browser."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
