"""The way of web push: a message sealed for one browser, handed to its maker's service. A shell, and the only room that
knows pywebpush.

Imported by the parts and tests. The service sees who sends (the key of this server) and when, and not what.
"""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode
from pywebpush import WebPusher, WebPushException

from schedules.clock import DAY, HOUR, UtcMs
from server.letter import Fate, Letter
from server.outward import Forbidden, Outward, Unreachable
from server.repositories.store import Stores
from server.whole_file import write_whole
from server.wording import Said, Wording

FILE = "push.key"
_SECOND_MS = 1_000
_TTL_S = DAY // _SECOND_MS
_OK, _GONE, _TOO_LARGE = range(200, 300), (404, 410), 413
_LONGEST_BODY = 300


class PushKey:
    """What this server shows to the services of browsers. `contact`: whom they may turn to, an address or a page."""

    def __init__(self, folder: Path, contact: str) -> None:
        path = folder / FILE
        if not path.exists():
            made = ec.generate_private_key(ec.SECP256R1())
            write_whole(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._vapid = Vapid02.from_pem(path.read_bytes())
        self._contact = contact

    @property
    def public(self) -> str:
        """The public key as browsers take it: an uncompressed point, base64url."""
        point = self._vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return str(b64urlencode(point))

    def headers(self, endpoint: str, now: UtcMs) -> dict[str, str]:
        """Who sends, to this service alone, and not for long."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": (now + 12 * HOUR) // _SECOND_MS}
        return dict(self._vapid.sign({**claims, "sub": self._contact}))


class PushChannel:
    """Sends to browsers. `address`: of the pages, for links."""

    def __init__(self, stores: Stores, key: PushKey, outward: Outward, wording: Wording) -> None:
        self._stores, self._key, self._outward, self._wording = stores, key, outward, wording

    def deliver(self, letter: Letter, now: UtcMs) -> tuple[Fate, str]:
        """What came of it, and why. A browser that is there no more is forgotten."""
        with self._stores.open() as store:
            to = store.notices.subscription(letter.to)
            language = store.notices.choice(to.staff).language if to is not None else "vi"
        if to is None:
            return Fate.gone, "no such browser any more"
        said = payload(self._wording(letter.event, language), letter.event.link)
        try:
            sealed = WebPusher({"endpoint": to.endpoint, "keys": {"p256dh": to.p256dh, "auth": to.auth}}).encode(said)
        except (WebPushException, ValueError) as error:
            return Fate.refused, str(error)
        headers = {
            **self._key.headers(to.endpoint, now),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(_TTL_S),
            "urgency": "high" if letter.event.urgent else "normal",
            "topic": letter.id,  # sent twice, it is shown once
        }
        try:
            answer = self._outward.post(to.endpoint, sealed["body"], headers)
        except Forbidden:
            return Fate.refused, "no address of a push service"
        except Unreachable as error:
            return Fate.later, str(error)
        return self._judged(answer.status, to.id)

    def _judged(self, status: int, subscription: str) -> tuple[Fate, str]:
        if status in _OK:
            return Fate.delivered, ""
        if status in _GONE:
            with self._stores.open() as store:
                store.notices.unsubscribe(subscription)
            return Fate.gone, f"HTTP {status}"
        return (Fate.refused if status == _TOO_LARGE else Fate.later), f"HTTP {status}"


def payload(said: Said, link: str) -> bytes:
    """What the service worker shows: title, body, and the page that opens."""
    body = said.body if len(said.body) <= _LONGEST_BODY else said.body[:_LONGEST_BODY] + "…"
    return msgspec.json.encode({"title": said.title, "body": body, "url": link})
