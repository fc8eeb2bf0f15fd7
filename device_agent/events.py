"""What can have happened to a loudspeaker: the events that `loudspeaker.advance` takes.

Imported by the core and by the shells that feed it. All are past participles and can be written as JSON, so that
a step log can be replayed.
"""

import msgspec

from schedules.blocks import BlockRange
from schedules.clock import DurationMs, UtcMs
from schedules.playback import Playback, Reason


class Booted(msgspec.Struct, frozen=True, tag=True):
    """The agent has started; all that its memory card holds. `assignment` and `programmes` are sealed, as they
    came; `open_playbacks` were begun and never closed; `settled` names the occurrences that have an outcome;
    `partial` the blocks that are there of clips not yet whole."""

    device: str
    keys: tuple[bytes, ...]
    journal: str
    next_sequence: int = 1
    assignment: bytes = b""
    programmes: tuple[tuple[str, bytes], ...] = ()
    open_playbacks: tuple[Playback, ...] = ()
    settled: tuple[str, ...] = ()
    unacknowledged: tuple[Playback, ...] = ()
    clips: tuple[str, ...] = ()
    partial: dict[str, tuple[BlockRange, ...]] = {}
    version: str = ""


class Linked(msgspec.Struct, frozen=True, tag=True):
    """The broker is reached."""


class Unlinked(msgspec.Struct, frozen=True, tag=True):
    """The link to the broker is gone."""


class MessageArrived(msgspec.Struct, frozen=True, tag=True):
    """A message other than a block."""

    topic: str
    payload: bytes


class BlockStored(msgspec.Struct, frozen=True, tag=True):
    """A block of a clip has been written to the card."""

    clip: str
    index: int


class ClipStored(msgspec.Struct, frozen=True, tag=True):
    """A clip is whole, has its hash, and is decoded."""

    clip: str


class ClipRefused(msgspec.Struct, frozen=True, tag=True):
    """A clip is not what its name says, or cannot be decoded; its blocks are thrown away."""

    clip: str
    cause: str


class SoundStarted(msgspec.Struct, frozen=True, tag=True):
    """The first frame of an occurrence has left the sound card."""

    occurrence: str
    at: UtcMs


class SoundEnded(msgspec.Struct, frozen=True, tag=True):
    """An occurrence no longer sounds: to its end (`whole`), or cut on our order. `sounded_ms` is counted at the
    card."""

    occurrence: str
    at: UtcMs
    sounded_ms: DurationMs
    whole: bool


class SoundFailed(msgspec.Struct, frozen=True, tag=True):
    """An occurrence could not sound, or not to its end."""

    occurrence: str
    at: UtcMs
    sounded_ms: DurationMs
    reason: Reason


class HealthMeasured(msgspec.Struct, frozen=True, tag=True):
    """What the shell measures now and then; `sound_card` is empty while it is well."""

    disk_free_bytes: int
    sound_card: str = ""


class TimePassed(msgspec.Struct, frozen=True, tag=True):
    """The timer rang, or the clock or its trust has changed."""


Event = (
    Booted
    | Linked
    | Unlinked
    | MessageArrived
    | BlockStored
    | ClipStored
    | ClipRefused
    | SoundStarted
    | SoundEnded
    | SoundFailed
    | HealthMeasured
    | TimePassed
)
