"""The rundown: all slots that reach a loudspeaker, merged into one plan, each decision with its reason.

Anybody may import this room. The loudspeaker plays by this function and the server's preview shows it: that is
why both say the same.

The rules, in this order:
1. A slot with no clip in any language of the loudspeaker is skipped.
2. Emergency before priority before ordinary; within a class the higher authority; then the earlier start. With
   `own_priority_first`, the commune's own priority items go before those from above.
3. Who comes later in that order gives way: it waits until the better one has ended. If its useful time is over by
   then, it is skipped. A better one is never moved by a lesser one.
4. In quiet hours, or if it would run into them, only an emergency sounds.
5. What already sounds is cut only by a higher class.
"""

import bisect
from collections.abc import Iterable, Sequence

import msgspec

from audio.clip import Clip
from schedules.assignment import Assignment, is_quiet, next_quiet_start
from schedules.clock import SECOND, DurationMs, UtcMs
from schedules.playback import Reason
from schedules.programme import RANK, BroadcastClass, Programme, Slot

GAP: DurationMs = 2 * SECOND
"""Silence between two slots, so that a listener hears where one ends."""


class Piece(msgspec.Struct, frozen=True):
    """A clip within an entry, `offset_ms` after its start."""

    clip: Clip
    offset_ms: DurationMs


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


def pieces_of(clips: Sequence[Clip], languages: Sequence[str], pause_ms: DurationMs) -> tuple[Piece, ...]:
    """The clips in the order of the languages, one after the other with pauses; other languages are left out."""
    pieces: list[Piece] = []
    offset = 0
    for language in dict.fromkeys(languages):
        for clip in clips:
            if clip.language == language:
                pieces.append(Piece(clip, offset))
                offset += clip.duration_ms + pause_ms
    return tuple(pieces)


def length_of(pieces: Sequence[Piece]) -> DurationMs:
    """From the first frame of the first piece to the last of the last."""
    return pieces[-1].offset_ms + pieces[-1].clip.duration_ms if pieces else 0


def languages_missing(slot: Slot, assignment: Assignment) -> tuple[str, ...]:
    """The loudspeaker's languages that the slot has no clip for, in the loudspeaker's order."""
    there = {clip.language for clip in slot.clips}
    return tuple(language for language in assignment.languages if language not in there)


def precedence(slot: Slot, own_priority_first: bool) -> tuple[int, int, UtcMs, str]:
    """The order of rule 2, smallest first."""
    reverse = own_priority_first and slot.broadcast_class is BroadcastClass.priority
    authority = -slot.authority if reverse else slot.authority
    return RANK[slot.broadcast_class], authority, slot.start, slot.occurrence


def cuts(slot: Slot, sounding: Slot) -> bool:
    """Rule 5: whether a slot may cut what already sounds."""
    return RANK[slot.broadcast_class] < RANK[sounding.broadcast_class]


def merge(
    slots: Iterable[Slot], assignment: Assignment, since: UtcMs, sounding: Entry | None = None
) -> tuple[Entry, ...]:
    """The plan, in order of start. Nothing is placed before `since`. `slots` holds each occurrence once and
    neither what has ended nor what sounds; what sounds, if anything, is given apart."""
    placed: list[Entry] = []
    silent: list[Entry] = []
    for slot in sorted(slots, key=lambda s: precedence(s, assignment.own_priority_first)):
        taken = placed if sounding is None or cuts(slot, sounding.slot) else sorted([sounding, *placed], key=_start)
        entry = _place(slot, assignment, since, taken)
        if entry.plays:
            bisect.insort(placed, entry, key=_start)
        else:
            silent.append(entry)
    return tuple(sorted(placed + silent, key=lambda e: (e.start, e.slot.occurrence)))


def _start(entry: Entry) -> UtcMs:
    return entry.start


def _place(slot: Slot, assignment: Assignment, since: UtcMs, taken: Sequence[Entry]) -> Entry:
    pieces = pieces_of(slot.clips, assignment.languages, assignment.pause_ms)
    missing = languages_missing(slot, assignment)
    if not pieces:
        return _silent(slot, missing, Reason.no_language)
    length = length_of(pieces)
    start, other = _first_free(max(slot.start, since), length, taken)
    reason = _hindrance(slot, assignment, start, start + length, other)
    if reason is not Reason.none:
        return _silent(slot, missing, reason, other)
    delay = Reason.delayed if other else Reason.none
    return Entry(slot, True, start, start + length, pieces, missing, delay, other)


def _silent(slot: Slot, missing: tuple[str, ...], reason: Reason, other: str = "") -> Entry:
    return Entry(slot, False, slot.start, slot.start, (), missing, reason, other)


def _first_free(start: UtcMs, length: DurationMs, taken: Sequence[Entry]) -> tuple[UtcMs, str]:
    """The first instant from `start` on that leaves room for the length, and the last occurrence it had to wait
    for. `taken` is in order of start."""
    other = ""
    for entry in taken:
        if start < entry.end + GAP and entry.start - GAP < start + length:
            start, other = entry.end + GAP, entry.slot.occurrence
    return start, other


def _hindrance(slot: Slot, assignment: Assignment, start: UtcMs, end: UtcMs, other: str) -> Reason:
    if start > slot.useful_until:
        return Reason.displaced if other else Reason.arrived_late
    if slot.broadcast_class is BroadcastClass.emergency:
        return Reason.none
    if is_quiet(assignment.quiet_hours, start):
        return Reason.displaced if other and not is_quiet(assignment.quiet_hours, slot.start) else Reason.quiet_hours
    quiet = next_quiet_start(assignment.quiet_hours, start)
    return Reason.runs_into_quiet_hours if quiet is not None and quiet < end else Reason.none
