"""What a loudspeaker knows of its plays, and how one gets its outcome. Pure.

Imported by `playout`, which decides, and `loudspeaker`, which holds it.
"""

import itertools
from collections.abc import Iterable

import msgspec

from device_agent import outcomes, retrying
from device_agent.actions import Action, KeepAired
from device_agent.retrying import Retry
from schedules.assembly import audible
from schedules.assignment import Assignment
from schedules.clock import DAY, MINUTE, SECOND, DurationMs, MonoMs, Now, UtcMs, may_judge_by_clock
from schedules.guards import Aired, lately
from schedules.playback import Outcome, Playback, Reason
from schedules.programme import BroadcastClass, Programme, Slot
from schedules.rundown import Entry, aired_of
from schedules.trial import is_trial

PLACE_AHEAD: DurationMs = 4 * SECOND
"""A sound is handed to the card this long before it starts: the card opens three seconds ahead."""
_MAY_CHANGE = (Reason.displaced, Reason.rest, Reason.daily_limit)
"""What keeps a slot silent only while others have the better right."""
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
    """`settled`: occurrences with an outcome, with their planned start; `lingering`: slots of older programmes whose
    time has come and that have no outcome yet; `rundown`: in the order in which they must be acted on; `waiting`:
    due, clips not there; `look_again`: when the rundown must be made anew; `hindered`: what kept an occurrence from
    starting; `interrupted`: cut, may be made up; `retries`: those of them that failed, and when they are tried again;
    `awaited`: emergencies whose clips are awaited without a clock, and since when; `booted`: when this run began, by
    the clock that never steps; `powered_since` and `running_since`: the same, and the first trusted instant of this
    run, once they can be known; `certain`: whether the clock that they and the rundown were made by may say what is
    past; `aired`: what has sounded lately, for the guards."""

    settled: dict[str, UtcMs] = {}
    lingering: tuple[Slot, ...] = ()
    rundown: tuple[Entry, ...] = ()
    waiting: tuple[Slot, ...] = ()
    look_again: UtcMs = 0
    airing: Airing | None = None
    hindered: dict[str, Reason] = {}
    interrupted: dict[str, Playback] = {}
    retries: dict[str, Retry] = {}
    awaited: dict[str, MonoMs] = {}
    booted: MonoMs = 0
    powered_since: UtcMs | None = None
    running_since: UtcMs | None = None
    certain: bool = False
    aired: tuple[Aired, ...] = ()


class Scene(msgspec.Struct, frozen=True):
    """What playout decides on, beside its own state. `trusted`: whether the clock may start what waits for an hour;
    `past`: the last instant that a clock which may judge has shown, 0 if none ever has; `floor`: the latest instant
    that the server is known to have passed: the issue time of its newest word."""

    assignment: Assignment
    programmes: tuple[Programme, ...]
    there: frozenset[str]
    linked: bool
    now: Now
    trusted: bool
    past: UtcMs = 0

    @property
    def certain(self) -> bool:
        """Whether the clock may say that the time of a slot is over."""
        return may_judge_by_clock(self.now.trust)

    @property
    def audible(self) -> Assignment:
        """The assignment with the chimes that are there."""
        return audible(self.assignment, self.there)

    @property
    def floor(self) -> UtcMs:
        """It is at least as late as the server's newest word."""
        return max((p.issued_at for p in self.programmes), default=0)

    @property
    def known_past(self) -> UtcMs:
        """The latest instant that has certainly passed, by the server's word or by a clock that could judge."""
        return max(self.past, self.floor, self.assignment.issued_at)


class Turn(msgspec.Struct, frozen=True):
    """What came of it: the state, actions in order, and playbacks to be closed."""

    plays: Plays
    actions: tuple[Action, ...] = ()
    closed: tuple[Playback, ...] = ()


def settle(plays: Plays, told: Iterable[Playback], scene: Scene) -> tuple[Plays, tuple[Playback, ...]]:
    """These playbacks have their outcome, once and for all."""
    closed = tuple(msgspec.structs.replace(playback, offline=not scene.linked) for playback in told)
    if not closed:
        return plays, ()
    names = {playback.occurrence for playback in closed}
    settled = {**plays.settled, **{playback.occurrence: playback.planned for playback in closed}}
    if scene.certain and len(settled) // 64 > len(plays.settled) // 64:
        settled = {n: planned for n, planned in settled.items() if planned > scene.now.utc - REMEMBERED or n in names}
    plays = msgspec.structs.replace(
        plays,
        settled=settled,
        hindered={n: r for n, r in plays.hindered.items() if n not in names},
        interrupted={n: p for n, p in plays.interrupted.items() if n not in names},
        retries={n: r for n, r in plays.retries.items() if n not in names},
    )
    return plays, closed


def gave_out(plays: Plays, air: Airing, failed: Playback, scene: Scene) -> tuple[Plays, tuple[Playback, ...]]:
    """The card or the file gave out, and nothing sounds any more: an emergency is tried again while it is of use."""
    plays = msgspec.structs.replace(plays, airing=None, look_again=0)
    name = air.entry.slot.occurrence
    if air.withdrawn or air.entry.slot.broadcast_class is not BroadcastClass.emergency:
        return settle(plays, (failed,), scene)
    return msgspec.structs.replace(
        plays,
        interrupted={**plays.interrupted, name: failed},
        retries=retrying.failed(plays.retries, name, scene.now.mono),
    ), ()


def clip_came(plays: Plays, clip: str, now: Now) -> Plays:
    """The sound that a try may have lacked is whole."""
    return hopeful(plays, [name for name, p in plays.interrupted.items() if clip in p.clips], now)


def card_is_well(plays: Plays, now: Now) -> Plays:
    """The sound card can be used again."""
    of_card = (Reason.card_missing, Reason.card_lost)
    return hopeful(plays, [name for name, p in plays.interrupted.items() if p.reason in of_card], now)


def hopeful(plays: Plays, names: Iterable[str], now: Now) -> Plays:
    """Those of these that failed are tried again at once."""
    again = plays.retries.keys() & set(names)
    return msgspec.structs.replace(plays, retries=retrying.hopeful(plays.retries, again, now.mono)) if again else plays


def clocked(plays: Plays, scene: Scene) -> Plays:
    """With the time of this run's beginning, as soon as a clock can tell it, and again when a better one can. A better
    clock that contradicts the one before shows that there was none to go by until now."""
    if plays.running_since is not None and plays.certain == scene.certain:
        return plays
    now = scene.now.utc
    powered_since = now - (scene.now.mono - plays.booted)
    contradicted = abs(powered_since - (plays.powered_since or 0)) > MINUTE
    return msgspec.structs.replace(
        plays,
        powered_since=powered_since,
        running_since=now if plays.running_since is None or contradicted else plays.running_since,
        look_again=0,
        certain=scene.certain,
    )


def called_off(
    plays: Plays, slots: Iterable[Slot], issued_at: UtcMs, scene: Scene
) -> tuple[Plays, tuple[Playback, ...]]:
    """Slots that a word of this instant has withdrawn: those whose hour had come are in the server's log, and only the
    loudspeaker can say that they did not sound."""
    due = max(issued_at, scene.now.utc) if scene.certain else issued_at
    on_air = plays.airing.entry.slot.occurrence if plays.airing else ""
    told = [
        outcomes.silent(slot, scene.assignment, Outcome.skipped, (Reason.withdrawn, ""), scene.there, scene.now)
        for slot in slots
        if slot.start <= due
        and slot.occurrence != on_air
        and slot.occurrence not in plays.settled
        and slot.occurrence not in plays.interrupted
    ]
    return settle(plays, told, scene)


def given_up(plays: Plays, slots: Iterable[Slot], scene: Scene) -> tuple[Plays, tuple[Playback, ...]]:
    """Slots whose useful time is over get their outcome: what the rundown had decided, or missed."""
    decided = {entry.slot.occurrence: entry for entry in plays.rundown if not entry.plays}
    told = [silent(slot, decided.get(slot.occurrence), plays, scene) for slot in slots]
    return settle(plays, told, scene)


def silent(slot: Slot, entry: Entry | None, plays: Plays, scene: Scene) -> Playback:
    """The playback of a slot that did not sound, or was cut and could not be made up. `entry` is what the rundown
    says of it, None where its time ran out."""
    if slot.occurrence in plays.interrupted:
        return plays.interrupted[slot.occurrence]
    outcome = Outcome.skipped if entry is not None else Outcome.missed
    why = (entry.reason, entry.other) if entry is not None else (kept_from(slot, slot.useful_until, plays), "")
    return outcomes.silent(slot, scene.assignment, outcome, why, scene.there, scene.now)


def kept_from(slot: Slot, until: UtcMs, plays: Plays) -> Reason:
    """What kept a slot silent up to an instant."""
    if slot.occurrence in plays.hindered:
        return plays.hindered[slot.occurrence]
    if plays.powered_since is None or until <= plays.powered_since:
        return Reason.not_running
    return Reason.clock_untrusted if until <= (plays.running_since or 0) else Reason.arrived_late


def about_to_air(plays: Plays, entry: Entry, at: UtcMs) -> tuple[Action, ...]:
    """Noted beforehand, as if it sounded to its end: a power cut must not make the guards forget it."""
    if not _is_counted(entry.slot):
        return ()
    whole = msgspec.structs.replace(aired_of(entry), start=at, end=at + entry.end - entry.start)
    return (KeepAired((*lately(plays.aired, at), whole)),)


def has_aired(plays: Plays, air: Airing, at: UtcMs, sounded_ms: DurationMs) -> tuple[Plays, tuple[Action, ...]]:
    """It has ended, after so much of it. What it lasted beyond its length, by another clock than the card's, is no
    part of the day's limit."""
    started = air.playback.started
    if not _is_counted(air.entry.slot) or (started is None and not sounded_ms):
        return plays, ()
    aired = lately(plays.aired, at)
    if sounded_ms:
        started = at - sounded_ms if started is None else started
        length = min(sounded_ms, air.entry.end - air.entry.start)
        aired = (*aired, Aired(air.entry.slot.occurrence, started, at, length, air.cut_by))
    return msgspec.structs.replace(plays, aired=aired), (KeepAired(aired),)


def _is_counted(slot: Slot) -> bool:
    """Whether the guards reckon with it afterwards: not with an emergency, and no bulletin waits for the rest after a
    trial."""
    return slot.broadcast_class is not BroadcastClass.emergency and not is_trial(slot.occurrence)


def aired_until(plays: Plays) -> tuple[Aired, ...]:
    """What has sounded, as far as is known: what was noted beforehand, and was cut by the power, ended before this run
    began."""
    boot = plays.powered_since
    if boot is None or not any(a.start < boot < a.end for a in plays.aired):
        return plays.aired
    return tuple(
        msgspec.structs.replace(a, end=boot, sounded_ms=min(a.sounded_ms, boot - a.start))
        if a.start < boot < a.end
        else a
        for a in plays.aired
    )


def act_at(entry: Entry) -> UtcMs:
    """When an entry must be acted on: a sound is placed ahead, a silence is told at its planned start, or when it
    can no longer change."""
    if entry.plays:
        return entry.start - PLACE_AHEAD
    return entry.slot.useful_until if entry.reason in _MAY_CHANGE else entry.slot.start


def due_of(plays: Plays, now: UtcMs) -> Iterable[Entry]:
    """The entries that must be acted on by now, in order."""
    return itertools.takewhile(lambda entry: act_at(entry) <= now, plays.rundown)


def held_up(plays: Plays, now: UtcMs) -> Plays:
    """What sounds takes longer than planned: remember which ones had to wait for it."""
    air = plays.airing
    if air is None:
        return plays
    late = [e for e in due_of(plays, now) if e.plays and e.start <= now and e.slot.occurrence != air.cut_by]
    fresh = {e.slot.occurrence: Reason.displaced for e in late if e.slot.occurrence not in plays.hindered}
    return msgspec.structs.replace(plays, hindered={**plays.hindered, **fresh}) if fresh else plays
