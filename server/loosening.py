"""What loosens a guard: which settings of an area would let through what loudspeakers keep silent now. Pure.

Imported by the use case of guards, the pages and tests. What tightens holds at once; what loosens takes two people, so
everything that might loosen counts as loosening: at any minute of the day, and anywhere below the area, however it got
there: by a value of its own, or by going back to what an area above says.
"""

import enum
import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from schedules.assignment import QuietHours, VolumePreset, by_hour, is_quiet
from schedules.clock import DAY_MINUTES, MINUTE, UtcMs, civil_midnight
from server.area import Area, AreaSettings, Effective, inherited

_MIDNIGHT: UtcMs = civil_midnight(0)


class Guard(enum.Enum):
    """What a loudspeaker keeps by itself, in the order in which it is told."""

    quiet = "quiet"
    ceiling = "ceiling"
    longest = "longest"
    rest = "rest"
    daily = "daily"


FIELDS: dict[Guard, tuple[str, ...]] = {
    Guard.quiet: ("quiet_hours", "quiet_hours_off"),
    Guard.ceiling: ("ceiling",),
    Guard.longest: ("longest_ms",),
    Guard.rest: ("gap_ms",),
    Guard.daily: ("daily_ms",),
}
"""The settings of an area that say what each guard is."""


def with_guards(settings: AreaSettings, wish: AreaSettings, guards: Iterable[Guard] = tuple(Guard)) -> AreaSettings:
    """Settings with these guards as another one sets them; all else stays."""
    wished = {field: getattr(wish, field) for guard in guards for field in FIELDS[guard]}
    return msgspec.structs.replace(settings, **wished)


def guards_of(settings: AreaSettings) -> AreaSettings:
    """What settings say of guards, and nothing else."""
    return with_guards(AreaSettings(), settings)


def changed(before: AreaSettings, after: AreaSettings) -> tuple[Guard, ...]:
    """The guards that are set otherwise."""
    return tuple(g for g in Guard if any(getattr(before, f) != getattr(after, f) for f in FIELDS[g]))


def looser(before: Effective, after: Effective) -> frozenset[Guard]:
    """The guards that let through more than before, at any minute."""
    quieter = any(
        is_quiet(before.quiet_hours, at) and not is_quiet(after.quiet_hours, at)
        for at in _edges(before.quiet_hours, after.quiet_hours)
    )
    louder = any(
        by_hour(after.ceiling, at) > by_hour(before.ceiling, at) for at in _steps((*before.ceiling, *after.ceiling))
    )
    found = {
        Guard.quiet: quieter,
        Guard.ceiling: louder,
        Guard.longest: _limit(after.longest_ms) > _limit(before.longest_ms),
        Guard.rest: after.gap_ms < before.gap_ms,
        Guard.daily: _limit(after.daily_ms) > _limit(before.daily_ms),
    }
    return frozenset(guard for guard, is_looser in found.items() if is_looser)


def loosened(areas: Mapping[str, Area], area: str, after: AreaSettings) -> frozenset[Guard]:
    """The guards that would be looser anywhere on or below an area that got these settings. `areas`: by id, this one,
    all above it, and all below it."""
    fresh = {**areas, area: msgspec.structs.replace(areas[area], settings=after)}
    # Those below that set nothing themselves are as the nearest one above them that does.
    telling = [a for a in areas.values() if area in a.ids and (a.id == area or guards_of(a.settings) != AreaSettings())]
    return frozenset(guard for each in telling for guard in looser(holding(areas, each.ids), holding(fresh, each.ids)))


def holding(areas: Mapping[str, Area], ids: Iterable[str]) -> Effective:
    """What holds at the end of a path."""
    return inherited(areas[id_].settings for id_ in ids)


def digest_of(*parts: object) -> str:
    """What names exactly what somebody has looked at."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:24]


def _limit(limit_ms: int) -> float:
    return limit_ms or float("inf")


def _edges(*hours: QuietHours | None) -> list[UtcMs]:
    """The instants of a day at which quiet hours begin or end: between them, nothing changes."""
    return [_at(minute) for h in hours if h is not None for minute in (h.start, h.end)]


def _steps(presets: Iterable[VolumePreset]) -> list[UtcMs]:
    return [_at(0), *(_at(preset.from_minute) for preset in presets)]


def _at(minute: int) -> UtcMs:
    return _MIDNIGHT + minute % DAY_MINUTES * MINUTE
