"""The messenger: tells people what has been done and what is wrong, and sees that it leaves by every way that they
chose. Three threads. A shell.

Imported by the parts.
"""

from collections.abc import Callable, Mapping

from schedules.clock import MINUTE, UtcMs
from server import concerns, happenings, noticing, oversight, sending_down
from server.bell import NOTICES, Bell
from server.courier import Courier
from server.mail_channel import MailChannel, MailServer
from server.notice_choice import Way
from server.outward import Outward
from server.parcel import Packing
from server.postman import AT_ONCE, Channel, Postman
from server.push_channel import PushChannel, PushKey
from server.readiness import SILENT_FOR
from server.repositories.store import Stores
from server.rounds import Rounds
from server.settings import Settings
from server.vault import Vault
from server.webhook_channel import WebhookChannel
from server.wording import Wording

LOOK_EVERY_S, SEND_EVERY_S = 5.0, 10.0
WATCH_EVERY = 5 * MINUTE
NOBODY = "mailto:nobody@localhost"
"""Whom push services may turn to where the settings name neither a page nor an address."""


class Watcher:
    """Looks at the audit each time, and at the loudspeakers now and then. `linked()`: whether the server has its link
    to the broker. What all loudspeakers have in common is no concern of each of them."""

    def __init__(self, stores: Stores, clock: Callable[[], UtcMs], linked: Callable[[], bool]) -> None:
        self._stores, self._clock, self._linked = stores, clock, linked
        self._watched_at: UtcMs | None = None
        self._unlinked_at = clock()

    def round(self) -> tuple[bool, bool]:
        """Whether somebody has been told something, and whether there may be more at once."""
        now = self._clock()
        if not self._linked():
            self._unlinked_at = now
        with self._stores.open() as store:
            lines, told = noticing.follow(store, now)
        with self._stores.open() as store:
            due = store.happenings.due(now, happenings.AT_ONCE)
        for occurrence in due:
            with self._stores.open() as store:
                happenings.from_occurrence(store, occurrence, now)
        if self._watched_at is None or now - self._watched_at >= WATCH_EVERY:
            self._watched_at = now
            with self._stores.open() as store:
                if oversight.is_deaf(store, now):
                    self._unlinked_at = now
                told += concerns.watch(store, now, linked=now - self._unlinked_at > SILENT_FOR)
            with self._stores.open() as store:
                sending_down.hurry(store, now)
        return told > 0, lines == noticing.AT_ONCE or len(due) == happenings.AT_ONCE


class Messenger:
    """From `start` to `stop`. `channels`: the ways by which letters leave; `courier`: takes happenings to other
    systems."""

    def __init__(
        self,
        stores: Stores,
        bell: Bell,
        clock: Callable[[], UtcMs],
        linked: Callable[[], bool],
        channels: Mapping[Way, Channel],
        courier: Courier,
    ) -> None:
        self._bell = bell
        self._watcher, postman = Watcher(stores, clock, linked), Postman(stores, channels, clock)
        self._looking = Rounds("notices", self._look, LOOK_EVERY_S)
        self._handing = Rounds("courier", courier.round, SEND_EVERY_S)
        self._sending = Rounds("postman", lambda: postman.round() == AT_ONCE, SEND_EVERY_S)

    def start(self) -> None:
        """Begin."""
        self._bell.listen(self._rung)
        self._looking.start()
        self._sending.start()
        self._handing.start()

    def stop(self) -> None:
        """Tell and send no more; what is on its way is tried again the next time."""
        self._looking.stop()
        self._sending.stop()
        self._handing.stop()

    def wake(self) -> None:
        """There is a letter that should not wait."""
        self._sending.wake()
        self._handing.wake()

    def _rung(self, topic: str) -> None:
        if topic == "programmes":
            self._looking.wake()

    def _look(self) -> bool:
        told, more = self._watcher.round()
        if told:
            self._bell.ring(NOTICES)
            self.wake()
        self._handing.wake()
        return more


def channels_of(
    settings: Settings, stores: Stores, vault: Vault, key: PushKey, wording: Wording, outward: Outward, pack: Packing
) -> dict[Way, Channel]:
    """The ways that are set up: browsers and webhooks always, e-mail where there is a server for it. `pack`: what a
    letter by e-mail takes along."""
    channels: dict[Way, Channel] = {
        Way.push: PushChannel(stores, key, outward, wording),
        Way.webhook: WebhookChannel(stores, vault, outward),
    }
    if settings.smtp:
        server = MailServer(settings.smtp, settings.smtp_from, settings.smtp_user, settings.smtp_password)
        channels[Way.mail] = MailChannel(stores, server, wording, settings.address, pack)
    return channels


def contact_of(settings: Settings) -> str:
    """Whom push services may turn to."""
    if settings.page_address.startswith("https://"):
        return settings.address
    return f"mailto:{settings.smtp_from}" if settings.smtp_from else NOBODY
