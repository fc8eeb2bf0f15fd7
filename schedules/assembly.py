"""Assembly: what sounds of a slot at a loudspeaker, and when after its start: the opening, each language with a pause
behind it, the closing; an emergency's words twice. Pure.

Anybody may import this room. The loudspeaker puts its sound together by this function, and the server knows by it how
long that lasts. The rules:
1. The words: each of the loudspeaker's languages in its order, then what has none (music), once for everybody.
2. An emergency's words are said as often as the assignment says, all languages each time.
3. Around them: the slot's own opening and closing, else the chimes of its class. Nothing stands around music alone,
   unless the slot says so itself.
4. Opening and closing are never waited for. Where one is not there, the words begin at once.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from audio.clip import NO_LANGUAGE, Clip
from schedules.assignment import EXERCISE, Assignment
from schedules.clock import DurationMs
from schedules.programme import BroadcastClass, Slot, languages_at


class Piece(msgspec.Struct, frozen=True):
    """A clip within an entry, `offset_ms` after its start; a `signal` stands around the words."""

    clip: Clip
    offset_ms: DurationMs
    signal: bool = False


def own_clips(slot: Slot, languages: Sequence[str]) -> tuple[Clip, ...]:
    """The words of a slot that a loudspeaker with these languages plays, in its order; an emergency's in Vietnamese
    too."""
    order = (*dict.fromkeys(languages_at(slot, languages)), NO_LANGUAGE)
    return tuple(clip for language in order for clip in slot.clips if clip.language == language)


def pieces_of(slot: Slot, assignment: Assignment) -> tuple[Piece, ...]:
    """What sounds, in order; nothing where there is no word for this loudspeaker."""
    words = own_clips(slot, assignment.languages)
    if not words:
        return ()
    opening, closing = signals_of(slot, assignment)
    signals = assignment.signals
    emergency = slot.broadcast_class is BroadcastClass.emergency
    pieces: list[Piece] = []
    offset = _lay(pieces, opening, 0, signals.pause_ms, signal=True)
    for number in range(max(1, signals.emergency_times) if emergency else 1):
        offset += signals.again_after_ms - assignment.pause_ms if number else 0
        offset = _lay(pieces, words, offset, assignment.pause_ms)
    _lay(pieces, closing, offset - assignment.pause_ms + signals.pause_ms, signals.pause_ms, signal=True)
    return tuple(pieces)


def signals_of(slot: Slot, assignment: Assignment) -> tuple[tuple[Clip, ...], tuple[Clip, ...]]:
    """The opening and the closing of a slot at a loudspeaker."""
    music = all(clip.language == NO_LANGUAGE for clip in slot.clips)
    announces = EXERCISE if slot.exercise else slot.broadcast_class.value
    chimes = [] if music else [chime for chime in assignment.signals.chimes if chime.announces == announces]
    opening = slot.opening or tuple(c.opening for c in chimes[:1] if c.opening is not None)
    closing = slot.closing or tuple(c.closing for c in chimes[:1] if c.closing is not None)
    return opening, closing


def chimes_of(assignment: Assignment) -> tuple[Clip, ...]:
    """All chimes that a loudspeaker keeps, the emergency's first: it must have them before their hour."""
    ordered = sorted(assignment.signals.chimes, key=lambda chime: chime.announces != BroadcastClass.emergency.value)
    every = (*(chime.opening for chime in ordered), *(chime.closing for chime in ordered))
    return tuple(dict.fromkeys(clip for clip in every if clip is not None))


def audible(assignment: Assignment, there: AbstractSet[str]) -> Assignment:
    """The assignment with those chimes that are on the card."""
    if all(clip.sha256 in there for clip in chimes_of(assignment)):
        return assignment
    chimes = tuple(
        msgspec.structs.replace(chime, opening=_there(chime.opening, there), closing=_there(chime.closing, there))
        for chime in assignment.signals.chimes
    )
    return msgspec.structs.replace(assignment, signals=msgspec.structs.replace(assignment.signals, chimes=chimes))


def with_signals_there(slot: Slot, there: AbstractSet[str]) -> Slot:
    """The slot with what is on the card of its own opening and closing."""
    if all(clip.sha256 in there for clip in (*slot.opening, *slot.closing)):
        return slot
    opening = tuple(clip for clip in slot.opening if clip.sha256 in there)
    closing = tuple(clip for clip in slot.closing if clip.sha256 in there)
    return msgspec.structs.replace(slot, opening=opening, closing=closing)


def length_of(pieces: Sequence[Piece]) -> DurationMs:
    """From the first frame of the first piece to the last of the last."""
    return pieces[-1].offset_ms + pieces[-1].clip.duration_ms if pieces else 0


def whole_length(slot: Slot, assignment: Assignment) -> DurationMs:
    """How long a slot sounds at a loudspeaker, with all that belongs to it."""
    return length_of(pieces_of(slot, assignment))


def words_at(pieces: Iterable[Piece]) -> DurationMs:
    """How long after the start the first word begins."""
    return next((piece.offset_ms for piece in pieces if not piece.signal), 0)


def languages_missing(slot: Slot, assignment: Assignment) -> tuple[str, ...]:
    """The languages that the slot should sound in there and has no clip for, in the loudspeaker's order. Music alone
    lacks none."""
    there = {clip.language for clip in slot.clips}
    if there == {NO_LANGUAGE}:
        return ()
    return tuple(language for language in languages_at(slot, assignment.languages) if language not in there)


def _lay(
    pieces: list[Piece], clips: Iterable[Clip], offset: DurationMs, pause_ms: DurationMs, *, signal: bool = False
) -> DurationMs:
    """Add clips one behind the other; where the next one would begin."""
    for clip in clips:
        pieces.append(Piece(clip, offset, signal))
        offset += clip.duration_ms + pause_ms
    return offset


def _there(clip: Clip | None, there: AbstractSet[str]) -> Clip | None:
    return clip if clip is not None and clip.sha256 in there else None
