"""What a loudspeaker's core tells its shells to do, in this order; and the step that carries it.

Imported by the core and by the runner that performs. All are imperatives and can be written as JSON.
"""

import msgspec

from audio.clip import Clip
from device_agent.spending import Spending
from schedules.clock import DurationMs, UtcMs
from schedules.guards import Aired
from schedules.playback import Playback
from schedules.wire import AlertAck, Report, Status, Want

AT_ONCE: UtcMs = 0


class KeepAssignment(msgspec.Struct, frozen=True, tag=True):
    """Write the sealed assignment to the journal."""

    payload: bytes


class KeepProgramme(msgspec.Struct, frozen=True, tag=True):
    """Write the sealed programme of an area to the journal; an empty payload drops it."""

    area: str
    payload: bytes


class KeepAlert(msgspec.Struct, frozen=True, tag=True):
    """Write the sealed alert of an area to the journal; an empty one drops it."""

    area: str
    envelope: bytes


class KeepKeys(msgspec.Struct, frozen=True, tag=True):
    """Write down which keys hold from now on, newest first: before any is told to the server as known."""

    revision: int
    keys: tuple[bytes, ...]


class AckAlert(msgspec.Struct, frozen=True, tag=True):
    """Tell the server that this loudspeaker holds this revision of the area's alert, or something newer."""

    ack: AlertAck


class KeepAired(msgspec.Struct, frozen=True, tag=True):
    """Write down what has sounded lately: the guards go by it, also after a power cut."""

    aired: tuple[Aired, ...]


class OpenPlayback(msgspec.Struct, frozen=True, tag=True):
    """Write to the journal, durably, that this will sound now: before it does."""

    playback: Playback


class ClosePlayback(msgspec.Struct, frozen=True, tag=True):
    """Write the outcome to the journal, durably."""

    playback: Playback


class PlaceSound(msgspec.Struct, frozen=True, tag=True):
    """Let the clips sound from `start` on, each at its offset. `urgent` cuts what sounds; one that `joins` goes on
    where it would be by now if it had begun at its start. `optional`: clips that are left out where they cannot be
    read: what stands around the words keeps none of them from sounding."""

    occurrence: str
    start: UtcMs
    pieces: tuple[tuple[str, DurationMs], ...]
    volume_percent: int
    lead_in_ms: DurationMs
    urgent: bool = False
    joins: bool = False
    optional: tuple[str, ...] = ()


class CancelSound(msgspec.Struct, frozen=True, tag=True):
    """Stop an occurrence, or do not begin it. A `SoundEnded` will follow."""

    occurrence: str


class Listen(msgspec.Struct, frozen=True, tag=True):
    """Be subscribed to exactly these programmes and clips (beside the device's own topics)."""

    areas: tuple[str, ...]
    clips: tuple[str, ...]


class AskBlocks(msgspec.Struct, frozen=True, tag=True):
    """Ask the server for missing blocks."""

    want: Want


class VerifyClip(msgspec.Struct, frozen=True, tag=True):
    """All blocks are there: check the hash, decode, and say `ClipStored` or `ClipRefused`."""

    clip: Clip


class DiscardClips(msgspec.Struct, frozen=True, tag=True):
    """No slot needs these any more."""

    clips: tuple[str, ...]


class KeepSpending(msgspec.Struct, frozen=True, tag=True):
    """Write to the journal how much data has been used."""

    spending: Spending


class SendReport(msgspec.Struct, frozen=True, tag=True):
    """Send closed playbacks to the server."""

    report: Report


class ForgetReports(msgspec.Struct, frozen=True, tag=True):
    """The server has committed all up to this sequence."""

    up_to: int


class PublishStatus(msgspec.Struct, frozen=True, tag=True):
    """Say how this loudspeaker is."""

    status: Status


class AskTime(msgspec.Struct, frozen=True, tag=True):
    """Ask the server what time it is."""


Written = (
    KeepAssignment
    | KeepProgramme
    | KeepAlert
    | KeepKeys
    | KeepSpending
    | KeepAired
    | OpenPlayback
    | ClosePlayback
    | ForgetReports
)
"""What goes to the journal."""

Action = (
    Written
    | AckAlert
    | PlaceSound
    | CancelSound
    | Listen
    | AskBlocks
    | VerifyClip
    | DiscardClips
    | SendReport
    | PublishStatus
    | AskTime
)
