"""What can have happened to a loudspeaker: the events that `loudspeaker.advance` takes.

Imported by the core and by the shells that feed it. All are past participles and can be written as JSON, so that
a step log can be replayed.
"""

import msgspec

from device_agent.spending import Spending
from schedules.blocks import BlockRange
from schedules.clock import DurationMs, UtcMs
from schedules.guards import Aired
from schedules.playback import Evidence, Playback, Reason
from schedules.vitals import Vitals

NO_LIMIT = 2**53


class Booted(msgspec.Struct, frozen=True, tag=True):
    """The agent has started; all that its memory card holds. `assignment`, `programmes` and `alerts` are
    sealed, as they came; `open_playbacks` were begun and never closed; `settled` names the occurrences that have an
    outcome; `partial` the blocks that are there of clips not yet whole; `keys`: the public keys whose word holds,
    newest first, by the word of `keys_revision`; `remembered`: the last instant that a trusted clock has shown;
    `sounded_until`: when the last sound ended; `aired`: what has sounded lately, and was no emergency."""

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
    run: str = ""
    spending: Spending = Spending()
    alerts: tuple[tuple[str, bytes], ...] = ()
    keys_revision: int = 0
    remembered: UtcMs = 0
    sounded_until: UtcMs = 0
    aired: tuple[Aired, ...] = ()


class Linked(msgspec.Struct, frozen=True, tag=True):
    """The broker is reached."""


class Unlinked(msgspec.Struct, frozen=True, tag=True):
    """The link to the broker is gone."""


class MessageArrived(msgspec.Struct, frozen=True, tag=True):
    """A message for the core itself."""

    topic: str
    payload: bytes


class AlertArrived(msgspec.Struct, frozen=True, tag=True):
    """An alert; `heads` names the clips whose first seconds came inside and are ready to sound, `inside` says
    how many bytes that was."""

    area: str
    envelope: bytes
    heads: tuple[str, ...] = ()
    inside: int = 0


class PayloadArrived(msgspec.Struct, frozen=True, tag=True):
    """A message arrived that is no word for the core: so many bytes of blocks of `clip`, be they new, there already or
    of no use, or something else that the shell deals with."""

    size: int
    clip: str = ""


class BlockStored(msgspec.Struct, frozen=True, tag=True):
    """A block of a clip has been written to the card."""

    clip: str
    index: int


class ClipStored(msgspec.Struct, frozen=True, tag=True):
    """A clip is whole, has its hash, and is decoded."""

    clip: str


class ClipRotten(msgspec.Struct, frozen=True, tag=True):
    """A clip that was whole is no longer what it was: the memory card has lost it."""

    clip: str


class WriteFailed(msgspec.Struct, frozen=True, tag=True):
    """The memory card would not take a block."""


class ClipRefused(msgspec.Struct, frozen=True, tag=True):
    """A clip is not what its name says, or cannot be decoded; its blocks are thrown away, but for those `left`."""

    clip: str
    cause: str
    left: tuple[BlockRange, ...] = ()


class SoundStarted(msgspec.Struct, frozen=True, tag=True):
    """The first frame of an occurrence has left the sound card. `left_out`: optional clips that could not be read."""

    occurrence: str
    at: UtcMs
    left_out: tuple[str, ...] = ()


class SoundFound(msgspec.Struct, frozen=True, tag=True):
    """While an occurrence sounds, the ear has found it: at the amplifier, or in the air."""

    occurrence: str
    evidence: Evidence


class SoundMissed(msgspec.Struct, frozen=True, tag=True):
    """While an occurrence sounds, the ear has listened for it long enough, and has not found it."""

    occurrence: str


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
    """What the shell measures now and then; `sound_card` and `memory_card` are empty while they are well;
    `clip_room_bytes`: how much room
    clips may take on the card in all, what they take already included."""

    disk_free_bytes: int
    sound_card: str = ""
    clip_room_bytes: int = NO_LIMIT
    memory_card: str = ""
    vitals: Vitals = Vitals()


class TimePassed(msgspec.Struct, frozen=True, tag=True):
    """The timer rang, or the clock or its trust has changed."""


Event = (
    Booted
    | Linked
    | Unlinked
    | MessageArrived
    | AlertArrived
    | PayloadArrived
    | BlockStored
    | ClipStored
    | ClipRefused
    | ClipRotten
    | WriteFailed
    | SoundStarted
    | SoundFound
    | SoundMissed
    | SoundEnded
    | SoundFailed
    | HealthMeasured
    | TimePassed
)

OVERHEAD = 60
"""Bytes that a message costs beside its payload: its topic, MQTT, TLS, TCP and IP."""


def bytes_fetched(event: Event) -> int:
    """How many bytes came over the link with an event: every message is counted once, whatever becomes of it."""
    match event:
        case MessageArrived():
            return len(event.payload) + OVERHEAD
        case AlertArrived():
            return len(event.envelope) + event.inside + OVERHEAD
        case PayloadArrived():
            return event.size + OVERHEAD
        case _:
            return 0
