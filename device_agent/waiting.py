"""Waiting for clips: how long a slot waits for all of its sound, and what it sounds with then. Pure.

Imported by `playout` only.
"""

from collections.abc import Set as AbstractSet

import msgspec

from schedules.assembly import own_clips, with_signals_there
from schedules.assignment import Assignment
from schedules.clock import UtcMs
from schedules.programme import Slot, patience_ends
from schedules.rundown import Entry


def all_there(entry: Entry, there: AbstractSet[str]) -> bool:
    """Whether everything that an entry sounds with is on the card."""
    return all(piece.clip.sha256 in there for piece in entry.pieces)


def as_available(slot: Slot, assignment: Assignment, there: AbstractSet[str], *, patient: bool) -> Slot | None:
    """The slot as it can sound now: whole, or with the languages that are there once patience has ended; None while
    it must wait. What stands around the words is not waited for."""
    slot, ours = with_signals_there(slot, there), own_clips(slot, assignment.languages)
    ready = tuple(clip for clip in ours if clip.sha256 in there)
    if len(ready) == len(ours):
        return slot
    return None if patient or not ready else msgspec.structs.replace(slot, clips=ready)


def next_look(slot: Slot, now: UtcMs) -> UtcMs:
    """When a waiting slot must be looked at again, if no clip comes before."""
    return patience_ends(slot) if patience_ends(slot) > now else slot.useful_until + 1
