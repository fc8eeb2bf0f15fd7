"""The alert: the urgent part of an area's programme, with its sound inside, as it crosses the wire.

Anybody may import this room. One message is enough to sound: nothing must be asked for, nothing fetched. It is an
excerpt of one revision of the programme, so that there is one order of things: whoever holds that revision, or a
later one, knows all that the alert could say.
"""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from audio.clip import Clip
from schedules.blocks import BLOCK_BYTES
from schedules.clock import MINUTE, DurationMs, UtcMs
from schedules.programme import BroadcastClass, Programme, Slot

LARGEST_INSIDE = 256 * 1024
"""Bytes of sound in one alert: 85 seconds at 24 kbit/s, 16 seconds of a link of 128 kbit/s. Longer sounds begin with
what is inside and go on from their blocks."""
URGENT_WITHIN: DurationMs = 1 * MINUTE
"""An emergency that starts no later than this cannot wait for the programme."""


class Head(msgspec.Struct, frozen=True):
    """The first `size` bytes of a clip travel inside the alert, and have this hash: they can be trusted before the
    rest is there."""

    clip: str
    size: int
    sha256: str


class Alert(msgspec.Struct, frozen=True):
    """`slots`: the emergencies of revision `revision` of the area's programme whose time has come; `withdrawn`: the
    occurrences that earlier alerts named and that must not sound any more; `heads`: what is inside, in the order in
    which the bytes follow."""

    area: str
    revision: int
    issued_at: UtcMs
    expires_at: UtcMs
    slots: tuple[Slot, ...]
    withdrawn: tuple[str, ...] = ()
    heads: tuple[Head, ...] = ()


def urgent_slots(programme: Programme, now: UtcMs) -> tuple[Slot, ...]:
    """The emergencies of a programme whose time has come and is not over."""
    return tuple(
        s
        for s in programme.slots
        if s.broadcast_class is BroadcastClass.emergency and s.start - URGENT_WITHIN <= now <= s.useful_until
    )


def with_alert(programme: Programme | None, alert: Alert) -> Programme:
    """The programme as it will be once the revision that the alert was taken from has come: what is known of it."""
    replaced = {slot.occurrence for slot in alert.slots} | set(alert.withdrawn)
    kept = tuple(s for s in programme.slots if s.occurrence not in replaced) if programme is not None else ()
    return Programme(
        area=alert.area,
        revision=alert.revision,
        issued_at=alert.issued_at,
        expires_at=max(alert.expires_at, programme.expires_at if programme is not None else 0),
        slots=kept + alert.slots,
        since=programme.since if programme is not None else 0,
        pinned=programme.pinned if programme is not None else (),
        pinned_by=programme.pinned_by if programme is not None else {},
    )


def bytes_inside(clips: Iterable[Clip], room: int = LARGEST_INSIDE) -> dict[str, int]:
    """How many bytes of each clip travel inside: all of them if there is room, else whole blocks, dealt out in turn,
    so that every language can begin at once."""
    sizes = {clip.sha256: clip.size for clip in clips}
    if sum(sizes.values()) <= room:
        return sizes
    dealt = dict.fromkeys(sizes, 0)
    while open_ones := [name for name, size in sizes.items() if dealt[name] < size]:
        for name in open_ones:
            piece = min(BLOCK_BYTES, sizes[name] - dealt[name])
            if piece > room:
                return {name: size for name, size in dealt.items() if size}
            dealt[name] += piece
            room -= piece
    return dealt


def head_of(clip: str, content: bytes) -> Head:
    """The head that says what this content is."""
    return Head(clip, len(content), hashlib.sha256(content).hexdigest())


def pack(envelope: bytes, contents: Iterable[bytes]) -> bytes:
    """4 bytes of length, the sealed alert, then the heads' bytes one after the other."""
    return len(envelope).to_bytes(4, "big") + envelope + b"".join(contents)


def unpack(payload: bytes) -> tuple[bytes, bytes]:
    """The envelope, and the bytes behind it. What is cut off gives an envelope that nobody signed."""
    end = 4 + int.from_bytes(payload[:4], "big")
    return payload[4:end], payload[end:]


def contents_inside(alert: Alert, behind: bytes) -> Mapping[str, bytes]:
    """The first bytes of each clip by its name, as far as they are what the alert says; and where all of a clip is
    inside, as its own name says. Nothing at all is no beginning."""
    sizes = {clip.sha256: clip.size for slot in alert.slots for clip in slot.clips}
    found = {}
    for head in alert.heads:
        content, behind = behind[: head.size], behind[head.size :]
        foreign = sizes.get(head.clip) == head.size and head.sha256 != head.clip
        if content and not foreign and head_of(head.clip, content) == head:
            found[head.clip] = content
    return found
