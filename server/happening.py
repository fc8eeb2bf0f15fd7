"""Happenings: what other systems are told of the air, and how much of it concerns whom. Pure.

Imported by the use cases, the repository, the shells that send and the web. A happening is written once and never
changed; whoever reads it gets the part of it that lies in their own area.
"""

import enum
import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import MINUTE, SECOND, DurationMs, UtcMs
from schedules.playback import Outcome
from server.ledger import SILENT_AFTER

MOST_NAMED = 100
"""Loudspeakers that one happening names; how many there are stands in its counts."""
LOOK_AFTER: DurationMs = 30 * SECOND
"""So long after a report it is asked whether an occurrence is complete: a province reports within seconds."""
LOOK_AGAIN_AFTER: DurationMs = 15 * MINUTE
"""The same, once it has been told: late reports come one by one, and are told together."""
UNREPORTED = ""
"""In the place of an outcome."""
_SOUNDED = (Outcome.played.value, Outcome.late.value, Outcome.cut.value)
_FAILED = (Outcome.missed.value, Outcome.failed.value, Outcome.unknown.value, UNREPORTED)


class HappeningKind(enum.Enum):
    """What has happened; the words stand at the edge. The values are promises to programs that we do not know."""

    approved = "broadcast.approved"
    aired = "broadcast.aired"
    failed = "broadcast.failed"
    withdrawn = "bulletin.withdrawn"
    emergency_issued = "emergency.issued"
    emergency_ended = "emergency.ended"
    silent = "loudspeaker.silent"
    back = "loudspeaker.back"
    corrected = "playback.corrected"


class EndedBy(enum.Enum):
    """How an emergency ended."""

    withdrawn = "withdrawn"
    replaced = "replaced"
    over = "over"


Counts = Mapping[str, Mapping[str, int]]
"""By the path of a commune, how many loudspeakers by outcome."""


class Spot(msgspec.Struct, frozen=True):
    """A loudspeaker, and how it was there. `since`: of one that is silent."""

    path: str
    name: str
    outcome: str = ""
    reason: str = ""
    since: UtcMs = 0

    @property
    def id(self) -> str:
        """The loudspeaker's."""
        return self.path.strip("/").rpartition("/")[2]


class About(msgspec.Struct, frozen=True):
    """The broadcast that it is about. `area`: the path on whose behalf; `targets`: where it was to sound."""

    broadcast: str
    bulletin: str
    title: str
    broadcast_class: str
    area: str
    targets: tuple[str, ...]
    exercise: bool = False
    replaces: str = ""


class Happening(msgspec.Struct, frozen=True):
    """Something that has happened. `key` names it for ever; `number`: its place in the order, given by the database;
    `by`: who did it; `note`: how an emergency ended, or why somebody corrects; `revision`: how often an occurrence had
    been told, 1 the first time."""

    key: str
    kind: HappeningKind
    at: UtcMs
    about: About | None = None
    occurrence: str = ""
    planned: UtcMs = 0
    revision: int = 0
    counts: dict[str, dict[str, int]] = {}
    spots: tuple[Spot, ...] = ()
    by: str = ""
    note: str = ""
    number: int = 0

    @property
    def id(self) -> str:
        """The same for the same happening, whoever is told of it and however often."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]


def within(happening: Happening, paths: Iterable[str]) -> Happening | None:
    """The part of it that concerns who looks after these areas; None where nothing of it does."""
    own = tuple(paths)
    counts = {commune: each for commune, each in happening.counts.items() if commune.startswith(own)}
    spots = tuple(spot for spot in happening.spots if spot.path.startswith(own))
    about = happening.about
    if happening.counts or happening.spots:
        concerned = bool(counts or spots)
        if happening.kind is HappeningKind.failed:
            concerned = bool(spots) or failed(summed(counts)) > 0
        elif happening.kind is HappeningKind.aired and happening.revision == 1:
            concerned = sounded(summed(counts)) > 0
    else:
        concerned = about is not None and (
            about.area.startswith(own)
            or any(target.startswith(own) or any(path.startswith(target) for path in own) for target in about.targets)
        )
    return msgspec.structs.replace(happening, counts=counts, spots=spots) if concerned else None


def concerned(happening: Happening) -> tuple[frozenset[str], frozenset[str]]:
    """The ids of the areas that it is found by: of all that it lies in, and of those for which it is meant with all
    below them."""
    about = happening.about
    paths, downwards = [*happening.counts, *(spot.path for spot in happening.spots)], list[str]()
    if not paths and about is not None:
        paths, downwards = [about.area, *about.targets], list(about.targets)
    return (
        frozenset(id_ for path in paths for id_ in path.strip("/").split("/")),
        frozenset(path.strip("/").rpartition("/")[2] for path in downwards),
    )


def summed(counts: Counts) -> dict[str, int]:
    """How many by outcome, of all communes together."""
    found: dict[str, int] = {}
    for each in counts.values():
        for outcome, number in each.items():
            found[outcome] = found.get(outcome, 0) + number
    return found


def sounded(outcomes: Mapping[str, int]) -> int:
    """At how many of them it sounded."""
    return sum(number for outcome, number in outcomes.items() if outcome in _SOUNDED)


def failed(outcomes: Mapping[str, int]) -> int:
    """At how many it was to sound, and did not."""
    return sum(number for outcome, number in outcomes.items() if outcome in _FAILED)


def is_failure(outcome: str) -> bool:
    """Whether it was to sound there, and did not."""
    return outcome in _FAILED


def next_look(counts: Counts, useful_until: UtcMs, now: UtcMs) -> UtcMs:
    """When to look at an occurrence again; 0: it can be told, for all have reported, or those that have not are
    overdue."""
    overdue = useful_until + SILENT_AFTER
    return overdue if summed(counts).get(UNREPORTED, 0) and now < overdue else 0
