"""What hamlets speak, and how it is set: use cases.

Imported by the command line's use cases, the web and tests. Loudspeakers take it up with their next assignment.
"""

from collections.abc import Iterable

import msgspec

from schedules.clock import UtcMs
from server.access import Act, Person, may, scope
from server.area import HAMLET, LOUDSPEAKER, Area
from server.hamlet import Spoken, Wrong, checked, spoken_by, spoken_in, written
from server.oversight import visible_area
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store


class HamletPage(msgspec.Struct, frozen=True):
    """An area with what it speaks. `where`: the names above it; `holds`: the languages that its loudspeakers play,
    `source`: the area that says so (None: nobody, it is Vietnamese)."""

    area: Area
    where: tuple[str, ...]
    holds: tuple[str, ...]
    source: Area | None
    may_set: bool


def page(store: Store, person: Person, area: str) -> HamletPage:
    """One area. Raises `NotFound`, also for a loudspeaker: it plays what its hamlet speaks."""
    found = visible_area(store, person, area)
    if found.level == LOUDSPEAKER:
        raise NotFound
    chain = store.areas.chain(found)
    source = next((each for each in reversed(chain) if each.languages), None)
    where = tuple(each.name for each in chain[1:-1])
    holds = source.languages if source else ("vi",)
    return HamletPage(found, where, holds, source, may(person.grants, Act.set_area, found.path))


def speaking(store: Store, person: Person, language: str = "") -> list[Area]:
    """The hamlets that the person may see, or those of them in which this language is spoken, in the order of the
    tree; each with the languages that hold there."""
    paths = scope(person.grants, Act.see)
    return [area for area in spoken_below(store, paths) if not language or language in area.languages]


def spoken_below(store: Store, paths: Iterable[str]) -> list[Area]:
    """The hamlets on and below these paths, each with the languages that hold there."""
    hamlets = store.areas.below(paths, HAMLET)
    above = store.areas.named({id_ for area in hamlets if not area.languages for id_ in area.ids})
    return [area if area.languages else _inheriting(area, above) for area in hamlets]


def set_spoken(
    store: Store, person: Person, area: str, pairs: Iterable[tuple[str, str]], households: str, now: UtcMs
) -> Spoken | Wrong:
    """What is spoken in an area from now on, or what is wrong with what was typed."""
    found = page(store, person, area)
    if not found.may_set:
        raise NotAllowed
    known = store.areas.languages()
    offered = {tag for tag, language in known.items() if not language.retired} | set(found.area.languages)
    spoken = checked(pairs, households, offered)
    if isinstance(spoken, Spoken):
        keep(store, person, found.area, spoken, now)
    return spoken


def keep(store: Store, by: Person | str, area: Area, spoken: Spoken, now: UtcMs) -> None:
    """Set it, and note who did."""
    before = spoken_in(area)
    if spoken == before:
        return
    store.areas.keep(spoken_by(area, spoken))
    store.trail.note(now, by, "languages", area.id, area=area.id, before=written(before), after=written(spoken))


def _inheriting(area: Area, above: dict[str, Area]) -> Area:
    said = (above[id_].languages for id_ in reversed(area.ids) if id_ in above and above[id_].languages)
    return msgspec.structs.replace(area, languages=next(said, ("vi",)))
