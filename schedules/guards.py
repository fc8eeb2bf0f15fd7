"""The guards: what a loudspeaker keeps by itself, whatever a programme says, of all that is no emergency.

Anybody may import this room. They hold for priority as for ordinary slots: Circular 39/2020 lets only an emergency
sound at once, and a guard that a slot passes by its class would be none against whoever may choose the class.
"""

from collections.abc import Iterable

import msgspec

from schedules.assignment import FULL_VOLUME, Assignment, VolumePreset, by_hour, volume_at
from schedules.clock import DAY, MINUTE, DurationMs, UtcMs, civil_midnight

LONGEST_GAP: DurationMs = 120 * MINUTE
"""Nobody sets a longer rest: plays further apart than this have nothing to do with each other."""


class Aired(msgspec.Struct, frozen=True):
    """What has sounded lately and was no emergency: in [start, end), for so much of the day's limit; `cut_by`: what
    took its place, if anything did."""

    occurrence: str
    start: UtcMs
    end: UtcMs
    sounded_ms: DurationMs
    cut_by: str = ""


def loudness(assignment: Assignment, start: UtcMs, end: UtcMs) -> tuple[int, int]:
    """At how many per cent something sounds in [start, end) that is no emergency, and what was asked for, if that was
    more (else 0). The volume is set once, at the start, so that the lowest ceiling of its time counts."""
    asked = volume_at(assignment, start)
    highest = lowest_ceiling(assignment.guards.ceiling, start, end)
    return min(asked, highest), asked if highest < asked else 0


def lowest_ceiling(ceiling: tuple[VolumePreset, ...], start: UtcMs, end: UtcMs) -> int:
    """The lowest of the ceilings that hold in [start, end), in per cent."""
    if not ceiling:
        return FULL_VOLUME
    within = (by_hour(ceiling, at) for p in ceiling if (at := _next(p.from_minute * MINUTE, start)) < end)
    return min([by_hour(ceiling, start), *within])


def is_too_long(assignment: Assignment, length: DurationMs) -> bool:
    """Whether a play is longer than any may be. It is known beforehand, so that nothing is cut in the middle."""
    return 0 < assignment.guards.longest_ms < length


def is_too_much(assignment: Assignment, aired: Iterable[Aired], start: UtcMs, length: DurationMs) -> bool:
    """Whether a play would be more than may sound in its civil day, beside these. A play belongs to the day in which it
    begins."""
    limit = assignment.guards.daily_ms
    if not limit:
        return False
    midnight = civil_midnight(start)
    return length + sum(a.sounded_ms for a in aired if midnight <= a.start < midnight + DAY) > limit


def lately(aired: Iterable[Aired], now: UtcMs) -> tuple[Aired, ...]:
    """What must still be remembered. What claims to be later than now was noted by a clock that was wrong."""
    return tuple(a for a in aired if now - DAY < a.end and a.start <= now)


def _next(minute_ms: DurationMs, utc: UtcMs) -> UtcMs:
    at = civil_midnight(utc) + minute_ms
    return at if at > utc else at + DAY
