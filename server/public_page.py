"""What of a commune's broadcasts everybody may read, and hear again. Pure.

Imported by the use cases, the repository and the web. No name of a person stands in any of it.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from audio.clip import NO_LANGUAGE
from schedules.clock import HOUR, DurationMs, UtcMs
from schedules.programme import BroadcastClass
from server.area import Area, search_key
from server.bulletin import PHRASES, VOICE, Broadcast, Bulletin, Variant, ends_at
from server.phrase import Presenter

OVER_AFTER: DurationMs = 1 * HOUR
"""After the last hour: what is made up for later has sounded by then."""
AGREED = "nghe lai"
"""Words of a consent that allow it, without accents: a consent for loudspeakers is none for the internet."""


class Openness(enum.Enum):
    """What an approver has opened. `voices`: the list, and machine voices to be heard again; `recordings`: also the
    recordings of people, who have agreed."""

    closed = "closed"
    voices = "voices"
    recordings = "recordings"


class Airing(msgspec.Struct, frozen=True):
    """An hour at which something sounded in a commune: at how many loudspeakers."""

    occurrence: str
    broadcast: str
    bulletin: str
    planned: UtcMs
    loudspeakers: int


class PublicLine(msgspec.Struct, frozen=True):
    """A line of the page. `office`: on whose behalf; `past`: it was an emergency, which is over; `sounds`: what may be
    heard again: language, name of the clip, its length."""

    airing: Airing
    title: str
    topic: str
    broadcast_class: BroadcastClass
    office: str
    past: bool
    sounds: tuple[tuple[str, str, DurationMs], ...]


def openness_of(area: Area) -> Openness:
    """How far an area is open: never by an area above it."""
    return next((each for each in Openness if each.value == area.settings.public), Openness.closed)


def is_shown(bulletin: Bulletin) -> bool:
    """Exercises are not: nobody is to take one for the truth."""
    return not bulletin.exercise


def is_over(broadcasts: Iterable[Broadcast], now: UtcMs) -> bool:
    """Whether no airing of it is still to come."""
    last = [ends_at(b.recurrence) if b.mode != "stored" else None for b in broadcasts if b.withdrawn_at is None]
    return all(at is not None and at + OVER_AFTER < now for at in last)


def heard_again(
    bulletin: Bulletin, openness: Openness, speakers: Mapping[str, Sequence[Presenter]], *, over: bool
) -> tuple[Variant, ...]:
    """The languages in which it may be heard again. `speakers`: whose voices are in a clip of the phrase bank. An
    emergency is not: whoever played it aloud would frighten people; nor is music, whose rights are for the air."""
    if not over or openness is Openness.closed or bulletin.broadcast_class is BroadcastClass.emergency:
        return ()
    return tuple(v for v in bulletin.variants if _may(v, openness, speakers.get(v.clip.sha256, ())))


def _may(variant: Variant, openness: Openness, speakers: Sequence[Presenter]) -> bool:
    if variant.revoked or variant.language == NO_LANGUAGE:
        return False
    if variant.source == VOICE:
        return True
    if variant.source == PHRASES:
        agreed = (not who.withdrawn_at and AGREED in search_key(who.consent.scope) for who in speakers)
        return bool(speakers) and all(agreed)
    return openness is Openness.recordings
