"""Collecting clips: which are needed, which blocks are there, when to ask for the rest. Pure.

Imported by `loudspeaker` only. Blocks are pushed once for everybody; a loudspeaker asks only when a clip it needs
has stood still for a while, and asks for exactly what is missing.
"""

import zlib
from collections.abc import Iterable
from functools import cache

import msgspec

from audio.clip import Clip
from device_agent.actions import Action, AskBlocks, DiscardClips, VerifyClip
from schedules.blocks import BlockRange, block_count, indices_of, missing_of
from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs, Now
from schedules.wire import Want

ASK_AFTER: DurationMs = 3 * SECOND
"""Stillness before a loudspeaker asks: a block at 128 kbit/s takes one second."""
JITTER: DurationMs = 4 * SECOND
"""Neighbours that miss the same blocks must not ask in the same instant."""
LONGEST_PATIENCE: DurationMs = 10 * MINUTE
ASK_BLOCKS = 128
"""Blocks asked for at once (2 MiB): a window wide enough that a long round trip does not stall it."""
LISTEN_CLIPS = 32
"""Clips listened to at once, first needed first: each is a subscription at the broker."""


class Clips(msgspec.Struct, frozen=True):
    """`wanted`: needed and not there, first needed first; `there`: whole and decoded; `blocks`: indices there of
    clips in progress; `verifying`: complete, being checked; `tries`: questions since the last block, or refusals,
    by clip; `ask_at`: when to ask for the first wanted clip, None when there is nothing to ask."""

    wanted: tuple[Clip, ...] = ()
    there: frozenset[str] = frozenset()
    blocks: dict[str, frozenset[int]] = {}
    verifying: frozenset[str] = frozenset()
    tries: dict[str, int] = {}
    ask_at: MonoMs | None = None


def recall(there: Iterable[str], partial: dict[str, tuple[BlockRange, ...]]) -> Clips:
    """What is on the card at start."""
    return Clips(there=frozenset(there), blocks={name: indices_of(r, 1_000_000) for name, r in partial.items()})


def need(clips: Clips, needed: Iterable[Clip], now: Now, jitter: DurationMs) -> tuple[Clips, list[Action]]:
    """The clips that slots need, first needed first; what none needs is discarded."""
    by_name = {clip.sha256: clip for clip in needed}
    surplus = tuple(sorted((clips.there | clips.blocks.keys()) - by_name.keys()))
    wanted = tuple(clip for name, clip in by_name.items() if name not in clips.there)
    if wanted == clips.wanted and not surplus:
        return clips, []
    clips = msgspec.structs.replace(
        clips,
        wanted=wanted,
        there=clips.there - set(surplus),
        blocks={name: b for name, b in clips.blocks.items() if name in by_name},
        verifying=clips.verifying & by_name.keys(),
        tries={name: n for name, n in clips.tries.items() if name in by_name},
    )
    actions: list[Action] = [DiscardClips(surplus)] if surplus else []
    verify = [VerifyClip(clip) for clip in wanted if _complete(clips, clip) and clip.sha256 not in clips.verifying]
    clips = msgspec.structs.replace(clips, verifying=clips.verifying | {v.clip.sha256 for v in verify})
    return _rearm(clips, now, jitter), actions + verify


def listened(clips: Clips) -> tuple[str, ...]:
    """The clips whose blocks to listen to."""
    return tuple(clip.sha256 for clip in clips.wanted if clip.sha256 not in clips.verifying)[:LISTEN_CLIPS]


def block_stored(clips: Clips, name: str, index: int, now: Now, jitter: DurationMs) -> tuple[Clips, list[Action]]:
    """One more block; a complete clip is to be verified."""
    clip = next((c for c in clips.wanted if c.sha256 == name), None)
    if clip is None or not 0 <= index < block_count(clip.size):
        return clips, []
    blocks = {**clips.blocks, name: clips.blocks.get(name, frozenset()) | {index}}
    tries = {n: t for n, t in clips.tries.items() if n != name}
    clips = msgspec.structs.replace(clips, blocks=blocks, tries=tries)
    if not _complete(clips, clip) or name in clips.verifying:
        return _rearm(clips, now, jitter), []
    clips = msgspec.structs.replace(clips, verifying=clips.verifying | {name})
    return _rearm(clips, now, jitter), [VerifyClip(clip)]


def clip_stored(clips: Clips, name: str, now: Now, jitter: DurationMs) -> Clips:
    """The clip is whole and decoded."""
    return _rearm(
        msgspec.structs.replace(
            clips,
            wanted=tuple(c for c in clips.wanted if c.sha256 != name),
            there=clips.there | {name},
            blocks={n: b for n, b in clips.blocks.items() if n != name},
            verifying=clips.verifying - {name},
            tries={n: t for n, t in clips.tries.items() if n != name},
        ),
        now,
        jitter,
    )


def clip_refused(clips: Clips, name: str, now: Now, jitter: DurationMs) -> Clips:
    """The clip was not what its name says: all its blocks are needed again, after a pause that grows."""
    return _rearm(
        msgspec.structs.replace(
            clips,
            there=clips.there - {name},
            blocks={n: b for n, b in clips.blocks.items() if n != name},
            verifying=clips.verifying - {name},
            tries={**clips.tries, name: clips.tries.get(name, 0) + 1},
        ),
        now,
        jitter,
    )


def ask(clips: Clips, now: Now, linked: bool, jitter: DurationMs) -> tuple[Clips, list[Action]]:
    """The question that is due, if any."""
    if not linked or clips.ask_at is None or now.mono < clips.ask_at:
        return clips, []
    clip = _first_open(clips)
    if clip is None:
        return msgspec.structs.replace(clips, ask_at=None), []
    missing = missing_of(clips.blocks.get(clip.sha256, ()), clip.size)
    tries = {**clips.tries, clip.sha256: clips.tries.get(clip.sha256, 0) + 1}
    clips = _rearm(msgspec.structs.replace(clips, tries=tries), now, jitter)
    return clips, [AskBlocks(Want(clip.sha256, _at_most(missing, ASK_BLOCKS)))]


@cache
def jitter_of(device: str) -> DurationMs:
    """A loudspeaker's own share of the jitter: steady, and spread over the province."""
    return zlib.crc32(device.encode()) % JITTER


def linked_again(clips: Clips, now: Now, jitter: DurationMs) -> Clips:
    """A fresh link: patience starts anew."""
    return _rearm(msgspec.structs.replace(clips, tries={}), now, jitter)


def _complete(clips: Clips, clip: Clip) -> bool:
    return len(clips.blocks.get(clip.sha256, ())) >= block_count(clip.size)


def _first_open(clips: Clips) -> Clip | None:
    """The first wanted clip that can be asked for; one that was asked for in vain lets the next ones pass."""
    waiting = [c for c in clips.wanted[:LISTEN_CLIPS] if c.sha256 not in clips.verifying]
    return min(waiting, key=lambda c: clips.tries.get(c.sha256, 0), default=None)


def _rearm(clips: Clips, now: Now, jitter: DurationMs) -> Clips:
    clip = _first_open(clips)
    if clip is None:
        return msgspec.structs.replace(clips, ask_at=None)
    patience = min(ASK_AFTER << min(clips.tries.get(clip.sha256, 0), 10), LONGEST_PATIENCE)
    return msgspec.structs.replace(clips, ask_at=now.mono + patience + jitter)


def _at_most(ranges: tuple[BlockRange, ...], blocks: int) -> tuple[BlockRange, ...]:
    taken: list[BlockRange] = []
    for r in ranges:
        if blocks <= 0:
            break
        last = min(r.last, r.first + blocks - 1)
        taken.append(BlockRange(r.first, last))
        blocks -= last - r.first + 1
    return tuple(taken)
