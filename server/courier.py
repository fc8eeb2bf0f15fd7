"""The courier: takes happenings to other systems, to each in their order. A shell.

Imported by the messenger, the parts and tests. How far a subscriber has come is noted after it has said that it has
taken one: a courier that is killed in between takes it there once more, with the same id. At least once, never not at
all.
"""

import logging
from collections.abc import Callable

import msgspec

from schedules.clock import UtcMs
from server.access import Act, may
from server.happening import Happening, within
from server.notice import Event, NoticeKind
from server.noticing import everybody, tell
from server.outward import Forbidden, Outward, Unreachable
from server.recipient import Webhook
from server.repositories.store import Store, Stores
from server.subscription import Reply, Undelivered, after_try
from server.vault import Vault
from server.webhook_channel import RESEALED, headers_of

AT_ONCE = 20
"""Happenings for one subscriber in one round: the others wait no longer than these take."""
PAGE = "/ket-noi"
_OK, _GONE, _SERVER_FAULT = range(200, 300), 410, 500
_LATER = (408, 425, 429)
_LONGEST_ADDRESS = 100

_log = logging.getLogger("loaban.courier")


class Courier:
    """`told(happening)`: as JSON, what a subscriber reads."""

    def __init__(
        self,
        stores: Stores,
        vault: Vault,
        outward: Outward,
        told: Callable[[Happening], bytes],
        clock: Callable[[], UtcMs],
    ) -> None:
        self._stores, self._vault, self._outward, self._told, self._clock = stores, vault, outward, told, clock

    def round(self) -> bool:
        """Take to everybody what waits for them; whether there may be more at once."""
        with self._stores.open() as store:
            hooks = [hook for hook in store.notices.webhooks() if hook.happenings and not hook.paused_at]
        more = False
        for hook in hooks:
            self._send_again(hook)
            if hook.due <= self._clock():
                more = self._go_on(hook) or more
        return more

    def _go_on(self, hook: Webhook) -> bool:
        """One after the other, until one is not taken."""
        with self._stores.open() as store:
            path = _path(store, hook)
            newest = store.happenings.newest()
            waiting = store.happenings.after(hook.reached, [path], hook.happenings, AT_ONCE) if path else []
        for happening in waiting:
            part = within(happening, [path])
            if part is None:
                continue
            reply, why = self._sent(hook, part)
            after, aside = after_try(hook, happening.number, reply, why, self._clock())
            fresh = self._keep(hook, after, aside)
            if fresh is None or reply is not Reply.taken:
                return aside is not None
            hook = fresh
        full = len(waiting) == AT_ONCE
        reached = waiting[-1].number if full else newest
        if reached > hook.reached:
            self._keep(hook, msgspec.structs.replace(hook, reached=reached), None)
        return full

    def _send_again(self, hook: Webhook) -> None:
        """What somebody has asked for, of what was laid aside."""
        with self._stores.open() as store:
            path = _path(store, hook)
            asked = store.happenings.undelivered(hook.id, AT_ONCE, again=True)
            found = [(each, store.happenings.find(each.number)) for each in asked]
        for each, happening in found:
            part = within(happening, [path]) if happening is not None and path else None
            reply, why = self._sent(hook, part) if part is not None else (Reply.taken, "")
            with self._stores.open() as store:
                if reply is Reply.taken:
                    store.happenings.taken(hook.id, each.number)
                else:
                    tried = msgspec.structs.replace(each, at=self._clock(), tries=each.tries + 1, why=why, again=False)
                    store.happenings.lay_aside(tried)

    def _sent(self, hook: Webhook, happening: Happening) -> tuple[Reply, str]:
        body = self._told(happening)
        headers = headers_of(hook, self._vault, happening.id, body, self._clock())
        if headers is None:
            return Reply.gone, RESEALED
        try:
            status = self._outward.post(hook.url, body, headers).status
        except Forbidden:
            return Reply.gone, "a private address, or no HTTPS"
        except Unreachable as error:
            return Reply.unreachable, str(error)
        if status in _OK:
            return Reply.taken, ""
        _log.warning("subscriber %s: HTTP %d", hook.id, status)
        if status == _GONE:
            return Reply.gone, f"HTTP {status}"
        refused = status < _SERVER_FAULT and status not in _LATER
        return Reply.refused if refused else Reply.troubled, f"HTTP {status}"

    def _keep(self, before: Webhook, after: Webhook, aside: Undelivered | None) -> Webhook | None:
        """How far it has come; what people have changed in the meantime stays. None where it is told no more."""
        now = self._clock()
        with self._stores.open() as store:
            found = store.notices.webhook(before.id)
            if found is None or found.ended_at or (found.reached, found.due) != (before.reached, before.due):
                return None
            progress = ("reached", "due", "tries", "failing_since", "paused_at", "why")
            fresh = msgspec.structs.replace(found, **{name: getattr(after, name) for name in progress})
            store.notices.keep_webhook(fresh)
            if aside is not None:
                store.happenings.lay_aside(aside)
            if fresh.paused_at:
                _tell(store, fresh, now)
        return fresh


def _path(store: Store, hook: Webhook) -> str:
    area = store.areas.find(hook.area)
    return area.path if area is not None else ""


def _tell(store: Store, hook: Webhook, now: UtcMs) -> None:
    """Whoever may set it going again knows of it."""
    people, path = everybody(store, now), _path(store, hook)
    event = Event(
        kind=NoticeKind.webhook_paused,
        key=f"webhook_paused {hook.id} {hook.paused_at}",
        at=now,
        link=PAGE,
        about={"title": hook.url[:_LONGEST_ADDRESS], "note": hook.why},
        named=frozenset(person.id for person in people if may(person.grants, Act.set_area, path)),
    )
    tell(store, event, people, now)
