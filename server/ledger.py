"""The ledger: which plays to expect where, and what a row of the log says at any time. Pure.

Imported by the use cases, the web and `tests/village`. The expected plays come from the same merge that the
loudspeakers run.
"""

import enum
from collections.abc import Iterable

import msgspec

from schedules.assembly import own_clips
from schedules.assignment import Assignment
from schedules.clock import MINUTE, DurationMs, UtcMs
from schedules.playback import Outcome, Playback
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.rundown import Entry, merge, slots_between
from schedules.trial import programme_of

SILENT_AFTER: DurationMs = 10 * MINUTE
"""So long after its useful time a play without a report counts as unknown: the report may still come."""
LATEST: UtcMs = 253_402_000_000_000
"""Calendars end with the year 9999."""
LARGEST = 2**53


class Planned(msgspec.Struct, frozen=True):
    """A play to be expected at a loudspeaker. `seal`: of the approval that it is to sound by."""

    loudspeaker: str
    occurrence: str
    broadcast: str
    bulletin: str
    title: str
    broadcast_class: BroadcastClass
    planned: UtcMs
    useful_until: UtcMs
    clips: tuple[str, ...]
    withdrawn: bool = False
    seal: str = ""


class LogState(enum.Enum):
    """What a row says while there is no report; afterwards the outcome speaks."""

    preparing = "preparing"  # not all of its sound has reached the loudspeaker
    ready = "ready"
    not_reached = "not_reached"  # the loudspeaker does not know of it yet
    due = "due"  # its time has come, and its report may yet come
    unknown = "unknown"
    withdrawn = "withdrawn"
    reported = "reported"


class Reached(msgspec.Struct, frozen=True):
    """What a loudspeaker has told of itself: whether it is online, the clips it still misses, the revisions it
    holds."""

    online: bool
    clips_missing: frozenset[str]
    knows: bool


def expected(
    programmes: Iterable[Programme], assignment: Assignment, since: UtcMs, until: UtcMs
) -> tuple[Planned, ...]:
    """All slots that reach a loudspeaker: each must end in an outcome, be it "skipped"."""
    slots = slots_between(programmes, since, until)
    return tuple(planned_at(assignment, slot) for slot in sorted(slots, key=lambda s: (s.start, s.occurrence)))


def preview(programmes: Iterable[Programme], assignment: Assignment, since: UtcMs, until: UtcMs) -> tuple[Entry, ...]:
    """What a loudspeaker will do with all slots of a time, if nothing goes wrong; with the trial that was ordered."""
    own = programme_of(assignment.device, assignment.trial)
    return merge(slots_between((*programmes, own), since, until), assignment, since)


def state_of(planned: Planned, playback: Playback | None, reached: Reached | None, now: UtcMs) -> LogState:
    """What the row says now."""
    if playback is not None:
        return LogState.reported
    if planned.withdrawn:
        return LogState.withdrawn
    if now > planned.useful_until + SILENT_AFTER:
        return LogState.unknown
    if now >= planned.planned:
        return LogState.due
    if reached is None or not reached.knows:
        return LogState.not_reached
    return LogState.preparing if set(planned.clips) & reached.clips_missing else LogState.ready


def final(playbacks: Iterable[Playback]) -> Playback | None:
    """The playback that counts, where a loudspeaker has said more than one thing about an occurrence: one that
    sounded before one that did not, then the first."""
    sounded = (Outcome.played, Outcome.late, Outcome.cut)
    return min(playbacks, key=lambda p: (p.outcome not in sounded, p.sequence), default=None)


def is_plausible(playback: Playback) -> bool:
    """Whether numbers and instants are such as a database can hold and a page can show: one broken loudspeaker must not
    break the log of a province."""
    p = playback
    numbers = (p.sequence, p.due_ms, p.sounded_ms or 0, p.bound_ms, p.volume, p.lowered_from)
    instants = (playback.planned, playback.started or 0, playback.ended or 0)
    # Asked of each playback of a province at 05:00: two comparisons instead of seven.
    return min(numbers) > -LARGEST and max(numbers) < LARGEST and min(instants) >= 0 and max(instants) < LATEST


def planned_at(assignment: Assignment, slot: Slot) -> Planned:
    """The play of a slot at a loudspeaker."""
    return Planned(
        loudspeaker=assignment.device,
        occurrence=slot.occurrence,
        broadcast=slot.broadcast,
        bulletin=slot.bulletin,
        title=slot.title,
        broadcast_class=slot.broadcast_class,
        planned=slot.start,
        useful_until=slot.useful_until,
        clips=tuple(clip.sha256 for clip in own_clips(slot, assignment.languages)),
        seal=slot.seal,
    )
