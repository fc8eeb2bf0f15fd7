"""What every answer and every request must satisfy: headers, cookies, origin, size. Middleware without a framework's
help, so that no page can forget it.

Imported by `server.app`.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.origin import acting_from

Refusal = Callable[[Scope, str, int], ASGIApp]
"""Makes the answer to a refused request: its scope, a word of the dictionary of refusals, the status."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(self)"),
)
UNSAID = (b"cache-control", b"no-store")
"""Whatever says nothing of being kept is kept by nobody: pages are personal."""
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 1024 * 1024
LARGEST_UPLOAD = 80 * 1024 * 1024
"""Three recordings of 25 MB; each one is checked by itself."""


HOST_ONLY = "__Host-"
"""A browser takes a cookie with this beginning only over TLS, from this very host: no neighbour can plant one."""


def headers(scope: Scope, *, secure: bool) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of every answer. `secure`: the pages stand behind HTTPS."""
    return (*HEADERS, UNSAID, STRICT_TRANSPORT) if _tls(scope, secure) else (*HEADERS, UNSAID)


class SecurityHeaders:
    """Sets the headers on every answer."""

    def __init__(self, app: ASGIApp, secure: Callable[[], bool]) -> None:
        self._app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                wanted = headers(scope, secure=self._secure())
                message["headers"] = [*message["headers"], *(h for h in wanted if h[0] not in given)]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class Origins:
    """Notes from where a request comes, for what it makes the server write down."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        device = next((value for name, value in scope.get("headers", ()) if name == b"user-agent"), b"")
        with acting_from((scope.get("client") or ("",))[0], device.decode("latin-1")):
            await self._app(scope, receive, send)


class HouseCookies:
    """Every cookie is unreadable for scripts and does not travel with other sites' requests; under TLS it is for TLS
    and this very host alone, and no other is heeded."""

    def __init__(self, app: ASGIApp, secure: Callable[[], bool]) -> None:
        self._app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        tls = _tls(scope, self._secure())
        if tls:
            scope = {**scope, "headers": [_own(name, value) for name, value in scope["headers"]]}

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = message["headers"]
                message["headers"] = [(n, _sealed(v, tls)) if n.lower() == b"set-cookie" else (n, v) for n, v in found]
            await send(message)

        await self._app(scope, receive, sealed)


def _own(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Of the cookies that came, those that a neighbour cannot have planted."""
    if name.lower() != b"cookie":
        return name, value
    prefix = HOST_ONLY.encode()
    cookies = [each.strip() for each in value.split(b";")]
    return name, b"; ".join(each.removeprefix(prefix) for each in cookies if each.startswith(prefix))


def _sealed(value: bytes, tls: bool) -> bytes:
    cookie, *given = [part.strip() for part in value.decode("latin-1").split(";")]
    life = [part for part in given if part.lower().startswith(("max-age=", "expires="))]
    parts = [cookie if not tls else HOST_ONLY + cookie.removeprefix(HOST_ONLY), "Path=/", *life]
    return "; ".join([*parts, "HttpOnly", "SameSite=Lax", *(["Secure"] if tls else [])]).encode("latin-1")


class SameOrigin:
    """Refuses a changing request that another site made a browser send. A browser says where a request comes from
    (`Sec-Fetch-Site`, on plain HTTP only `Origin`); what says neither carries no cookies of a browser."""

    def __init__(self, app: ASGIApp, refusal: Refusal, secure: Callable[[], bool]) -> None:
        self._app, self._refusal, self._secure = app, refusal, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        heeded = scope["type"] != "http" or scope["method"] in SAFE
        if heeded or same_origin(_headers(scope), tls=_tls(scope, self._secure())):
            await self._app(scope, receive, send)
        else:
            await self._refusal(scope, "cross_site", 403)(scope, receive, send)


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


def same_origin(headers: dict[str, str], *, tls: bool) -> bool:
    """Whether a changing request comes from our own pages, or from no browser. Under TLS a page that came without it
    is not ours: anybody on the way may have written it."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    place = urlsplit(origin)
    return place.netloc == headers.get("host") and (place.scheme == "https" or not tls)


def _tls(scope: Scope, secure: bool) -> bool:
    return secure or scope.get("scheme") == "https"


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
