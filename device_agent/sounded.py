"""What the card says of a sound: it began, it ended, it failed; and what a stop of the agent left open. Pure.

Imported by `loudspeaker` only. Its rules are those of `playout`, of which this is the other half: that one decides what
is to sound, this one what has sounded.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import msgspec

from device_agent import outcomes
from device_agent.actions import OpenPlayback
from device_agent.plays import Plays, Scene, Turn, about_to_air, gave_out, has_aired, held_up, kept_from, settle
from schedules.clock import DurationMs, UtcMs
from schedules.playback import Evidence, Playback, Reason


def sound_started(plays: Plays, occurrence: str, at: UtcMs, left_out: Iterable[str] = ()) -> Turn:
    """The card says that the first frame has sounded: from now on, a stop of the agent has cut it. `left_out`: what
    could not be read around the words."""
    air = plays.airing
    if air is None or air.entry.slot.occurrence != occurrence or air.playback.started is not None:
        return Turn(plays)
    playback = outcomes.without(msgspec.structs.replace(air.playback, started=at), air.entry.pieces, left_out)
    plays = msgspec.structs.replace(plays, airing=msgspec.structs.replace(air, playback=playback))
    return Turn(plays, (*about_to_air(plays, air.entry, at), OpenPlayback(playback)))


def is_sounding(plays: Plays, occurrence: str) -> bool:
    """Whether this has begun to sound, and has not ended."""
    air = plays.airing
    return air is not None and air.entry.slot.occurrence == occurrence and air.playback.started is not None


def sound_found(plays: Plays, occurrence: str, evidence: Evidence) -> Plays:
    """The ear has found it while it sounds."""
    air = plays.airing
    if air is None or not is_sounding(plays, occurrence):
        return plays
    playback = outcomes.found(air.playback, evidence)
    return msgspec.structs.replace(plays, airing=msgspec.structs.replace(air, playback=playback))


def sound_ended(plays: Plays, occurrence: str, at: UtcMs, sounded_ms: DurationMs, whole: bool, scene: Scene) -> Turn:
    """The card is done with it: played, or cut by another."""
    air = plays.airing
    if air is None or air.entry.slot.occurrence != occurrence:
        return Turn(plays)
    plays, kept = has_aired(held_up(plays, scene.now.utc), air, at, sounded_ms)
    plays = msgspec.structs.replace(plays, airing=None)
    playback = outcomes.measured(air.playback, at, sounded_ms, whole=whole)
    if whole:
        slot = air.entry.slot
        played = outcomes.played(playback, kept_from(slot, slot.start, plays))
        if scene.assignment.guards.gap_ms:  # the rest begins when it has really ended
            plays = msgspec.structs.replace(plays, look_again=0)
        plays, closed = settle(plays, (played,), scene)
        return Turn(plays, kept, closed)
    plays = msgspec.structs.replace(plays, look_again=0)
    if not air.stopping:  # nobody told it to: to begin again at once might never end
        plays, closed = gave_out(plays, air, outcomes.failed(playback, Reason.card_lost), scene)
        return Turn(plays, kept, closed)
    if air.withdrawn:
        plays, closed = settle(plays, (outcomes.withdrawn(playback),), scene)
        return Turn(plays, kept, closed)
    interrupted = {**plays.interrupted, occurrence: outcomes.cut(playback, air.cut_by)}
    return Turn(msgspec.structs.replace(plays, interrupted=interrupted), kept)


def sound_failed(
    plays: Plays, occurrence: str, at: UtcMs, sounded_ms: DurationMs, reason: Reason, scene: Scene
) -> Turn:
    """The card or the file gave out."""
    air = plays.airing
    if air is None or air.entry.slot.occurrence != occurrence:
        return Turn(plays)
    failed = outcomes.failed(outcomes.measured(air.playback, at, sounded_ms), reason)
    plays, kept = has_aired(held_up(plays, scene.now.utc), air, at, sounded_ms)
    plays, closed = gave_out(plays, air, failed, scene)
    return Turn(plays, kept, closed)


def reopened(
    plays: Plays, left_open: Iterable[Playback], emergencies: AbstractSet[str]
) -> tuple[Plays, tuple[Playback, ...]]:
    """After a start: what sounded when the agent stopped is cut there, and never played again; but an emergency is made
    up while it is of use. What had been placed but had not sounded may still sound."""
    sounded = {p.occurrence: p for p in left_open if p.started is not None or p.sounded_ms != 0}
    told = {name: outcomes.restarted(p) for name, p in sounded.items() if name not in plays.settled}
    again = {name: p for name, p in told.items() if name in emergencies}
    closed = tuple(p for name, p in told.items() if name not in emergencies)
    settled = {**plays.settled, **{p.occurrence: p.planned for p in closed}}
    return msgspec.structs.replace(plays, settled=settled, interrupted={**plays.interrupted, **again}), closed
