"""Who is told outside the page: browsers that asked for it, and other systems. Pure.

Imported by the use cases, the repository and the shells that send.
"""

import base64
import binascii
import hashlib
import hmac

import msgspec

from schedules.clock import UtcMs
from server.happening import HappeningKind
from server.notice import Matter

_P256_BYTES, _AUTH_BYTES = 65, 16


class Subscription(msgspec.Struct, frozen=True):
    """A browser of somebody that asked to be told: where its maker's service takes messages for it, and what they are
    sealed with, so that this service cannot read them. `device`: what it called itself."""

    id: str
    staff: str
    endpoint: str
    p256dh: str
    auth: str
    device: str
    at: UtcMs


class Webhook(msgspec.Struct, frozen=True):
    """Another system that is told what happens in an area and below. `secret`: sealed, what signs each message, beside
    `secret_before` until `before_until`; `ended_at`: 0 while it is told. `matters`: of which notices, `happenings`: of
    what on the air; of these `reached` is the number of the last that was dealt with, `due` when the next is tried,
    `tries` how often it has failed, since `failing_since` and `why`; `paused_at`: 0 while it is tried."""

    id: str
    area: str
    url: str
    secret: str
    matters: frozenset[Matter]
    by: str
    at: UtcMs
    ended_at: UtcMs = 0
    happenings: frozenset[HappeningKind] = frozenset()
    secret_before: str = ""
    before_until: UtcMs = 0
    reached: int = 0
    due: UtcMs = 0
    tries: int = 0
    failing_since: UtcMs = 0
    paused_at: UtcMs = 0
    why: str = ""


def subscription_id(endpoint: str) -> str:
    """The same for the same browser, so that asking twice makes one."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:32]


def are_keys(p256dh: str, auth: str) -> bool:
    """Whether a browser has given a point of its curve and its secret, in their sizes."""
    point, secret = _decoded(p256dh), _decoded(auth)
    return len(point) == _P256_BYTES and point[0] == 4 and len(secret) == _AUTH_BYTES


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """What a webhook's receiver computes as well: HMAC-SHA256 over id, seconds since 1970 and body, with dots
    between."""
    said = f"{id_}.{timestamp}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), said, "sha256").hexdigest()


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
