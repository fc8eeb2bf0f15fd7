"""The ledger: which plays to expect where, and what a row of the log says at any time. Pure.

Imported by the use cases, the web and `tests/village`. The expected plays come from the same merge that the
loudspeakers run.
"""

import enum
from collections.abc import Iterable

import msgspec

from audio.clip import NO_LANGUAGE
from schedules.assembly import own_clips
from schedules.assignment import Assignment
from schedules.clock import DAY, MINUTE, DurationMs, UtcMs
from schedules.playback import Outcome, Playback
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.rundown import Entry, merge, slots_between
from schedules.trial import programme_of

SILENT_AFTER: DurationMs = 10 * MINUTE
"""So long after its useful time a play without a report counts as unknown: the report may still come."""
LONG_SILENT_AFTER: DurationMs = DAY
"""So long after its useful time it counts as unknown for long: somebody must go and look. A report that comes later
still closes it."""
SOUNDED = (Outcome.played, Outcome.late, Outcome.cut)
AWAITED = (*SOUNDED, Outcome.missed, Outcome.failed, Outcome.unknown)
"""What was to sound: not what a rule kept silent (`skipped`)."""
NO_REPORT, WITHDRAWN = "none", "withdrawn"
DID_SOUND, DID_NOT, WAS_TO = "sounded", "silent", "awaited"
"""Groups of rows: without an outcome; those of them that are awaited no more; what sounded, what was to sound and did
not (or has not yet), and both."""
CORRECTED = "corrected"
"""In the place of a reason, where a person has said how it ended."""
LATEST: UtcMs = 253_402_000_000_000
"""Calendars end with the year 9999."""
LARGEST = 2**53


class Planned(msgspec.Struct, frozen=True):
    """A play to be expected at a loudspeaker. `seal`: of the approval that it is to sound by; `languages`: in which."""

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
    languages: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """A playback as it was filed: the journal of the loudspeaker that it stands in."""

    journal: str
    playback: Playback

    @property
    def name(self) -> str:
        """What a correction calls it."""
        return f"{self.journal} {self.playback.sequence}"


class Correction(msgspec.Struct, frozen=True):
    """What a person says of a play: a line of its own, against the one that counted until then (`names`; empty where
    nothing had been told). `by`: the id of who says it."""

    number: int
    loudspeaker: str
    occurrence: str
    names: str
    outcome: Outcome
    why: str
    by: str
    at: UtcMs

    @property
    def name(self) -> str:
        """What a later correction calls it."""
        return f"#{self.number}"


class Counted(msgspec.Struct, frozen=True):
    """What counts of all that was told of a play: the loudspeaker's own word, and a correction that stands against
    it."""

    line: Line | None = None
    correction: Correction | None = None

    @property
    def name(self) -> str:
        """The name of the line that counts; empty where nothing was told."""
        if self.correction is not None:
            return self.correction.name
        return self.line.name if self.line is not None else ""

    @property
    def outcome(self) -> Outcome | None:
        """How the play ended, as far as anybody has told."""
        if self.correction is not None:
            return self.correction.outcome
        return self.line.playback.outcome if self.line is not None else None


class LogState(enum.Enum):
    """What a row says while there is no report; afterwards the outcome speaks."""

    preparing = "preparing"  # not all of its sound has reached the loudspeaker
    ready = "ready"
    not_reached = "not_reached"  # the loudspeaker does not know of it yet
    due = "due"  # its time has come, and its report may yet come
    unknown = "unknown"
    long_unknown = "long_unknown"  # somebody must go and look
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


def state_of(planned: Planned, told: object | None, reached: Reached | None, now: UtcMs) -> LogState:
    """What the row says now. `told`: the playback or the correction that counts, if there is any."""
    if told is not None:
        return LogState.reported
    if planned.withdrawn:
        return LogState.withdrawn
    if now > planned.useful_until + LONG_SILENT_AFTER:
        return LogState.long_unknown
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
    return min(playbacks, key=lambda p: (p.outcome not in SOUNDED, p.sequence), default=None)


def counted(lines: Iterable[Line], corrections: Iterable[Correction] = ()) -> Counted:
    """What counts of a play. `lines`: in the order in which they were filed. A correction counts as long as the line
    that it names does: what a loudspeaker tells later, and better, stands against what somebody said before they knew
    of it."""
    told = tuple(lines)
    best = final(line.playback for line in told)
    found = Counted(next((line for line in told if line.playback is best), None))
    for correction in sorted(corrections, key=lambda each: each.number):
        if correction.names == found.name:
            found = Counted(found.line, correction)
    return found


def outcomes_in(group: str) -> frozenset[str]:
    """The outcomes of a group, or of one outcome alone: "" where there is none, `WITHDRAWN` where none is awaited."""
    sounded = frozenset(outcome.value for outcome in SOUNDED)
    awaited = frozenset({*(outcome.value for outcome in AWAITED), ""})
    groups = {NO_REPORT: frozenset({"", WITHDRAWN}), DID_SOUND: sounded, WAS_TO: awaited, DID_NOT: awaited - sounded}
    return groups.get(group, frozenset({group}))


def is_plausible(playback: Playback) -> bool:
    """Whether numbers and instants are such as a database can hold and a page can show: one broken loudspeaker must not
    break the log of a province."""
    p = playback
    numbers = (p.sequence, p.due_ms, p.sounded_ms or 0, p.bound_ms, p.volume, p.lowered_from)
    instants = (playback.planned, playback.started or 0, playback.ended or 0)
    # Asked of each playback of a province at 05:00: two comparisons instead of seven.
    return (
        "\0" not in p.occurrence
        and min(numbers) > -LARGEST
        and max(numbers) < LARGEST
        and min(instants) >= 0
        and max(instants) < LATEST
    )


def planned_at(assignment: Assignment, slot: Slot) -> Planned:
    """The play of a slot at a loudspeaker."""
    clips = own_clips(slot, assignment.languages)
    return Planned(
        loudspeaker=assignment.device,
        occurrence=slot.occurrence,
        broadcast=slot.broadcast,
        bulletin=slot.bulletin,
        title=slot.title,
        broadcast_class=slot.broadcast_class,
        planned=slot.start,
        useful_until=slot.useful_until,
        clips=tuple(clip.sha256 for clip in clips),
        seal=slot.seal,
        languages=tuple(dict.fromkeys(clip.language for clip in clips if clip.language != NO_LANGUAGE)),
    )
