"""When what failed at some loudspeakers can be said again there: by the loudspeakers' own rules. Pure.

Imported by `repeating` and tests.
"""

from collections.abc import Iterable, Sequence

import msgspec

from schedules.assignment import Assignment
from schedules.clock import DAY, MINUTE, DurationMs, UtcMs
from schedules.playback import Reason
from schedules.programme import Programme, Slot, occurrence_name
from server.readiness import kind_of, silenced

STEP: DurationMs = 15 * MINUTE
"""People say times of day in quarters of an hour."""
AHEAD: DurationMs = 2 * DAY
Kind = tuple[Assignment, tuple[Programme, ...]]
"""One of the loudspeakers that do the same, and the programmes that it is told."""


def kinds_of(assignments: Iterable[Assignment], programmes: dict[str, Programme]) -> list[Kind]:
    """Of those that do the same, one."""
    found = {kind_of(each, programmes): each for each in assignments}
    return [(each, tuple(programmes[a] for a in each.area_path if a in programmes)) for each in found.values()]


def silence_at(slot: Slot, at: UtcMs, kinds: Sequence[Kind]) -> Reason:
    """Why a slot that begins at this instant would be silent at one of them; none where it sounds at all."""
    moved = msgspec.structs.replace(
        slot,
        occurrence=occurrence_name(slot.broadcast, at),
        start=at,
        useful_until=at + slot.useful_until - slot.start,
    )
    own = Programme("", 0, at, moved.useful_until, (moved,))
    reasons = (silenced(moved, assignment, (*programmes, own)) for assignment, programmes in kinds)
    return next((reason for reason in reasons if reason is not Reason.none), Reason.none)


def soonest(slot: Slot, first: UtcMs, kinds: Sequence[Kind]) -> UtcMs | None:
    """The first instant, this one or a quarter of an hour within two days, at which it would sound at all of them."""
    quarters = range((first // STEP + 1) * STEP, first + AHEAD, STEP)
    return next((at for at in (first, *quarters) if silence_at(slot, at, kinds) is Reason.none), None)
