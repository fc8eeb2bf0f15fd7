"""Vetting: somebody who knows a language says that a bulletin is right in it, before it is approved. A use case.

Imported by the web and tests. Nothing waits for it: the approver sees who has looked at a language, or that nobody has.
"""

import msgspec

from schedules.clock import UtcMs
from server import bulletins
from server.access import Person
from server.bulletins import BroadcastPage
from server.lifecycle import DUE
from server.refusals import Changed, NotAllowed, NotFound, OwnWork
from server.repositories.store import Store


def vet(store: Store, person: Person, broadcast: str, language: str, seal_seen: str, now: UtcMs) -> None:
    """This person says that text and sound of a language, exactly as they were seen, are right. Raises `OwnWork` for
    who wrote in it, `Changed` where it is no longer that, or has been decided about."""
    found = bulletins.page(store, person, broadcast)
    variant = next((v for v in found.bulletin.variants if v.language == language), None)
    if variant is None:
        raise NotFound
    if language not in store.languages.reviewed_by(person.id):
        raise NotAllowed
    if found.own:
        raise OwnWork
    if found.state not in DUE or found.seal != seal_seen:
        raise Changed
    if variant.reviewer == person.id:
        return
    looked = msgspec.structs.replace(variant, reviewer=person.id, reviewed_at=now)
    every = tuple(looked if v is variant else v for v in found.bulletin.variants)
    store.broadcasts.add_bulletin(msgspec.structs.replace(found.bulletin, variants=every))
    told = f"{language} {variant.clip.sha256}"
    store.trail.note(now, person, "vet", broadcast, area=found.bulletin.area, before=variant.reviewer, after=told)


def open_to(store: Store, person: Person, found: BroadcastPage) -> frozenset[str]:
    """The languages of a broadcast that this person may say this of now."""
    if found.own or found.state not in DUE:
        return frozenset()
    return store.languages.reviewed_by(person.id) & {v.language for v in found.bulletin.variants}
