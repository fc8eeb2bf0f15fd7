"""One loudspeaker: its whole state, and the one function that moves it. Pure.

Imported by the runner, by `tests/village` and by whoever replays a step log. `advance` reads no clock, raises on no
input, and gives the same step for the same arguments.
"""

from typing import assert_never

import msgspec

from device_agent import collecting, hearing, intake, playout, reporting, sounded, spending, telling
from device_agent.actions import (
    AckAlert,
    Action,
    AskTime,
    DiscardClips,
    KeepAlert,
    KeepAssignment,
    KeepProgramme,
    KeepSpending,
    Listen,
)
from device_agent.events import (
    AlertArrived,
    BlockStored,
    Booted,
    ClipRefused,
    ClipRotten,
    ClipStored,
    Event,
    HealthMeasured,
    Linked,
    MessageArrived,
    PayloadArrived,
    SoundEnded,
    SoundFailed,
    SoundFound,
    SoundMissed,
    SoundStarted,
    TimePassed,
    Unlinked,
    WriteFailed,
    bytes_fetched,
)
from device_agent.intake import Held
from device_agent.plays import Plays, Scene, Turn, card_is_well, clip_came
from device_agent.state import State, Step, scene_of, status_of, turned
from schedules.assembly import chimes_of
from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs, Now, may_start_by_clock
from schedules.playback import Reason
from schedules.programme import BroadcastClass, start_of

ASK_TIME_FIRST: DurationMs = 2 * SECOND
"""A first question that finds nobody – the server is just starting – is asked again after so long, then after twice as
long, and so on up to:"""
ASK_TIME_AGAIN: DurationMs = 20 * SECOND
"""While the time is not known, it is asked for so often; once it is, with every status that is due: a radio that
wakes once spends less than one that wakes twice."""
MOST_IN_VAIN = 4
ASK_TIME_SOUNDING: DurationMs = 2 * MINUTE
"""While something long sounds: neighbours whose clocks run apart by 100 parts in a million are 12 ms apart by then.
A question and its answer are half a kilobyte."""
LONG: DurationMs = 3 * MINUTE
"""What is shorter ends before anybody hears two clocks."""
_LAST = {KeepAssignment: 1, KeepProgramme: 1, KeepAlert: 1, AckAlert: 2}
"""Written last: what a programme drops must have its outcome before, and an alert must not wait for the card. What is
acknowledged has been written."""


def advance(state: State, event: Event, now: Now) -> Step:
    """What becomes of a loudspeaker when this happens at this time."""
    before = state = _passing(state, intake.judged(state.held, now))
    state, actions = _taken(state, event, intake.judged(state.held, now))
    now = intake.judged(state.held, now)
    state, more = _spent(state, event, now)
    actions += more
    state, more = _caught_up(state, before, now)
    actions += more
    actions.sort(key=lambda action: _LAST.get(type(action), 0))
    return Step(state, tuple(actions), _wake_at(state, now))


def _passing(state: State, now: Now) -> State:
    held = intake.passing(state.held, now)
    return state if held is state.held else msgspec.structs.replace(state, held=held)


def _taken(state: State, event: Event, now: Now) -> tuple[State, list[Action]]:
    match event:
        case Booted():
            return _booted(event, now)
        case Linked():
            return _linked(state, now)
        case Unlinked():
            return msgspec.structs.replace(state, linked=False, told=telling.unlinked(state.told)), []
        case MessageArrived():
            return hearing.message(state, event, now)
        case AlertArrived():
            return hearing.alert(state, event, now)
        case PayloadArrived() | BlockStored() | ClipStored() | ClipRefused() | ClipRotten():
            return _collected(state, event, now)
        case WriteFailed():
            return msgspec.structs.replace(state, held=intake.refuse(state.held, "disk")), []
        case SoundStarted() | SoundEnded() | SoundFailed():
            return _sounded(state, event, now)
        case SoundFound():
            here = sounded.is_sounding(state.plays, event.occurrence)
            plays = sounded.sound_found(state.plays, event.occurrence, event.evidence)
            return msgspec.structs.replace(state, plays=plays, unheard=0 if here else state.unheard), []
        case SoundMissed():
            here = sounded.is_sounding(state.plays, event.occurrence)
            return msgspec.structs.replace(state, unheard=state.unheard + here), []
        case HealthMeasured():
            well = state.sound_card and not event.sound_card
            return msgspec.structs.replace(
                state,
                plays=card_is_well(state.plays, now) if well else state.plays,
                disk_free_bytes=event.disk_free_bytes,
                sound_card=event.sound_card,
                memory_card=event.memory_card,
                clip_room=event.clip_room_bytes,
                vitals=event.vitals,
            ), []
        case TimePassed():
            return state, []
        case _:
            assert_never(event)


def _booted(event: Booted, now: Now) -> tuple[State, list[Action]]:
    held = Held(event.device, event.keys, keys_revision=event.keys_revision, past=event.remembered)
    if event.assignment:
        held, _ = intake.take_assignment(held, event.assignment, None)
    for area, payload in event.programmes:
        held, _ = intake.take_programme(held, area, payload, None)
    for area, envelope in event.alerts:
        held, _ = intake.take_alert(held, area, envelope, None)
    settled = {name: start_of(name) for name in event.settled}
    plays, closed = sounded.reopened(
        Plays(settled=settled, booted=now.mono, aired=event.aired), event.open_playbacks, _emergencies(held)
    )
    state = State(
        held=held,
        clips=collecting.recall(event.clips, event.partial),
        plays=plays,
        reports=reporting.recall(event.journal, event.next_sequence, event.unacknowledged, event.run),
        version=event.version,
        run=event.run,
        spending=event.spending,
    )
    return turned(state, Turn(plays, closed=closed), now)


def _emergencies(held: Held) -> frozenset[str]:
    slots = (slot for programme in intake.programmes_known(held) for slot in programme.slots)
    return frozenset(s.occurrence for s in slots if s.broadcast_class is BroadcastClass.emergency)


def _linked(state: State, now: Now) -> tuple[State, list[Action]]:
    jitter = collecting.jitter_of(state.held.device)
    return (
        msgspec.structs.replace(
            state,
            linked=True,
            links=state.links + 1,
            clips=collecting.linked_again(state.clips, now, jitter),
            reports=reporting.linked_again(state.reports, now),
            told=telling.linked_again(state.told, now),
            ask_time_at=now.mono,
            asked_in_vain=0,
        ),
        [],
    )


def _collected(
    state: State, event: PayloadArrived | BlockStored | ClipStored | ClipRefused | ClipRotten, now: Now
) -> tuple[State, list[Action]]:
    jitter = collecting.jitter_of(state.held.device)
    match event:
        case PayloadArrived():
            clips = collecting.blocks_came(state.clips, event.clip, now, jitter)
            return msgspec.structs.replace(state, clips=clips) if clips is not state.clips else state, []
        case BlockStored():
            clips, actions = collecting.block_stored(state.clips, event.clip, event.index, now, jitter)
            return msgspec.structs.replace(state, clips=clips), actions
        case ClipStored():
            clips = collecting.clip_stored(state.clips, event.clip, now, jitter)
            plays = clip_came(state.plays, event.clip, now)
            if _is_signal(state.held, event.clip):
                plays = msgspec.structs.replace(plays, look_again=0)
            return msgspec.structs.replace(state, clips=clips, plays=plays), []
        case ClipRotten():
            clips = collecting.clip_refused(state.clips, event.clip, now, jitter)
            return msgspec.structs.replace(state, clips=clips, held=intake.refuse(state.held, "rotten")), []
        case ClipRefused():
            clips = collecting.clip_refused(state.clips, event.clip, now, jitter, event.left)
            return msgspec.structs.replace(state, clips=clips, held=intake.refuse(state.held, event.cause)), []
        case _:
            assert_never(event)


def _is_signal(held: Held, clip: str) -> bool:
    """Whether a clip stands around words: what was planned without it is planned anew."""
    chimes = chimes_of(held.assignment) if held.assignment is not None else ()
    slots = (slot for programme in intake.programmes_known(held) for slot in programme.slots)
    return any(each.sha256 == clip for each in (*chimes, *(c for s in slots for c in (*s.opening, *s.closing))))


def _sounded(state: State, event: SoundStarted | SoundEnded | SoundFailed, now: Now) -> tuple[State, list[Action]]:
    scene = scene_of(state, now)
    if scene is None:
        return state, []
    match event:
        case SoundStarted():
            turn = sounded.sound_started(state.plays, event.occurrence, event.at, event.left_out)
            if _sounds_long(state):  # all of them have begun in this instant, and must not ask in the same one
                soon = now.mono + collecting.jitter_of(state.held.device) * ASK_TIME_SOUNDING // collecting.JITTER
                state = msgspec.structs.replace(state, ask_time_at=min(state.ask_time_at, soon))
        case SoundEnded():
            turn = sounded.sound_ended(state.plays, event.occurrence, event.at, event.sounded_ms, event.whole, scene)
        case SoundFailed():
            turn = sounded.sound_failed(state.plays, event.occurrence, event.at, event.sounded_ms, event.reason, scene)
            state, more = _distrusted(state, event, now)
            state, actions = turned(state, turn, now)
            return state, more + actions
        case _:
            assert_never(event)
    return turned(state, turn, now)


def _distrusted(state: State, event: SoundFailed, now: Now) -> tuple[State, list[Action]]:
    """A stored sound that cannot be read has rotted on the card: all of what should have sounded is fetched again."""
    air = state.plays.airing
    unreadable = event.reason is Reason.file_unreadable
    if not unreadable or air is None or air.entry.slot.occurrence != event.occurrence:
        return state, []
    jitter = collecting.jitter_of(state.held.device)
    clips = msgspec.structs.replace(state.clips, heads=state.clips.heads - set(air.playback.clips))
    names = tuple(dict.fromkeys(air.playback.clips))
    for name in names:
        clips = collecting.clip_refused(clips, name, now, jitter)
    return msgspec.structs.replace(state, clips=clips), [DiscardClips(names)]


def _caught_up(state: State, before: State, now: Now) -> tuple[State, list[Action]]:
    """After every event: play what is due, need what that takes, ask, report and say what has changed."""
    actions: list[Action] = []
    scene = scene_of(state, now)
    if scene is not None:
        state, actions = turned(state, playout.act(state.plays, scene), now)
        if _needs_anew(state, before):
            state, more = _need(state, scene)
            actions += more
    clips, asks = collecting.ask(state.clips, now, state.linked, collecting.jitter_of(state.held.device))
    reports, sends = reporting.send(state.reports, now, state.linked)
    if asks or sends or clips is not state.clips:
        state = msgspec.structs.replace(state, clips=clips, reports=reports)
    listens: list[Action] = []
    if state.clips is not before.clips or intake.says_other(state.held, before.held):
        state, listens = _listened(state)
    says: list[Action] = []
    if _has_news(state, before, now):
        told, says = telling.say(state.told, status_of(state, now), now)
        state = msgspec.structs.replace(state, told=told)
    state, time_asks = _time_asked(state, now)
    return state, [*actions, *listens, *asks, *sends, *says, *time_asks]


def _spent(state: State, event: Event, now: Now) -> tuple[State, list[Action]]:
    """Count the data that came, and write it down now and then."""
    spent = spending.spend(state.spending, bytes_fetched(event), now)
    if not spending.worth_keeping(spent):
        return (state if spent is state.spending else msgspec.structs.replace(state, spending=spent)), []
    spent = msgspec.structs.replace(spent, kept=spent.this_month)
    return msgspec.structs.replace(state, spending=spent), [KeepSpending(spent)]


def _may_fetch(state: State) -> bool:
    return spending.may_fetch(state.spending, state.held.assignment.allowance if state.held.assignment else None)


def _needs_anew(state: State, before: State) -> bool:
    """Whether something has changed that decides on which clips are needed, and which of them may be fetched."""
    lost = len(state.clips.there) < len(before.clips.there)
    changed = intake.says_other(state.held, before.held) or state.plays.look_again != before.plays.look_again
    return lost or changed or state.clip_room != before.clip_room or _may_fetch(state) != _may_fetch(before)


def _need(state: State, scene: Scene) -> tuple[State, list[Action]]:
    needed = playout.needed_clips(state.plays, scene)
    needed = msgspec.structs.replace(needed, room=state.clip_room, may_fetch=_may_fetch(state))
    clips, actions = collecting.need(state.clips, needed, scene.now, collecting.jitter_of(state.held.device))
    return msgspec.structs.replace(state, clips=clips), actions


def _listened(state: State) -> tuple[State, list[Action]]:
    areas = state.held.assignment.area_path if state.held.assignment else ()
    listen = Listen(areas, collecting.listened(state.clips))
    if listen == state.listening:
        return state, []
    return msgspec.structs.replace(state, listening=listen), [listen]


def _has_news(state: State, before: State, now: Now) -> bool:
    """Whether a status may have to be published: a cheap look before it is made."""
    said = state.told.said
    return state.linked and (
        said is None
        or now.mono >= state.told.say_at
        or said.trust is not now.trust
        or state.held.refused is not before.held.refused
        or intake.says_other(state.held, before.held)
        or state.clips.wanted is not before.clips.wanted
        or len(state.clips.held_back) != said.held_back
        or state.plays.airing is not before.plays.airing
        or state.unheard != said.unheard
        or (state.sound_card, state.memory_card) != (said.sound_card, said.memory_card)
        or (state.vitals.mains, state.vitals.low_voltage) != (said.vitals.mains, said.vitals.low_voltage)
    )


def _time_asked(state: State, now: Now) -> tuple[State, list[Action]]:
    if not state.linked or now.mono < state.ask_time_at:
        return state, []
    if may_start_by_clock(now.trust):
        again = (
            now.mono + ASK_TIME_SOUNDING if _sounds_long(state) else max(state.told.say_at, now.mono + ASK_TIME_AGAIN)
        )
        return msgspec.structs.replace(state, ask_time_at=again, asked_in_vain=0), [AskTime()]
    again = now.mono + min(ASK_TIME_AGAIN, ASK_TIME_FIRST << state.asked_in_vain)
    vain = min(state.asked_in_vain + 1, MOST_IN_VAIN)
    return msgspec.structs.replace(state, ask_time_at=again, asked_in_vain=vain), [AskTime()]


def _sounds_long(state: State) -> bool:
    air = state.plays.airing
    return air is not None and air.entry.end - air.entry.start >= LONG


def _wake_at(state: State, now: Now) -> MonoMs | None:
    times: list[MonoMs] = []
    due = playout.wake_at(state.plays, now) if state.held.assignment is not None else None
    if due is not None:
        times.append(now.mono + due - now.utc)
    if state.linked:
        times += [state.told.say_at, state.ask_time_at]
        times += [at for at in (state.clips.ask_at, state.reports.send_at) if at is not None]
    return min(times, default=None)
