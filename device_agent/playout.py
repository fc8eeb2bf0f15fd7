"""Playout: which slot sounds when at this loudspeaker, and how each one ended. Pure.

Imported by `loudspeaker` only. The rules:
1. Each occurrence gets exactly one outcome; once it has one, it never sounds again.
2. A playback is opened in the journal before it sounds, and closed after.
3. A clock that is not trusted starts nothing but an emergency, and judges nothing to be past.
4. Who plays is decided by `schedules.rundown.merge`; this room only carries it out.
5. A slot whose clips are not all there waits for half of its useful time, then sounds in the languages it has.
"""

from collections.abc import Iterable

import msgspec

from device_agent import outcomes
from device_agent.actions import AT_ONCE, Action, CancelSound, OpenPlayback, PlaceSound
from schedules.assignment import Assignment, volume_at
from schedules.clock import DAY, HOUR, SECOND, DurationMs, Now, UtcMs, may_start_by_clock
from schedules.playback import Outcome, Playback, Reason
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.rundown import Entry, cuts, merge, slots_between

PLACE_AHEAD: DurationMs = 4 * SECOND
"""A sound is handed to the card this long before it starts: the card opens three seconds ahead."""
WINDOW: DurationMs = 26 * HOUR
"""How far the rundown is made ahead; it is made anew when a quarter of it is left, or when something changes."""
EMERGENCY_PATIENCE: DurationMs = 10 * SECOND
"""An emergency waits no longer than this for its other languages."""
REMEMBERED: DurationMs = 16 * DAY
"""Occurrences are remembered so long after they ended: longer than any programme reaches, so that no clock that
goes back can make one sound again."""


class Airing(msgspec.Struct, frozen=True):
    """What has been handed to the sound card; the playback's `started` is set by the card. `cut_by` and
    `withdrawn` say that it has been told to stop, and why."""

    entry: Entry
    playback: Playback
    cut_by: str = ""
    withdrawn: bool = False

    @property
    def stopping(self) -> bool:
        """Whether the card has been told to stop it."""
        return self.withdrawn or self.cut_by != ""


class Plays(msgspec.Struct, frozen=True):
    """`settled`: occurrences with an outcome, with their planned start; `lingering`: slots of older programmes
    whose time has come and that have no outcome yet; `rundown`: in the order in which they must be acted on;
    `waiting`: due, clips not there; `look_again`: when the rundown must be made anew; `hindered`: what kept an
    occurrence from starting; `interrupted`: cut, may be made up; `running_since`: first trusted instant of this
    run."""

    settled: dict[str, UtcMs] = {}
    lingering: tuple[Slot, ...] = ()
    rundown: tuple[Entry, ...] = ()
    waiting: tuple[Slot, ...] = ()
    look_again: UtcMs = 0
    airing: Airing | None = None
    hindered: dict[str, Reason] = {}
    interrupted: dict[str, Playback] = {}
    running_since: UtcMs | None = None


class Scene(msgspec.Struct, frozen=True):
    """What playout decides on, beside its own state. `trusted`: whether the clock may start what waits for an hour;
    `floor`: the latest instant that the server is known to have passed: the issue time of its newest word."""

    assignment: Assignment
    programmes: tuple[Programme, ...]
    there: frozenset[str]
    linked: bool
    now: Now
    trusted: bool

    @property
    def floor(self) -> UtcMs:
        """It is at least as late as the server's newest word."""
        return max((p.issued_at for p in self.programmes), default=0)


class Turn(msgspec.Struct, frozen=True):
    """What came of it: the state, actions in order, and playbacks to be closed."""

    plays: Plays
    actions: tuple[Action, ...] = ()
    closed: tuple[Playback, ...] = ()


def replaced(plays: Plays, before: Programme | None, after: Programme, scene: Scene) -> Turn:
    """A new programme is held. Past slots of the old one that it no longer lists still need an outcome; what it
    withdraws is stopped if it sounds, and needs none if it does not: the server knows."""
    known = {slot.occurrence for programme in scene.programmes for slot in programme.slots}
    gone = [s for s in (before.slots if before else ()) if s.occurrence not in known]
    past = tuple(s for s in gone if s.start < after.since and s.occurrence not in plays.settled)
    withdrawn = {s.occurrence for s in gone if s.start >= after.since}
    plays = msgspec.structs.replace(
        plays,
        lingering=tuple(s for s in plays.lingering if s.occurrence not in known) + past,
        interrupted={name: p for name, p in plays.interrupted.items() if name not in withdrawn},
        look_again=0,
    )
    air = plays.airing
    if air is None or air.entry.slot.occurrence not in withdrawn or air.stopping:
        return Turn(plays)
    airing = msgspec.structs.replace(air, withdrawn=True)
    return Turn(msgspec.structs.replace(plays, airing=airing), (CancelSound(air.entry.slot.occurrence),))


def needed_slots(plays: Plays, scene: Scene) -> tuple[Slot, ...]:
    """The slots that still may sound, first due first: their clips are needed."""
    slots = slots_between(scene.programmes, 0, _for_ever(scene))
    late = scene.now.utc if scene.trusted else 0
    open_ones = [s for s in (*slots, *plays.lingering) if s.occurrence not in plays.settled and s.useful_until >= late]
    return tuple(sorted(open_ones, key=lambda s: (s.broadcast_class is not BroadcastClass.emergency, s.start)))


def act(plays: Plays, scene: Scene) -> Turn:
    """Carry out what is due now. To be called after every event."""
    if scene.trusted and plays.running_since is None:
        plays = msgspec.structs.replace(plays, running_since=scene.now.utc, look_again=0)
    if not scene.trusted:
        return _act_untrusted(plays, scene)
    closed: tuple[Playback, ...] = ()
    if scene.now.utc >= plays.look_again or _clip_came(plays, scene):
        plays, closed = _planned(plays, scene)
    actions: list[Action] = []
    while plays.rundown and _act_at(plays.rundown[0]) <= scene.now.utc:
        entry = plays.rundown[0]
        if not entry.plays:
            plays, ended = _settled(plays, _silent(entry.slot, entry, plays, scene), scene)
            plays = msgspec.structs.replace(plays, rundown=plays.rundown[1:])
            closed += (ended,)
        elif plays.airing is not None and not _may_interrupt(entry, plays.airing):
            plays = _held_up(plays, entry, scene)
            break
        elif not _all_there(entry, scene):
            plays, too_late = _planned(plays, scene)
            closed += too_late
        elif plays.airing is not None:
            plays, more = _interrupt(plays, entry, plays.airing)
            actions += more
            break
        else:
            plays, more = _place(plays, entry, scene)
            actions += more
    return Turn(plays, tuple(actions), closed)


def wake_at(plays: Plays, now: Now) -> UtcMs | None:
    """When to act again if nothing happens; None while only an event can change anything."""
    if not may_start_by_clock(now.trust):
        return None
    due = plays.look_again
    if plays.rundown and (plays.airing is None or _may_interrupt(plays.rundown[0], plays.airing)):
        due = min(due, _act_at(plays.rundown[0]))
    return max(due, now.utc)


def sound_started(plays: Plays, occurrence: str, at: UtcMs) -> Turn:
    """The card says that the first frame has sounded: from now on, a stop of the agent has cut it."""
    air = plays.airing
    if air is None or air.entry.slot.occurrence != occurrence or air.playback.started is not None:
        return Turn(plays)
    playback = msgspec.structs.replace(air.playback, started=at)
    plays = msgspec.structs.replace(plays, airing=msgspec.structs.replace(air, playback=playback))
    return Turn(plays, (OpenPlayback(playback),))


def sound_ended(plays: Plays, occurrence: str, at: UtcMs, sounded_ms: DurationMs, whole: bool, scene: Scene) -> Turn:
    """The card is done with it: played, or cut by another."""
    air = plays.airing
    if air is None or air.entry.slot.occurrence != occurrence:
        return Turn(plays)
    plays = msgspec.structs.replace(plays, airing=None)
    playback = outcomes.measured(air.playback, at, sounded_ms)
    if whole:
        plays, ended = _settled(plays, outcomes.played(playback), scene)
        return Turn(plays, closed=(ended,))
    if air.withdrawn:
        plays, ended = _settled(msgspec.structs.replace(plays, look_again=0), outcomes.withdrawn(playback), scene)
        return Turn(plays, closed=(ended,))
    interrupted = {**plays.interrupted, occurrence: outcomes.cut(playback, air.cut_by)}
    return Turn(msgspec.structs.replace(plays, interrupted=interrupted, look_again=0))


def sound_failed(
    plays: Plays, occurrence: str, at: UtcMs, sounded_ms: DurationMs, reason: Reason, scene: Scene
) -> Turn:
    """The card or the file gave out."""
    air = plays.airing
    if air is None or air.entry.slot.occurrence != occurrence:
        return Turn(plays)
    failed = outcomes.failed(outcomes.measured(air.playback, at, sounded_ms), reason)
    plays, ended = _settled(msgspec.structs.replace(plays, airing=None, look_again=0), failed, scene)
    return Turn(plays, closed=(ended,))


def reopened(plays: Plays, left_open: Iterable[Playback]) -> tuple[Plays, tuple[Playback, ...]]:
    """After a start: what sounded when the agent stopped is cut there, and never played again. What had been placed
    but had not sounded may still sound."""
    closed = tuple(outcomes.restarted(p) for p in left_open if p.started is not None)
    settled = {**plays.settled, **{p.occurrence: p.planned for p in closed}}
    return msgspec.structs.replace(plays, settled=settled), closed


def _for_ever(scene: Scene) -> UtcMs:
    return max((p.expires_at for p in scene.programmes), default=0)


def _act_at(entry: Entry) -> UtcMs:
    """When an entry must be acted on: a sound is placed ahead, a silence is told at its planned start, or when it
    can no longer change."""
    if entry.plays:
        return entry.start - PLACE_AHEAD
    return entry.slot.useful_until if entry.reason is Reason.displaced else entry.slot.start


def _all_there(entry: Entry, scene: Scene) -> bool:
    return all(piece.clip.sha256 in scene.there for piece in entry.pieces)


def _clip_came(plays: Plays, scene: Scene) -> bool:
    return any(_as_available(slot, scene) is not None for slot in plays.waiting)


def _patience_ends(slot: Slot) -> UtcMs:
    if slot.broadcast_class is BroadcastClass.emergency:
        return slot.start + EMERGENCY_PATIENCE
    return slot.start + (slot.useful_until - slot.start) // 2


def _as_available(slot: Slot, scene: Scene) -> Slot | None:
    """The slot as it can sound now: whole while there is time for its clips to come, with what is there when
    patience ends, None while it waits."""
    ours = [clip for clip in slot.clips if clip.language in scene.assignment.languages]
    missing = [clip for clip in ours if clip.sha256 not in scene.there]
    if not missing or slot.start - PLACE_AHEAD > scene.now.utc:
        return slot
    if scene.now.utc < _patience_ends(slot) or len(missing) == len(ours):
        return None
    return msgspec.structs.replace(slot, clips=tuple(clip for clip in ours if clip.sha256 in scene.there))


def _planned(plays: Plays, scene: Scene) -> tuple[Plays, tuple[Playback, ...]]:
    """The rundown made anew; what has become too late is closed."""
    now = scene.now.utc
    air = plays.airing
    on_air = air.entry.slot.occurrence if air else ""
    slots = (*plays.lingering, *slots_between(scene.programmes, 0, now + WINDOW))
    open_slots = {s.occurrence: s for s in slots if s.occurrence not in plays.settled and s.occurrence != on_air}
    too_late = [s for s in open_slots.values() if s.useful_until < now]
    closed: list[Playback] = []
    for slot in too_late:
        plays, ended = _settled(plays, _silent(slot, None, plays, scene), scene)
        closed.append(ended)
        del open_slots[slot.occurrence]
    available = {name: _as_available(slot, scene) for name, slot in open_slots.items()}
    waiting = tuple(open_slots[name] for name, slot in available.items() if slot is None)
    entries = merge((s for s in available.values() if s), scene.assignment, now, air.entry if air else None)
    plays = msgspec.structs.replace(
        plays,
        rundown=tuple(sorted(entries, key=_act_at)),
        waiting=waiting,
        look_again=min([now + WINDOW // 4 * 3, *(_next_look(slot, now) for slot in waiting)]),
        lingering=tuple(s for s in plays.lingering if s.occurrence in open_slots),
        hindered={**plays.hindered, **{s.occurrence: Reason.clip_incomplete for s in waiting}},
    )
    return plays, tuple(closed)


def _next_look(slot: Slot, now: UtcMs) -> UtcMs:
    return _patience_ends(slot) if _patience_ends(slot) > now else slot.useful_until + 1


def _place(plays: Plays, entry: Entry, scene: Scene) -> tuple[Plays, list[Action]]:
    start = max(entry.start, scene.now.utc) if scene.trusted else AT_ONCE
    slot = entry.slot
    playback = outcomes.opened(entry, plays.interrupted.get(slot.occurrence), scene.now)
    plays = msgspec.structs.replace(
        plays,
        airing=Airing(entry, playback),
        rundown=tuple(e for e in plays.rundown if e.slot.occurrence != slot.occurrence),
        interrupted={name: p for name, p in plays.interrupted.items() if name != slot.occurrence},
    )
    volume = volume_at(scene.assignment, start or scene.now.utc)
    pieces = tuple((piece.clip.sha256, piece.offset_ms) for piece in entry.pieces)
    emergency = slot.broadcast_class is BroadcastClass.emergency
    place = PlaceSound(slot.occurrence, start, pieces, volume, scene.assignment.lead_in_ms, urgent=emergency)
    return plays, [OpenPlayback(playback), place]


def _may_interrupt(entry: Entry, air: Airing) -> bool:
    return entry.plays and cuts(entry.slot, air.entry.slot) and entry.start < air.entry.end and not air.stopping


def _interrupt(plays: Plays, entry: Entry, air: Airing) -> tuple[Plays, list[Action]]:
    airing = msgspec.structs.replace(air, cut_by=entry.slot.occurrence)
    return msgspec.structs.replace(plays, airing=airing), [CancelSound(air.entry.slot.occurrence)]


def _held_up(plays: Plays, entry: Entry, scene: Scene) -> Plays:
    """What sounds takes longer than planned: remember that this one had to wait for it."""
    name = entry.slot.occurrence
    if entry.start > scene.now.utc or name in plays.hindered:
        return plays
    return msgspec.structs.replace(plays, hindered={**plays.hindered, name: Reason.displaced})


def _silent(slot: Slot, entry: Entry | None, plays: Plays, scene: Scene) -> Playback:
    """The playback of a slot that did not sound, or was cut and could not be made up. `entry` is what the rundown
    says of it, None where its time ran out."""
    if slot.occurrence in plays.interrupted:
        return plays.interrupted[slot.occurrence]
    outcome = Outcome.skipped if entry is not None else Outcome.missed
    why = (entry.reason, entry.other) if entry is not None else (_why_missed(slot, plays), "")
    return outcomes.silent(slot, scene.assignment, outcome, why, scene.there, scene.now)


def _why_missed(slot: Slot, plays: Plays) -> Reason:
    if slot.occurrence in plays.hindered:
        return plays.hindered[slot.occurrence]
    since = plays.running_since
    return Reason.not_running if since is None or slot.useful_until <= since else Reason.arrived_late


def _settled(plays: Plays, playback: Playback, scene: Scene) -> tuple[Plays, Playback]:
    name = playback.occurrence
    settled = {**plays.settled, name: playback.planned}
    if len(settled) % 64 == 0 and scene.trusted:
        settled = {n: planned for n, planned in settled.items() if planned > scene.now.utc - REMEMBERED}
    plays = msgspec.structs.replace(
        plays,
        settled=settled,
        hindered={n: r for n, r in plays.hindered.items() if n != name},
        interrupted={n: p for n, p in plays.interrupted.items() if n != name},
    )
    return plays, msgspec.structs.replace(playback, offline=not scene.linked)


def _act_untrusted(plays: Plays, scene: Scene) -> Turn:
    """With a clock that cannot be trusted: emergencies whose time has certainly come, and nothing else. What is
    due by a guessed clock is noted as hindered by it."""
    slots = slots_between(scene.programmes, 0, _for_ever(scene))
    floor = scene.floor
    emergencies = [
        slot
        for slot in slots
        if slot.broadcast_class is BroadcastClass.emergency
        and slot.occurrence not in plays.settled
        and slot.start <= floor + PLACE_AHEAD * 15
        and slot.useful_until >= floor
        and not (plays.airing and plays.airing.entry.slot.occurrence == slot.occurrence)
    ]
    hindered = {
        s.occurrence: Reason.clock_untrusted
        for s in slots
        if s.start <= scene.now.utc <= s.useful_until and s.occurrence not in plays.settled
    }
    plays = msgspec.structs.replace(plays, hindered={**plays.hindered, **hindered}, look_again=0)
    entries = merge(emergencies, scene.assignment, floor, plays.airing.entry if plays.airing else None)
    due = next((e for e in entries if e.plays and _all_there(e, scene)), None)
    if due is None:
        return Turn(plays)
    if plays.airing is None:
        plays, actions = _place(plays, due, scene)
        return Turn(plays, tuple(actions))
    if not _may_interrupt(due, plays.airing):
        return Turn(plays)
    plays, actions = _interrupt(plays, due, plays.airing)
    return Turn(plays, tuple(actions))
