"""Whom a broadcast asks, and where it stands in the programmes: read from the database. A use case.

Imported by the use cases of programmes and of what is sent down.
"""

from collections.abc import Sequence

import msgspec

from schedules.programme import BroadcastClass
from server.bulletin import Broadcast, Bulletin
from server.planning import Approved
from server.repositories.store import Store
from server.uptake import Reach, reach, taken


def reach_of(store: Store, bulletin: Bulletin, broadcast: Broadcast) -> Reach:
    """The communes that a broadcast is for, and the places of each."""
    areas = store.areas.named((bulletin.area, *broadcast.targets))
    targets = [areas[target] for target in broadcast.targets]
    return reach(areas[bulletin.area].path, targets, store.uptakes.tree(targets))


def as_taken(store: Store, found: Sequence[tuple[Bulletin, Broadcast, Approved]]) -> list[Approved]:
    """What is approved, where it is taken. What is not sent down, and every emergency, stays as it is."""
    down = {b.id: b.ordered or b.id for bulletin, b, _ in found if _is_gated(bulletin, b)}
    replies = store.uptakes.of(set(down.values())) if down else {}
    ready = []
    for bulletin, broadcast, approved in found:
        if broadcast.id not in down:
            ready.append(approved)
            continue
        where = reach_of(store, bulletin, broadcast)
        # What makes up for a play that failed stands and falls with the answer to what it says again.
        terms = taken(where, bulletin.broadcast_class, replies[down[broadcast.id]])
        if terms:
            ready.append(msgspec.structs.replace(approved, targets=tuple(sorted(terms)), terms=terms))
    return ready


def _is_gated(bulletin: Bulletin, broadcast: Broadcast) -> bool:
    return broadcast.pushed and bulletin.broadcast_class is not BroadcastClass.emergency
