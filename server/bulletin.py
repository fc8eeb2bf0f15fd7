"""What staff write and want aired: bulletins, variants, broadcasts, decisions. Pure.

Imported by the use cases, the repositories and the web.
"""

import enum

import msgspec

from audio.clip import Clip
from audio.voice import Provenance
from schedules.clock import UtcMs, at_civil
from schedules.programme import BroadcastClass
from schedules.recurrence import Once, Recurrence
from server.approval import Sealed, SealedVariant, seal_of

RECORDING = "recording"
VOICE = "voice"


class Variant(msgspec.Struct, frozen=True):
    """A bulletin in one language. `source`: `voice` or `recording`; `answers`: how its author said what nobody else
    could say."""

    language: str
    text: str
    spoken: str
    source: str
    clip: Clip
    provenance: Provenance
    answers: dict[str, str] = {}


class Bulletin(msgspec.Struct, frozen=True):
    """What staff write. `area`: on whose behalf."""

    id: str
    title: str
    topic: str
    broadcast_class: BroadcastClass
    area: str
    author: str
    created_at: UtcMs
    variants: tuple[Variant, ...]


class Decision(msgspec.Struct, frozen=True):
    """An approver approved exactly what `seal` stands for, or sent it back with a note."""

    broadcast: str
    approved: bool
    seal: str
    approver: str
    at: UtcMs
    note: str = ""


class Broadcast(msgspec.Struct, frozen=True):
    """A bulletin, where and when. `recurrence` is None for a "now" before its approval."""

    id: str
    bulletin: str
    mode: str
    recurrence: Recurrence | None
    author: str
    created_at: UtcMs
    targets: tuple[str, ...]
    withdrawn_at: UtcMs | None = None
    decision: Decision | None = None


class BroadcastState(enum.Enum):
    """Where a broadcast stands on its way to air."""

    waiting = "waiting"
    approved = "approved"
    returned = "returned"
    voided = "voided"  # approved, but something has changed since
    withdrawn = "withdrawn"


def ends_at(recurrence: Recurrence | None) -> UtcMs | None:
    """When it is due for the last time; None where it has no end, or no beginning yet."""
    if isinstance(recurrence, Once):
        return recurrence.at
    if recurrence is None or recurrence.last is None:
        return None
    return at_civil(recurrence.last, recurrence.minute)


def seal(bulletin: Bulletin, broadcast: Broadcast) -> str:
    """The seal of a broadcast as it is now."""
    variants = tuple(SealedVariant(v.language, v.text, v.spoken, v.clip.sha256) for v in bulletin.variants)
    recurrence = None if broadcast.mode == "now" else broadcast.recurrence
    klass = BroadcastClass(bulletin.broadcast_class).value
    return seal_of(Sealed(bulletin.title, bulletin.topic, klass, variants, broadcast.targets, recurrence))


def state_of(bulletin: Bulletin, broadcast: Broadcast) -> BroadcastState:
    """Where it stands."""
    if broadcast.withdrawn_at is not None:
        return BroadcastState.withdrawn
    decision = broadcast.decision
    if decision is None:
        return BroadcastState.waiting
    if not decision.approved:
        return BroadcastState.returned
    return BroadcastState.approved if decision.seal == seal(bulletin, broadcast) else BroadcastState.voided
