"""The programme: an area's slots for the days to come, as it crosses the wire.

Anybody may import this room.
"""

import enum
from collections.abc import Iterable, Sequence

import msgspec

from audio.clip import VIETNAMESE, Clip
from schedules.clock import DAY, MINUTE, SECOND, DurationMs, UtcMs

HORIZON: DurationMs = 14 * DAY
"""How far ahead a programme reaches: so long a loudspeaker plays on with every link gone."""
_LONGEST_START = 16


class BroadcastClass(enum.Enum):
    """The three classes of Circular 39/2020/TT-BTTTT."""

    ordinary = "ordinary"
    priority = "priority"
    emergency = "emergency"
    unknown = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "BroadcastClass":
        return cls.unknown


RANK = {
    BroadcastClass.emergency: 0,
    BroadcastClass.priority: 1,
    BroadcastClass.ordinary: 2,
    BroadcastClass.unknown: 3,
}
"""Who comes first, lowest number first. A class that this version does not know yields to all it knows."""


class Turn(enum.Enum):
    """Where a place has put a priority item from above among the other priority items there."""

    as_ruled = "as_ruled"
    first = "first"
    last = "last"

    @classmethod
    def _missing_(cls, value: object) -> "Turn":
        return cls.as_ruled


USEFUL_FOR: dict[BroadcastClass, DurationMs] = {
    BroadcastClass.ordinary: 15 * MINUTE,
    BroadcastClass.priority: 60 * MINUTE,
    BroadcastClass.emergency: 120 * MINUTE,
    BroadcastClass.unknown: 15 * MINUTE,
}
"""How long after its planned start a slot is still worth starting, unless its broadcast says otherwise."""


EMERGENCY_PATIENCE: DurationMs = 10 * SECOND
"""An emergency waits no longer than this for its other languages."""


class Slot(msgspec.Struct, frozen=True):
    """One occurrence of a broadcast. `occurrence` names it for ever: a loudspeaker plays each at most once.
    `authority` is the depth of the area that issued it (0 = province): the lower, the higher its authority.
    `clips` holds one clip for each language that there is sound for; a loudspeaker picks its own. `seal`: of the
    approval that it sounds by; a loudspeaker takes no slot without one. `opening`, `closing`: its own, in place of the
    chimes; `exercise`: it is none in earnest, and announced as that. `turn`: where the commune has put it, if it
    comes from above and is a priority item."""

    occurrence: str
    broadcast: str
    bulletin: str
    title: str
    broadcast_class: BroadcastClass
    authority: int
    start: UtcMs
    useful_until: UtcMs
    clips: tuple[Clip, ...]
    seal: str = ""
    opening: tuple[Clip, ...] = ()
    closing: tuple[Clip, ...] = ()
    exercise: bool = False
    turn: Turn = Turn.as_ruled

    @property
    def sounds(self) -> tuple[Clip, ...]:
        """All that may sound of it anywhere."""
        return (*self.clips, *self.opening, *self.closing)


class Programme(msgspec.Struct, frozen=True):
    """All slots of one area with a start in [since, issued_at + HORIZON). Whole: an occurrence from `since` on that
    is not in the newest revision is withdrawn; one before it is merely past. `pinned`: clips that the area's
    loudspeakers keep whatever happens, slot or no slot: the stored emergency messages; `pinned_by`: for each of these
    clips, the seal of the approval that it is stored by."""

    area: str
    revision: int
    issued_at: UtcMs
    expires_at: UtcMs
    slots: tuple[Slot, ...]
    since: UtcMs = 0
    pinned: tuple[Clip, ...] = ()
    pinned_by: dict[str, str] = {}


def occurrence_name(broadcast: str, start: UtcMs) -> str:
    """The name of the occurrence of a broadcast at an instant."""
    return f"{broadcast}@{start}"


def is_sealed(slots: Iterable[Slot]) -> bool:
    """Whether somebody has approved each of these slots."""
    return all(slot.seal for slot in slots)


def in_emergency(languages: Sequence[str]) -> tuple[str, ...]:
    """The languages that an emergency is to sound in where these are spoken: Vietnamese as well, after them, for
    whoever is there and speaks none of them."""
    return tuple(dict.fromkeys((*languages, VIETNAMESE)))


def languages_at(slot: Slot, languages: Sequence[str]) -> tuple[str, ...]:
    """The languages that a slot is to sound in, in order, at a loudspeaker that plays these."""
    return in_emergency(languages) if slot.broadcast_class is BroadcastClass.emergency else tuple(languages)


def patience_ends(slot: Slot) -> UtcMs:
    """When a slot begins to make do with the languages whose sound is there."""
    if slot.broadcast_class is BroadcastClass.emergency:
        return slot.start + EMERGENCY_PATIENCE
    return slot.start + (slot.useful_until - slot.start) // 2


def start_of(occurrence: str) -> UtcMs:
    """The planned start in the name of an occurrence; 0 where it has none."""
    digits = occurrence.rpartition("@")[2]
    return int(digits) if digits.isdecimal() and len(digits) < _LONGEST_START else 0
