"""Legal holds: use cases of an administrator.

Imported by the web.
"""

from collections.abc import Callable

import msgspec

from schedules.clock import UtcMs
from server.access import Act, Person, may, scope
from server.area import LOUDSPEAKER, Area
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store
from server.retention import AREA, BULLETIN, Hold


class HoldLine(msgspec.Struct, frozen=True):
    """A hold in a list: what is held, by its name, and who holds it."""

    hold: Hold
    name: str
    by: str


def put(
    store: Store, person: Person, kind: str, subject: str, reason: str, now: UtcMs, new_id: Callable[[str], str]
) -> None:
    """Hold a bulletin, or all that sounds in an area."""
    path, _ = _subject(store, person, kind, subject)
    if not may(person.grants, Act.set_area, path):
        raise NotAllowed
    hold = Hold(new_id("lg"), kind, subject, reason, person.id, now)
    store.keeping.hold(hold)
    store.trail.note(now, person, "hold", subject, area=_area_id(path), after=f"{kind} {reason}")


def lift(store: Store, person: Person, hold: str, now: UtcMs) -> None:
    """It need not be kept any more."""
    found = store.keeping.find_hold(hold)
    if found is None:
        raise NotFound
    path, _ = _subject(store, person, found.kind, found.subject)
    if not may(person.grants, Act.set_area, path):
        raise NotAllowed
    if not store.keeping.lift(hold, person.id, now):
        raise Changed
    store.trail.note(
        now, person, "lift_hold", found.subject, area=_area_id(path), before=f"{found.kind} {found.reason}"
    )


def standing(store: Store, person: Person) -> list[HoldLine]:
    """The holds on what this person administers."""
    names, lines = store.staff.names(), []
    for hold in store.keeping.holds():
        try:
            path, name = _subject(store, person, hold.kind, hold.subject)
        except NotFound:
            continue
        if may(person.grants, Act.set_area, path):
            lines.append(HoldLine(hold, name, names.get(hold.staff, "")))
    return lines


def areas(store: Store, person: Person) -> list[Area]:
    """Those that the person may hold."""
    found = store.areas.below(scope(person.grants, Act.set_area))
    return [area for area in found if area.level != LOUDSPEAKER]


def _subject(store: Store, person: Person, kind: str, subject: str) -> tuple[str, str]:
    """The path that decides who may hold it, and its name. Raises `NotFound` also for what the person may not see."""
    area, name = subject, ""
    if kind == BULLETIN:
        bulletin = store.broadcasts.bulletins([subject]).get(subject)
        if bulletin is None:
            raise NotFound
        area, name = bulletin.area, bulletin.title
    elif kind != AREA:
        raise NotFound
    found = store.areas.find(area)
    if found is None or not may(person.grants, Act.see, found.path):
        raise NotFound
    return found.path, name or found.name


def _area_id(path: str) -> str:
    return path.strip("/").rpartition("/")[2]
