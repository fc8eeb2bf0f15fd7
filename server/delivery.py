"""Delivery: which programmes, assignments and blocks must go out now. Pure.

Imported by the gateway and by `tests/village`. Rules: what the broker may have lost is published again after every
link; revisions are compared, never commands sent; a block that several loudspeakers miss goes out once for all, one
that a single loudspeaker misses goes to that one; blocks are paced, in order of need.
"""

from typing import assert_never

import msgspec

from schedules.blocks import BlockRange, block_count, indices_of, ranges_of
from schedules.clock import SECOND, DurationMs, MonoMs

GROUP_FOR: DurationMs = 300
"""Questions are gathered for so long, so that neighbours who miss the same block are answered together."""
PACE: DurationMs = 100
PACE_BLOCKS = 64
"""At most this many blocks (1 MiB) each pace: the broker's queues for slow loudspeakers stay short."""
PUSH_AGAIN_AFTER: DurationMs = 20 * SECOND
"""A block on its way to everybody is not sent to anybody else for so long."""


class BrokerLinked(msgspec.Struct, frozen=True, tag=True):
    """The broker is reached; it may hold nothing of what it once held."""


class BrokerUnlinked(msgspec.Struct, frozen=True, tag=True):
    """The broker is gone."""


class DesiredChanged(msgspec.Struct, frozen=True, tag=True):
    """What should be true: revisions by area and by device, and the size of every clip that slots name, first
    needed first."""

    programmes: dict[str, int]
    assignments: dict[str, int]
    clips: dict[str, int]


class BlocksWanted(msgspec.Struct, frozen=True, tag=True):
    """A loudspeaker misses blocks."""

    device: str
    clip: str
    blocks: tuple[BlockRange, ...]


class TimePassed(msgspec.Struct, frozen=True, tag=True):
    """The timer rang."""


Event = BrokerLinked | BrokerUnlinked | DesiredChanged | BlocksWanted | TimePassed


class PublishProgramme(msgspec.Struct, frozen=True, tag=True):
    """Publish the newest programme of an area."""

    area: str


class PublishAssignment(msgspec.Struct, frozen=True, tag=True):
    """Publish the newest assignment of a device."""

    device: str


class SendBlocks(msgspec.Struct, frozen=True, tag=True):
    """Send blocks of a clip: to all who listen, or to one device."""

    clip: str
    blocks: tuple[BlockRange, ...]
    device: str = ""


Action = PublishProgramme | PublishAssignment | SendBlocks


class State(msgspec.Struct, frozen=True):
    """`programmes` and `assignments`: revisions published over this link; `clips`: sizes; `pushed`: when each
    clip's blocks last went to everybody; `wanted`: by clip and device; `queue`: blocks to be sent, at most
    `PACE_BLOCKS` each; `answer_at`, `send_at`: when to look at them."""

    linked: bool = False
    desired: DesiredChanged = DesiredChanged({}, {}, {})
    programmes: dict[str, int] = {}
    assignments: dict[str, int] = {}
    pushed: dict[str, MonoMs] = {}
    wanted: dict[str, dict[str, frozenset[int]]] = {}
    queue: tuple[SendBlocks, ...] = ()
    answer_at: MonoMs | None = None
    send_at: MonoMs = 0


class Step(msgspec.Struct, frozen=True):
    """The new state, what to do in this order, and when to come back (monotonic; None: not by itself)."""

    state: State
    actions: tuple[Action, ...]
    wake_at: MonoMs | None


def advance(state: State, event: Event, now: MonoMs) -> Step:
    """What the server must send when this happens."""
    state = _taken(state, event, now)
    if not state.linked:
        return Step(state, (), None)
    state, published = _published(state)
    state = _answered(_pushed(state, now), now)
    state, sent = _sent(state, now)
    return Step(state, (*published, *sent), _wake_at(state))


def _taken(state: State, event: Event, now: MonoMs) -> State:
    match event:
        case BrokerLinked():
            return msgspec.structs.replace(state, linked=True, programmes={}, assignments={})
        case BrokerUnlinked():
            return msgspec.structs.replace(state, linked=False)
        case DesiredChanged():
            return msgspec.structs.replace(state, desired=event)
        case BlocksWanted():
            return _wanted(state, event, now)
        case TimePassed():
            return state
        case _:
            assert_never(event)


def _wanted(state: State, event: BlocksWanted, now: MonoMs) -> State:
    size = state.desired.clips.get(event.clip)
    if size is None:
        return state
    indices = indices_of(event.blocks, block_count(size))
    by_device = state.wanted.get(event.clip, {})
    both = by_device.get(event.device, frozenset()) | indices
    wanted = {**state.wanted, event.clip: {**by_device, event.device: both}}
    answer_at = now + GROUP_FOR if state.answer_at is None else state.answer_at
    return msgspec.structs.replace(state, wanted=wanted, answer_at=answer_at)


def _published(state: State) -> tuple[State, list[Action]]:
    assignments = [d for d, r in state.desired.assignments.items() if state.assignments.get(d) != r]
    programmes = [a for a, r in state.desired.programmes.items() if state.programmes.get(a) != r]
    if not assignments and not programmes:
        return state, []
    state = msgspec.structs.replace(
        state, programmes=dict(state.desired.programmes), assignments=dict(state.desired.assignments)
    )
    return state, [*map(PublishAssignment, assignments), *map(PublishProgramme, programmes)]


def _pushed(state: State, now: MonoMs) -> State:
    """Every clip goes out once for everybody when it is first named. The pause before it lets loudspeakers take
    the programme that names it, and listen."""
    fresh = [name for name in state.desired.clips if name not in state.pushed]
    if not fresh and state.pushed.keys() <= state.desired.clips.keys():
        return state
    pushed = {name: at for name, at in state.pushed.items() if name in state.desired.clips}
    queue = state.queue
    for name in fresh:
        blocks = BlockRange(0, block_count(state.desired.clips[name]) - 1)
        queue += _paced(name, (blocks,), "")
        pushed[name] = now
    send_at = max(state.send_at, now + SECOND) if fresh and not state.queue else state.send_at
    return msgspec.structs.replace(state, pushed=pushed, queue=queue, send_at=send_at)


def _answered(state: State, now: MonoMs) -> State:
    if state.answer_at is None or now < state.answer_at:
        return state
    queue, pushed = state.queue, dict(state.pushed)
    for clip, by_device in state.wanted.items():
        if now - pushed.get(clip, -PUSH_AGAIN_AFTER) < PUSH_AGAIN_AFTER and _queued(queue, clip):
            continue
        shared = _missed_by_several(by_device)
        if shared:
            queue += _paced(clip, ranges_of(shared), "")
            pushed[clip] = now
        for device, indices in by_device.items():
            queue += _paced(clip, ranges_of(indices - shared), device)
    return msgspec.structs.replace(state, wanted={}, answer_at=None, queue=queue, pushed=pushed)


def _queued(queue: tuple[SendBlocks, ...], clip: str) -> bool:
    return any(send.clip == clip and not send.device for send in queue)


def _missed_by_several(by_device: dict[str, frozenset[int]]) -> frozenset[int]:
    once: set[int] = set()
    twice: set[int] = set()
    for indices in by_device.values():
        twice |= once & indices
        once |= indices
    return frozenset(twice)


def _paced(clip: str, blocks: tuple[BlockRange, ...], device: str) -> tuple[SendBlocks, ...]:
    indices = sorted(i for r in blocks for i in range(r.first, r.last + 1))
    chunks = [indices[n : n + PACE_BLOCKS] for n in range(0, len(indices), PACE_BLOCKS)]
    return tuple(SendBlocks(clip, ranges_of(chunk), device) for chunk in chunks)


def _sent(state: State, now: MonoMs) -> tuple[State, list[Action]]:
    if not state.queue or now < state.send_at:
        return state, []
    return msgspec.structs.replace(state, queue=state.queue[1:], send_at=now + PACE), [state.queue[0]]


def _wake_at(state: State) -> MonoMs | None:
    times = [state.send_at] if state.queue else []
    return min(times + ([state.answer_at] if state.answer_at is not None else []), default=None)
