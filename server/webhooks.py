"""Other systems that are told what happens in an area: how they are made, tried and ended. Use cases.

Imported by the web and tests. Their messages carry what the pages show to people of that area.
"""

import msgspec

from schedules.clock import UtcMs
from server.access import Act, Person, may, scope
from server.area import LOUDSPEAKER, Area
from server.happening import Happening, HappeningKind
from server.letter import Letter
from server.notice import Event, Matter, NoticeKind
from server.notice_choice import Way
from server.noticing import letter_of
from server.oversight import visible_area
from server.recipient import Webhook
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store
from server.subscription import Undelivered, resumed, rotated, signing
from server.vault import Vault

LATEST = 5
MOST_AGAIN = 500


class Listening(msgspec.Struct, frozen=True):
    """A webhook as its page shows it, with its latest letters, and what it did not take of happenings; `two_sign`: the
    secret before still signs."""

    webhook: Webhook
    area: Area
    letters: tuple[Letter, ...]
    undelivered: tuple[tuple[Undelivered, Happening], ...] = ()
    two_sign: bool = False


def places(store: Store, person: Person) -> list[Area]:
    """Where this person may have another system told."""
    return [area for area in store.areas.below(scope(person.grants, Act.set_area)) if area.level != LOUDSPEAKER]


def listed(store: Store, person: Person, now: UtcMs) -> list[Listening]:
    """Those of the areas that this person sets."""
    found = store.notices.webhooks()
    areas = store.areas.named(webhook.area for webhook in found)
    return [
        Listening(
            webhook,
            areas[webhook.area],
            tuple(store.notices.letters(webhook.id, LATEST)),
            _undelivered(store, webhook),
            len(signing(webhook, now)) > 1,
        )
        for webhook in found
        if may(person.grants, Act.set_area, areas[webhook.area].path)
    ]


def make(
    store: Store,
    person: Person,
    area: str,
    url: str,
    told: tuple[frozenset[Matter], frozenset[HappeningKind]],
    vault: Vault,
    id_: str,
    secret: str,
    now: UtcMs,
) -> Webhook:
    """Another system is told from now on: of which notices, and of which happenings; `secret` signs each message, and
    is shown once."""
    found = visible_area(store, person, area)
    if not may(person.grants, Act.set_area, found.path):
        raise NotAllowed
    webhook = Webhook(
        id_, area, url, vault.seal(id_, secret), told[0], person.id, now,
        happenings=told[1], reached=store.happenings.newest(),
    )  # fmt: skip
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


def rotate(store: Store, person: Person, webhook: str, vault: Vault, secret: str, now: UtcMs) -> None:
    """It has a new secret, shown once; the one before signs beside it for a week."""
    found = _own(store, person, webhook)
    store.notices.keep_webhook(rotated(found, vault.seal(found.id, secret), now))
    store.trail.note(now, person, "rotate_webhook", found.id, area=found.area)


def go_on(store: Store, person: Person, webhook: str, now: UtcMs) -> None:
    """It is told again, from where it stopped. Raises `Changed` where it is not paused."""
    found = _own(store, person, webhook)
    if not found.paused_at:
        raise Changed
    store.notices.keep_webhook(resumed(found, now))
    store.trail.note(now, person, "resume_webhook", found.id, area=found.area, before=found.why)


def send_again(store: Store, person: Person, webhook: str, now: UtcMs) -> int:
    """What it did not take is sent to it once more; how much that is."""
    found = _own(store, person, webhook)
    aside = store.happenings.undelivered(found.id, MOST_AGAIN)
    for each in aside:
        store.happenings.lay_aside(msgspec.structs.replace(each, again=True))
    store.trail.note(now, person, "resend_webhook", found.id, area=found.area, after=str(len(aside)))
    return len(aside)


def _undelivered(store: Store, webhook: Webhook) -> tuple[tuple[Undelivered, Happening], ...]:
    aside = store.happenings.undelivered(webhook.id, LATEST)
    return tuple((each, found) for each in aside if (found := store.happenings.find(each.number)) is not None)


def _own(store: Store, person: Person, webhook: str) -> Webhook:
    found = store.notices.webhook(webhook)
    area = store.areas.find(found.area) if found is not None else None
    if found is None or area is None or found.ended_at or not may(person.grants, Act.see, area.path):
        raise NotFound
    if not may(person.grants, Act.set_area, area.path):
        raise NotAllowed
    return found
