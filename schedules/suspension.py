"""Suspensions: days, and hours of them, on which a place wants silence: exams, mourning, the mornings of Tết. Pure.

Anybody may import this room. A loudspeaker keeps them by itself, like the quiet hours; an emergency passes.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from schedules.clock import DAY, DAY_MINUTES, MINUTE, DayMinute, UtcMs, at_civil, civil_day, civil_midnight
from schedules.programme import BroadcastClass


class Suspension(msgspec.Struct, frozen=True):
    """On each civil day from `first` to `last`, both included, nothing sounds in the minutes [start, end). `name`: why,
    for people; `priority`: whether priority is silent as well as ordinary."""

    name: str
    first: date
    last: date
    start: DayMinute = 0
    end: DayMinute = DAY_MINUTES
    priority: bool = False


def suspending(
    suspensions: Iterable[Suspension], broadcast_class: BroadcastClass, start: UtcMs, end: UtcMs
) -> Suspension | None:
    """The suspension that something of this class would sound into, were it to sound in [start, end)."""
    if broadcast_class is BroadcastClass.emergency:
        return None
    urgent = broadcast_class is BroadcastClass.priority
    for each in suspensions:
        if (each.priority or not urgent) and _touches(each, start, max(end, start + 1)):
            return each
    return None


def _touches(suspension: Suspension, start: UtcMs, end: UtcMs) -> bool:
    midnight = civil_midnight(start)
    while midnight < end:
        if suspension.first <= civil_day(midnight) <= suspension.last:
            begins, ends = midnight + suspension.start * MINUTE, midnight + suspension.end * MINUTE
            if start < ends and begins < end:
                return True
        midnight += DAY
    return False


def still(suspensions: Iterable[Suspension], now: UtcMs) -> tuple[Suspension, ...]:
    """Those that are not over, nor were so yesterday: what a loudspeaker is to be told."""
    return tuple(each for each in suspensions if at_civil(each.last, 0) + 2 * DAY > now)
