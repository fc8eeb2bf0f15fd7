"""Sending to addresses that people have typed, or that their browsers have named: a POST that cannot be turned against
the house. A shell.

Imported by the shells that send and by the pages on which addresses are typed. The name is looked up once, every
address that it has must be a public one, and the connection goes to the address that was looked at, so that no name can
mean another machine a moment later. No redirection is followed. `private`: a site's own receivers may stand in its own
network.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import msgspec

TIMEOUT_S = 10.0
LONGEST_ANSWER = 2_000
LONGEST_URL = 1_000
Resolve = Callable[[str, int], list[str]]
_EMBEDDING = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""IPv6 addresses in which an IPv4 address is hidden."""


class Forbidden(Exception):
    """The address is none that this server may be sent to."""


class Unreachable(Exception):
    """Nobody answered, or not in the words of HTTP."""


class Answer(msgspec.Struct, frozen=True):
    """What was answered; of the body no more than its beginning."""

    status: int
    body: str


def resolved(host: str, port: int) -> list[str]:
    """Every address of a name. Raises `Unreachable`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: {error}") from error
    return [str(address[0]) for *_, address in found]


def is_public(address: str) -> bool:
    """Whether an address lies in nobody's own network."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return is_public(str(parsed.ipv4_mapped))
        if any(parsed in net for net in _EMBEDDING):
            return False
    return parsed.is_global and not parsed.is_multicast


def is_url(typed: str, *, plain: bool) -> bool:
    """Whether it can be the address of another system: HTTPS, no name and password in it. `plain`: HTTP as well."""
    if len(typed) > LONGEST_URL or not typed.isascii() or any(c.isspace() or not c.isprintable() for c in typed):
        return False
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        return False
    schemes = ("https", "http") if plain else ("https",)
    return parts.scheme in schemes and bool(parts.hostname) and "@" not in parts.netloc and port != 0


class Outward:
    """Sends. `resolve`: looks a name up."""

    def __init__(self, *, private: bool, resolve: Resolve = resolved, timeout_s: float = TIMEOUT_S) -> None:
        self._private, self._resolve, self._timeout_s = private, resolve, timeout_s
        self._context = ssl.create_default_context()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises `Forbidden`, `Unreachable`."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        if (not secure and not (self._private and parts.scheme == "http")) or not parts.hostname:
            raise Forbidden(url)
        port = parts.port or (443 if secure else 80)
        address = self._allowed(parts.hostname, port)
        connection = self._connection(parts.hostname, address, port, secure=secure)
        path = parts.path or "/"
        with contextlib.closing(connection):
            try:
                connection.request("POST", f"{path}?{parts.query}" if parts.query else path, body, dict(headers))
                answer = connection.getresponse()
                return Answer(answer.status, answer.read(LONGEST_ANSWER).decode("utf-8", "replace"))
            except (OSError, http.client.HTTPException) as error:
                raise Unreachable(f"{type(error).__name__}: {error}") from error

    def _allowed(self, host: str, port: int) -> str:
        addresses = self._resolve(host, port)
        if not addresses:
            raise Unreachable(host)
        if not self._private and not all(map(is_public, addresses)):
            raise Forbidden(host)
        return addresses[0]

    def _connection(self, host: str, address: str, port: int, *, secure: bool) -> http.client.HTTPConnection:
        """A connection to this address that speaks, and is certified, as this name."""
        try:
            plain = socket.create_connection((address, port), self._timeout_s)
        except OSError as error:
            raise Unreachable(f"{host}: {error}") from error
        connection = http.client.HTTPConnection(host, port, timeout=self._timeout_s)
        try:
            connection.sock = self._context.wrap_socket(plain, server_hostname=host) if secure else plain
        except OSError as error:
            plain.close()
            raise Unreachable(f"{host}: {error}") from error
        return connection
