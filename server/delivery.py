"""Delivery: which programmes, assignments and blocks must go out now. Pure.

Imported by the gateway and by `tests/village`. Rules: what the broker may have lost is published again after every
link; revisions are compared, never commands sent; a block that several loudspeakers miss goes out once for all, one
that a single loudspeaker misses goes to that one, and one that waits to be sent is not queued again; blocks are paced,
first needed first: what is needed in a minute overtakes what is needed tomorrow; and an alert overtakes everything, and
is said again until all who should have heard it have said so.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import assert_never

import msgspec

from schedules.blocks import BLOCK_BYTES, RUN_BLOCKS, BlockRange, block_count, indices_of, ranges_of
from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs
from schedules.staging import STAGE_WITHIN

GROUP_FOR: DurationMs = 300
"""Questions are gathered for so long, so that neighbours who miss the same block are answered together."""
MEND_EVERY: DurationMs = 5_000
"""What somebody else has said in the server's place is said rightly again so often at most."""
MOST_RANGES = 64
"""Ranges of one question that are heeded: a loudspeaker asks for sixteen blocks at a time."""
PACE: DurationMs = 100
PACE_BLOCKS = 64
"""At most this many blocks (1 MiB) each pace: the broker's queues for slow loudspeakers stay short."""
STAGE_PACE: DurationMs = 2 * SECOND
STAGE_BLOCKS = 4
"""So many blocks (64 KiB) of one clip in each of its paces, 262 kbit/s: the queues for most links stay empty, and what
is urgent finds the way free."""
SAY_AGAIN: DurationMs = 2 * SECOND
SAY_AGAIN_LATEST: DurationMs = 1 * MINUTE
"""An alert is said again after two seconds, four, eight …, then every minute."""
RECALL_FOR: DurationMs = 10 * MINUTE
"""So long is it said again that an alert is over; the programme says it for ever."""
LISTEN_WITHIN: DurationMs = 1 * SECOND
"""From the programme that names a clip to its first block: so long may a loudspeaker take to listen for it."""


class BrokerLinked(msgspec.Struct, frozen=True, tag=True):
    """The broker is reached; it may hold nothing of what it once held."""


class BrokerUnlinked(msgspec.Struct, frozen=True, tag=True):
    """The broker is gone."""


class Urgent(msgspec.Struct, frozen=True):
    """What cannot wait in an area: the emergencies (occurrences) of this revision of its programme, how many bytes of
    their clips the alert holds, and the loudspeakers that should hear it."""

    revision: int
    occurrences: tuple[str, ...]
    inside: dict[str, int]
    devices: frozenset[str]


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
    """A loudspeaker misses blocks."""

    device: str
    clip: str
    blocks: tuple[BlockRange, ...]


class Overheard(msgspec.Struct, frozen=True, tag=True):
    """Somebody else spoke where only the server may: the broker may now hold his word for whoever comes, instead of the
    programme of `area` or the assignment of `device`."""

    area: str = ""
    device: str = ""


class TimePassed(msgspec.Struct, frozen=True, tag=True):
    """The timer rang."""


Event = BrokerLinked | BrokerUnlinked | DesiredChanged | BlocksWanted | AlertHeard | Overheard | TimePassed


class PublishProgramme(msgspec.Struct, frozen=True, tag=True):
    """Publish the newest programme of an area."""

    area: str


class PublishAssignment(msgspec.Struct, frozen=True, tag=True):
    """Publish the newest assignment of a device."""

    device: str


class PublishAlert(msgspec.Struct, frozen=True, tag=True):
    """Publish what is urgent in an area, with its sound or without, and which of the `named` occurrences are so no
    more."""

    area: str
    named: tuple[str, ...]
    with_sound: bool


class SendBlocks(msgspec.Struct, frozen=True, tag=True):
    """Send blocks of a clip, at most `run` in one message: to all who listen, or to one device."""

    clip: str
    blocks: tuple[BlockRange, ...]
    device: str = ""
    run: int = 1


Action = PublishProgramme | PublishAssignment | PublishAlert | SendBlocks


class Alerting(msgspec.Struct, frozen=True):
    """An area's alert as it was last said: the occurrences of `revision`; `named`: all that it ever had; `acked`: who
    holds it; `tries`; `again_at`: when to say it again; `until`: None while it stands, else when to stop recalling it.
    """

    revision: int
    occurrences: tuple[str, ...]
    named: tuple[str, ...]
    devices: frozenset[str]
    acked: frozenset[str] = frozenset()
    tries: int = 0
    again_at: MonoMs = 0
    until: MonoMs | None = None


class State(msgspec.Struct, frozen=True):
    """`programmes` and `assignments`: revisions published over this link; `named`: when each clip was first named, and
    so queued for everybody; `alerting`: by area; `wanted`: by clip and device; `queue`: blocks to be sent, at most
    `PACE_BLOCKS` each, first needed first; `answer_at`, `send_at`: when to look at them; `stage_at`: when the next
    blocks of a clip that is needed later may go; `overheard`: where somebody else spoke, to be said again from
    `mend_at` on."""

    linked: bool = False
    desired: DesiredChanged = DesiredChanged({}, {}, {})
    programmes: dict[str, int] = {}
    assignments: dict[str, int] = {}
    named: dict[str, MonoMs] = {}
    alerting: dict[str, Alerting] = {}
    wanted: dict[str, dict[str, frozenset[int]]] = {}
    queue: tuple[SendBlocks, ...] = ()
    answer_at: MonoMs | None = None
    send_at: MonoMs = 0
    stage_at: dict[str, MonoMs] = {}
    overheard: frozenset[Overheard] = frozenset()
    mend_at: MonoMs = 0


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
    state, alerts = _alerted(state, now)
    state, published = _published(_mended(state, now))
    state = _answered(_named(state, now), now)
    state, sent = _sent(state, now)
    return Step(state, (*alerts, *published, *sent), _wake_at(state))


def _taken(state: State, event: Event, now: MonoMs) -> State:
    match event:
        case BrokerLinked():
            return msgspec.structs.replace(state, linked=True, programmes={}, assignments={}, alerting={})
        case BrokerUnlinked():
            return msgspec.structs.replace(state, linked=False)
        case DesiredChanged():
            return msgspec.structs.replace(state, desired=event)
        case BlocksWanted():
            return _wanted(state, event, now)
        case AlertHeard():
            return _heard(state, event)
        case Overheard():
            return msgspec.structs.replace(state, overheard=state.overheard | {event})
        case TimePassed():
            return state
        case _:
            assert_never(event)


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


def _wanted(state: State, event: BlocksWanted, now: MonoMs) -> State:
    size = state.desired.clips.get(event.clip)
    if size is None or event.device not in state.desired.assignments:
        return state  # nobody's loudspeaker: who answers any name can be made to send for ever
    indices = indices_of(event.blocks[:MOST_RANGES], block_count(size))
    by_device = state.wanted.get(event.clip, {})
    both = by_device.get(event.device, frozenset()) | indices
    wanted = {**state.wanted, event.clip: {**by_device, event.device: both}}
    answer_at = now + GROUP_FOR if state.answer_at is None else state.answer_at
    return msgspec.structs.replace(state, wanted=wanted, answer_at=answer_at)


def _heard(state: State, event: AlertHeard) -> State:
    alerting = state.alerting.get(event.area)
    if alerting is None or event.revision < alerting.revision or event.device not in alerting.devices - alerting.acked:
        return state
    alerting = msgspec.structs.replace(alerting, acked=alerting.acked | {event.device})
    return msgspec.structs.replace(state, alerting={**state.alerting, event.area: alerting})


def _alerted(state: State, now: MonoMs) -> tuple[State, list[Action]]:
    """What is urgent is said at once, and again to whoever has not heard; so is the end of it."""
    urgent = state.desired.alerts
    if not urgent and not state.alerting:
        return state, []
    actions: list[Action] = []
    alerting = {area: _ending(last, now) for area, last in state.alerting.items() if area not in urgent}
    alerting |= {area: _standing(state.alerting.get(area), wish) for area, wish in urgent.items()}
    for area, last in alerting.items():
        if last.devices <= last.acked or now < last.again_at:
            continue
        actions.append(PublishAlert(area, last.named, with_sound=last.tries == 0))
        pause = min(SAY_AGAIN << min(last.tries, 10), SAY_AGAIN_LATEST)
        alerting[area] = msgspec.structs.replace(last, tries=last.tries + 1, again_at=now + pause)
    alerting = {area: last for area, last in alerting.items() if last.until is None or now < last.until}
    return msgspec.structs.replace(state, alerting=alerting), actions


def _standing(last: Alerting | None, wish: Urgent) -> Alerting:
    """An alert that has changed is said from the beginning; one that stands goes on as it was."""
    if last is not None and last.occurrences == wish.occurrences and last.until is None:
        return last if last.devices == wish.devices else msgspec.structs.replace(last, devices=wish.devices)
    named = tuple(dict.fromkeys([*(last.named if last else ()), *wish.occurrences]))
    return Alerting(wish.revision, wish.occurrences, named, wish.devices)


def _ending(last: Alerting, now: MonoMs) -> Alerting:
    """Nothing is urgent any more: that is said as well."""
    if last.until is not None:
        return last
    # Who answers the recall holds a later revision than this, whatever its number is.
    return Alerting(last.revision + 1, (), last.named, last.devices, until=now + RECALL_FOR)


def _published(state: State) -> tuple[State, list[Action]]:
    assignments = _changed(state.assignments, state.desired.assignments)
    programmes = _changed(state.programmes, state.desired.programmes)
    state = msgspec.structs.replace(state, programmes=state.desired.programmes, assignments=state.desired.assignments)
    return state, [*map(PublishAssignment, assignments), *map(PublishProgramme, programmes)]


def _changed(published: dict[str, int], desired: dict[str, int]) -> list[str]:
    """What is to be published; nothing is looked at twice: ten thousand loudspeakers must not slow every event."""
    return [] if published is desired else [name for name, r in desired.items() if published.get(name) != r]


def _named(state: State, now: MonoMs) -> State:
    """Every clip goes out once for everybody when it is first named; one that no slot names any more goes no more."""
    clips = state.desired.clips
    if clips.keys() == state.named.keys():
        return state
    sends = [send for name in clips if name not in state.named for send in _first_sends(state, name)]
    named = {name: state.named.get(name, now) for name in clips}
    return msgspec.structs.replace(state, named=named, queue=_in_order((*state.queue, *sends), clips))


def _first_sends(state: State, name: str) -> Iterator[SendBlocks]:
    """All blocks of a clip but those that an alert brings to everybody."""
    inside = max((urgent.inside.get(name, 0) for urgent in state.desired.alerts.values()), default=0)
    size = state.desired.clips[name]
    begin = block_count(size) if inside >= size else inside // BLOCK_BYTES
    blocks = range(begin, block_count(size))
    if name in state.desired.later:
        return _paced(name, blocks, "", STAGE_BLOCKS, run=1)
    return _paced(name, blocks, "", PACE_BLOCKS, run=RUN_BLOCKS)


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


def _paced(
    clip: str, indices: Iterable[int], device: str, each: int = PACE_BLOCKS, run: int = 1
) -> Iterator[SendBlocks]:
    ordered = sorted(indices)
    for n in range(0, len(ordered), each):
        yield SendBlocks(clip, ranges_of(ordered[n : n + each]), device, run)


def _sent(state: State, now: MonoMs) -> tuple[State, list[Action]]:
    send = next((s for s in state.queue if _goes_at(s, state) <= now), None)
    if send is None:
        return state, []
    queue = tuple(s for s in state.queue if s is not send)
    stage_at = state.stage_at
    if not send.device and send.clip in state.desired.later:
        stage_at = {name: at for name, at in stage_at.items() if at > now} | {send.clip: now + STAGE_PACE}
    return msgspec.structs.replace(state, queue=queue, send_at=now + PACE, stage_at=stage_at), [send]


def _goes_at(send: SendBlocks, state: State) -> MonoMs:
    """Who asked is listening; the others must be given the time to, and what is needed later takes its time."""
    if send.device:
        return state.send_at
    named = state.named.get(send.clip, 0)
    if send.clip not in state.desired.later:
        return max(state.send_at, named + LISTEN_WITHIN)
    return max(state.send_at, named + _stage_after(send.clip), state.stage_at.get(send.clip, 0))


def _stage_after(clip: str) -> DurationMs:
    """A clip's own moment: steady, and spread over the time."""
    return LISTEN_WITHIN + zlib.crc32(clip.encode()) % STAGE_WITHIN


def _wake_at(state: State) -> MonoMs | None:
    times = [min(_goes_at(send, state) for send in state.queue)] if state.queue else []
    times += [last.again_at for last in state.alerting.values() if not last.devices <= last.acked]
    times += [last.until for last in state.alerting.values() if last.until is not None]
    times += [state.mend_at] if state.overheard else []
    return min(times + ([state.answer_at] if state.answer_at is not None else []), default=None)
