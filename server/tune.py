"""Tunes: the sounds of a place's library (jingles, the anthem, music), and which of them stand around the words there.
Pure.

Imported by the use cases, the repositories and the web.
"""

import enum
from collections.abc import Mapping

import msgspec

from audio.clip import Clip
from schedules.assignment import EXERCISE, Chime, Signals
from schedules.clock import SECOND, DurationMs, UtcMs
from schedules.programme import BroadcastClass
from server.area import Effective

ANNOUNCED = (BroadcastClass.ordinary.value, BroadcastClass.priority.value, BroadcastClass.emergency.value, EXERCISE)
"""What has a chime of its own."""
CLOSING = "closing"
LONGEST_CHIME: DurationMs = 10 * SECOND
"""A longer sound is no chime: nobody waits so long for the words of an emergency."""
LONGEST_PAUSE: DurationMs = 10 * SECOND
MOST_TIMES = 3


class TuneKind(enum.Enum):
    """What a tune is."""

    jingle = "jingle"
    anthem = "anthem"
    music = "music"
    other = "other"


class Tune(msgspec.Struct, frozen=True):
    """A sound that people of an area have put into its library; it may be used there and below. `rights`: who holds
    them, and why it may be aired; `retired_at`: since when it is offered no more."""

    id: str
    area: str
    name: str
    kind: TuneKind
    rights: str
    clip: Clip
    added_by: str
    added_at: UtcMs
    retired_at: UtcMs | None = None


def signals_of(settings: Effective, built_in: Mapping[str, Clip], chosen: Mapping[str, Clip]) -> Signals:
    """What a loudspeaker puts around the words. `built_in`: the chimes that came with the program, by name; `chosen`:
    tunes by id. Where chimes are switched off, an exercise keeps its own: it must never be taken for earnest."""
    announced = ANNOUNCED if settings.chime else (EXERCISE,)
    chimes = []
    for name in announced:
        opening = chosen.get(settings.chimes.get(name, "")) or built_in.get(name)
        closing = chosen.get(settings.chimes.get(CLOSING, "")) or built_in.get(CLOSING)
        if opening is not None or closing is not None:
            chimes.append(Chime(name, opening, closing))
    return Signals(tuple(chimes), settings.chime_pause_ms, settings.emergency_times, settings.again_after_ms)
