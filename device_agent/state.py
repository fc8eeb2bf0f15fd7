"""What one loudspeaker is at any moment: its whole state, and what follows from it alone. Pure.

Imported by `loudspeaker`, which moves it, and by whoever must hold a state: the runner, the step log, `tests/village`.
"""

import msgspec

from device_agent import intake, reporting
from device_agent.actions import Action, ClosePlayback, Listen
from device_agent.collecting import Clips
from device_agent.events import NO_LIMIT
from device_agent.intake import Held
from device_agent.plays import Plays, Scene, Turn
from device_agent.reporting import Reports
from device_agent.spending import Spending
from device_agent.telling import Told
from schedules import wire
from schedules.clock import MonoMs, Now, may_judge_by_clock, may_start_by_clock
from schedules.signing import key_id_of
from schedules.trial import REMEMBERED, Trial, programme_of
from schedules.vitals import Vitals


class State(msgspec.Struct, frozen=True):
    """`run` names this run of the agent, `links` counts its links; `clip_room`: bytes that clips may take on the card;
    `ask_time_at`: when to ask the time; `asked_in_vain`: how often that was done on this link without knowing it;
    `unheard`: how many of the last sounds, in a row, the ear has listened for in vain."""

    held: Held
    clips: Clips
    plays: Plays
    reports: Reports
    linked: bool = False
    version: str = ""
    disk_free_bytes: int = 0
    sound_card: str = ""
    memory_card: str = ""
    run: str = ""
    links: int = 0
    clip_room: int = NO_LIMIT
    spending: Spending = Spending()
    told: Told = Told()
    ask_time_at: MonoMs = 0
    asked_in_vain: int = 0
    listening: Listen = Listen((), ())
    vitals: Vitals = Vitals()
    unheard: int = 0


class Step(msgspec.Struct, frozen=True):
    """The new state, what to do in this order, and when to come back if nothing happens (monotonic; None: not)."""

    state: State
    actions: tuple[Action, ...]
    wake_at: MonoMs | None


def blank(device: str) -> State:
    """The state of a loudspeaker that has not booted."""
    return State(Held(device, ()), Clips(), Plays(), Reports(""))


def scene_of(state: State, now: Now) -> Scene | None:
    """What playout decides on; None before the first assignment."""
    if state.held.assignment is None:
        return None
    assignment = state.held.assignment
    programmes = intake.programmes_known(state.held)
    if assignment.trial is not None and not _is_forgotten(assignment.trial, now):
        programmes = (*programmes, programme_of(assignment.device, assignment.trial))
    trusted = may_start_by_clock(now.trust)
    there, past = state.clips.playable, state.held.past
    return Scene(assignment, programmes, there, state.linked, now, trusted, past)


def _is_forgotten(trial: Trial, now: Now) -> bool:
    """Whether it was so long ago that its outcome may be remembered no more: it must not get a second one."""
    return may_judge_by_clock(now.trust) and trial.until + REMEMBERED < now.utc


def turned(state: State, turn: Turn, now: Now) -> tuple[State, list[Action]]:
    """The actions of a turn; its closed playbacks are numbered, journalled and queued for the report."""
    if turn.plays is state.plays and not turn.closed:
        return state, list(turn.actions)
    reports, actions = state.reports, list(turn.actions)
    for playback in turn.closed:
        reports, numbered = reporting.closed(reports, playback, now)
        actions.append(ClosePlayback(numbered))
    return msgspec.structs.replace(state, plays=turn.plays, reports=reports), actions


def status_of(state: State, now: Now) -> wire.Status:
    """What there is to say of it."""
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
        memory_card=state.memory_card,
        at=now.utc,
        run=state.run,
        link=state.links,
        data_today=state.spending.today,
        data_month=state.spending.this_month,
        held_back=len(state.clips.held_back),
        keys=tuple(key_id_of(key).hex() for key in state.held.keys),
        vitals=state.vitals,
        unheard=state.unheard,
    )
