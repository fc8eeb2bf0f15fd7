"""Concerns: what is wrong for so long, or so badly, that people are to act; when one is raised, told further up, and
over. Pure.

Imported by the use cases, the repository and the web. People read "Cảnh báo", or alarm; that word is taken here by
emergencies on one signature, and "alert" by what the wire says of an emergency.
"""

import enum
from collections.abc import Iterable, Mapping

import msgspec

from schedules.assignment import QuietHours
from schedules.clock import HOUR, MINUTE, DurationMs, UtcMs, civil_minute, in_daily_window

MEGABYTE = 1_000_000
COOLER_BY, FREER_BY = 5, 1.2
"""It is over only when a loudspeaker is this much cooler (degrees), or has this much more room: a value that sways
about its limit must not ring each time."""
SOON: DurationMs = 30 * MINUTE
"""Two loudspeakers of one outage are known to be silent at most so far apart: by a last will, or by a status that did
not come."""
MOST_HOURS, MOST_UNKNOWN, MOST_MB, MOST_DEGREES, MOST_PERCENT = 24 * 30, 1_000, 1_000_000, 150, 100


class ConcernKind(enum.Enum):
    """What may be wrong."""

    silent = "silent"  # nothing heard for so many hours
    unknown = "unknown"  # so many plays of the last week that nobody has reported
    clock = "clock"  # it does not start by its own clock
    disk = "disk"
    temperature = "temperature"
    share = "share"  # too little of what was planned yesterday has sounded in a commune


class ConcernRules(msgspec.Struct, frozen=True):
    """What an area is warned of. None, or False: of that, never. `silent_h`: hours; `unknown`: plays; `disk_mb`: less
    room than this; `temperature_c`: hotter than this; `share`: per cent, less than this. `quiet`: civil minutes in
    which nothing is raised and nothing told further up; `paused_until`: the same until this instant; `escalate_h`:
    hours without anybody's acknowledgement until the area above is told."""

    silent_h: int | None = 6
    unknown: int | None = 10
    clock: bool = True
    disk_mb: int | None = 200
    temperature_c: int | None = 75
    share: int | None = 80
    quiet: QuietHours | None = QuietHours(22 * 60, 6 * 60)
    escalate_h: int | None = 24
    paused_until: UtcMs = 0

    def is_quiet(self, now: UtcMs) -> bool:
        """Whether nothing is raised now."""
        quiet = self.quiet
        by_hour = quiet is not None and in_daily_window(civil_minute(now), quiet.start, quiet.end)
        return by_hour or now < self.paused_until


class Place(msgspec.Struct, frozen=True):
    """What is known of a loudspeaker, or of a commune as a whole (`share` alone). None: nothing is known, which raises
    nothing and ends nothing. `path`: of itself. `silent_since`: 0 while it has a link."""

    id: str
    path: str
    silent_since: UtcMs | None = None
    unknown: int | None = None
    clock_lost: bool | None = None
    disk_free: int | None = None
    temperature_c: int | None = None
    share: int | None = None

    @property
    def commune(self) -> str:
        """The path of the area above the hamlet of a loudspeaker."""
        return self.path.strip("/").rpartition("/")[0].rpartition("/")[0]


class Concern(msgspec.Struct, frozen=True):
    """Something that is wrong since `raised_at`. `value`: in the unit of its kind; `level`: how many areas above the
    place have been told, `told_at`: the last of them; `seen_by`: who has acknowledged it. `number`: given by the
    database; `ended_at`: 0 while it stands."""

    kind: ConcernKind
    place: str
    value: int
    raised_at: UtcMs
    told_at: UtcMs
    level: int = 0
    seen_by: str = ""
    seen_at: UtcMs = 0
    ended_at: UtcMs = 0
    number: int = 0


class Raised(msgspec.Struct, frozen=True, tag=True):
    """It is new."""

    concern: Concern


class Escalated(msgspec.Struct, frozen=True, tag=True):
    """Nobody has acknowledged it: the next area above is told."""

    concern: Concern


class Ended(msgspec.Struct, frozen=True, tag=True):
    """It is over, by itself."""

    concern: Concern


Change = Raised | Escalated | Ended


def decide(
    places: Iterable[Place],
    rules: Mapping[str, ConcernRules],
    standing: Iterable[Concern],
    heights: Mapping[str, int],
    now: UtcMs,
) -> list[Change]:
    """What changes. `rules`: by place; a place without any is left as it is. `heights`: how many areas above each place
    can be told. One concern for each kind and place stands at a time, so a cause is raised once. What an outage has
    silenced is raised at once, though each was heard for the last time at another minute (`SOON`)."""
    places = list(places)
    stands = {(concern.place, concern.kind): concern for concern in standing}
    changes: list[Change] = []
    for place in places:
        its = rules.get(place.id)
        if its is None:
            continue
        for kind in ConcernKind:
            concern = stands.get((place.id, kind))
            change = _change(place, kind, its, concern, heights.get(place.id, 0), now)
            if change is not None:
                changes.append(change)
    return [*changes, *_silent_too(places, rules, stands, changes, now)]


def _silent_too(
    places: Iterable[Place],
    rules: Mapping[str, ConcernRules],
    stands: Mapping[tuple[str, ConcernKind], Concern],
    changes: Iterable[Change],
    now: UtcMs,
) -> Iterable[Raised]:
    """Who will soon have been silent for long enough, where a neighbour has been now."""
    raised = {c.concern.place for c in changes if isinstance(c, Raised) and c.concern.kind is ConcernKind.silent}
    if not raised:
        return
    communes = {place.commune for place in places if place.id in raised}
    for place in places:
        its, silent_for = rules.get(place.id), value_of(place, ConcernKind.silent, now)
        if its is None or not silent_for or place.id in raised or (place.id, ConcernKind.silent) in stands:
            continue
        nearly = is_wrong(ConcernKind.silent, silent_for, its, stands=True) and not its.is_quiet(now)
        if nearly and place.commune in communes:
            yield Raised(Concern(ConcernKind.silent, place.id, silent_for, now, now))


def value_of(place: Place, kind: ConcernKind, now: UtcMs) -> int | None:
    """How it is with one thing, in the unit of its kind; None where nobody knows."""
    match kind:
        case ConcernKind.silent:
            since = place.silent_since
            return None if since is None else 0 if since == 0 else max(now - since, 0)
        case ConcernKind.unknown:
            return place.unknown
        case ConcernKind.clock:
            return None if place.clock_lost is None else int(place.clock_lost)
        case ConcernKind.disk:
            return place.disk_free
        case ConcernKind.temperature:
            return place.temperature_c
        case ConcernKind.share:
            return place.share


def is_wrong(kind: ConcernKind, value: int, rules: ConcernRules, *, stands: bool = False) -> bool:
    """Whether a value is wrong by these rules. `stands`: a concern stands already: it must be clearly better."""
    match kind:
        case ConcernKind.silent:
            return rules.silent_h is not None and value > rules.silent_h * HOUR - (SOON if stands else 0)
        case ConcernKind.unknown:
            return rules.unknown is not None and value > rules.unknown
        case ConcernKind.clock:
            return rules.clock and value != 0
        case ConcernKind.disk:
            limit = None if rules.disk_mb is None else rules.disk_mb * MEGABYTE * (FREER_BY if stands else 1)
            return limit is not None and value < limit
        case ConcernKind.temperature:
            hot = rules.temperature_c
            return hot is not None and value > hot - (COOLER_BY if stands else 0)
        case ConcernKind.share:
            return rules.share is not None and value < rules.share


def _change(
    place: Place, kind: ConcernKind, rules: ConcernRules, concern: Concern | None, height: int, now: UtcMs
) -> Change | None:
    value = value_of(place, kind, now)
    wrong = value is not None and is_wrong(kind, value, rules, stands=concern is not None)
    if concern is None:
        if value is None or not wrong or rules.is_quiet(now):
            return None
        return Raised(Concern(kind, place.id, value, now, now))
    switched_off = not _is_on(kind, rules)
    if switched_off or (value is not None and not wrong):
        return Ended(msgspec.structs.replace(concern, ended_at=now))
    overdue = rules.escalate_h is not None and now - concern.told_at >= rules.escalate_h * HOUR
    if concern.seen_at or concern.level >= height or not overdue or rules.is_quiet(now):
        return None
    return Escalated(msgspec.structs.replace(concern, level=concern.level + 1, told_at=now))


def _is_on(kind: ConcernKind, rules: ConcernRules) -> bool:
    limits = {
        ConcernKind.silent: rules.silent_h,
        ConcernKind.unknown: rules.unknown,
        ConcernKind.clock: rules.clock or None,
        ConcernKind.disk: rules.disk_mb,
        ConcernKind.temperature: rules.temperature_c,
        ConcernKind.share: rules.share,
    }
    return limits[kind] is not None
