"""One loudspeaker: its whole state, and the one function that moves it. Pure.

Imported by the runner, by `tests/village` and by whoever replays a step log. `advance` reads no clock, raises on no
input, and gives the same step for the same arguments.
"""

from typing import assert_never

import msgspec

from device_agent import collecting, intake, playout, reporting
from device_agent.actions import (
    Action,
    AskTime,
    ClosePlayback,
    DiscardClips,
    KeepAssignment,
    KeepProgramme,
    Listen,
    PublishStatus,
)
from device_agent.collecting import Clips
from device_agent.events import (
    BlockStored,
    Booted,
    ClipRefused,
    ClipStored,
    Event,
    HealthMeasured,
    Linked,
    MessageArrived,
    SoundEnded,
    SoundFailed,
    SoundStarted,
    TimePassed,
    Unlinked,
)
from device_agent.intake import Held
from device_agent.plays import Plays, Scene, Turn
from device_agent.reporting import Reports
from schedules import wire
from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs, Now, may_start_by_clock
from schedules.playback import Reason
from schedules.programme import start_of

STATUS_EVERY: DurationMs = 15 * MINUTE
"""A status is published when something in it changes, and this often in any case: the server's "last seen"."""
STATUS_APART: DurationMs = 5 * SECOND
"""A hundred clips that come one after the other are not worth a hundred statuses."""
ASK_TIME_AGAIN: DurationMs = 20 * SECOND
"""While the time is not known, it is asked for so often; once it is, with every status that is due: a radio that
wakes once spends less than one that wakes twice."""
_KEEPS = (KeepAssignment, KeepProgramme)


class State(msgspec.Struct, frozen=True):
    """`said` is the status published last, and `said_at` when; `say_at`: when to say it again in any case;
    `ask_time_at`: when to ask the time."""

    held: Held
    clips: Clips
    plays: Plays
    reports: Reports
    linked: bool = False
    version: str = ""
    disk_free_bytes: int = 0
    sound_card: str = ""
    said: wire.Status | None = None
    said_at: MonoMs = 0
    say_at: MonoMs = 0
    ask_time_at: MonoMs = 0
    listening: Listen = Listen((), ())


class Step(msgspec.Struct, frozen=True):
    """The new state, what to do in this order, and when to come back if nothing happens (monotonic; None: not)."""

    state: State
    actions: tuple[Action, ...]
    wake_at: MonoMs | None


def blank(device: str) -> State:
    """The state of a loudspeaker that has not booted."""
    return State(Held(device, ()), Clips(), Plays(), Reports(""))


def advance(state: State, event: Event, now: Now) -> Step:
    """What becomes of a loudspeaker when this happens at this time."""
    before = state
    state, actions = _taken(state, event, now)
    state, more = _caught_up(state, before, now)
    actions += more
    # Written last: what a programme drops must have its outcome before, and an alert must not wait for the card.
    actions.sort(key=lambda action: isinstance(action, _KEEPS))
    return Step(state, tuple(actions), _wake_at(state, now))


def _taken(state: State, event: Event, now: Now) -> tuple[State, list[Action]]:
    match event:
        case Booted():
            return _booted(event, now)
        case Linked():
            return _linked(state, now)
        case Unlinked():
            return msgspec.structs.replace(state, linked=False, said=None), []
        case MessageArrived():
            return _message(state, event, now)
        case BlockStored() | ClipStored() | ClipRefused():
            return _collected(state, event, now)
        case SoundStarted() | SoundEnded() | SoundFailed():
            return _sounded(state, event, now)
        case HealthMeasured():
            state = msgspec.structs.replace(state, disk_free_bytes=event.disk_free_bytes, sound_card=event.sound_card)
            return state, []
        case TimePassed():
            return state, []
        case _:
            assert_never(event)


def _booted(event: Booted, now: Now) -> tuple[State, list[Action]]:
    held = Held(event.device, event.keys)
    if event.assignment:
        held, _ = intake.take_assignment(held, event.assignment, _blind(now))
    for area, payload in event.programmes:
        held, _ = intake.take_programme(held, area, payload, _blind(now))
    settled = {name: start_of(name) for name in event.settled}
    plays, closed = playout.reopened(Plays(settled=settled, booted=now.mono), event.open_playbacks)
    state = State(
        held=held,
        clips=collecting.recall(event.clips, event.partial),
        plays=plays,
        reports=reporting.recall(event.journal, event.next_sequence, event.unacknowledged),
        version=event.version,
    )
    return _closed(state, Turn(plays, closed=closed), now)


def _blind(now: Now) -> Now:
    """What was taken once is held after a reboot too, whatever the clock says then."""
    return msgspec.structs.replace(now, utc=0)


def _linked(state: State, now: Now) -> tuple[State, list[Action]]:
    jitter = collecting.jitter_of(state.held.device)
    return (
        msgspec.structs.replace(
            state,
            linked=True,
            clips=collecting.linked_again(state.clips, now, jitter),
            reports=reporting.linked_again(state.reports, now),
            said=None,
            say_at=now.mono,
            ask_time_at=now.mono,
        ),
        [],
    )


def _message(state: State, event: MessageArrived, now: Now) -> tuple[State, list[Action]]:
    if (parts := wire.PROGRAMME.parts(event.topic)) is not None:
        return _programme(state, parts[0], event.payload, now)
    if wire.ASSIGNMENT.parts(event.topic) == (state.held.device,):
        held, taken = intake.take_assignment(state.held, event.payload, now)
        gone = [area for area in state.held.programmes if area not in held.programmes]
        dropped: list[Action] = [KeepProgramme(area, b"") for area in gone]
        plays = msgspec.structs.replace(state.plays, look_again=0) if taken else state.plays
        state = msgspec.structs.replace(state, held=held, plays=plays)
        return state, [KeepAssignment(event.payload), *dropped] if taken else []
    if wire.ACK.parts(event.topic) == (state.held.device,):
        ack = wire.decode(wire.Ack, event.payload)
        if ack is not None:
            reports, actions = reporting.acknowledged(state.reports, ack, now)
            return msgspec.structs.replace(state, reports=reports), actions
    return msgspec.structs.replace(state, held=intake.refuse(state.held, "unknown_message")), []


def _programme(state: State, area: str, payload: bytes, now: Now) -> tuple[State, list[Action]]:
    held, taken = intake.take_programme(state.held, area, payload, now)
    if not taken:
        return msgspec.structs.replace(state, held=held), []
    before = state.held.programmes.get(area)
    state = msgspec.structs.replace(state, held=held)
    scene = _scene(state, now)
    if scene is None:
        return state, []
    turn = playout.replaced(state.plays, before, held.programmes[area], scene)
    state, actions = _closed(state, turn, now)
    return state, [KeepProgramme(area, payload), *actions]


def _collected(state: State, event: BlockStored | ClipStored | ClipRefused, now: Now) -> tuple[State, list[Action]]:
    jitter = collecting.jitter_of(state.held.device)
    match event:
        case BlockStored():
            clips, actions = collecting.block_stored(state.clips, event.clip, event.index, now, jitter)
            return msgspec.structs.replace(state, clips=clips), actions
        case ClipStored():
            return msgspec.structs.replace(
                state, clips=collecting.clip_stored(state.clips, event.clip, now, jitter)
            ), []
        case ClipRefused():
            clips = collecting.clip_refused(state.clips, event.clip, now, jitter)
            return msgspec.structs.replace(state, clips=clips, held=intake.refuse(state.held, event.cause)), []
        case _:
            assert_never(event)


def _sounded(state: State, event: SoundStarted | SoundEnded | SoundFailed, now: Now) -> tuple[State, list[Action]]:
    scene = _scene(state, now)
    if scene is None:
        return state, []
    match event:
        case SoundStarted():
            turn = playout.sound_started(state.plays, event.occurrence, event.at)
        case SoundEnded():
            turn = playout.sound_ended(state.plays, event.occurrence, event.at, event.sounded_ms, event.whole, scene)
        case SoundFailed():
            turn = playout.sound_failed(state.plays, event.occurrence, event.at, event.sounded_ms, event.reason, scene)
            state, more = _distrusted(state, event, now)
            state, actions = _closed(state, turn, now)
            return state, more + actions
        case _:
            assert_never(event)
    return _closed(state, turn, now)


def _distrusted(state: State, event: SoundFailed, now: Now) -> tuple[State, list[Action]]:
    """A stored sound that cannot be read has rotted on the card: all of what should have sounded is fetched again."""
    air = state.plays.airing
    unreadable = event.reason is Reason.file_unreadable
    if not unreadable or air is None or air.entry.slot.occurrence != event.occurrence:
        return state, []
    clips, jitter = state.clips, collecting.jitter_of(state.held.device)
    for name in air.playback.clips:
        clips = collecting.clip_refused(clips, name, now, jitter)
    return msgspec.structs.replace(state, clips=clips), [DiscardClips(air.playback.clips)]


def _caught_up(state: State, before: State, now: Now) -> tuple[State, list[Action]]:
    """After every event: play what is due, need what that takes, ask, report and say what has changed."""
    actions: list[Action] = []
    scene = _scene(state, now)
    if scene is not None:
        state, actions = _closed(state, playout.act(state.plays, scene), now)
        lost = len(state.clips.there) < len(before.clips.there)
        if lost or state.held is not before.held or state.plays.look_again != before.plays.look_again:
            state, more = _need(state, scene)
            actions += more
    clips, asks = collecting.ask(state.clips, now, state.linked, collecting.jitter_of(state.held.device))
    reports, sends = reporting.send(state.reports, now, state.linked)
    if asks or sends or clips is not state.clips:
        state = msgspec.structs.replace(state, clips=clips, reports=reports)
    listens: list[Action] = []
    if state.clips is not before.clips or state.held is not before.held:
        state, listens = _listened(state)
    state, says = _said(state, now) if _has_news(state, before, now) else (state, [])
    state, time_asks = _time_asked(state, now)
    return state, [*actions, *listens, *asks, *sends, *says, *time_asks]


def _need(state: State, scene: Scene) -> tuple[State, list[Action]]:
    languages = scene.assignment.languages
    slots = playout.needed_slots(state.plays, scene)
    air = state.plays.airing
    sounding = [piece.clip for piece in air.entry.pieces] if air else []
    needed = sounding + [clip for slot in slots for clip in slot.clips if clip.language in languages]
    clips, actions = collecting.need(state.clips, needed, scene.now, collecting.jitter_of(state.held.device))
    return msgspec.structs.replace(state, clips=clips), actions


def _scene(state: State, now: Now) -> Scene | None:
    if state.held.assignment is None:
        return None
    programmes = tuple(state.held.programmes.values())
    trusted = may_start_by_clock(now.trust)
    return Scene(state.held.assignment, programmes, state.clips.there, state.linked, now, trusted)


def _closed(state: State, turn: Turn, now: Now) -> tuple[State, list[Action]]:
    """The actions of a turn; its closed playbacks are numbered, journalled and queued for the report."""
    if turn.plays is state.plays and not turn.closed:
        return state, list(turn.actions)
    reports, actions = state.reports, list(turn.actions)
    for playback in turn.closed:
        reports, numbered = reporting.closed(reports, playback, now)
        actions.append(ClosePlayback(numbered))
    return msgspec.structs.replace(state, plays=turn.plays, reports=reports), actions


def _listened(state: State) -> tuple[State, list[Action]]:
    areas = state.held.assignment.area_path if state.held.assignment else ()
    listen = Listen(areas, collecting.listened(state.clips))
    if listen == state.listening:
        return state, []
    return msgspec.structs.replace(state, listening=listen), [listen]


def _has_news(state: State, before: State, now: Now) -> bool:
    """Whether a status may have to be published: a cheap look before it is made."""
    said = state.said
    return state.linked and (
        said is None
        or now.mono >= state.say_at
        or said.trust is not now.trust
        or state.held is not before.held
        or state.clips.wanted is not before.clips.wanted
        or state.plays.airing is not before.plays.airing
        or state.sound_card != said.sound_card
    )


def _said(state: State, now: Now) -> tuple[State, list[Action]]:
    status = _status(state, now)
    fresh, due = _without_readings(status), now.mono >= state.say_at
    if not due and state.said == fresh:
        return state, []
    soon = state.said_at + STATUS_APART
    if not due and now.mono < soon and _without_clips(state.said) == _without_clips(fresh):
        return msgspec.structs.replace(state, say_at=min(state.say_at, soon)), []
    say_at = now.mono + STATUS_EVERY if due else state.say_at
    return msgspec.structs.replace(state, said=fresh, said_at=now.mono, say_at=say_at), [PublishStatus(status)]


def _status(state: State, now: Now) -> wire.Status:
    air = state.plays.airing
    return wire.Status(
        online=True,
        journal=state.reports.journal,
        version=state.version,
        programmes={area: p.revision for area, p in state.held.programmes.items()},
        assignment=state.held.assignment.revision if state.held.assignment else 0,
        clips_missing=tuple(clip.sha256 for clip in state.clips.wanted),
        trust=now.trust,
        bound_ms=now.bound_ms,
        sounding=air.entry.slot.occurrence if air and air.playback.started is not None else "",
        refused=state.held.refused,
        disk_free_bytes=state.disk_free_bytes,
        sound_card=state.sound_card,
        at=now.utc,
    )


def _without_readings(status: wire.Status) -> wire.Status:
    """A status without what changes all the time: a change in these alone is no news."""
    return msgspec.structs.replace(status, bound_ms=0, disk_free_bytes=0, at=0)


def _without_clips(status: wire.Status | None) -> wire.Status | None:
    return status and msgspec.structs.replace(status, clips_missing=())


def _time_asked(state: State, now: Now) -> tuple[State, list[Action]]:
    if not state.linked or now.mono < state.ask_time_at:
        return state, []
    again = now.mono + ASK_TIME_AGAIN
    if may_start_by_clock(now.trust):
        again = max(state.say_at, again)
    return msgspec.structs.replace(state, ask_time_at=again), [AskTime()]


def _wake_at(state: State, now: Now) -> MonoMs | None:
    times: list[MonoMs] = []
    due = playout.wake_at(state.plays, now) if state.held.assignment is not None else None
    if due is not None:
        times.append(now.mono + due - now.utc)
    if state.linked:
        times += [state.say_at, state.ask_time_at]
        times += [at for at in (state.clips.ask_at, state.reports.send_at) if at is not None]
    return min(times, default=None)
