"""Coverage: which languages hamlets speak, which bulletins reach them, and in which languages there is no sound. Pure.

Imported by the use cases, the pages and tests. Everything is counted from areas with the languages that hold there.
"""

from collections.abc import Collection, Iterable

import msgspec

from audio.clip import NO_LANGUAGE
from schedules.clock import UtcMs
from schedules.programme import in_emergency
from server.area import Area


class Gap(msgspec.Struct, frozen=True):
    """A hamlet that would hear a bulletin without these of its languages."""

    area: Area
    missing: tuple[str, ...]


class Airing(msgspec.Struct, frozen=True):
    """A broadcast that sounds: `paths` of its targets, and the languages that it has sound in."""

    broadcast: str
    title: str
    at: UtcMs
    paths: tuple[str, ...]
    there: frozenset[str]
    emergency: bool = False


class Tally(msgspec.Struct, frozen=True):
    """What there is of a language. `hamlets` speak it; `households` of them, as far as they are counted, `uncounted`:
    hamlets of which nobody knows how many; of the `airings` that reach such a hamlet, so many `lack` it."""

    language: str
    hamlets: int = 0
    households: int = 0
    uncounted: int = 0
    airings: int = 0
    lack: int = 0


class Reaching(msgspec.Struct, frozen=True):
    """A broadcast that airs where a language is spoken: in so many hamlets and households."""

    airing: Airing
    hamlets: int
    households: int
    uncounted: int


def wanted_in(area: Area, *, emergency: bool) -> tuple[str, ...]:
    """The languages in which a bulletin should sound in a hamlet, in its order."""
    return in_emergency(area.languages) if emergency else area.languages


def gaps(hamlets: Iterable[Area], there: Collection[str], *, emergency: bool) -> tuple[Gap, ...]:
    """Where something is missing, in the order given. Music alone lacks nothing."""
    if set(there) == {NO_LANGUAGE}:
        return ()
    found = (
        Gap(area, tuple(tag for tag in wanted_in(area, emergency=emergency) if tag not in there)) for area in hamlets
    )
    return tuple(gap for gap in found if gap.missing)


def households_of(area: Area, language: str) -> int | None:
    """How many households of a hamlet speak a language, rounded; None where nobody has counted."""
    share = area.shares.get(language)
    return (area.households * share + 50) // 100 if share is not None and area.households else None


def reached(hamlets: Iterable[Area], paths: Collection[str]) -> list[Area]:
    """The hamlets that a broadcast to these paths reaches, also where only one loudspeaker of them is meant."""
    return [area for area in hamlets if any(area.path.startswith(p) or p.startswith(area.path) for p in paths)]


def tallies(hamlets: Iterable[Area], airings: Iterable[Airing]) -> list[Tally]:
    """What there is of each language that is spoken, or that anything is said in; most hamlets first."""
    every = list(hamlets)
    found: dict[str, Tally] = {}
    for area in every:
        for tag in dict.fromkeys(area.languages):
            count = households_of(area, tag)
            was = found.get(tag, Tally(tag))
            found[tag] = msgspec.structs.replace(
                was,
                hamlets=was.hamlets + 1,
                households=was.households + (count or 0),
                uncounted=was.uncounted + (count is None),
            )
    spoken: dict[tuple[str, ...], frozenset[str]] = {}
    for airing in airings:
        if airing.paths not in spoken:
            spoken[airing.paths] = frozenset(tag for area in reached(every, airing.paths) for tag in area.languages)
        here = spoken[airing.paths]
        for tag in in_emergency(sorted(here)) if airing.emergency and here else here:
            was = found.get(tag, Tally(tag))
            lack = was.lack + (tag not in airing.there)
            found[tag] = msgspec.structs.replace(was, airings=was.airings + 1, lack=lack)
    return sorted(found.values(), key=lambda each: (-each.hamlets, each.language))


def reaching(hamlets: Iterable[Area], airings: Iterable[Airing], language: str, *, there: bool) -> list[Reaching]:
    """The broadcasts that should sound in a language: those that have it (`there`), or those that do not; in the order
    given."""
    every, found = list(hamlets), []
    known: dict[tuple[tuple[str, ...], bool], list[Area]] = {}
    for airing in airings:
        if (language in airing.there) != there:
            continue
        key = airing.paths, airing.emergency
        if key not in known:
            near = reached(every, airing.paths)
            known[key] = [area for area in near if language in wanted_in(area, emergency=airing.emergency)]
        if known[key]:
            counts = [households_of(area, language) for area in known[key]]
            found.append(Reaching(airing, len(counts), sum(c or 0 for c in counts), counts.count(None)))
    return found
