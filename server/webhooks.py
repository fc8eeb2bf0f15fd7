"""Other systems that are told what happens in an area: how they are made, tried and ended. Use cases.

Imported by the web and tests. Their messages carry what the pages show to people of that area.
"""

import msgspec

from schedules.clock import UtcMs
from server.access import Act, Person, may, scope
from server.area import LOUDSPEAKER, Area
from server.letter import Letter
from server.notice import Event, Matter, NoticeKind
from server.notice_choice import Way
from server.noticing import letter_of
from server.oversight import visible_area
from server.recipient import Webhook
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store
from server.vault import Vault

LATEST = 5


class Listening(msgspec.Struct, frozen=True):
    """A webhook as its page shows it, with its latest letters."""

    webhook: Webhook
    area: Area
    letters: tuple[Letter, ...]


def places(store: Store, person: Person) -> list[Area]:
    """Where this person may have another system told."""
    return [area for area in store.areas.below(scope(person.grants, Act.set_area)) if area.level != LOUDSPEAKER]


def listed(store: Store, person: Person) -> list[Listening]:
    """Those of the areas that this person sets."""
    found = store.notices.webhooks()
    areas = store.areas.named(webhook.area for webhook in found)
    return [
        Listening(webhook, areas[webhook.area], tuple(store.notices.letters(webhook.id, LATEST)))
        for webhook in found
        if may(person.grants, Act.set_area, areas[webhook.area].path)
    ]


def make(
    store: Store,
    person: Person,
    area: str,
    url: str,
    matters: frozenset[Matter],
    vault: Vault,
    id_: str,
    secret: str,
    now: UtcMs,
) -> Webhook:
    """Another system is told from now on; `secret` signs each message, and is shown once."""
    found = visible_area(store, person, area)
    if not may(person.grants, Act.set_area, found.path):
        raise NotAllowed
    webhook = Webhook(id_, area, url, vault.seal(id_, secret), matters, person.id, now)
    store.notices.keep_webhook(webhook)
    store.trail.note(now, person, "webhook", id_, area=area, after=url)
    return webhook


def end(store: Store, person: Person, webhook: str, now: UtcMs) -> None:
    """It is told no more; what waits for it is dropped. Raises `NotFound`."""
    found = _own(store, person, webhook)
    store.notices.keep_webhook(msgspec.structs.replace(found, ended_at=now))
    store.trail.note(now, person, "end_webhook", found.id, area=found.area, before=found.url)


def try_out(store: Store, person: Person, webhook: str, key: str, now: UtcMs) -> None:
    """Send it a trial message."""
    found = _own(store, person, webhook)
    event = Event(NoticeKind.trial, key, now, "/ket-noi")
    store.notices.post(letter_of(Way.webhook, found.id, event, now, now))
    store.trail.note(now, person, "try_webhook", found.id, area=found.area)


def _own(store: Store, person: Person, webhook: str) -> Webhook:
    found = store.notices.webhook(webhook)
    area = store.areas.find(found.area) if found is not None else None
    if found is None or area is None or found.ended_at or not may(person.grants, Act.see, area.path):
        raise NotFound
    if not may(person.grants, Act.set_area, area.path):
        raise NotAllowed
    return found
