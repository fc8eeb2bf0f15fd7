"""Collecting clips: which are needed, which blocks are there, when to ask for the rest. Pure.

Imported by `loudspeaker` only. Blocks are pushed once for everybody; a loudspeaker asks only when a clip it needs
has stood still for a while, and asks for exactly what is missing.
"""

import zlib
from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from audio.clip import Clip
from device_agent.actions import Action, AskBlocks, DiscardClips, VerifyClip
from device_agent.events import NO_LIMIT
from schedules.blocks import BlockRange, block_count, indices_of, ranges_of
from schedules.clock import MINUTE, SECOND, DurationMs, MonoMs, Now
from schedules.staging import STAGED_AFTER
from schedules.wire import Want

BEGUN_WITHIN: DurationMs = 10 * SECOND
"""So long a clip may take to begin to come before a loudspeaker asks for it: four blocks in one message take eight
seconds on a link of 128 kbit/s with every tenth packet lost. Who is linked anew does not wait for it."""
STILL_FOR: DurationMs = 20 * SECOND
"""So long it may stand still once it has begun: an alert may be in between, which takes 16 seconds of such a link."""
ASK_AFTER: DurationMs = 3 * SECOND
"""From a question in vain to the next one, if that is longer; each time twice as long."""
ANSWERED_WITHIN: DurationMs = 20 * SECOND
"""So long may an answer stand still on a bad link: asking again sooner would fetch it twice."""
JITTER: DurationMs = 4 * SECOND
"""Neighbours that miss the same blocks must not ask in the same instant."""
LONGEST_PATIENCE: DurationMs = 10 * MINUTE
LONGEST_IN_WAY: DurationMs = 1 * MINUTE
"""So long may blocks of other clips be in the way of one that is on its way."""
LONGEST_IN_WAY_URGENTLY: DurationMs = 20 * SECOND
"""So long take the four messages that a broker may have under way when blocks of an emergency follow them."""
ASK_URGENTLY_AFTER: DurationMs = 1 * SECOND
ASK_URGENTLY_AGAIN: DurationMs = 4 * SECOND
"""If nothing of an emergency has come; an answer takes a while on a thin link."""
GO_ON_URGENTLY_AFTER: DurationMs = 6 * SECOND
"""Once some blocks of an emergency are there: the server sends one each second, if not more, but a message of another
clip may be in between."""
LONGEST_URGENT_PATIENCE: DurationMs = 15 * SECOND
URGENT_TRIES = 8
"""So often a clip of an emergency is asked for in vain before another one has its turn."""
URGENT_JITTER = 8
"""For an emergency, the jitter is so many times smaller."""
DECODED_BYTES_PER_MS = 96
"""Mono, 16 bit, 48 kHz."""
ASK_BLOCKS = 16
"""Blocks asked for at once (256 KiB): wide enough that a long round trip does not stall a link of 512 kbit/s, small
enough that the broker's queue for a link of 128 kbit/s empties in 16 seconds."""
URGENT_ASK_BLOCKS = 32
"""Of an emergency: what else is under way on a thin link takes twenty seconds, and must not come in between often."""
ASK_AGAIN_AT = 4
"""With so few of them still to come, the next ones are asked for: the link is never idle."""
LISTEN_CLIPS = 32
"""Clips listened to at once, first needed first: each is a subscription at the broker."""

_NOTHING: tuple[str, frozenset[int]] = ("", frozenset())


class Clips(msgspec.Struct, frozen=True):
    """`wanted`: needed and not there, first needed first; `there`: whole and decoded; `heads`: not there, but what
    came with an alert is enough to begin; `held_back`: wanted, but not to be fetched now: no data or no room left;
    `urgent`: wanted for an emergency; `later`: those that the server takes its time with, and since when they are
    known; `blocks`: indices there of clips in progress; `verifying`: complete, being checked; `asked`: the blocks
    of one clip that were asked for on this link and have not come; `moved_at`: when blocks of the first wanted clip
    last came, or were asked for; `tries`: questions since the last new block, or refusals, by clip; `ask_at`: when to
    ask for the first wanted clip, None when there is nothing to ask; `passed`: what was sent to all has passed without
    this loudspeaker, so that nothing more comes by itself: it waits for no clip to begin; `unsent`: the same of single
    clips."""

    wanted: tuple[Clip, ...] = ()
    there: frozenset[str] = frozenset()
    heads: frozenset[str] = frozenset()
    held_back: frozenset[str] = frozenset()
    urgent: frozenset[str] = frozenset()
    later: dict[str, MonoMs] = {}
    blocks: dict[str, frozenset[int]] = {}
    verifying: frozenset[str] = frozenset()
    asked: tuple[str, frozenset[int]] = _NOTHING
    moved_at: MonoMs = 0
    tries: dict[str, int] = {}
    ask_at: MonoMs | None = None
    passed: bool = False
    unsent: frozenset[str] = frozenset()

    @property
    def playable(self) -> frozenset[str]:
        """What can begin to sound now."""
        return self.there | self.heads


class Needed(msgspec.Struct, frozen=True):
    """`clips`: first needed first; `urgent`: those of emergencies; `soon`: those that the rundown needs; `later`: those
    that the server takes its time with; `unsent`: those that went to all long ago, if ever; `room`: bytes that clips
    may take on the card in all; `may_fetch`: whether the data budget lets anything but emergencies through."""

    clips: tuple[Clip, ...]
    urgent: frozenset[str] = frozenset()
    soon: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    unsent: frozenset[str] = frozenset()
    room: int = NO_LIMIT
    may_fetch: bool = True


def recall(there: Iterable[str], partial: dict[str, tuple[BlockRange, ...]]) -> Clips:
    """What is on the card at start."""
    return Clips(there=frozenset(there), blocks={name: indices_of(r, 1_000_000) for name, r in partial.items()})


def need(clips: Clips, needed: Needed, now: Now, jitter: DurationMs) -> tuple[Clips, list[Action]]:
    """The clips that slots need. What none needs is discarded; where there is no room for all, what is needed last
    goes, but never what the rundown needs."""
    by_name = {clip.sha256: clip for clip in needed.clips}
    fitting = _fitting(by_name, needed.room)
    kept = fitting | (needed.soon | needed.urgent) & by_name.keys()
    surplus = tuple(sorted((clips.there | clips.blocks.keys() | clips.heads) - kept))
    wanted = tuple(clip for name, clip in by_name.items() if name not in clips.there or name not in kept)
    unpaid = frozenset() if needed.may_fetch else frozenset(by_name) - needed.urgent
    held_back = (unpaid | (by_name.keys() - fitting - needed.urgent)) & {clip.sha256 for clip in wanted}
    later = {name: clips.later.get(name, now.mono) for name in needed.later}
    same = (wanted, held_back, needed.urgent, later) == (clips.wanted, clips.held_back, clips.urgent, clips.later)
    if same and not surplus:
        return clips, []
    clips = msgspec.structs.replace(
        clips,
        wanted=wanted,
        held_back=frozenset(held_back),
        urgent=needed.urgent,
        later=later,
        unsent=needed.unsent,
        there=clips.there - set(surplus),
        heads=clips.heads - set(surplus),
        blocks={name: b for name, b in clips.blocks.items() if name in kept},
        verifying=clips.verifying & by_name.keys(),
        tries={name: n for name, n in clips.tries.items() if name in by_name},
        passed=clips.passed and by_name.keys() <= {clip.sha256 for clip in clips.wanted} | clips.there,
    )
    actions: list[Action] = [DiscardClips(surplus)] if surplus else []
    verify = [VerifyClip(clip) for clip in wanted if _complete(clips, clip) and clip.sha256 not in clips.verifying]
    clips = msgspec.structs.replace(clips, verifying=clips.verifying | {v.clip.sha256 for v in verify})
    return _rearm(clips, now, jitter), actions + verify


def _fitting(by_name: Mapping[str, Clip], room: int) -> frozenset[str]:
    """The clips that there is room for, first needed first."""
    fitting = set()
    for name, clip in by_name.items():
        room -= room_of(clip)
        if room < 0:
            break
        fitting.add(name)
    return frozenset(fitting)


def room_of(clip: Clip) -> int:
    """Bytes that a clip takes on the card: decoded, and while it is being decoded as it came."""
    return clip.duration_ms * DECODED_BYTES_PER_MS + clip.size


def listened(clips: Clips) -> tuple[str, ...]:
    """The clips whose blocks to listen to."""
    return tuple(clip.sha256 for clip in _fetchable(clips))[:LISTEN_CLIPS]


def heads_came(clips: Clips, names: Iterable[str]) -> Clips:
    """The first seconds of these came with an alert."""
    return msgspec.structs.replace(clips, heads=clips.heads | (frozenset(names) - clips.there))


def blocks_came(clips: Clips, name: str, now: Now, jitter: DurationMs) -> Clips:
    """Blocks of a clip have come, new ones or not: what else was asked for is on its way behind them. They are in the
    way of what is on its way of another clip too, but not for ever, and for an emergency not for long."""
    first = _first_open(clips, now, jitter)
    if clips.ask_at is None or first is None:
        return clips
    if first.sha256 == name:
        return _rearm(msgspec.structs.replace(clips, moved_at=now.mono), now, jitter)
    urgent = first.sha256 in clips.urgent
    is_on_its_way = clips.asked[0] == first.sha256 and bool(clips.asked[1])
    if not is_on_its_way and not (urgent and clips.blocks.get(first.sha256)):
        return clips
    patient = _rearm(clips, now, jitter).ask_at or clips.ask_at
    latest = clips.moved_at + (LONGEST_IN_WAY_URGENTLY if urgent else LONGEST_IN_WAY)
    return msgspec.structs.replace(clips, ask_at=max(clips.ask_at, min(patient, latest)))


def block_stored(clips: Clips, name: str, index: int, now: Now, jitter: DurationMs) -> tuple[Clips, list[Action]]:
    """One more block; a complete clip is to be verified."""
    clip = next((c for c in clips.wanted if c.sha256 == name), None)
    if clip is None or not 0 <= index < block_count(clip.size):
        return clips, []
    blocks = {**clips.blocks, name: clips.blocks.get(name, frozenset()) | {index}}
    tries, asked_before = {n: t for n, t in clips.tries.items() if n != name}, name in clips.tries
    was_asked = clips.asked[0] == name and index in clips.asked[1]
    asked = (name, clips.asked[1] - {index}) if clips.asked[0] == name else clips.asked
    clips = msgspec.structs.replace(clips, blocks=blocks, tries=tries, asked=asked, passed=clips.passed and was_asked)
    if not _complete(clips, clip) or name in clips.verifying:
        if clip is _first_open(clips, now, jitter):
            clips = _rearm(msgspec.structs.replace(clips, moved_at=now.mono), now, jitter)
        few_left = asked[0] != name or len(asked[1]) <= ASK_AGAIN_AT
        goes_on = asked[0] == name and _unasked(clips, clip)
        # Blocks of an emergency come in order: what was passed over, and not asked for, will not come by itself.
        passed_over = name in clips.urgent and not asked_before and _passed_over(clips, clip)
        ask_now = few_left and (goes_on or passed_over)
        return (msgspec.structs.replace(clips, ask_at=now.mono) if ask_now else clips), []
    clips = msgspec.structs.replace(clips, verifying=clips.verifying | {name})
    return _rearm(clips, now, jitter), [VerifyClip(clip)]


def clip_stored(clips: Clips, name: str, now: Now, jitter: DurationMs) -> Clips:
    """The clip is whole and decoded."""
    return _rearm(
        msgspec.structs.replace(
            clips,
            wanted=tuple(c for c in clips.wanted if c.sha256 != name),
            there=clips.there | {name},
            heads=clips.heads - {name},
            blocks={n: b for n, b in clips.blocks.items() if n != name},
            verifying=clips.verifying - {name},
            tries={n: t for n, t in clips.tries.items() if n != name},
        ),
        now,
        jitter,
    )


def clip_refused(clips: Clips, name: str, now: Now, jitter: DurationMs, left: tuple[BlockRange, ...] = ()) -> Clips:
    """The clip was not what its name says: all its blocks but those `left` are needed again, after a pause that
    grows."""
    # A full card refuses every block of an answer: that is one answer in vain, not sixteen.
    vain = name in clips.there | clips.verifying | clips.blocks.keys() or (clips.asked[0] == name and clips.asked[1])
    kept = indices_of(left, 1_000_000)
    return _rearm(
        msgspec.structs.replace(
            clips,
            there=clips.there - {name},
            blocks={n: b for n, b in clips.blocks.items() if n != name} | ({name: kept} if kept else {}),
            verifying=clips.verifying - {name},
            tries={**clips.tries, name: clips.tries.get(name, 0) + bool(vain)},
            asked=_NOTHING if clips.asked[0] == name else clips.asked,  # what came is gone: nothing is on its way
            passed=True,
        ),
        now,
        jitter,
    )


def ask(clips: Clips, now: Now, linked: bool, jitter: DurationMs) -> tuple[Clips, list[Action]]:
    """The question that is due, if any."""
    if not linked or clips.ask_at is None or now.mono < clips.ask_at:
        return clips, []
    clip = _first_open(clips, now, jitter)
    if clip is None:
        return msgspec.structs.replace(clips, ask_at=None), []
    name, tried = clip.sha256, clips.tries.get(clip.sha256, 0)
    is_moving = bool(clips.blocks.get(name)) and now.mono - clips.moved_at < ASK_AFTER
    more = is_moving and clips.asked[0] == name and not _passed_over(clips, clip)
    if tried or clips.asked[0] != name:
        clips = msgspec.structs.replace(clips, asked=(name, frozenset()))
    missed = (_passed_over(clips, clip) if is_moving else []) or _unasked(clips, clip)
    wanted = frozenset(missed[: URGENT_ASK_BLOCKS if name in clips.urgent else ASK_BLOCKS])
    clips = msgspec.structs.replace(
        clips,
        asked=(name, clips.asked[1] | wanted),
        moved_at=now.mono,
        tries={**clips.tries, name: tried + 1},
        passed=clips.passed or not clips.blocks.get(name),
    )
    return _rearm(clips, now, jitter), [AskBlocks(Want(name, ranges_of(wanted), more))] if wanted else []


@cache
def jitter_of(device: str) -> DurationMs:
    """A loudspeaker's own share of the jitter: steady, and spread over the province."""
    return zlib.crc32(device.encode()) % JITTER


def linked_again(clips: Clips, now: Now, jitter: DurationMs) -> Clips:
    """A fresh link: what was on its way is lost. It is asked for again soon: the links have come back one by one."""
    clips = _rearm(msgspec.structs.replace(clips, tries={}, asked=_NOTHING, passed=True), now, jitter)
    if clips.ask_at is None:
        return clips
    return msgspec.structs.replace(clips, ask_at=now.mono + jitter // URGENT_JITTER)


def _complete(clips: Clips, clip: Clip) -> bool:
    return len(clips.blocks.get(clip.sha256, ())) >= block_count(clip.size)


def _unasked(clips: Clips, clip: Clip) -> list[int]:
    """The blocks that are neither there nor on their way, in order."""
    there = clips.blocks.get(clip.sha256, frozenset())
    asked = clips.asked[1] if clips.asked[0] == clip.sha256 else frozenset()
    return [i for i in range(block_count(clip.size)) if i not in there and i not in asked]


def _passed_over(clips: Clips, clip: Clip) -> list[int]:
    """Those of them that have others behind them already."""
    last = max(clips.blocks.get(clip.sha256, ()), default=0)
    return [index for index in _unasked(clips, clip) if index < last]


def _first_open(clips: Clips, now: Now, jitter: DurationMs) -> Clip | None:
    """The first wanted clip that can be asked for; one that was asked for in vain lets the next ones pass: an emergency
    not so soon, and never one that the server still takes its time with."""
    waiting = _fetchable(clips)[:LISTEN_CLIPS]
    ripe = [c for c in waiting if _staged_until(clips, c, jitter) <= now.mono]
    return min(ripe or waiting, key=lambda c: _turn_of(clips, c.sha256), default=None)


def _turn_of(clips: Clips, name: str) -> tuple[int, bool, int]:
    tries, urgent = clips.tries.get(name, 0), name in clips.urgent
    return tries // URGENT_TRIES if urgent else tries, not urgent, tries


def _staged_until(clips: Clips, clip: Clip, jitter: DurationMs) -> MonoMs:
    return clips.later.get(clip.sha256, -STAGED_AFTER) + STAGED_AFTER + jitter


def _fetchable(clips: Clips) -> list[Clip]:
    """The wanted clips that are neither held back nor complete."""
    return [c for c in clips.wanted if c.sha256 not in clips.verifying and c.sha256 not in clips.held_back]


def _rearm(clips: Clips, now: Now, jitter: DurationMs) -> Clips:
    clip = _first_open(clips, now, jitter)
    if clip is None:
        return msgspec.structs.replace(clips, ask_at=None)
    on_its_way = clips.asked[0] == clip.sha256 and bool(clips.asked[1])
    tries = min(clips.tries.get(clip.sha256, 0), 10)
    if clip.sha256 in clips.urgent:
        begun = bool(clips.blocks.get(clip.sha256))
        first = GO_ON_URGENTLY_AFTER if begun else ASK_URGENTLY_AGAIN if tries else ASK_URGENTLY_AFTER
        patience = min(first << max(tries - (not begun), 0), LONGEST_URGENT_PATIENCE) + jitter // URGENT_JITTER
    else:
        first = ANSWERED_WITHIN if on_its_way else ASK_AFTER
        passed = clips.passed or clip.sha256 in clips.unsent
        begins = 0 if passed else BEGUN_WITHIN
        still_for = STILL_FOR if clips.blocks.get(clip.sha256) else begins
        patience = min(max(first << max(tries - on_its_way, 0), still_for), LONGEST_PATIENCE) + jitter
        if passed and not tries and not clips.blocks.get(clip.sha256):
            patience = jitter // URGENT_JITTER
    return msgspec.structs.replace(clips, ask_at=max(now.mono + patience, _staged_until(clips, clip, jitter)))
