"""Who may hear a clip: who may see a bulletin that carries it, who will hear it where they live, who may open a library
that holds it, and who has just made it. A use case.

Imported by the web.
"""

from schedules.clock import DAY, DurationMs, UtcMs
from server import library
from server.access import Act, Person, may, within_reach
from server.bulletin import state_of
from server.lifecycle import BroadcastState
from server.repositories.store import Store

REMEMBERED: DurationMs = 30 * DAY
"""Sound that was made for a form and sent with none can be heard and used for so long by who made it."""


def made(store: Store, person: Person, clip: str, now: UtcMs) -> None:
    """Somebody has had a clip made: by uploading a recording, or by listening to a text."""
    store.makers.note(clip, person.id, now)
    store.makers.forget(now - REMEMBERED)


def may_hear(store: Store, person: Person, clip: str) -> bool:
    """Whether this person may hear the clip; what they may not hear looks to them as if it were not there."""
    if store.makers.has_made(clip, person.id):
        return True
    if library.may_hear(store, person, clip):
        return True
    bulletins = store.broadcasts.bulletins(store.makers.bulletins_with(clip))
    broadcasts = [each for bulletin in bulletins for each in store.broadcasts.of_bulletin(bulletin)]
    areas = store.areas.named(
        {b.area for b in bulletins.values()} | {target for each in broadcasts for target in each.targets}
    )
    for each in broadcasts:
        bulletin = bulletins[each.bulletin]
        targets = [areas[target].path for target in each.targets]
        if any(may(person.grants, Act.see, path) for path in (areas[bulletin.area].path, *targets)):
            return True
        airs = state_of(bulletin, each) is BroadcastState.approved
        if airs and any(within_reach(person.grants, Act.see, path) for path in targets):
            return True
    return False
