"""The assignment: one loudspeaker's own facts, as they cross the wire.

Anybody may import this room.
"""

import msgspec

from audio.clip import Clip
from schedules.clock import DAY, MINUTE, DayMinute, DurationMs, UtcMs, civil_midnight, civil_minute, in_daily_window
from schedules.suspension import Suspension
from schedules.trial import Trial

FULL_VOLUME = 100


class QuietHours(msgspec.Struct, frozen=True):
    """Civil minutes [start, end) in which only an emergency sounds; the window may pass midnight."""

    start: DayMinute = 22 * 60
    end: DayMinute = 5 * 60


class VolumePreset(msgspec.Struct, frozen=True):
    """From this civil minute on, sound at this per cent of full scale."""

    from_minute: DayMinute
    percent: int


NIGHT_CEILING = (VolumePreset(0, 60), VolumePreset(6 * 60, 100), VolumePreset(21 * 60, 60))
"""QCVN 26:2010: the night, in which little noise is allowed, is from 21:00 to 06:00."""


class Guards(msgspec.Struct, frozen=True):
    """What a loudspeaker keeps by itself beside the quiet hours, whatever a programme says; only an emergency passes.
    `ceiling`: no louder than this, by hour; no limit where it is empty. `longest_ms`: the longest play; `daily_ms`: all
    that may sound in a civil day; 0: no limit. `gap_ms`: rest between the end of one play and the start of the next."""

    ceiling: tuple[VolumePreset, ...] = NIGHT_CEILING
    longest_ms: DurationMs = 60 * MINUTE
    gap_ms: DurationMs = 0
    daily_ms: DurationMs = 0


class Allowance(msgspec.Struct, frozen=True):
    """What a loudspeaker may fetch over its SIM in a civil day and month, in bytes; 0: as much as it needs. An
    emergency is never held back."""

    daily_bytes: int = 0
    monthly_bytes: int = 0


EXERCISE = "exercise"
"""What an exercise is announced by, whatever its class."""


class Chime(msgspec.Struct, frozen=True):
    """What stands before and behind the words of a class. `announces`: the class by its name, or `EXERCISE`."""

    announces: str
    opening: Clip | None = None
    closing: Clip | None = None


class Signals(msgspec.Struct, frozen=True):
    """What a loudspeaker puts around the words. `pause_ms`: between a chime and the words; `emergency_times`: how often
    it says those of an emergency; `again_after_ms`: the silence between. Who says nothing of it wants none."""

    chimes: tuple[Chime, ...] = ()
    pause_ms: DurationMs = 600
    emergency_times: int = 1
    again_after_ms: DurationMs = 2_000


class Assignment(msgspec.Struct, frozen=True):
    """`area_path`: the loudspeaker's areas, root first; a loudspeaker is the leaf of the area tree, so the last
    one is the device itself. `languages`: what it plays, in this order. `quiet_hours`: None switches them off.
    `lead_in_ms`: silence that the amplifier needs before a sound. `pause_ms`: between two languages.
    `own_priority_first`: the commune lets its own priority items go before those from above. `suspensions`: when this
    place, or one above, wants silence. `trial`: the tone that was ordered last, if any."""

    device: str
    revision: int
    issued_at: UtcMs
    expires_at: UtcMs
    area_path: tuple[str, ...]
    languages: tuple[str, ...]
    quiet_hours: QuietHours | None = QuietHours()
    volume: tuple[VolumePreset, ...] = ()
    lead_in_ms: DurationMs = 1_500
    pause_ms: DurationMs = 1_000
    own_priority_first: bool = False
    allowance: Allowance | None = None
    guards: Guards = Guards()
    signals: Signals = Signals()
    suspensions: tuple[Suspension, ...] = ()
    trial: Trial | None = None


def is_quiet(quiet: QuietHours | None, utc: UtcMs) -> bool:
    """Whether an instant lies in the quiet hours."""
    return quiet is not None and in_daily_window(civil_minute(utc), quiet.start, quiet.end)


def next_quiet_start(quiet: QuietHours | None, utc: UtcMs) -> UtcMs | None:
    """The first instant after `utc` at which the quiet hours begin, or None when there are none."""
    if quiet is None or quiet.start == quiet.end:
        return None
    start = civil_midnight(utc) + quiet.start * MINUTE
    return start if start > utc else start + DAY


def volume_at(assignment: Assignment, utc: UtcMs) -> int:
    """The volume in per cent that is asked for at an instant; the guards may lower it."""
    return by_hour(assignment.volume, utc)


def by_hour(presets: tuple[VolumePreset, ...], utc: UtcMs) -> int:
    """What presets say at an instant: the last one at or before its civil minute, the last of the day before the first
    one, and full volume without any."""
    if not presets:
        return FULL_VOLUME
    ordered, minute = sorted(presets, key=lambda preset: preset.from_minute), civil_minute(utc)
    return next((p.percent for p in reversed(ordered) if p.from_minute <= minute), ordered[-1].percent)
