"""Playout: which slot sounds when at this loudspeaker, and how each one ended. Pure.

Imported by `loudspeaker` only. The rules:
1. Each occurrence gets exactly one outcome; once it has one, it never sounds again.
2. A playback is opened in the journal before it sounds, and closed after.
3. A clock that is not trusted starts nothing but an emergency, and judges nothing to be past; a clock chip may start
   what is due, but judges nothing either.
4. Who plays is decided by `schedules.rundown.merge`; this room only carries it out.
5. A slot whose clips are not all there waits for half of its useful time, then sounds in the languages it has.
6. What has sounded, if only in part, is told: whatever happens to its programme afterwards.
7. An emergency that fails is tried again while it is of use, by the rules of `retrying`.
8. What stands around the words, chimes and the like, is waited for by nobody: what of it is not there is left out, and
   the playback says so.
"""

from collections.abc import Iterable, Mapping

import msgspec

from audio.clip import NO_LANGUAGE, Clip
from device_agent import outcomes, retrying
from device_agent.actions import AT_ONCE, Action, CancelSound, OpenPlayback, PlaceSound
from device_agent.collecting import Needed
from device_agent.plays import (
    PLACE_AHEAD,
    Airing,
    Plays,
    Scene,
    Turn,
    act_at,
    aired_until,
    called_off,
    clocked,
    due_of,
    given_up,
    held_up,
    settle,
    silent,
)
from device_agent.waiting import all_there, as_available, next_look
from schedules.assembly import chimes_of, pieces_of, signals_of, whole_length, words_at
from schedules.assignment import Assignment, volume_at
from schedules.clock import HOUR, MINUTE, SECOND, DurationMs, Now, UtcMs, may_start_by_clock
from schedules.guards import is_too_long, loudness
from schedules.playback import Playback, Reason
from schedules.programme import EMERGENCY_PATIENCE, BroadcastClass, Programme, Slot, in_emergency, patience_ends
from schedules.rundown import Entry, cuts, merge, slots_between
from schedules.staging import SOON as SOON_NEEDED

WINDOW: DurationMs = 26 * HOUR
"""How far the rundown is made ahead; it is made anew when a quarter of it is left, or when something changes."""
JOIN_WITHIN: DurationMs = 10 * SECOND
"""Who gets an emergency so soon after its start joins in where the others are; who gets it later begins at its first
word: what they have missed matters more than an echo."""
JOIN_BOUND: DurationMs = 100
"""Joining by a clock that is further off would make the echo that it should avoid."""
SOON: DurationMs = 1 * MINUTE
"""With no clock to go by, an emergency sounds if it starts no later than this after the server's newest word."""


def replaced(plays: Plays, before: Programme | None, after: Programme, scene: Scene) -> Turn:
    """A new programme is held. Past slots of the old one that it no longer lists still need an outcome; what it
    withdraws is stopped if it sounds; if it has not begun, it needs one only where its hour had come."""
    known = {slot.occurrence for programme in scene.programmes for slot in programme.slots}
    gone = [s for s in (before.slots if before else ()) if s.occurrence not in known]
    past = [s for s in gone if s.start < after.since and s.occurrence not in plays.settled]
    withdrawn = {s.occurrence for s in gone if s.start >= after.since}
    air = plays.airing
    on_air = air.entry.slot.occurrence if air else ""
    # The server's own word says that their time is over: to close them takes no clock.
    over = [s for s in past if s.useful_until < scene.floor and s.occurrence != on_air]
    plays, closed = given_up(plays, over, scene)
    plays, more = called_off(plays, [s for s in gone if s.occurrence in withdrawn], after.issued_at, scene)
    closed += more
    lingering = tuple(s for s in (*plays.lingering, *past) if s.occurrence not in known and s not in over)
    plays = msgspec.structs.replace(plays, lingering=lingering, look_again=0)
    if air is None or on_air not in withdrawn or air.stopping:
        return Turn(plays, closed=closed)
    airing = msgspec.structs.replace(air, withdrawn=True)
    return Turn(msgspec.structs.replace(plays, airing=airing), (CancelSound(on_air),), closed)


def moved(plays: Plays, left: Iterable[Programme], scene: Scene) -> Turn:
    """The loudspeaker belongs to these areas no more. What sounds goes on to its end."""
    known = {slot.occurrence for programme in scene.programmes for slot in programme.slots}
    gone = [s for programme in left for s in programme.slots if s.occurrence not in known]
    plays, closed = called_off(plays, gone, scene.assignment.issued_at, scene)
    return Turn(msgspec.structs.replace(plays, look_again=0), closed=closed)


def needed_clips(plays: Plays, scene: Scene) -> Needed:
    """The clips that slots may still need: what sounds, then emergencies, then what is near, then the chimes, then by
    need; the pinned ones before all that can wait. No word waits for a chime."""
    ours, air = frozenset((*scene.assignment.languages, NO_LANGUAGE)), plays.airing
    spoken = ours.union(in_emergency(scene.assignment.languages))
    slots = _needed_slots(plays, scene)
    urgent = [c for s in slots if s.broadcast_class is BroadcastClass.emergency for c in s.clips]
    pinned = [c for programme in scene.programmes for c in programme.pinned]
    near = scene.now.utc + SOON_NEEDED
    soon = [*(c for s in slots if s.start < near for c in s.clips), *chimes_of(scene.assignment)]
    soon += [c for s in slots if s.start < scene.now.utc + WINDOW for c in s.sounds]
    sounding = [piece.clip for piece in air.entry.pieces] if air else []
    every = [*urgent, *soon, *pinned, *(c for s in slots for c in s.sounds)]
    kept = {c.sha256 for c in (*urgent, *pinned)}
    return Needed(
        clips=(*sounding, *(c for c in every if c.language in (spoken if c.sha256 in kept else ours))),
        urgent=frozenset(c.sha256 for c in urgent),
        soon=frozenset(c.sha256 for c in (*sounding, *urgent, *soon, *pinned)),
        unsent=frozenset(c.sha256 for c in _unsent(scene.assignment)),
        later=frozenset(c.sha256 for c in every) - _without_delay(slots, near, scene),
    )


def _unsent(assignment: Assignment) -> tuple[Clip, ...]:
    """What went to all long ago, if ever: the chimes and the tone of a trial."""
    return (*chimes_of(assignment), *((assignment.trial.clip,) if assignment.trial is not None else ()))


def _without_delay(slots: Iterable[Slot], near: UtcMs, scene: Scene) -> set[str]:
    """The clips that the server brings at once: those of slots before `near`, and the chimes."""
    return {c.sha256 for c in (*chimes_of(scene.assignment), *(c for s in slots if s.start < near for c in s.sounds))}


def _needed_slots(plays: Plays, scene: Scene) -> tuple[Slot, ...]:
    """The slots that still may sound, first due first."""
    slots = slots_between(scene.programmes, 0, _for_ever(scene))
    late = scene.now.utc if scene.certain else scene.floor
    open_ones = [s for s in (*slots, *plays.lingering) if s.occurrence not in plays.settled and s.useful_until >= late]
    return tuple(sorted(open_ones, key=lambda s: s.start))


def act(plays: Plays, scene: Scene) -> Turn:
    """Carry out what is due now. To be called after every event."""
    now = scene.now.utc
    if not scene.trusted:
        return _act_untrusted(plays, scene)
    plays = held_up(clocked(plays, scene), now)
    closed: tuple[Playback, ...] = ()
    went_back = plays.look_again > now + WINDOW
    if now >= plays.look_again or went_back or _clip_came(plays, scene):
        plays, closed = _planned(plays, scene)
    actions: list[Action] = []
    while (entry := next((e for e in due_of(plays, now) if _is_free(e, plays, now)), None)) is not None:
        if not entry.plays:
            plays, more_closed = settle(plays, (silent(entry.slot, entry, plays, scene),), scene)
            plays = msgspec.structs.replace(plays, rundown=tuple(e for e in plays.rundown if e is not entry))
            closed += more_closed
        elif entry.start < now or not all_there(entry, scene.there):
            # A clock may leap, and a sound overrun: what begins later than planned is judged by the rules anew.
            plays, more_closed = _planned(plays, scene)
            closed += more_closed
        elif plays.airing is not None:
            plays, more = _interrupt(plays, entry, plays.airing)
            actions += more
        else:
            plays, more = _place(plays, entry, scene)
            actions += more
    return Turn(plays, tuple(actions), closed)


def wake_at(plays: Plays, now: Now) -> UtcMs | None:
    """When to act again if nothing happens; None while only an event can change anything."""
    retry = retrying.next_try(plays.retries, now.mono)
    if not may_start_by_clock(now.trust):
        ends = [since + EMERGENCY_PATIENCE - now.mono for since in plays.awaited.values()]
        ends += [retry - now.mono] if retry is not None else []
        return min((now.utc + left for left in ends if left > 0), default=None)
    due = next((act_at(e) for e in plays.rundown if _is_free(e, plays, now.utc)), plays.look_again)
    due = due if retry is None else min(due, now.utc + retry - now.mono)
    return max(min(due, plays.look_again), now.utc)


def _for_ever(scene: Scene) -> UtcMs:
    return max((p.expires_at for p in scene.programmes), default=0)


def _is_free(entry: Entry, plays: Plays, now: UtcMs) -> bool:
    """Whether nothing that sounds keeps an entry from being acted on."""
    return not entry.plays or plays.airing is None or _may_interrupt(entry, plays.airing, now)


def _clip_came(plays: Plays, scene: Scene) -> bool:
    """Whether any that waits, for its clips or for its next try, need not wait any longer."""
    waiting = (s for s in plays.waiting if not retrying.pauses(plays.retries, s.occurrence, scene.now.mono))
    return any(_as_available(slot, scene) is not None for slot in waiting)


def _as_available(slot: Slot, scene: Scene) -> Slot | None:
    """The slot as it can sound now, None while it waits; before its time, its clips may still come."""
    if slot.start - PLACE_AHEAD > scene.now.utc:
        return slot
    if is_too_long(scene.assignment, whole_length(slot, scene.audible)):
        return slot  # a part of it would not make it a shorter one
    return as_available(slot, scene.assignment, scene.there, patient=scene.now.utc < patience_ends(slot))


def _planned(plays: Plays, scene: Scene) -> tuple[Plays, tuple[Playback, ...]]:
    """The rundown made anew; what has become too late is closed."""
    now, air = scene.now.utc, plays.airing
    on_air = air.entry.slot.occurrence if air else ""
    slots = (*plays.lingering, *slots_between(scene.programmes, 0, now + WINDOW))
    found = {s.occurrence: s for s in slots if s.occurrence not in plays.settled and s.occurrence != on_air}
    over = [s for s in found.values() if s.useful_until < now]
    plays, closed = given_up(plays, over if scene.certain else (), scene)
    # Cut, and then withdrawn or left behind in another area: it cannot be made up any more.
    plays, orphans = settle(plays, [p for name, p in plays.interrupted.items() if name not in found], scene)
    open_slots = {name: slot for name, slot in found.items() if name not in plays.settled}
    useful = {n: slot for n, slot in open_slots.items() if slot.useful_until >= now}
    pausing = {n for n in useful.keys() & plays.retries.keys() if retrying.pauses(plays.retries, n, scene.now.mono)}
    available = {n: None if n in pausing else _as_available(slot, scene) for n, slot in useful.items()}
    waiting = tuple(open_slots[name] for name, slot in available.items() if slot is None)
    before = {entry.slot.occurrence: entry for entry in plays.rundown}
    entries = merge(
        (s for s in available.values() if s), scene.audible, now, air.entry if air else None, aired_until(plays)
    )
    hindered = {name: reason for name, reason in plays.hindered.items() if name in open_slots or name == on_air}
    plays = msgspec.structs.replace(
        plays,
        rundown=tuple(sorted((_as_before(entry, before) for entry in entries), key=act_at)),
        waiting=waiting,
        look_again=min([now + WINDOW // 4 * 3, *(next_look(slot, now) for slot in waiting)]),
        lingering=tuple(s for s in plays.lingering if s.occurrence in open_slots),
        hindered={**hindered, **{s.occurrence: Reason.clip_incomplete for s in waiting if s.occurrence not in pausing}},
    )
    return plays, closed + orphans


def _as_before(entry: Entry, before: Mapping[str, Entry]) -> Entry:
    """An entry that is still late because it had to wait keeps that reason when what it waited for has ended."""
    old = before.get(entry.slot.occurrence)
    delayed = old is not None and old.plays and old.reason in (Reason.delayed, Reason.rest)
    if old is None or not delayed or entry.reason is not Reason.none or entry.start <= entry.slot.start:
        return entry
    return msgspec.structs.replace(entry, reason=old.reason, other=old.other)


def _place(plays: Plays, entry: Entry, scene: Scene) -> tuple[Plays, list[Action]]:
    slot = entry.slot
    interrupted = plays.interrupted.get(slot.occurrence)
    emergency = slot.broadcast_class is BroadcastClass.emergency
    ordered = _ordered(slot, scene)
    left_out = words_at(pieces_of(ordered, scene.assignment)) - words_at(entry.pieces)
    joins = emergency and interrupted is None and _may_join(entry, scene, left_out)
    start = slot.start + left_out if joins else entry.start if scene.trusted else AT_ONCE
    if emergency:
        loud = volume_at(scene.assignment, start or scene.now.utc), 0
    else:
        loud = loudness(scene.assignment, start, start + entry.end - entry.start)
    playback = outcomes.opened(entry, interrupted, scene.now, loud, joins=joins)
    signals = [clip.sha256 for part in signals_of(ordered, scene.assignment) for clip in part]
    missing = tuple(name for name in signals if name not in playback.clips)
    playback = msgspec.structs.replace(playback, without=missing)
    plays = msgspec.structs.replace(
        plays,
        airing=Airing(entry, playback),
        rundown=tuple(e for e in plays.rundown if e.slot.occurrence != slot.occurrence),
        interrupted={name: p for name, p in plays.interrupted.items() if name != slot.occurrence},
    )
    pieces = tuple((piece.clip.sha256, piece.offset_ms) for piece in entry.pieces)
    lead_in = scene.assignment.lead_in_ms
    if emergency and start > scene.now.utc:
        # To start with its neighbours matters more than an amplifier that is still waking: it has been since now.
        lead_in = min(lead_in, start - scene.now.utc)
    optional = tuple(dict.fromkeys(piece.clip.sha256 for piece in entry.pieces if piece.signal))
    place = PlaceSound(slot.occurrence, start, pieces, loud[0], lead_in, emergency, joins, optional)
    return plays, [OpenPlayback(playback), place]


def _ordered(slot: Slot, scene: Scene) -> Slot:
    """The slot as its programme has it, with all that should sound around its words."""
    every = (s for programme in scene.programmes for s in programme.slots)
    return next((s for s in every if s.occurrence == slot.occurrence), slot)


def _may_join(entry: Entry, scene: Scene, left_out: DurationMs) -> bool:
    """Whether the neighbours have just begun, so that beginning anew would echo them: it goes on where they are. Who
    lacks so much of what comes before the words does not wait for theirs."""
    late = scene.now.utc - entry.slot.start - left_out
    exact = scene.trusted and scene.now.bound_ms <= JOIN_BOUND
    return exact and 0 < late <= JOIN_WITHIN and late < (entry.end - entry.start) // 2


def _may_interrupt(entry: Entry, air: Airing, now: UtcMs) -> bool:
    """What sounds longer than planned may be cut until it has ended."""
    in_the_way = entry.start < max(air.entry.end, now + 1)
    return entry.plays and in_the_way and cuts(entry.slot, air.entry.slot) and not air.stopping


def _interrupt(plays: Plays, entry: Entry, air: Airing) -> tuple[Plays, list[Action]]:
    airing = msgspec.structs.replace(air, cut_by=entry.slot.occurrence)
    return msgspec.structs.replace(plays, airing=airing), [CancelSound(air.entry.slot.occurrence)]


def _act_untrusted(plays: Plays, scene: Scene) -> Turn:
    """With a clock that cannot be trusted: emergencies whose time has certainly come, and nothing else."""
    slots = [s for s in slots_between(scene.programmes, 0, _for_ever(scene)) if s.occurrence not in plays.settled]
    plays, emergencies = _awaiting(_noted_untrusted(plays, slots, scene), slots, scene)
    air = plays.airing
    entries = merge(emergencies, scene.audible, scene.known_past, air.entry if air else None)
    due = next((entry for entry in entries if entry.plays), None)
    if due is None:
        return Turn(plays)
    if air is None:
        plays, actions = _place(plays, due, scene)
    elif cuts(due.slot, air.entry.slot) and not air.stopping:
        plays, actions = _interrupt(plays, due, air)
    else:
        return Turn(plays)
    return Turn(plays, tuple(actions))


def _noted_untrusted(plays: Plays, slots: Iterable[Slot], scene: Scene) -> Plays:
    """What is due by a guessed clock is noted as hindered by it; once there is trust, all is planned anew."""
    now = scene.now.utc
    hindered = {s.occurrence: Reason.clock_untrusted for s in slots if s.start <= now <= s.useful_until}
    hindered = {**plays.hindered, **hindered}
    if hindered == plays.hindered and plays.look_again == 0:
        return plays
    return msgspec.structs.replace(plays, hindered=hindered, look_again=0)


def _awaiting(plays: Plays, slots: Iterable[Slot], scene: Scene) -> tuple[Plays, list[Slot]]:
    """The emergencies that can sound now. One with clips missing is given its patience by the clock that never
    steps, from when it is first seen."""
    known, mono = scene.known_past, scene.now.mono
    on_air = plays.airing.entry.slot.occurrence if plays.airing else ""
    due = [
        s
        for s in slots
        if s.broadcast_class is BroadcastClass.emergency
        and scene.past  # a journal that has never known the time cannot tell an old word from a new one
        and s.start <= known + SOON
        and s.useful_until >= known
        and s.occurrence != on_air
        and not retrying.pauses(plays.retries, s.occurrence, mono)
    ]
    since = {s.occurrence: plays.awaited.get(s.occurrence, mono) for s in due}
    found = {
        s.occurrence: as_available(
            s, scene.assignment, scene.there, patient=mono < since[s.occurrence] + EMERGENCY_PATIENCE
        )
        for s in due
    }
    awaited = {name: since[name] for name, slot in found.items() if slot is None}
    if awaited != plays.awaited:
        plays = msgspec.structs.replace(plays, awaited=awaited)
    return plays, [slot for slot in found.values() if slot is not None]
