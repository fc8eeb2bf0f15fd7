"""Spreading: which blocks of which clips go out now, to everybody or to one loudspeaker. Pure.

Imported by `delivery`. Rules: a clip goes out once for all who listen; what a large part of those who still miss it
ask for goes out to all once more, anything else to who asks: whoever listens gets all of it over a SIM that counts;
what waits to be sent waits once; first needed first, and what cannot wait goes before all else.
"""

import zlib
from collections.abc import Iterable, Mapping

import msgspec

from schedules.blocks import BLOCK_BYTES, RUN_BLOCKS, BlockRange, block_count, indices_of, ranges_of
from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs
from schedules.staging import STAGE_WITHIN

GROUP_FOR: DurationMs = 300
"""Questions are gathered for so long, so that neighbours who miss the same block are answered together."""
LARGE_PART, SEVERAL = 4, 2
"""A block goes to all if at least one of so many who still miss the clip asks for it, and at least so many in all."""
SHARE_AGAIN: DurationMs = 1 * MINUTE
"""What has gone to all may lie so long in the broker's queue for a thin link: who asks for it again has lost it alone.
"""
ON_ITS_WAY: DurationMs = 3 * SECOND
"""Who asks for what has gone to all once more so shortly before has not got it yet."""
MOST_RANGES = 64
"""Ranges of one question that are heeded: a loudspeaker asks for sixteen blocks at a time."""
PACE: DurationMs = 100
PACE_BLOCKS = 64
"""At most this many blocks (1 MiB) each pace: the broker's queues for slow loudspeakers stay short."""
STAGE_PACE: DurationMs = 2 * SECOND
STAGE_BLOCKS = 4
"""So many blocks (64 KiB) of one clip in each of its paces, 262 kbit/s: the queues for most links stay empty, and what
is urgent finds the way free."""
URGENT_PACE: DurationMs = 1 * SECOND
"""The clips of an emergency go block by block, at least this fast (131 kbit/s), and so fast that all have gone when
half of what the alert brought of any has sounded: no loudspeaker goes on before a clip's hash is known to be right.
Nothing holds these blocks back at the broker: more of them would only lie in front of what comes next, as the word that
the emergency is over, and each loudspeaker's queue takes memory there."""
ASIDE: DurationMs = 30 * SECOND
"""Beside an emergency, everything else goes to all no faster than a pace's blocks in this time: 280 kbit/s."""
LISTEN_WITHIN: DurationMs = 1 * SECOND
"""From the programme that names a clip to its first block: so long may a loudspeaker take to listen for it."""


class SendBlocks(msgspec.Struct, frozen=True, tag=True):
    """Send blocks of a clip, at most `run` in one message: to all who listen, or to one device. `urgent`: they overtake
    what a thin link has not taken yet."""

    clip: str
    blocks: tuple[BlockRange, ...]
    device: str = ""
    run: int = 1
    urgent: bool = False


class Haste(msgspec.Struct, frozen=True):
    """How a clip of an emergency goes: so long after a block the next one, after those of other clips of the same
    `area`: languages sound one after the other."""

    area: str
    pace: DurationMs


class Clips(msgspec.Struct, frozen=True):
    """Sizes of the clips that slots name, first needed first; which are urgent; which are needed `later` than soon; how
    many bytes of a clip an alert brings to everybody."""

    sizes: dict[str, int] = {}
    urgent: dict[str, Haste] = {}
    later: frozenset[str] = frozenset()
    inside: dict[str, int] = {}


Waiting = dict[tuple[str, str], frozenset[int]]
"""Blocks by clip and device ("": everybody), in the order in which they go."""


Went = tuple[MonoMs, str, frozenset[int]]


class Spread(msgspec.Struct, frozen=True):
    """`named`: when each clip was first named, and so queued for everybody; `wanted`: by clip and device, not looked at
    before `answer_at`; `queue`: what goes, not before `send_at`; `staged_at`: when the last blocks went of a clip, or
    of the emergencies of an area; `aside_at`: of anything that is not urgent; `lately`: what went to all, and when;
    `shared`: what several asked for, and when."""

    clips: Clips = Clips()
    named: dict[str, MonoMs] = {}
    wanted: dict[str, dict[str, frozenset[int]]] = {}
    queue: Waiting = {}
    answer_at: MonoMs | None = None
    send_at: MonoMs = 0
    staged_at: dict[str, MonoMs] = {}
    aside_at: MonoMs = -ASIDE
    lately: tuple[Went, ...] = ()
    shared: tuple[Went, ...] = ()


def wish(spread: Spread, clips: Clips, now: MonoMs) -> Spread:
    """Every clip goes out once for everybody when it is first named; one that no slot names any more goes no more."""
    queue = dict(spread.queue)
    for name in clips.sizes:
        if name not in spread.named:
            queue[name, ""] = frozenset(range(block_count(clips.sizes[name])))
        if (name, "") in queue and name in clips.inside and name not in spread.clips.inside:
            queue[name, ""] -= _inside(name, clips)
    named = {name: spread.named.get(name, now) for name in clips.sizes}
    return msgspec.structs.replace(spread, clips=clips, named=named, queue=_in_order(queue, clips.sizes))


def _inside(name: str, clips: Clips) -> frozenset[int]:
    """The blocks that an alert brings to everybody."""
    inside, size = clips.inside.get(name, 0), clips.sizes[name]
    return frozenset(range(block_count(size) if inside >= size else inside // BLOCK_BYTES))


def haste(area: str, sounds: Mapping[str, DurationMs], sizes: Mapping[str, int], inside: Mapping[str, int]) -> Haste:
    """How the clips of an area's emergencies go, that sound so long and of which the alert brings so many bytes."""
    left = sum(block_count(sizes[name] - inside.get(name, 0)) for name in sounds)
    brought = min((sounds[name] * inside.get(name, 0) // max(sizes[name], 1) for name in sounds), default=0)
    return Haste(area, max(min(brought // 2 // max(left, 1), URGENT_PACE), PACE))


def want(
    spread: Spread, device: str, clip: str, blocks: tuple[BlockRange, ...], now: MonoMs, since: MonoMs | None = None
) -> Spread:
    """A loudspeaker misses blocks. `since`: what went to all from then on is on its way to this one, as others are that
    it gets; None: it gets none."""
    size = spread.clips.sizes.get(clip)
    if size is None:
        return spread
    by_device = spread.wanted.get(clip, {})
    indices = indices_of(blocks[:MOST_RANGES], block_count(size))
    if since is not None:
        indices -= _of(clip, (each for each in spread.lately if each[0] >= max(since, now - SHARE_AGAIN)))
    both = by_device.get(device, frozenset()) | indices
    answer_at = now + GROUP_FOR if spread.answer_at is None else spread.answer_at
    wanted = {**spread.wanted, clip: {**by_device, device: both}}
    return msgspec.structs.replace(spread, wanted=wanted, answer_at=answer_at)


def linked_again(spread: Spread) -> Spread:
    """The broker may have lost what went to all: who asks for it may be many."""
    return msgspec.structs.replace(spread, lately=(), shared=())


def answer(spread: Spread, missing: Mapping[str, frozenset[str]], now: MonoMs) -> Spread:
    """Queue what was asked for, if it is time. `missing`: the clips that each loudspeaker in reach still needs."""
    if spread.answer_at is None or now < spread.answer_at:
        return spread
    lately = tuple(each for each in spread.lately if each[0] + SHARE_AGAIN > now)
    shared = tuple(each for each in spread.shared if each[0] + ON_ITS_WAY > now)
    spread = msgspec.structs.replace(spread, lately=lately)
    queue = dict(spread.queue)
    for clip, wanted in spread.wanted.items():
        to_all = queue.get((clip, ""), frozenset())
        comes = to_all | _of(clip, shared)
        asked = {d: queue.pop((clip, d)) for c, d in tuple(queue) if c == clip and d}
        asked |= {device: (asked.get(device, frozenset()) | indices) - comes for device, indices in wanted.items()}
        again = _missed_by_many(spread, clip, asked, missing)
        shared = (*shared, (now, clip, again)) if again else shared
        queue[clip, ""] = to_all | again
        queue |= {(clip, device): indices - again for device, indices in asked.items()}
    queue = {key: indices for key, indices in queue.items() if indices}
    queue = _in_order(queue, spread.clips.sizes)
    return msgspec.structs.replace(spread, wanted={}, answer_at=None, queue=queue, shared=shared)


def _missed_by_many(
    spread: Spread, clip: str, asked: Mapping[str, frozenset[int]], missing: Mapping[str, frozenset[str]]
) -> frozenset[int]:
    """The blocks that a large part of those who still miss a clip asks for, now or since it was last answered."""
    if len(asked) < SEVERAL:
        return frozenset()
    times: dict[int, int] = {}
    for indices in asked.values():
        for index in indices:
            times[index] = times.get(index, 0) + 1
    waiting = len(asked.keys() | {device for device, clips in missing.items() if clip in clips})
    many = max(SEVERAL, -(-waiting // LARGE_PART))
    return frozenset(index for index, count in times.items() if count >= many) - _of(clip, spread.lately)


def _of(clip: str, went: Iterable[Went]) -> frozenset[int]:
    return frozenset(index for _, name, indices in went if name == clip for index in indices)


def _in_order(queue: Waiting, sizes: Iterable[str]) -> Waiting:
    """The queue by need; what nobody needs any more is dropped."""
    order = {name: number for number, name in enumerate(sizes)}
    keys = sorted((key for key in queue if key[0] in order), key=lambda key: order[key[0]])
    return {key: queue[key] for key in keys if queue[key]}


def send(spread: Spread, now: MonoMs) -> tuple[Spread, list[SendBlocks]]:
    """What goes now: blocks of emergencies at their own pace, and in each of the others answers to single loudspeakers
    or something for all."""
    sends: list[SendBlocks] = []
    queue, room = dict(spread.queue), PACE_BLOCKS
    urgent_since = _urgent_since(spread)
    for (clip, device), indices in spread.queue.items():
        if room <= 0:
            break
        if _goes_at(spread, clip, device, urgent_since=urgent_since) > now:
            continue
        portion = sorted(indices)[: min(room, PACE_BLOCKS if device else _portion(spread.clips, clip))]
        queue[clip, device] = indices - set(portion)
        urgent = clip in spread.clips.urgent
        room = room - len(portion) if device or urgent else 0
        run = RUN_BLOCKS if not device and _portion(spread.clips, clip) == PACE_BLOCKS else 1
        sends.append(SendBlocks(clip, ranges_of(portion), device, run, urgent))
        spread = _noted(spread, sends[-1], now)
    if not sends:
        return spread, []
    spread = msgspec.structs.replace(spread, queue={k: i for k, i in queue.items() if i})
    hurries = all(s.urgent and not s.device for s in sends) and _urgent_since(spread) is not None
    return (spread if hurries else msgspec.structs.replace(spread, send_at=now + PACE)), sends


def _noted(spread: Spread, sent: SendBlocks, now: MonoMs) -> Spread:
    """What went to all is remembered for a while."""
    if sent.device:
        return spread
    clips = spread.clips
    went = indices_of(sent.blocks, block_count(clips.sizes[sent.clip]))
    own = clips.urgent[sent.clip].area if sent.urgent else sent.clip
    staged_at = {name: at for name, at in spread.staged_at.items() if at + STAGE_PACE > now} | {own: now}
    return msgspec.structs.replace(
        spread,
        staged_at=staged_at,
        aside_at=spread.aside_at if sent.urgent else now,
        lately=(*(each for each in spread.lately if each[0] + SHARE_AGAIN > now), (now, sent.clip, went)),
    )


def _portion(clips: Clips, clip: str) -> int:
    """Blocks of a clip that go to all in one pace."""
    if clip in clips.urgent:
        return 1
    return STAGE_BLOCKS if clip in clips.later else PACE_BLOCKS


def _urgent_since(spread: Spread) -> MonoMs | None:
    """Since when a clip of an emergency waits to go to all."""
    names = (clip for clip, device in spread.queue if not device and clip in spread.clips.urgent)
    return min((spread.named.get(clip, 0) for clip in names), default=None)


def _goes_at(spread: Spread, clip: str, device: str, *, urgent_since: MonoMs | None) -> MonoMs:
    """Who asked is listening; the others must be given the time to, and what is needed later takes its time."""
    if device:
        return spread.send_at
    clips, named = spread.clips, spread.named.get(clip, 0)
    if clip in clips.urgent:
        hasty = clips.urgent[clip]
        return max(named + LISTEN_WITHIN, spread.staged_at.get(hasty.area, -URGENT_PACE) + hasty.pace)
    at = max(spread.send_at, named + LISTEN_WITHIN)
    if urgent_since is not None:
        at = max(at, max(spread.aside_at, urgent_since) + ASIDE)
    if clip not in clips.later:
        return at
    return max(at, named + _stage_after(clip), spread.staged_at.get(clip, -STAGE_PACE) + STAGE_PACE)


def _stage_after(clip: str) -> DurationMs:
    """A clip's own moment: steady, and spread over the time."""
    return LISTEN_WITHIN + zlib.crc32(clip.encode()) % STAGE_WITHIN


def times(spread: Spread) -> Iterable[MonoMs]:
    """When to look at it again."""
    urgent_since = _urgent_since(spread)
    yield from (_goes_at(spread, clip, device, urgent_since=urgent_since) for clip, device in spread.queue)
    if spread.answer_at is not None:
        yield spread.answer_at
