"""How another system comes along with what happens: tried again, laid aside, paused; and how its secret is changed.
Pure.

Imported by the use cases, the courier and tests. One happening after the other: what is behind one that was not taken
waits, until that one is laid aside.
"""

import enum

import msgspec

from schedules.clock import DAY, DurationMs, UtcMs
from server.letter import LONGEST_REASON, pause
from server.recipient import Webhook

PAUSED_AFTER: DurationMs = 3 * DAY
"""So long nothing was taken: nobody is there, and people are told."""
BOTH_SIGN_FOR: DurationMs = 7 * DAY
"""So long do two secrets sign each message: the other side changes its own when it suits them."""


class Reply(enum.Enum):
    """What came of one try."""

    taken = "taken"
    refused = "refused"  # it says that this message is wrong
    troubled = "troubled"  # it says that it has trouble of its own
    unreachable = "unreachable"
    gone = "gone"  # it, or we, will have no more of it


TRIES = {Reply.refused: 5, Reply.troubled: 12}
"""After so many one is laid aside: about a quarter of an hour, and half a day. Who cannot be reached has seen none, so
none is laid aside."""


class Undelivered(msgspec.Struct, frozen=True):
    """A happening that was laid aside, by its number. `again`: it is to be sent once more."""

    webhook: str
    number: int
    at: UtcMs
    tries: int
    why: str
    again: bool = False


def after_try(hook: Webhook, number: int, reply: Reply, why: str, now: UtcMs) -> tuple[Webhook, Undelivered | None]:
    """The subscriber after this happening was sent to it, and what is laid aside."""
    if reply is Reply.taken:
        fresh = msgspec.structs.replace(hook, reached=number, tries=0, due=now, failing_since=0, why="")
        return fresh, None
    why, tries = why[:LONGEST_REASON], hook.tries + 1
    since = hook.failing_since or now
    failing = msgspec.structs.replace(hook, tries=tries, failing_since=since, why=why, due=now + pause(hook.tries))
    if reply is Reply.gone or now - since >= PAUSED_AFTER:
        return msgspec.structs.replace(failing, paused_at=now), None
    if tries >= TRIES.get(reply, tries + 1):
        aside = Undelivered(hook.id, number, now, tries, why)
        return msgspec.structs.replace(failing, reached=number, tries=0, due=now), aside
    return failing, None


def resumed(hook: Webhook, now: UtcMs) -> Webhook:
    """It is tried again, from where it stopped."""
    return msgspec.structs.replace(hook, paused_at=0, failing_since=0, tries=0, due=now, why="")


def rotated(hook: Webhook, secret: str, now: UtcMs) -> Webhook:
    """It has a new secret; the one before signs beside it for a while, and one before that no more."""
    return msgspec.structs.replace(hook, secret=secret, secret_before=hook.secret, before_until=now + BOTH_SIGN_FOR)


def signing(hook: Webhook, now: UtcMs) -> tuple[str, ...]:
    """The sealed secrets that sign now, the newest first."""
    return (hook.secret, hook.secret_before) if hook.secret_before and now < hook.before_until else (hook.secret,)
