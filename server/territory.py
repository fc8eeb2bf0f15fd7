"""Changing areas in the pages: adding, renaming, ending and merging communes and hamlets. Use cases.

Imported by the web and tests. Loudspeakers have pages of their own.
"""

from collections.abc import Callable
from datetime import date

import msgspec

from schedules.clock import UtcMs, civil_day
from server.access import Act, Person, may, scope
from server.area import LOUDSPEAKER, Area, AreaSettings, inherited
from server.area_change import (
    PREFIXES,
    AreaFault,
    as_before,
    below,
    common_path,
    ended,
    has_ended,
    may_merge,
    name_of,
    renamed,
    with_name,
)
from server.oversight import visible_area
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store


class AreaPage(msgspec.Struct, frozen=True):
    """An area with what is above and below it. `children`: those that have not ended first; `levels`: what may be made
    below it; `loudspeakers`: how many are in service on and below it; `targets`: in which areas it can go up."""

    area: Area
    above: tuple[Area, ...]
    children: tuple[Area, ...]
    levels: tuple[str, ...]
    loudspeakers: int
    targets: tuple[Area, ...]
    may_set: bool
    over: bool


def places(store: Store, person: Person) -> list[Area]:
    """The areas that the person may see, but for loudspeakers."""
    return [area for area in store.areas.below(scope(person.grants, Act.see)) if area.level != LOUDSPEAKER]


def page(store: Store, person: Person, area: str, now: UtcMs) -> AreaPage:
    """One area. Raises `NotFound`."""
    found = _found(store, person, area)
    today = civil_day(now)
    inside = [each for each in store.areas.below([found.path]) if each.id != found.id]
    children = [each for each in inside if each.parent == found.id and each.level != LOUDSPEAKER]
    over = has_ended(found, today)
    may_set = may(person.grants, Act.set_area, found.path)
    brothers = store.areas.below(scope(person.grants, Act.set_area), found.level) if may_set else []
    return AreaPage(
        area=found,
        above=tuple(store.areas.chain(found)[:-1]),
        children=tuple(sorted(children, key=lambda each: has_ended(each, today))),
        levels=() if over else tuple(below(found.level, list(store.areas.levels()))),
        loudspeakers=_in_service(store, found),
        targets=tuple(each for each in brothers if may_merge(found, each) and _may_join(person, found, each)),
        may_set=may_set,
        over=over,
    )


def add(
    store: Store,
    person: Person,
    parent: str,
    level: str,
    typed: str,
    first: date | None,
    now: UtcMs,
    new_id: Callable[[str], str],
) -> Area | AreaFault:
    """A new commune or hamlet; what is above it holds there."""
    found = _to_change(store, person, parent, now)
    name = name_of(typed)
    if name is None:
        return AreaFault.no_name
    if first is None:
        return AreaFault.no_day
    if level not in below(found.level, list(store.areas.levels())):
        return AreaFault.no_level
    if _is_taken(store, found, name, now):
        return AreaFault.taken
    id_ = new_id(PREFIXES.get(level, "kv"))
    path = f"{found.path}{id_}/"
    made = Area(id_, found.id, path, found.depth + 1, level, name, valid_from=first.isoformat())
    store.areas.keep(made)
    store.trail.note(now, person, "add_area", id_, area=id_, after=f"{level} {name} {made.valid_from}")
    return made


def rename(store: Store, person: Person, area: str, typed: str, now: UtcMs) -> Area | AreaFault:
    """It has another name from now on; the old one is still found."""
    found = _to_change(store, person, area, now)
    name = name_of(typed)
    if name is None:
        return AreaFault.no_name
    parent = store.areas.find(found.parent) if found.parent else None
    if parent is not None and name != found.name and _is_taken(store, parent, name, now):
        return AreaFault.taken
    after = renamed(found, name)
    store.areas.keep(after)
    store.trail.note(now, person, "rename_area", area, area=area, before=found.name, after=name)
    return after


def retire(store: Store, person: Person, area: str, last: date | None, now: UtcMs) -> Area | AreaFault:
    """It ends with this day. Where loudspeakers are in service, it goes up in another area instead."""
    found = _to_change(store, person, area, now)
    if last is None:
        return AreaFault.no_day
    if _in_service(store, found):
        return AreaFault.in_use
    after = ended(found, last)
    if isinstance(after, Area):
        store.areas.keep(after)
        store.trail.note(now, person, "end_area", area, area=area, before=found.valid_to, after=after.valid_to)
    return after


def merge(store: Store, person: Person, area: str, into: str, last: date | None, now: UtcMs) -> Area | AreaFault:
    """It goes up in another area after this day: from now on it lies below that one, with all its hamlets, loudspeakers
    and its log. What its loudspeakers keep stays as it was. Who holds a role on both, or above both, may do it."""
    found = _to_change(store, person, area, now)
    if last is None:
        return AreaFault.no_day
    target = store.areas.find(into)
    if target is None or not may_merge(found, target) or not _may_join(person, found, target):
        return AreaFault.no_target
    after = ended(found, last)
    if not isinstance(after, Area):
        return after
    settings = _settings_there(store, found, target)
    languages = next((each.languages for each in reversed(store.areas.chain(found)) if each.languages), ())
    store.areas.move(msgspec.structs.replace(after, settings=settings, languages=languages), target)
    names = with_name(target.former_names, found.name)
    store.areas.keep(msgspec.structs.replace(target, former_names=names))
    store.trail.note(now, person, "merge_area", area, area=area, before=found.path, after=f"{into} {after.valid_to}")
    moved = store.areas.find(area)
    if moved is None:
        raise NotFound
    return moved


def _settings_there(store: Store, area: Area, into: Area) -> AreaSettings:
    before = store.areas.effective(area)
    chain = [*(each.settings for each in store.areas.chain(into)), area.settings]
    return as_before(area.settings, before, inherited(chain))


def _found(store: Store, person: Person, area: str) -> Area:
    found = visible_area(store, person, area)
    if found.level == LOUDSPEAKER:
        raise NotFound
    return found


def _to_change(store: Store, person: Person, area: str, now: UtcMs) -> Area:
    """An area that this person sets, and that has not ended."""
    found = _found(store, person, area)
    if not may(person.grants, Act.set_area, found.path) or has_ended(found, civil_day(now)):
        raise NotAllowed
    return found


def _may_join(person: Person, area: Area, into: Area) -> bool:
    return may(person.grants, Act.set_area, common_path(area, into))


def _is_taken(store: Store, parent: Area, name: str, now: UtcMs) -> bool:
    """Whether a neighbour that has not ended has this name."""
    today = civil_day(now)
    inside = store.areas.below([parent.path])
    return any(each.parent == parent.id and each.name == name and not has_ended(each, today) for each in inside)


def _in_service(store: Store, area: Area) -> int:
    serving = set(store.fleet.in_service())
    return sum(each.id in serving for each in store.fleet.below([area.path]))
