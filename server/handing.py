"""Handing over: what the sheet of a loudspeaker says: where it is, who looks after it, and what was agreed. Nothing is
made up: what nobody has entered is a line to write on. Use cases.

Imported by the web and tests.
"""

import msgspec

from server.access import Person
from server.area import Area, Effective, inherited
from server.oversight import visible_area
from server.programmes import languages_of
from server.refusals import NotFound
from server.repositories.store import Store
from server.upkeep import Upkeep

MOST = 60
"""Sheets of one page: nobody prints more at once."""


class Sheet(msgspec.Struct, frozen=True):
    """One loudspeaker. `where`: from the province down to its hamlet."""

    area: Area
    where: tuple[str, ...]
    upkeep: Upkeep
    holds: Effective
    languages: tuple[str, ...]


def sheets(store: Store, person: Person, area: str) -> tuple[Area, tuple[Sheet, ...], int]:
    """The sheets of a loudspeaker, or of all of a place; how many there are beyond `MOST`. Raises `NotFound`, also for
    a place without any."""
    found = visible_area(store, person, area)
    speakers = store.fleet.below([found.path])
    if not speakers:
        raise NotFound
    areas = store.areas.named({id_ for each in speakers[:MOST] for id_ in each.ids})
    made = []
    for each in speakers[:MOST]:
        chain, upkeep = [areas[id_] for id_ in each.ids], store.fleet.upkeep(each.id) or Upkeep()
        where = tuple(above.name for above in chain[:-1])
        made.append(Sheet(each, where, upkeep, inherited(a.settings for a in chain), languages_of(chain)))
    return found, tuple(made), max(0, len(speakers) - MOST)
