"""Tending a loudspeaker: all that is known of it on one page, and what people write down about it. Use cases.

Imported by the web and tests.
"""

import msgspec

from schedules.clock import DAY, HOUR, DurationMs, UtcMs
from server import oversight, trying
from server.access import Act, Person, may
from server.area import Area, Effective
from server.cause import Chain
from server.condition import Condition
from server.oversight import FleetRow, LogRow
from server.readiness import SILENT_FOR
from server.refusals import NotAllowed, NotFound
from server.repair import Note, Repair
from server.repositories.logbook import LogFilter
from server.repositories.store import Store
from server.trying import Tried
from server.upkeep import Upkeep

PLAYS = 10
FINE: DurationMs = 7 * DAY
SPAN: DurationMs = 30 * DAY
"""How far back the lines go."""
HOLE_OF_HOURS: DurationMs = 3 * HOUR
"""Of rows that are an hour apart, more than one is missing then."""


class Tended(msgspec.Struct, frozen=True):
    """A loudspeaker as its page shows it. `neighbours`: others of its commune, those of its hamlet first; `plays`: the
    last ones that are due or over; `conditions`: of the last `SPAN`, in order; `names`: of people, by id."""

    row: FleetRow
    upkeep: Upkeep
    holds: Effective
    chain: Chain | None
    neighbours: tuple[FleetRow, ...]
    plays: tuple[LogRow, ...]
    conditions: tuple[Condition, ...]
    repairs: tuple[Repair, ...]
    notes: dict[str, list[Note]]
    tried: Tried | None
    names: dict[str, str]
    may_try: bool
    may_tend: bool
    may_repair: bool
    may_set: bool

    @property
    def area(self) -> Area:
        """Itself."""
        return self.row.area


def tended(store: Store, person: Person, device: str, *, linked: bool, now: UtcMs) -> Tended:
    """All that there is to be known. `linked`: whether the server has its own link. Raises `NotFound`."""
    area = oversight.visible_area(store, person, device)
    upkeep = store.fleet.upkeep(device)
    every = oversight.fleet_below(store, (oversight.around(area),), now)
    every = [each for each in every if may(person.grants, Act.see, each.area.path)]
    row = next((each for each in every if each.area.id == device), None)
    if upkeep is None or row is None:
        raise NotFound
    repairs = store.care.repairs(device)
    open_ones = {repair.device: repair for repair in repairs[:1] if repair.open}
    others = oversight.neighbours(every, row)
    chain = oversight.chains(store, every, [row], linked=linked, now=now, repairs=open_ones).get(device)
    plays = oversight.log_page(store, LogFilter((area.path,), now - FINE, now + 1), now).rows
    return Tended(
        row=row,
        upkeep=upkeep,
        holds=store.areas.effective(area),
        chain=chain,
        neighbours=tuple(others),
        plays=plays[:PLAYS],
        conditions=tuple(store.care.conditions(device, now - SPAN)),
        repairs=tuple(repairs),
        notes=store.care.notes(repair.id for repair in repairs),
        tried=trying.tried(store, area, row.heard, now),
        names=store.staff.names(),
        may_try=trying.may_try(person, area),
        may_tend=may_tend(person, area),
        may_repair=may_repair(person, area),
        may_set=may(person.grants, Act.set_area, area.path),
    )


def may_tend(person: Person, area: Area) -> bool:
    """Who installs loudspeakers there."""
    return may(person.grants, Act.install, area.path)


def may_repair(person: Person, area: Area) -> bool:
    """Whoever has anything to do there but look: who installs, writes, or sounds emergencies."""
    return any(may(person.grants, act, area.path) for act in (Act.install, Act.write, Act.alarm))


def write_down(
    store: Store, person: Person, device: str, upkeep: Upkeep, place: tuple[float, float] | None, now: UtcMs
) -> None:
    """What is known about a loudspeaker from now on, and where it stands, in degrees. Raises `NotFound`,
    `NotAllowed`."""
    area = oversight.visible_area(store, person, device)
    before = store.fleet.upkeep(device)
    if before is None:
        raise NotFound
    if not may_tend(person, area):
        raise NotAllowed
    lat, lon = place or (None, None)
    if (before, area.lat, area.lon) == (upkeep, lat, lon):
        return
    store.fleet.keep_upkeep(device, upkeep)
    store.areas.keep(msgspec.structs.replace(area, lat=lat, lon=lon))
    store.trail.note(
        now,
        person,
        "tend",
        device,
        area=area.id,
        before=_shown(before, area.lat, area.lon),
        after=_shown(upkeep, lat, lon),
    )


def _shown(upkeep: Upkeep, lat: float | None, lon: float | None) -> str:
    said = {name: value for name, value in msgspec.structs.asdict(upkeep).items() if value}
    return msgspec.json.encode({**said, "lat": lat, "lon": lon} if lat is not None else said).decode()


def hole_of(since: UtcMs, now: UtcMs) -> DurationMs:
    """After how long without a word a line is broken, if it goes back so far."""
    return SILENT_FOR if now - since <= FINE else HOLE_OF_HOURS
