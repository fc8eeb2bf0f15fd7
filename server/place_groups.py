"""Saving a choice of places under a name, choosing it again, renaming and removing it: use cases.

Imported by the web.
"""

from collections.abc import Callable

import msgspec

from schedules.clock import UtcMs
from server import bulletins
from server.access import Act, Person, may_compose, scope
from server.area import Area
from server.compose_form import FieldError, Problem
from server.place_group import MOST, PlaceGroup, named, outermost
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store

_ACTS = (Act.write, Act.alarm)


def offered(store: Store, person: Person) -> list[PlaceGroup]:
    """The groups of the areas for which this person may write."""
    return store.groups.below({path for act in _ACTS for path in scope(person.grants, act)})


def save(
    store: Store, person: Person, typed: str, targets: tuple[str, ...], now: UtcMs, new_id: Callable[[str], str]
) -> PlaceGroup | FieldError:
    """The choice under this name, kept by the area on whose behalf this person speaks to these places; or what is
    wrong. A name that is taken keeps its group."""
    areas = {id_: area for id_, area in store.areas.named(targets).items() if _writes(person, area)}
    chosen = outermost((target for target in targets if target in areas), areas)
    if not chosen:
        return FieldError("group_name", Problem.no_targets)
    area = bulletins.issuing_area(person, (areas[target] for target in chosen), _ACTS)
    there = [group for group in offered(store, person) if group.area == area]
    name = named(typed, [group.name for group in there])
    if isinstance(name, FieldError):
        return name
    if len(there) >= MOST:
        return FieldError("group_name", Problem.too_many, str(MOST))
    group = PlaceGroup(new_id("nl"), area, name, chosen, person.id, now)
    store.groups.keep(group)
    store.trail.note(now, person, "keep_group", group.id, area=area, after=f"{name}: {' '.join(chosen)}"[:1000])
    return group


def chosen(store: Store, person: Person, group: str) -> tuple[str, ...]:
    """The places of a group that are still there, and for which this person may write."""
    found = _own(store, person, group)
    areas = store.areas.named(found.targets)
    return tuple(target for target in found.targets if target in areas and _writes(person, areas[target]))


def rename(store: Store, person: Person, group: str, typed: str, now: UtcMs) -> FieldError | None:
    """Another name for it, or what is wrong with that."""
    found = _own(store, person, group)
    others = [each.name for each in offered(store, person) if each.area == found.area and each.id != group]
    name = named(typed, others)
    if isinstance(name, FieldError):
        return name
    if name != found.name:
        store.groups.keep(msgspec.structs.replace(found, name=name, staff=person.id, at=now))
        store.trail.note(now, person, "rename_group", group, area=found.area, before=found.name, after=name)
    return None


def remove(store: Store, person: Person, group: str, now: UtcMs) -> None:
    """It is offered no more; what was sent to its places stays sent."""
    found = _own(store, person, group)
    store.groups.remove(group, now)
    store.trail.note(now, person, "remove_group", group, area=found.area, before=found.name)


def _own(store: Store, person: Person, group: str) -> PlaceGroup:
    """Raises `NotFound` also for what is not theirs, and `NotAllowed` for who writes nowhere."""
    if not any(scope(person.grants, act) for act in _ACTS):
        raise NotAllowed
    found = store.groups.find(group)
    area = store.areas.find(found.area) if found else None
    if found is None or area is None or not _writes(person, area):
        raise NotFound
    return found


def _writes(person: Person, area: Area) -> bool:
    return may_compose(person.grants, area.path, emergency=True)
