"""The way of webhooks: a signed message to another system. A shell.

Imported by the parts, the courier and tests.
"""

import msgspec

from schedules.clock import UtcMs
from server.letter import Fate, Letter
from server.outward import Forbidden, Outward, Unreachable
from server.recipient import Webhook, signature
from server.repositories.store import Stores
from server.subscription import signing
from server.vault import Vault

RESEALED = "its secret was sealed with another key"
_SECOND_MS = 1_000
_OK, _GONE = range(200, 300), 410


class WebhookChannel:
    """Sends to webhooks."""

    def __init__(self, stores: Stores, vault: Vault, outward: Outward) -> None:
        self._stores, self._vault, self._outward = stores, vault, outward

    def deliver(self, letter: Letter, now: UtcMs) -> tuple[Fate, str]:
        """What came of it, and why. The body and the id are the same at each try; the time of sending is signed with
        them, so that nobody can send an old message again much later."""
        with self._stores.open() as store:
            webhook = store.notices.webhook(letter.to)
        if webhook is None or webhook.ended_at:
            return Fate.gone, "switched off"
        body = body_of(letter)
        headers = headers_of(webhook, self._vault, letter.id, body, now)
        if headers is None:
            return Fate.refused, RESEALED
        try:
            answer = self._outward.post(webhook.url, body, headers)
        except Forbidden:
            return Fate.refused, "a private address, or no HTTPS"
        except Unreachable as error:
            return Fate.later, str(error)
        if answer.status in _OK:
            return Fate.delivered, ""
        return (Fate.refused if answer.status == _GONE else Fate.later), f"HTTP {answer.status}"


def headers_of(webhook: Webhook, vault: Vault, id_: str, body: bytes, now: UtcMs) -> dict[str, str] | None:
    """What goes with a body: who sends it, when, and the signatures by every secret that holds, with spaces between.
    None where the secrets were sealed with another key."""
    secrets = [secret for sealed in signing(webhook, now) if (secret := vault.open(webhook.id, sealed)) is not None]
    seconds = now // _SECOND_MS
    return (
        {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "loaban",
            "loaban-id": id_,
            "loaban-timestamp": str(seconds),
            "loaban-signature": " ".join(signature(secret, id_, seconds, body) for secret in secrets),
        }
        if secrets
        else None
    )


def body_of(letter: Letter) -> bytes:
    """What the other system reads, as JSON."""
    event = letter.event
    told = {
        "id": letter.id,
        "kind": event.kind.value,
        "matter": event.matter.value,
        "at": event.at,
        "urgent": event.urgent,
        "link": event.link,
        "about": event.about,
        "areas": [path.strip("/").rpartition("/")[2] for path in event.paths],
    }
    return msgspec.json.encode(told)
