"""Hearing the server: what becomes of a loudspeaker when a word of it arrives. Pure.

Imported by `loudspeaker` only; which word is taken is decided in `intake`.
"""

from collections.abc import Mapping

import msgspec

from device_agent import collecting, intake, playout, reporting
from device_agent.actions import AckAlert, Action, KeepAlert, KeepAssignment, KeepKeys, KeepProgramme
from device_agent.events import AlertArrived, MessageArrived
from device_agent.intake import Held
from device_agent.plays import hopeful
from device_agent.state import State, scene_of, turned
from schedules import wire
from schedules.assignment import Assignment
from schedules.clock import Now
from schedules.signing import Refusal, trusted_by
from schedules.trial import programme_of


def message(state: State, event: MessageArrived, now: Now) -> tuple[State, list[Action]]:
    """A message other than a block, an alert, or the time."""
    if (parts := wire.PROGRAMME.parts(event.topic)) is not None:
        return _programme(state, parts[0], event.payload, now)
    if wire.ASSIGNMENT.parts(event.topic) == (state.held.device,):
        return _assignment(state, event.payload, now)
    if wire.ACK.parts(event.topic) == (state.held.device,):
        return _acknowledged(state, event.payload, now)
    if wire.KEYS.parts(event.topic) is not None:
        return _keys(state, event.payload, now)
    return _refused(state, "unknown_message")


def _refused(state: State, cause: str) -> tuple[State, list[Action]]:
    return msgspec.structs.replace(state, held=intake.refuse(state.held, cause)), []


def _acknowledged(state: State, payload: bytes, now: Now) -> tuple[State, list[Action]]:
    """Signed: who holds the broker must not make a loudspeaker forget what the server has never seen."""
    ack = wire.unseal_message(wire.Ack, payload, trusted_by(state.held.keys))
    if isinstance(ack, Refusal):
        return _refused(state, ack.value)
    if ack.device != state.held.device:
        return _refused(state, "wrong_device")
    reports, actions = reporting.acknowledged(state.reports, ack, now)
    return msgspec.structs.replace(state, reports=reports), actions


def _keys(state: State, payload: bytes, now: Now) -> tuple[State, list[Action]]:
    """Kept before anything else: who has told the server that it knows a key must know it after a power cut too."""
    before = state.held
    held, taken = intake.take_keys(before, payload, now)
    state = msgspec.structs.replace(state, held=held)
    if not taken:
        return state, []
    gone: list[Action] = [KeepProgramme(area, b"") for area in before.programmes if area not in held.programmes]
    gone += [KeepAlert(area, b"") for area in before.alerts if area not in held.alerts]
    state, told = _left(state, before, held, now)
    return state, [KeepKeys(held.keys_revision, held.keys), *told, *gone]


def _assignment(state: State, payload: bytes, now: Now) -> tuple[State, list[Action]]:
    before = state.held
    held, taken = intake.take_assignment(before, payload, now)
    state = msgspec.structs.replace(state, held=held)
    if not taken:
        return state, []
    dropped: list[Action] = [KeepProgramme(area, b"") for area in before.programmes if area not in held.programmes]
    dropped += [KeepAlert(area, b"") for area in before.alerts if area not in held.alerts]
    state, told = _left(state, before, held, now)
    state, more = _tried(state, before.assignment, now)
    return state, [*told, *more, KeepAssignment(payload), *dropped]


def _tried(state: State, before: Assignment | None, now: Now) -> tuple[State, list[Action]]:
    """Another trial is ordered, or none is: the one before is withdrawn, if it has no outcome yet."""
    after, scene = state.held.assignment, scene_of(state, now)
    if before is None or after is None or scene is None or before.trial == after.trial:
        return state, []
    own = [programme_of(each.device, each.trial, each.issued_at) for each in (before, after)]
    return turned(state, playout.replaced(state.plays, own[0], own[1], scene), now)


def _left(state: State, before: Held, held: Held, now: Now) -> tuple[State, list[Action]]:
    """What was to sound by a word that is held no more will not."""
    scene = scene_of(state, now)
    gone = [area for area in before.programmes | before.alerts if _is_gone(area, before, held)]
    left = [p for area in gone if (p := intake.programme_known(before, area)) is not None]
    if scene is None or not left:
        return state, []
    return turned(state, playout.moved(state.plays, left, scene), now)


def _is_gone(area: str, before: Held, held: Held) -> bool:
    return any(area in had and area not in has for had, has in zip(_words(before), _words(held), strict=True))


def _words(held: Held) -> tuple[Mapping[str, object], Mapping[str, object]]:
    return held.programmes, held.alerts


def _programme(state: State, area: str, payload: bytes, now: Now) -> tuple[State, list[Action]]:
    held, taken = intake.take_programme(state.held, area, payload, now)
    if not taken:
        return msgspec.structs.replace(state, held=held), []
    dropped = [KeepAlert(area, b"")] if area in state.held.alerts and area not in held.alerts else []
    state, actions = _replaced(state, held, area, now)
    return state, [KeepProgramme(area, payload), *dropped, *actions]


def alert(state: State, event: AlertArrived, now: Now) -> tuple[State, list[Action]]:
    """An alert, its sound being ready."""
    held, taken = intake.take_alert(state.held, event.area, event.envelope, now)
    if held.refused is not state.held.refused:
        return msgspec.structs.replace(state, held=held), []
    ack = AckAlert(wire.AlertAck(event.area, intake.revision_known(held, event.area)))
    wanted = {clip.sha256 for clip in state.clips.wanted}
    heads = event.heads if taken else tuple(name for name in event.heads if name in wanted)
    state = msgspec.structs.replace(state, clips=collecting.heads_came(state.clips, heads))
    if not taken:
        return state, [ack]
    state, actions = _replaced(state, held, event.area, now)
    said = [slot.occurrence for slot in held.alerts[event.area].slots]
    state = msgspec.structs.replace(state, plays=hopeful(state.plays, said, now))
    return state, [KeepAlert(event.area, event.envelope), ack, *actions]


def _replaced(state: State, held: Held, area: str, now: Now) -> tuple[State, list[Action]]:
    """There is a newer word on an area."""
    before, after = intake.programme_known(state.held, area), intake.programme_known(held, area)
    state = msgspec.structs.replace(state, held=held)
    scene = scene_of(state, now)
    if scene is None or after is None:
        return state, []
    return turned(state, playout.replaced(state.plays, before, after, scene), now)
