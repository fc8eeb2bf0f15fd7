"""The rundown: all slots that reach a loudspeaker, merged into one plan, each decision with its reason.

Anybody may import this room. The loudspeaker plays by this function and the server's preview shows it: that is
why both say the same.

The rules, in this order:
1. A slot with no clip in any language of the loudspeaker is skipped. An emergency sounds in Vietnamese as well.
2. Emergency before priority before ordinary; within a class the higher authority; then the earlier start. With
   `own_priority_first`, the commune's own priority items go before those from above. What the commune has put first or
   last among its priority items itself stands there.
3. Who comes later in that order gives way: it waits until the better one has ended. If its useful time is over by
   then, it is skipped. A better one is never moved by a lesser one.
4. In quiet hours, or if it would run into them, only an emergency sounds. The other guards too (`schedules.guards`)
   hold for all but emergencies: what is longer than any play may be is skipped; who would begin before the rest after
   another play is over waits; what is too much for the day is skipped, those with the lesser right first.
5. What already sounds is cut only by a higher class. Who cuts takes its place, and waits for no rest.
"""

import bisect
from collections.abc import Iterable, Sequence

import msgspec

from schedules.assembly import Piece, languages_missing, length_of, pieces_of, whole_length
from schedules.assignment import Assignment, is_quiet, next_quiet_start
from schedules.clock import SECOND, DurationMs, UtcMs
from schedules.guards import Aired, is_too_long, is_too_much
from schedules.playback import Reason
from schedules.programme import RANK, BroadcastClass, Programme, Slot, Turn
from schedules.suspension import suspending

GAP: DurationMs = 2 * SECOND
"""Silence between two slots, so that a listener hears where one ends."""
_TURNS = {Turn.first: -1, Turn.as_ruled: 0, Turn.last: 1}


class Entry(msgspec.Struct, frozen=True):
    """What becomes of a slot at this loudspeaker. If it `plays`, it sounds in [start, end); `reason` and `other`
    then say what delayed it, else what keeps it silent. `missing` lists the languages that it has no clip for."""

    slot: Slot
    plays: bool
    start: UtcMs
    end: UtcMs
    pieces: tuple[Piece, ...] = ()
    missing: tuple[str, ...] = ()
    reason: Reason = Reason.none
    other: str = ""


def slots_between(programmes: Iterable[Programme], since: UtcMs, until: UtcMs) -> tuple[Slot, ...]:
    """The slots with a start in [since, until), each occurrence once: as the programme issued last has it."""
    found: dict[str, Slot] = {}
    for programme in sorted(programmes, key=lambda p: (p.issued_at, p.area)):
        found.update((slot.occurrence, slot) for slot in programme.slots if since <= slot.start < until)
    return tuple(found.values())


def precedence(slot: Slot, own_priority_first: bool) -> tuple[int, int, int, UtcMs, str]:
    """The order of rule 2, smallest first."""
    priority = slot.broadcast_class is BroadcastClass.priority
    authority = -slot.authority if own_priority_first and priority else slot.authority
    turn = _TURNS[slot.turn] if priority else 0
    return RANK[slot.broadcast_class], turn, authority, slot.start, slot.occurrence


def cuts(slot: Slot, sounding: Slot) -> bool:
    """Rule 5: whether a slot may cut what already sounds."""
    return RANK[slot.broadcast_class] < RANK[sounding.broadcast_class]


def merge(
    slots: Iterable[Slot],
    assignment: Assignment,
    since: UtcMs,
    sounding: Entry | None = None,
    aired: Sequence[Aired] = (),
) -> tuple[Entry, ...]:
    """The plan, in order of start. Nothing is placed before `since`. `slots` holds each occurrence once and
    neither what has ended nor what sounds; what sounds, if anything, is given apart, and so is what has sounded lately
    (`aired`)."""
    placed: list[Entry] = []
    silent: list[Entry] = []
    for slot in sorted(slots, key=lambda s: precedence(s, assignment.own_priority_first)):
        taken = placed if sounding is None or cuts(slot, sounding.slot) else sorted([sounding, *placed], key=_start)
        if slot.broadcast_class is BroadcastClass.emergency:
            entry = _place(slot, assignment, since, taken)
        else:
            entry = _guarded(slot, assignment, since, taken, _before(slot, sounding, aired))
        if entry.plays:
            bisect.insort(placed, entry, key=_start)
        else:
            silent.append(entry)
    return tuple(sorted(placed + silent, key=lambda e: (e.start, e.slot.occurrence)))


def aired_of(entry: Entry) -> Aired:
    """An entry that plays, as it will have sounded."""
    return Aired(entry.slot.occurrence, entry.start, entry.end, entry.end - entry.start)


def _start(entry: Entry) -> UtcMs:
    return entry.start


def _is_emergency(entry: Entry) -> bool:
    return entry.slot.broadcast_class is BroadcastClass.emergency


def _before(slot: Slot, sounding: Entry | None, aired: Sequence[Aired]) -> Sequence[Aired]:
    """What has sounded, as this slot sees it: with what it is about to cut."""
    if sounding is None or _is_emergency(sounding) or not cuts(slot, sounding.slot):
        return aired
    return (*aired, msgspec.structs.replace(aired_of(sounding), cut_by=slot.occurrence))


def _place(slot: Slot, assignment: Assignment, since: UtcMs, taken: Sequence[Entry]) -> Entry:
    pieces = pieces_of(slot, assignment)
    missing = languages_missing(slot, assignment)
    if not pieces:
        return _silent(slot, missing, Reason.no_language)
    start, other = _first_free(max(slot.start, since), length_of(pieces), (_stretch(entry, GAP) for entry in taken))
    if start > slot.useful_until:
        return _silent(slot, missing, Reason.displaced if other else Reason.arrived_late, other)
    return _playing(slot, missing, pieces, start, (Reason.delayed if other else Reason.none, other))


def _guarded(slot: Slot, assignment: Assignment, since: UtcMs, taken: Sequence[Entry], aired: Sequence[Aired]) -> Entry:
    """What becomes of a slot that is no emergency."""
    planned = _place(slot, assignment, since, taken)
    if is_too_long(assignment, whole_length(slot, assignment)):
        return _silent(slot, planned.missing, Reason.too_long)
    if not planned.plays:
        return planned
    planned = _rested(planned, assignment, max(slot.start, since), taken, aired)
    reason = _hindrance(planned, assignment)
    if reason is Reason.none and assignment.guards.daily_ms:
        before = [*aired, *(aired_of(entry) for entry in taken if not _is_emergency(entry))]
        too_much = is_too_much(assignment, before, planned.start, planned.end - planned.start)
        reason = Reason.daily_limit if too_much else reason
    return planned if reason is Reason.none else _silent(slot, planned.missing, reason, planned.other)


def _rested(
    planned: Entry, assignment: Assignment, first: UtcMs, taken: Sequence[Entry], aired: Sequence[Aired]
) -> Entry:
    """The same after the rest that must lie between it and other plays: not after an emergency, nor after its own first
    part, which an emergency cut."""
    rest = max(assignment.guards.gap_ms, GAP)
    if rest == GAP:
        return planned
    slot = planned.slot
    around = [_stretch(entry, GAP if _is_emergency(entry) else rest) for entry in taken]
    around += [(a.start, a.end, a.occurrence, rest) for a in aired if slot.occurrence not in (a.cut_by, a.occurrence)]
    start, other = _first_free(first, planned.end - planned.start, sorted(around))
    if start == planned.start:
        return planned
    return _playing(slot, planned.missing, planned.pieces, start, (Reason.rest, other))


def _playing(
    slot: Slot, missing: tuple[str, ...], pieces: tuple[Piece, ...], start: UtcMs, why: tuple[Reason, str]
) -> Entry:
    return Entry(slot, True, start, start + length_of(pieces), pieces, missing, *why)


def _silent(slot: Slot, missing: tuple[str, ...], reason: Reason, other: str = "") -> Entry:
    return Entry(slot, False, slot.start, slot.start, (), missing, reason, other)


_Stretch = tuple[UtcMs, UtcMs, str, DurationMs]
"""From when to when somebody sounds, which occurrence, and the silence that must lie on both sides."""


def _stretch(entry: Entry, gap: DurationMs) -> _Stretch:
    return entry.start, entry.end, entry.slot.occurrence, gap


def _first_free(first: UtcMs, length: DurationMs, taken: Iterable[_Stretch]) -> tuple[UtcMs, str]:
    """The first instant from `first` on that leaves room for the length, and the last occurrence it had to wait
    for. `taken` is in order of start."""
    other = ""
    for start, end, occurrence, gap in taken:
        if first < end + gap and start - gap < first + length:
            first, other = end + gap, occurrence
    return first, other


def _hindrance(planned: Entry, assignment: Assignment) -> Reason:
    """What keeps silent what would sound then."""
    slot, start = planned.slot, planned.start
    if suspending(assignment.suspensions, slot.broadcast_class, start, planned.end):
        return Reason.suspended
    if start > slot.useful_until:
        return Reason.rest
    if is_quiet(assignment.quiet_hours, start):
        # Who was delayed into them owes it to what delayed it.
        delayed = {Reason.delayed: Reason.displaced, Reason.rest: Reason.rest}.get(planned.reason, Reason.quiet_hours)
        return Reason.quiet_hours if is_quiet(assignment.quiet_hours, slot.start) else delayed
    quiet = next_quiet_start(assignment.quiet_hours, start)
    return Reason.runs_into_quiet_hours if quiet is not None and quiet < planned.end else Reason.none
