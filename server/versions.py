"""One version follows another: use cases that others are made of.

Imported by the use cases of bulletins, drafts and alarms.
"""

import msgspec

from schedules.clock import UtcMs
from schedules.programme import BroadcastClass
from server.access import Person
from server.bulletin import Broadcast, Bulletin, state_of
from server.lifecycle import STANDING, BroadcastState
from server.refusals import Stale
from server.repositories.store import Store


def succeed(store: Store, person: Person, bulletin: Bulletin, broadcast: Broadcast, successor: str, now: UtcMs) -> None:
    """A newer version follows; what does not air is superseded at once. Raises `Stale` where another one follows."""
    if not store.broadcasts.succeed(broadcast, successor):
        raise Stale("", now)
    if state_of(bulletin, broadcast) is not BroadcastState.approved:
        _supersede(store, person, bulletin, msgspec.structs.replace(broadcast, successor=successor), now)


def _supersede(store: Store, person: Person, bulletin: Bulletin, broadcast: Broadcast, now: UtcMs) -> None:
    state = state_of(bulletin, broadcast)
    for each in (broadcast, *make_ups_of(store, bulletin, broadcast)):
        store.broadcasts.add(msgspec.structs.replace(each, superseded_at=now))
    store.trail.note(
        now, person, "supersede", broadcast.id, area=bulletin.area, before=state.value, after=broadcast.successor
    )


def make_ups_of(store: Store, bulletin: Bulletin, broadcast: Broadcast) -> list[Broadcast]:
    """What says a broadcast again where it failed, and stands: it says the same words. A stored emergency that was
    ordered is not of these: it is ended by itself."""
    if bulletin.broadcast_class is BroadcastClass.emergency:
        return []
    found, said = store.broadcasts.of_bulletin(bulletin.id), {broadcast.id}
    for each in reversed(found):  # the oldest first: one may make up for another
        if each.ordered in said:
            said.add(each.id)
    return [each for each in found if each.id in said - {broadcast.id} and state_of(bulletin, each) in STANDING]


def supersede_older(store: Store, person: Person, broadcast: Broadcast, now: UtcMs) -> None:
    """Once it airs itself, no version before it airs."""
    seen, older = {broadcast.id}, broadcast.replaces
    while older and older not in seen:
        seen.add(older)
        found = store.broadcasts.find(older)
        if found is None:
            return
        bulletin = store.broadcasts.bulletins([found.bulletin])[found.bulletin]
        if state_of(bulletin, found) in STANDING:
            _supersede(store, person, bulletin, found, now)
        older = found.replaces


def stale_draft(store: Store, draft: str) -> Stale:
    """Who has saved or sent a newer edition of this draft."""
    working = store.drafts.find(draft)
    edition = store.drafts.edition(draft, working.number) if working else None
    if working is None or edition is None:
        return Stale("", 0)
    return Stale(edition.staff, working.dropped_at or edition.at, working.broadcast)
