"""The volume of an area or a loudspeaker by hour: what holds, who says so, and how it is set: never above the ceiling
that the guards allow there. Use cases.

Imported by the web and tests. A ceiling is loosened by two people (`server.guarding`); below it, one sets the volume.
"""

from collections.abc import Sequence

import msgspec

from schedules.assignment import FULL_VOLUME, VolumePreset
from schedules.clock import DAY, MINUTE, DayMinute, UtcMs, civil_midnight
from schedules.guards import lowest_ceiling
from server.access import Act, Person, may
from server.area import Area, Effective
from server.oversight import visible_area
from server.refusals import NotAllowed
from server.repositories.store import Store

QUIETEST = 20
"""Per cent of full volume: half as loud, to an ear, as 40."""


class TooLoud(Exception):
    """At this minute of the day the ceiling is lower: `percent`."""

    def __init__(self, minute: DayMinute, percent: int) -> None:
        super().__init__(minute, percent)
        self.minute, self.percent = minute, percent


class TooQuiet(Exception):
    """An emergency sounds at this volume too, and must be heard."""


class VolumePage(msgspec.Struct, frozen=True):
    """`holds`: what holds there; `source`: which area says so, None for the usual; `steps`: of the day, from which
    minute on how loud, as it will really be, and under which ceiling."""

    area: Area
    holds: Effective
    source: Area | None
    steps: tuple[tuple[DayMinute, int, int], ...]
    may_set: bool


def page(store: Store, person: Person, area: str) -> VolumePage:
    """The volume of an area. Raises `NotFound`."""
    found = visible_area(store, person, area)
    holds = store.areas.effective(found)
    chain = store.areas.chain(found)
    source = next((each for each in reversed(chain) if each.settings.volume is not None), None)
    return VolumePage(found, holds, source, steps(holds), may_set(person, found))


def may_set(person: Person, area: Area) -> bool:
    """Who sets its area, or installs there: the volume is found by ear, on the spot."""
    return may(person.grants, Act.set_area, area.path) or may(person.grants, Act.install, area.path)


def wish(store: Store, person: Person, area: str, volume: tuple[VolumePreset, ...] | None, now: UtcMs) -> Area:
    """Set it; None: as the area above says. Raises `NotFound`, `NotAllowed`, `TooLoud`, `TooQuiet`."""
    found = visible_area(store, person, area)
    if not may_set(person, found):
        raise NotAllowed
    holds = store.areas.effective(found)
    if volume is not None and min(preset.percent for preset in volume) < QUIETEST:
        raise TooQuiet
    if volume is not None:
        _must_be_allowed(volume, holds.ceiling, now)
    before = found.settings.volume
    if before != volume:
        settings = msgspec.structs.replace(found.settings, volume=volume)
        store.areas.keep(msgspec.structs.replace(found, settings=settings))
        store.trail.note(now, person, "volume", found.id, area=found.id, before=_shown(before), after=_shown(volume))
    return found


def steps(holds: Effective) -> tuple[tuple[DayMinute, int, int], ...]:
    """The day in steps: from which minute on, how loud, and the ceiling there."""
    minutes = sorted({0, *(p.from_minute for p in (*holds.volume, *holds.ceiling))})
    found: list[tuple[DayMinute, int, int]] = []
    for minute in minutes:
        ceiling = _at(holds.ceiling, minute)
        step = (minute, min(_at(holds.volume, minute), ceiling), ceiling)
        if not found or found[-1][1:] != step[1:]:
            found.append(step)
    return tuple(found)


def _at(presets: Sequence[VolumePreset], minute: DayMinute) -> int:
    if not presets:
        return FULL_VOLUME
    ordered = sorted(presets, key=lambda preset: preset.from_minute)
    return next((p.percent for p in reversed(ordered) if p.from_minute <= minute), ordered[-1].percent)


def _must_be_allowed(volume: Sequence[VolumePreset], ceiling: tuple[VolumePreset, ...], now: UtcMs) -> None:
    """Each step must lie below the ceiling in all of its hours: what nobody would ever hear must not stand there."""
    midnight = civil_midnight(now)
    ordered = sorted(volume, key=lambda preset: preset.from_minute)
    for preset, after in zip(ordered, [*ordered[1:], ordered[0]], strict=True):
        start = midnight + preset.from_minute * MINUTE
        end = midnight + after.from_minute * MINUTE + (0 if after.from_minute > preset.from_minute else DAY)
        lowest = lowest_ceiling(ceiling, start, end)
        if preset.percent > lowest:
            raise TooLoud(preset.from_minute, lowest)


def _shown(volume: tuple[VolumePreset, ...] | None) -> str:
    return (
        "inherit"
        if volume is None
        else ",".join(f"{p.from_minute // 60:02d}:{p.from_minute % 60:02d}={p.percent}" for p in volume)
    )
