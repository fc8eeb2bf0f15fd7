"""How a playback is written down: when it opens, and each way in which it can end. Pure.

Imported by `playout` only. Everything that a log line says of a play is made here.
"""

from collections.abc import Iterable, Sequence

import msgspec

from schedules.assembly import Piece, languages_missing, length_of, pieces_of
from schedules.assignment import Assignment
from schedules.clock import DurationMs, Now, UtcMs, may_start_by_clock
from schedules.playback import LATE_AFTER, Evidence, Outcome, Playback, Reason, higher
from schedules.programme import Slot
from schedules.rundown import Entry

_LATE_BY = {Reason.clip_incomplete: Reason.arrived_late, Reason.displaced: Reason.delayed}
"""Other words for what kept a play from its hour, once it has played after all."""


def opened(
    entry: Entry, interrupted: Playback | None, now: Now, loud: tuple[int, int], *, joins: bool = False
) -> Playback:
    """What is about to sound; `interrupted` is its first part, if another one, a restart or a fault cut it before;
    `loud`: its volume, and what was asked for if that was more; one that `joins` leaves out its first seconds."""
    slot, reason, other = entry.slot, entry.reason, entry.other
    if joins and reason is Reason.none:
        reason = Reason.arrived_late
    if interrupted is not None and interrupted.reason is Reason.restarted:
        reason, other = Reason.restarted, ""
    elif interrupted is not None and interrupted.outcome is Outcome.failed:
        reason, other = interrupted.reason, ""
    elif interrupted is not None:
        reason = Reason.cut_in if interrupted.outcome is Outcome.cut else Reason.delayed
        other = interrupted.other
    return Playback(
        sequence=0,
        occurrence=slot.occurrence,
        broadcast=slot.broadcast,
        bulletin=slot.bulletin,
        planned=slot.start,
        outcome=Outcome.unknown,
        reason=reason,
        other=other,
        due_ms=length_of(entry.pieces),
        sounded_ms=interrupted.sounded_ms if interrupted else 0,
        clips=tuple(piece.clip.sha256 for piece in entry.pieces),
        missing=entry.missing,
        evidence=Evidence.decoded,
        trust=now.trust,
        bound_ms=now.bound_ms,
        volume=loud[0],
        lowered_from=loud[1],
        seal=slot.seal,
    )


def without(playback: Playback, pieces: Sequence[Piece], left_out: Iterable[str]) -> Playback:
    """These clips could not be read, and what stands around the words began or ended without them."""
    gone = set(left_out)
    if not gone:
        return playback
    kept = [piece for piece in pieces if piece.clip.sha256 not in gone]
    return msgspec.structs.replace(
        playback,
        clips=tuple(piece.clip.sha256 for piece in kept),
        due_ms=length_of(kept) - kept[0].offset_ms if kept else 0,
        without=(*playback.without, *sorted(gone)),
    )


def measured(playback: Playback, at: UtcMs, sounded_ms: DurationMs, *, whole: bool = False) -> Playback:
    """With what the card counted: the longest of its parts, if it began more than once. If nobody counted one of them,
    as after a restart, only one that is whole can be said to be the longest."""
    if playback.sounded_ms is None and not whole:
        return msgspec.structs.replace(playback, ended=at)
    sounded_ms = max(sounded_ms, playback.sounded_ms or 0)
    evidence = higher(Evidence.counted, playback.evidence) if sounded_ms else playback.evidence
    return msgspec.structs.replace(playback, ended=at, sounded_ms=sounded_ms, evidence=evidence)


def found(playback: Playback, evidence: Evidence) -> Playback:
    """The ear has found it, somewhere behind the card."""
    return msgspec.structs.replace(playback, evidence=higher(playback.evidence, evidence))


def played(playback: Playback, kept_from: Reason) -> Playback:
    """It sounded to its end: in time, or late; `kept_from`: what kept it from its hour, if it is late and nothing
    else is known. A clock that is not trusted cannot call anything late."""
    started = playback.started if playback.started is not None else playback.planned
    late = may_start_by_clock(playback.trust) and started - playback.planned > LATE_AFTER
    reason = playback.reason
    if reason is Reason.none:
        missing = Reason.language_missing if playback.missing else Reason.none
        reason = _LATE_BY.get(kept_from, kept_from) if late else missing
    return msgspec.structs.replace(playback, outcome=Outcome.late if late else Outcome.played, reason=reason)


def cut(playback: Playback, by: str) -> Playback:
    """Another one cut it, or took its place before its first frame."""
    sounded = playback.sounded_ms != 0
    outcome, reason = (Outcome.cut, Reason.cut_in) if sounded else (Outcome.skipped, Reason.displaced)
    return msgspec.structs.replace(playback, outcome=outcome, reason=reason, other=by)


def withdrawn(playback: Playback) -> Playback:
    """Its programme no longer has it: cut if it sounded, else skipped."""
    outcome = Outcome.cut if playback.sounded_ms != 0 else Outcome.skipped
    return msgspec.structs.replace(playback, outcome=outcome, reason=Reason.withdrawn)


def restarted(playback: Playback) -> Playback:
    """The agent stopped while it sounded; how much of it sounded, nobody knows."""
    return msgspec.structs.replace(
        playback, outcome=Outcome.cut, reason=Reason.restarted, sounded_ms=None, evidence=Evidence.decoded
    )


def failed(playback: Playback, reason: Reason) -> Playback:
    """The card or the file gave out."""
    return msgspec.structs.replace(playback, outcome=Outcome.failed, reason=reason)


def silent(
    slot: Slot, assignment: Assignment, outcome: Outcome, why: tuple[Reason, str], there: frozenset[str], now: Now
) -> Playback:
    """It did not sound at all: skipped by rule, or missed. `why`: the reason, and the other occurrence or ""."""
    pieces = pieces_of(slot, assignment)
    stored = bool(pieces) and all(piece.clip.sha256 in there for piece in pieces)
    return Playback(
        sequence=0,
        occurrence=slot.occurrence,
        broadcast=slot.broadcast,
        bulletin=slot.bulletin,
        planned=slot.start,
        outcome=outcome,
        reason=why[0],
        other=why[1],
        due_ms=length_of(pieces),
        missing=languages_missing(slot, assignment),
        evidence=Evidence.stored if stored else Evidence.told,
        trust=now.trust,
        bound_ms=now.bound_ms,
        seal=slot.seal,
    )
