"""The map: where loudspeakers and places stand and how they are, and borders that an administrator brings. Use cases.

Imported by the web and tests.
"""

from collections.abc import Mapping

import msgspec

from schedules.clock import UtcMs
from server import oversight
from server.access import Act, Person, may, scope
from server.area import COMMUNE, LOUDSPEAKER, Area
from server.boundary import Fault, Ring, read
from server.cause import Cause
from server.oversight import FleetRow
from server.refusals import NotAllowed
from server.repositories.store import Store
from server.whereabouts import Point, Spot, spots

MOST = 400
"""Marks of one map; of more, each commune is one."""
MOST_LABELS = 40
NEVER, LOST, UNWELL, WELL = "never", "lost", "unwell", "well"
_WORST_FIRST = (LOST, UNWELL, NEVER, WELL)


class Mark(msgspec.Struct, frozen=True):
    """A mark on the map. `state`: of a loudspeaker, or the worst of a commune's; `count`: how many it stands for, `bad`
    how many of them are not well."""

    id: str
    name: str
    level: str
    spot: Spot
    state: str
    count: int = 1
    bad: int = 0


class Drawn(msgspec.Struct, frozen=True):
    """What a map shows. `labels`: names of communes, there being no picture of the ground to tell by; `nowhere`: how
    many stand nowhere."""

    marks: list[Mark]
    labels: list[tuple[str, Point]] = []
    nowhere: int = 0


def loudspeakers(
    store: Store, person: Person, within: str, centres: Mapping[str, Point], *, linked: bool, now: UtcMs
) -> Drawn:
    """The loudspeakers that the person may see, of this area or of all."""
    every = oversight.fleet_rows(store, person, now)
    rows = [row for row in every if not within or within in row.area.ids]
    unwell = {
        id_
        for id_, chain in oversight.chains(store, every, rows, linked=linked, now=now).items()
        if chain.cause not in (Cause.well, Cause.server_away, Cause.all_dark)
    }
    known = store.areas.named({id_ for row in rows for id_ in row.area.ids})
    found = spots([row.area for row in rows], known, centres)
    marks = [_mark(row, found[row.area.id], unwell) for row in rows if row.area.id in found]
    shown = marks if len(marks) <= MOST else _by_commune(marks, rows, known, centres)
    return Drawn(shown, _labels(known, centres), len(rows) - len(marks))


def places(store: Store, person: Person, centres: Mapping[str, Point]) -> Drawn:
    """The communes, hamlets and loudspeakers that a bulletin may be meant for, as marks; of too many, those of few
    levels."""
    areas = store.areas.below(scope(person.grants, Act.see))
    known = {area.id: area for area in areas} | store.areas.named({id_ for area in areas for id_ in area.ids})
    wanted = [area for area in areas if area.level == COMMUNE or area.depth > 1]
    if len(wanted) > MOST:
        wanted = [area for area in wanted if area.level != LOUDSPEAKER]
    if len(wanted) > MOST:
        wanted = [area for area in wanted if area.level == COMMUNE]
    found = spots(wanted, known, centres)
    marks = [Mark(area.id, area.name, area.level, found[area.id], "") for area in wanted if area.id in found]
    return Drawn(marks, _labels(known, centres))


def borders(store: Store, person: Person) -> dict[str, list[Ring]]:
    """The borders that there are of what the person may see."""
    return store.borders.of(area.id for area in store.areas.below(scope(person.grants, Act.see)))


def bring(store: Store, person: Person, content: bytes, now: UtcMs) -> int | Fault:
    """Take borders of areas that the person administers; how many, or why none. Raises `NotAllowed`."""
    paths = scope(person.grants, Act.set_area)
    if not paths:
        raise NotAllowed
    areas = {area.id: area for area in store.areas.below(paths) if area.level != LOUDSPEAKER}
    found = read(content, areas.values())
    if isinstance(found, Fault):
        return found
    for id_, rings in found.items():
        store.borders.keep(id_, rings, person.id, now)
        store.trail.note(now, person, "bring_border", id_, area=id_, after=f"{sum(map(len, rings))}")
    return len(found)


def _labels(known: Mapping[str, Area], centres: Mapping[str, Point]) -> list[tuple[str, Point]]:
    communes = [area for area in known.values() if area.level == COMMUNE and area.id in centres]
    return [(area.name, centres[area.id]) for area in communes] if len(communes) <= MOST_LABELS else []


def _mark(row: FleetRow, spot: Spot, unwell: set[str]) -> Mark:
    state = NEVER if row.heard is None else LOST if not row.linked else UNWELL if row.area.id in unwell else WELL
    return Mark(row.area.id, " · ".join(row.where), LOUDSPEAKER, spot, state, 1, int(state != WELL))


def _by_commune(
    marks: list[Mark], rows: list[FleetRow], known: Mapping[str, Area], centres: Mapping[str, Point]
) -> list[Mark]:
    commune_of = {row.area.id: next((a for a in row.area.ids if known[a].level == COMMUNE), "") for row in rows}
    together: dict[str, list[Mark]] = {}
    for mark in marks:
        together.setdefault(commune_of[mark.id], []).append(mark)
    found = spots([known[id_] for id_ in together if id_], known, centres)
    return [
        Mark(
            id_,
            known[id_].name,
            COMMUNE,
            found[id_],
            min((m.state for m in own), key=_WORST_FIRST.index),
            len(own),
            sum(m.bad for m in own),
        )
        for id_, own in together.items()
        if id_ in found
    ]


def put(store: Store, person: Person, area: str, place: tuple[float, float] | None, now: UtcMs) -> None:
    """Where an area stands, in degrees; None: nobody knows. Raises `NotFound`, `NotAllowed`."""
    found = oversight.visible_area(store, person, area)
    if not may(person.grants, Act.install, found.path):
        raise NotAllowed
    lat, lon = place or (None, None)
    if (found.lat, found.lon) != (lat, lon):
        store.areas.keep(msgspec.structs.replace(found, lat=lat, lon=lon))
        store.trail.note(now, person, "place", area, area=area, before=f"{found.lat} {found.lon}", after=f"{lat} {lon}")
