"""Delivery: which programmes, assignments and blocks must go out now. Pure.

Imported by the gateway and by `tests/village`. Rules: what the broker may have lost is published again after every
link; revisions are compared, never commands sent; a block that several loudspeakers miss goes out once for all, one
that a single loudspeaker misses goes to that one, and one that waits to be sent is not queued again; blocks are paced,
first needed first: what is needed in a minute overtakes what is needed tomorrow.
"""

from collections.abc import Iterable, Iterator
from typing import assert_never

import msgspec

from schedules.blocks import BlockRange, block_count, indices_of, ranges_of
from schedules.clock import SECOND, DurationMs, MonoMs

GROUP_FOR: DurationMs = 300
"""Questions are gathered for so long, so that neighbours who miss the same block are answered together."""
PACE: DurationMs = 100
PACE_BLOCKS = 64
"""At most this many blocks (1 MiB) each pace: the broker's queues for slow loudspeakers stay short."""
LISTEN_WITHIN: DurationMs = 1 * SECOND
"""From the programme that names a clip to its first block: so long may a loudspeaker take to listen for it."""


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
    """`programmes` and `assignments`: revisions published over this link; `named`: when each clip was first named, and
    so queued for everybody; `wanted`: by clip and device; `queue`: blocks to be sent, at most `PACE_BLOCKS` each,
    first needed first; `answer_at`, `send_at`: when to look at them."""

    linked: bool = False
    desired: DesiredChanged = DesiredChanged({}, {}, {})
    programmes: dict[str, int] = {}
    assignments: dict[str, int] = {}
    named: dict[str, MonoMs] = {}
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
    state = _answered(_named(state, now), now)
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


def _named(state: State, now: MonoMs) -> State:
    """Every clip goes out once for everybody when it is first named; one that no slot names any more goes no more."""
    clips = state.desired.clips
    if clips.keys() == state.named.keys():
        return state
    fresh = [name for name in clips if name not in state.named]
    sends = [send for name in fresh for send in _paced(name, range(block_count(clips[name])), "")]
    named = {name: state.named.get(name, now) for name in clips}
    return msgspec.structs.replace(state, named=named, queue=_in_order((*state.queue, *sends), clips))


def _answered(state: State, now: MonoMs) -> State:
    if state.answer_at is None or now < state.answer_at:
        return state
    answers = [send for clip, wanted in state.wanted.items() for send in _answers(clip, wanted, state.queue)]
    queue = _in_order((*state.queue, *answers), state.desired.clips)
    return msgspec.structs.replace(state, wanted={}, answer_at=None, queue=queue)


def _answers(clip: str, wanted: dict[str, frozenset[int]], queue: Iterable[SendBlocks]) -> Iterable[SendBlocks]:
    """What must be queued for these questions, beside what is in the queue for those who ask."""
    queued: dict[str, set[int]] = {}
    for send in queue:
        if send.clip == clip:
            queued.setdefault(send.device, set()).update(i for r in send.blocks for i in range(r.first, r.last + 1))
    to_all = queued.get("", set())
    missed = {device: indices - to_all for device, indices in wanted.items()}
    shared = _missed_by_several(missed)
    yield from _paced(clip, shared, "")
    for device, indices in missed.items():
        yield from _paced(clip, indices - shared - queued.get(device, set()), device)


def _in_order(queue: Iterable[SendBlocks], clips: Iterable[str]) -> tuple[SendBlocks, ...]:
    """The queue by need; what nobody needs any more is dropped."""
    order = {name: number for number, name in enumerate(clips)}
    return tuple(sorted((s for s in queue if s.clip in order), key=lambda send: order[send.clip]))


def _missed_by_several(by_device: dict[str, frozenset[int]]) -> frozenset[int]:
    once: set[int] = set()
    twice: set[int] = set()
    for indices in by_device.values():
        twice |= once & indices
        once |= indices
    return frozenset(twice)


def _paced(clip: str, indices: Iterable[int], device: str) -> Iterator[SendBlocks]:
    ordered = sorted(indices)
    for n in range(0, len(ordered), PACE_BLOCKS):
        yield SendBlocks(clip, ranges_of(ordered[n : n + PACE_BLOCKS]), device)


def _sent(state: State, now: MonoMs) -> tuple[State, list[Action]]:
    send = next((s for s in state.queue if _goes_at(s, state) <= now), None)
    if send is None:
        return state, []
    queue = tuple(s for s in state.queue if s is not send)
    return msgspec.structs.replace(state, queue=queue, send_at=now + PACE), [send]


def _goes_at(send: SendBlocks, state: State) -> MonoMs:
    """Who asked is listening; the others must be given the time to."""
    return state.send_at if send.device else max(state.send_at, state.named.get(send.clip, 0) + LISTEN_WITHIN)


def _wake_at(state: State) -> MonoMs | None:
    times = [min(_goes_at(send, state) for send in state.queue)] if state.queue else []
    return min(times + ([state.answer_at] if state.answer_at is not None else []), default=None)
