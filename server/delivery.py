"""Delivery: which programmes, assignments, alerts and blocks must go out now. Pure.

Imported by the gateway and by `tests/village`. Rules: what the broker may have lost is published again after every
link; revisions are compared, never commands sent; an alert overtakes everything, and is said again until all who should
have heard it have said so (`alerting`); then come programmes, then blocks, each once for as many as need it, paced,
first needed first (`spreading`); then assignments, a few at a time, for there are as many as loudspeakers.
"""

from collections.abc import Iterable
from typing import assert_never

import msgspec

from schedules.blocks import BlockRange
from schedules.clock import SECOND, DurationMs, MonoMs
from server import alerting, spreading
from server.alerting import Alerting, PublishAlert, Urgent
from server.spreading import Clips, Haste, SendBlocks, Spread

MEND_EVERY: DurationMs = 5 * SECOND
"""What somebody else has said in the server's place is said rightly again so often at most."""
ASSIGN_PACE: DurationMs = 100
ASSIGN_TOGETHER = 100
"""So many assignments each pace: ten thousand in ten seconds, in which an alert waits for no more than these."""


class BrokerLinked(msgspec.Struct, frozen=True, tag=True):
    """The broker is reached; it may hold nothing of what it once held."""


class BrokerUnlinked(msgspec.Struct, frozen=True, tag=True):
    """The broker is gone."""


class DesiredChanged(msgspec.Struct, frozen=True, tag=True):
    """What should be true: revisions by area and by device, the size of every clip that slots name, first needed
    first, what is urgent by area, and which clips are needed `later` than soon."""

    programmes: dict[str, int]
    assignments: dict[str, int]
    clips: dict[str, int]
    alerts: dict[str, Urgent] = {}
    later: frozenset[str] = frozenset()


class AlertHeard(msgspec.Struct, frozen=True, tag=True):
    """A loudspeaker holds this revision of an area's alert, or a later word."""

    device: str
    area: str
    revision: int


class BlocksWanted(msgspec.Struct, frozen=True, tag=True):
    """A loudspeaker misses blocks; `more`: while others are still coming to it."""

    device: str
    clip: str
    blocks: tuple[BlockRange, ...]
    more: bool = False


class StatusHeard(msgspec.Struct, frozen=True, tag=True):
    """A loudspeaker, or its last will, has said how it is: whether it is linked, which clips it still needs, and what
    names this link of it."""

    device: str
    online: bool
    clips_missing: frozenset[str] = frozenset()
    link: str = ""


class Overheard(msgspec.Struct, frozen=True, tag=True):
    """Somebody else spoke where only the server may: the broker may now hold his word for whoever comes, instead of the
    programme of `area` or the assignment of `device`."""

    area: str = ""
    device: str = ""


class TimePassed(msgspec.Struct, frozen=True, tag=True):
    """The timer rang."""


_Moving = BrokerLinked | BrokerUnlinked | DesiredChanged | BlocksWanted | AlertHeard | Overheard | TimePassed
Event = _Moving | StatusHeard


class PublishProgramme(msgspec.Struct, frozen=True, tag=True):
    """Publish the newest programme of an area."""

    area: str


class PublishAssignments(msgspec.Struct, frozen=True, tag=True):
    """Publish the newest assignments of these devices."""

    devices: tuple[str, ...]


Action = PublishProgramme | PublishAssignments | PublishAlert | SendBlocks


class There(msgspec.Struct, frozen=True):
    """A loudspeaker in reach: the clips that it still needs, its link, and since when that stands at the least."""

    clips: frozenset[str]
    link: str
    since: MonoMs


class State(msgspec.Struct, frozen=True):
    """`programmes` and `assignments`: revisions published over this link, or `owed`: devices whose assignments are yet
    to go, not before `assign_at`; `alerting`: by area; `spread`: the blocks; `wished`: what it was told last; `there`:
    the loudspeakers in reach; `overheard`: where somebody else spoke, to be said again from
    `mend_at` on; `wake_at`: when to come back, as it was last said."""

    linked: bool = False
    desired: DesiredChanged = DesiredChanged({}, {}, {})
    programmes: dict[str, int] = {}
    assignments: dict[str, int] = {}
    owed: tuple[str, ...] = ()
    assign_at: MonoMs = 0
    alerting: dict[str, Alerting] = {}
    spread: Spread = Spread()
    wished: DesiredChanged | None = None
    there: dict[str, There] = {}
    overheard: frozenset[Overheard] = frozenset()
    mend_at: MonoMs = 0
    wake_at: MonoMs | None = None


class Step(msgspec.Struct, frozen=True):
    """The new state, what to do in this order, and when to come back (monotonic; None: not by itself)."""

    state: State
    actions: tuple[Action, ...]
    wake_at: MonoMs | None


def advance(state: State, event: Event, now: MonoMs) -> Step:
    """What the server must send when this happens."""
    if isinstance(event, StatusHeard):  # there are thousands, and nothing is to be sent for them
        return Step(_heard(state, event, now), (), state.wake_at)
    state = _taken(state, event, now)
    if not state.linked:
        return Step(msgspec.structs.replace(state, wake_at=None), (), None)
    said, alerts = alerting.said(state.alerting, state.desired.alerts, now)
    state, programmes = _published(_mended(msgspec.structs.replace(state, alerting=said), now))
    state = _wished(state, now)
    spread, blocks = spreading.send(spreading.answer(state.spread, _missing(state), now), now)
    state, assignments = _assigned(msgspec.structs.replace(state, spread=spread), now)
    state = msgspec.structs.replace(state, wake_at=_wake_at(state))
    return Step(state, (*alerts, *programmes, *blocks, *assignments), state.wake_at)


def undone(state: State, actions: Iterable[Action]) -> State:
    """These could not be carried out. They are due again; but for blocks, which loudspeakers ask for."""
    for action in actions:
        match action:
            case PublishProgramme():
                rest = {area: revision for area, revision in state.programmes.items() if area != action.area}
                state = msgspec.structs.replace(state, programmes=rest)
            case PublishAssignments():
                state = msgspec.structs.replace(state, owed=(*state.owed, *action.devices))
            case PublishAlert():
                state = msgspec.structs.replace(state, alerting=alerting.unsaid(state.alerting, action))
            case SendBlocks():
                pass
            case _:
                assert_never(action)
    return state


def resealed(state: State) -> State:
    """Another key signs: all that stands is to be said again, but for the sound of alerts."""
    said = alerting.resealed(state.alerting)
    return msgspec.structs.replace(state, programmes={}, assignments={}, owed=(), alerting=said)


def _taken(state: State, event: _Moving, now: MonoMs) -> State:
    match event:
        case BrokerLinked():
            return _linked(state, now)
        case BrokerUnlinked():
            return msgspec.structs.replace(state, linked=False)
        case DesiredChanged():
            return msgspec.structs.replace(state, desired=event)
        case BlocksWanted():
            if event.device not in state.desired.assignments:
                return state  # nobody's loudspeaker: who answers any name can be made to send for ever
            return msgspec.structs.replace(state, spread=_wanted(state, event, now))
        case AlertHeard():
            said = alerting.heard(state.alerting, event.device, event.area, event.revision)
            return msgspec.structs.replace(state, alerting=said)
        case Overheard():
            return msgspec.structs.replace(state, overheard=state.overheard | {event})
        case TimePassed():
            return state
        case _:
            assert_never(event)


def _linked(state: State, now: MonoMs) -> State:
    return msgspec.structs.replace(
        state,
        linked=True,
        programmes={},
        assignments={},
        owed=(),
        alerting=alerting.linked_again(state.alerting, state.there.keys(), now),
        spread=spreading.linked_again(state.spread),
    )


def _wanted(state: State, event: BlocksWanted, now: MonoMs) -> Spread:
    there = state.there.get(event.device)
    since = there.since if there is not None and event.more else None
    return spreading.want(state.spread, event.device, event.clip, event.blocks, now, since)


def _heard(state: State, event: StatusHeard, now: MonoMs) -> State:
    """Most say what they have said before: that costs nothing."""
    if not event.online:
        rest = {device: there for device, there in state.there.items() if device != event.device}
        return msgspec.structs.replace(state, there=rest) if event.device in state.there else state
    before = state.there.get(event.device)
    since = before.since if before is not None and before.link == event.link else now
    there = There(event.clips_missing, event.link, since)
    if there == before or event.device not in state.desired.assignments:
        return state
    return msgspec.structs.replace(state, there={**state.there, event.device: there})


def _mended(state: State, now: MonoMs) -> State:
    """Who shouts all the time is answered now and then: the server must not shout as much as he."""
    if not state.overheard or now < state.mend_at:
        return state
    areas, devices = {each.area for each in state.overheard}, {each.device for each in state.overheard}
    return msgspec.structs.replace(
        state,
        programmes={area: revision for area, revision in state.programmes.items() if area not in areas},
        assignments={device: revision for device, revision in state.assignments.items() if device not in devices},
        overheard=frozenset(),
        mend_at=now + MEND_EVERY,
    )


def _published(state: State) -> tuple[State, list[PublishProgramme]]:
    wanted = state.desired
    programmes, assignments = (
        _changed(state.programmes, wanted.programmes),
        _changed(state.assignments, wanted.assignments),
    )
    owed = tuple(dict.fromkeys((*state.owed, *assignments))) if assignments else state.owed
    return msgspec.structs.replace(state, programmes=wanted.programmes, assignments=wanted.assignments, owed=owed), [
        *map(PublishProgramme, programmes)
    ]


def _changed(published: dict[str, int], desired: dict[str, int]) -> list[str]:
    """What is to be published; nothing is looked at twice: ten thousand loudspeakers must not slow every event."""
    return [] if published is desired else [name for name, r in desired.items() if published.get(name) != r]


def _assigned(state: State, now: MonoMs) -> tuple[State, list[PublishAssignments]]:
    if not state.owed or now < state.assign_at:
        return state, []
    batch = tuple(device for device in state.owed[:ASSIGN_TOGETHER] if device in state.desired.assignments)
    state = msgspec.structs.replace(state, owed=state.owed[ASSIGN_TOGETHER:], assign_at=now + ASSIGN_PACE)
    return state, [PublishAssignments(batch)] if batch else []


def _missing(state: State) -> dict[str, frozenset[str]]:
    """Who needs which clips. As long as nobody has said anything, all may need all that is asked for."""
    if not state.spread.wanted:
        return {}
    missing = {device: there.clips for device, there in state.there.items()}
    return missing or dict.fromkeys(state.desired.assignments, frozenset(state.spread.wanted))


def _wished(state: State, now: MonoMs) -> State:
    wanted = state.desired
    if wanted is state.wished:
        return state
    inside: dict[str, int] = {}
    urgent: dict[str, Haste] = {}
    for area, each in wanted.alerts.items():
        inside |= {name: max(size, inside.get(name, 0)) for name, size in each.inside.items()}
        sounds = {name: duration for name, duration in each.clips.items() if name in wanted.clips}
        urgent |= dict.fromkeys(sounds, spreading.haste(area, sounds, wanted.clips, each.inside))
    clips = Clips(wanted.clips, urgent, wanted.later, inside)
    return msgspec.structs.replace(state, wished=wanted, spread=spreading.wish(state.spread, clips, now))


def _wake_at(state: State) -> MonoMs | None:
    times = [*alerting.times(state.alerting), *spreading.times(state.spread)]
    times += [state.mend_at] if state.overheard else []
    times += [state.assign_at] if state.owed else []
    return min(times, default=None)
