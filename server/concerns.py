"""Watching over loudspeakers: what is wrong is raised, told, acknowledged, told further up, and ends by itself. Use
cases.

Imported by the parts, the web and tests.
"""

from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import DAY, HOUR, UtcMs, civil_midnight, may_start_by_clock
from server import happenings
from server.access import Act, Person, may, scope
from server.area import COMMUNE, Area
from server.concern import (
    MEGABYTE,
    Change,
    Concern,
    ConcernKind,
    ConcernRules,
    Ended,
    Escalated,
    Place,
    Raised,
    decide,
)
from server.ledger import SILENT_AFTER
from server.notice import Event, NoticeKind, watchers
from server.noticing import everybody, tell
from server.oversight import names_of, visible_area, where_of
from server.readiness import Heard
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store

WEEK = 7 * DAY
MOST_SHOWN = 300
PAGE = "/canh-bao"
_KINDS = {Raised: NoticeKind.concern_raised, Escalated: NoticeKind.concern_escalated, Ended: NoticeKind.concern_cleared}


class Shown(msgspec.Struct, frozen=True):
    """A concern as pages show it. `where`: names from its commune down; `by`: who has acknowledged it; `told`: the
    value in words' units."""

    concern: Concern
    where: tuple[str, ...]
    by: str
    told: str
    is_loudspeaker: bool


class RulesPage(msgspec.Struct, frozen=True):
    """What an area is warned of. `source`: the area that says so; None: nobody, it is the default."""

    area: Area
    rules: ConcernRules
    source: Area | None
    may_set: bool


def watch(store: Store, now: UtcMs, *, linked: bool = True) -> int:
    """Look at everything once; how many people were told something new. `linked`: the server itself has had its link to
    the broker for a while; else silence says nothing of a loudspeaker."""
    areas = {area.id: area for area in store.areas.below(["/"])}
    standing = store.concerns.standing()
    places = _places(store, areas, now, linked=linked)
    people = everybody(store, now)
    chains = {place.id: _chain(people, place.path) for place in places}
    changes = decide(
        places,
        _rules(store, places),
        standing,
        {id_: len(chain) - 1 for id_, chain in chains.items()},
        now,
    )
    kept = [msgspec.structs.replace(change, concern=store.concerns.keep(change.concern)) for change in changes]
    happenings.from_concerns(store, kept, areas, now)
    return sum(tell(store, event, people, now) for event in _events(kept, chains, areas, people, now))


def standing(store: Store, person: Person, now: UtcMs) -> list[Shown]:
    """What stands where this person may see, the oldest first."""
    return _shown(store, person, now, ended=False)


def over(store: Store, person: Person, now: UtcMs) -> list[Shown]:
    """What is over, the latest first."""
    return _shown(store, person, now, ended=True)


def acknowledge(store: Store, person: Person, number: int, now: UtcMs) -> None:
    """This person knows of it and looks after it: it is told no further up. Raises `NotFound`, `Changed`."""
    concern = store.concerns.find(number)
    if concern is None:
        raise NotFound
    place = visible_area(store, person, concern.place)
    if concern.ended_at or concern.seen_at:
        raise Changed
    store.concerns.keep(msgspec.structs.replace(concern, seen_by=person.id, seen_at=now))
    store.trail.note(now, person, "acknowledge", str(number), area=place.id, after=f"{concern.kind.value} {place.id}")


def rules_page(store: Store, person: Person, area: str) -> RulesPage:
    """What an area is warned of. Raises `NotFound`."""
    found = visible_area(store, person, area)
    chain = store.areas.chain(found)
    own = store.concerns.rules(each.id for each in chain)
    source = next((each for each in reversed(chain) if each.id in own), None)
    rules = own[source.id] if source is not None else ConcernRules()
    return RulesPage(found, rules, source, may(person.grants, Act.set_area, found.path))


def set_rules(store: Store, person: Person, area: str, rules: ConcernRules | None, now: UtcMs) -> None:
    """An area is warned of this from now on; None: as the area above says. Raises `NotAllowed`."""
    page = rules_page(store, person, area)
    if not page.may_set:
        raise NotAllowed
    before = store.concerns.rules([area]).get(area)
    store.concerns.set_rules(area, rules)
    told = [msgspec.json.encode(each).decode() if each is not None else "" for each in (before, rules)]
    store.trail.note(now, person, "concern_rules", area, area=area, before=told[0], after=told[1])


def own_rules(store: Store, area: str) -> bool:
    """Whether an area has set its own."""
    return area in store.concerns.rules([area])


def value_told(kind: ConcernKind, value: int) -> str:
    """A value in the unit in which people read it: hours, megabytes, or as it is."""
    match kind:
        case ConcernKind.silent:
            return str(value // HOUR)
        case ConcernKind.disk:
            return str(value // MEGABYTE)
        case _:
            return str(value)


def _places(store: Store, areas: Mapping[str, Area], now: UtcMs, *, linked: bool) -> list[Place]:
    """What is known of every loudspeaker in service, and of every commune that had plays yesterday."""
    devices = [id_ for id_ in store.fleet.in_service() if id_ in areas]
    heard = store.fleet.heard(devices, now)
    unreported = store.concerns.unreported(now - WEEK, now - SILENT_AFTER)
    midnight = civil_midnight(now)
    places = [_loudspeaker(areas[id_], heard.get(id_), unreported.get(id_, 0), linked=linked) for id_ in devices]
    sums: dict[str, tuple[int, int]] = {}
    for device, (done, of) in store.concerns.sounded(midnight - DAY, midnight).items():
        commune = next((id_ for id_ in areas[device].ids if areas[id_].level == COMMUNE), None)
        if commune is not None:
            before = sums.get(commune, (0, 0))
            sums[commune] = (before[0] + done, before[1] + of)
    places += [Place(id_, areas[id_].path, share=100 * done // of) for id_, (done, of) in sums.items()]
    return places


def _loudspeaker(area: Area, heard: Heard | None, unreported: int, *, linked: bool) -> Place:
    """Who has never been heard is not silent: it is to be installed yet."""
    if heard is None:
        return Place(area.id, area.path)
    status = heard.status
    return Place(
        id=area.id,
        path=area.path,
        silent_since=0 if status.online else heard.received_at if linked else None,
        unknown=unreported,
        clock_lost=None if not status.online else not may_start_by_clock(status.trust),
        disk_free=status.disk_free_bytes if status.online and status.disk_free_bytes > 0 else None,
        temperature_c=status.vitals.temperature if status.online else None,
    )


def _rules(store: Store, places: Iterable[Place]) -> dict[str, ConcernRules]:
    own = store.concerns.rules()
    found = {}
    for place in places:
        nearest = next((id_ for id_ in reversed(place.path.strip("/").split("/")) if id_ in own), None)
        found[place.id] = own[nearest] if nearest is not None else ConcernRules()
    return found


def _chain(people: Iterable[Person], path: str) -> tuple[str, ...]:
    """The nodes at which somebody is told, from the place upwards."""
    ids = path.strip("/").split("/")
    upwards = (f"/{'/'.join(ids[:length])}/" for length in range(len(ids), 0, -1))
    people = list(people)
    return tuple(node for node in upwards if watchers(people, node))


def _events(
    changes: Iterable[Change],
    chains: Mapping[str, tuple[str, ...]],
    areas: Mapping[str, Area],
    people: list[Person],
    now: UtcMs,
) -> list[Event]:
    """What people are told: one message for what befell many places of an area at once."""
    bundles: dict[tuple[type[Change], ConcernKind, tuple[str, ...]], list[Concern]] = {}
    for change in changes:
        concern, chain = change.concern, chains[change.concern.place]
        told = chain[: concern.level + 1] if isinstance(change, Ended) else chain[concern.level : concern.level + 1]
        bundles.setdefault((type(change), concern.kind, told), []).append(concern)
    return [_event(_KINDS[change], bundle, told, areas, people, now) for (change, _, told), bundle in bundles.items()]


def _event(
    kind: NoticeKind,
    bundle: list[Concern],
    told: tuple[str, ...],
    areas: Mapping[str, Area],
    people: list[Person],
    now: UtcMs,
) -> Event:
    first = bundle[0]
    named = frozenset(staff for node in told for staff in watchers(people, node))
    common = areas[_common([areas[concern.place] for concern in bundle])]
    return Event(
        kind=kind,
        key=f"{kind.value} {first.number} {first.level}",
        at=now,
        link=PAGE,
        about={
            "concern": first.kind.value,
            "count": str(len(bundle)),
            "place": common.name,
            "value": value_told(first.kind, first.value),
        },
        paths=tuple(areas[concern.place].path for concern in bundle),
        named=named,
    )


def _common(places: list[Area]) -> str:
    """The lowest area that holds all of them."""
    ids = list(places[0].ids)
    for area in places[1:]:
        ids = [id_ for id_, other in zip(ids, area.ids, strict=False) if id_ == other]
    return ids[-1]


def _shown(store: Store, person: Person, now: UtcMs, *, ended: bool) -> list[Shown]:
    paths = scope(person.grants, Act.see)
    found = [concern for path in paths for concern in store.concerns.below(path, MOST_SHOWN, ended=ended)]
    areas, names = store.areas.named(concern.place for concern in found), store.staff.names()
    places = names_of(store, areas.values())
    return [
        Shown(
            concern,
            where_of(areas[concern.place], places),
            names.get(concern.seen_by, ""),
            value_told(concern.kind, _value_now(concern, now)),
            concern.kind is not ConcernKind.share,
        )
        for concern in found
    ]


def _value_now(concern: Concern, now: UtcMs) -> int:
    """Silence grows by itself while it lasts."""
    if concern.kind is not ConcernKind.silent:
        return concern.value
    return concern.value + (concern.ended_at or now) - concern.raised_at
