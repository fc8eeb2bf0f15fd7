"""What is covered and what is missing, for the languages that hamlets speak: use cases.

Imported by the web and tests. What a page counts it can also list.
"""

from collections.abc import Collection, Iterable

import msgspec

from audio.clip import NO_LANGUAGE
from schedules.clock import DAY, UtcMs
from schedules.programme import BroadcastClass
from schedules.recurrence import occurrences
from server.access import Act, Person, may, scope
from server.area import HAMLET, Area
from server.bulletin import Broadcast, Bulletin, state_of
from server.coverage import Airing, Gap, Reaching, Tally, gaps, reaching, tallies
from server.hamlets import spoken_below
from server.lifecycle import BroadcastState
from server.repositories.store import Store

AROUND_DAYS = 14
AROUND = AROUND_DAYS * DAY
"""So far back and ahead is looked."""
MOST = 400
"""Broadcasts that are looked at, the newest first."""
PAGE = 50
_SOUNDING = (BroadcastState.submitted, BroadcastState.voided, BroadcastState.approved)


class CoveragePage(msgspec.Struct, frozen=True):
    """What there is of each language. `hamlets`: how many there are in all; `whole`: whether all broadcasts of the time
    were looked at."""

    tallies: list[Tally]
    hamlets: int
    airings: int
    whole: bool


class ReachingPage(msgspec.Struct, frozen=True):
    """Broadcasts that should sound in a language; `after`: from which of them on the next page begins, 0 for none;
    `spoken`: in how many hamlets it is spoken."""

    found: list[Reaching]
    after: int
    spoken: int


def coverage(store: Store, person: Person, now: UtcMs) -> CoveragePage:
    """What there is of each language, where this person may look."""
    paths = scope(person.grants, Act.see)
    hamlets, airings = spoken_below(store, paths), _airings(store, paths, now)
    return CoveragePage(tallies(hamlets, airings), len(hamlets), len(airings), len(airings) < MOST)


def of_language(
    store: Store, person: Person, language: str, after: int, now: UtcMs, *, there: bool = False
) -> ReachingPage:
    """Which broadcasts should sound in a language, and do not, or do (`there`), where this person may look."""
    paths = scope(person.grants, Act.see)
    hamlets = spoken_below(store, paths)
    found = reaching(hamlets, _airings(store, paths, now), language, there=there)
    rest = len(found) > after + PAGE
    spoken = sum(language in area.languages for area in hamlets)
    return ReachingPage(found[after : after + PAGE], after + PAGE if rest else 0, spoken)


def gaps_at(
    store: Store, person: Person, targets: Iterable[str], there: Collection[str], *, emergency: bool
) -> tuple[Gap, ...]:
    """The hamlets of these targets, where this person may look, that would miss one of their languages."""
    areas = [a for a in store.areas.named(targets).values() if may(person.grants, Act.see, a.path)]
    return gaps(hamlets_of(store, areas), there, emergency=emergency)


def hamlets_of(store: Store, areas: Iterable[Area]) -> list[Area]:
    """The hamlets in these areas, and those that they lie in, each once; in the order of the tree."""
    every = list(areas)
    around = [a for a in store.areas.named({id_ for a in every for id_ in a.ids}).values() if a.level == HAMLET]
    paths = sorted({area.path for area in (*every, *around)})
    outer = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    return spoken_below(store, outer)


def _airings(store: Store, paths: Iterable[str], now: UtcMs) -> list[Airing]:
    """What sounded or is to sound around now, approved or waiting for it; the newest first."""
    since, until = now - AROUND, now + AROUND
    broadcasts = store.broadcasts.around(paths, since, until, MOST)
    bulletins = store.broadcasts.bulletins(b.bulletin for b in broadcasts)
    areas = store.areas.named({target for b in broadcasts for target in b.targets})
    found = []
    for broadcast in broadcasts:
        bulletin = bulletins[broadcast.bulletin]
        at = _first(broadcast, since, until)
        if at is None or all(variant.language == NO_LANGUAGE for variant in bulletin.variants):
            continue
        if state_of(bulletin, broadcast) in _SOUNDING:
            found.append(_airing(bulletin, broadcast, areas, at))
    return found


def _first(broadcast: Broadcast, since: UtcMs, until: UtcMs) -> UtcMs | None:
    """When it first sounds in this time: when it was written, for what has no hour yet; None where it does not."""
    if broadcast.recurrence is None:
        return broadcast.created_at
    return next(iter(occurrences(broadcast.recurrence, since, until)), None)


def _airing(bulletin: Bulletin, broadcast: Broadcast, areas: dict[str, Area], at: UtcMs) -> Airing:
    return Airing(
        broadcast=broadcast.id,
        title=bulletin.title,
        at=at,
        paths=tuple(areas[target].path for target in broadcast.targets),
        there=frozenset(variant.language for variant in bulletin.variants),
        emergency=bulletin.broadcast_class is BroadcastClass.emergency,
    )
