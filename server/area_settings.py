"""What an area sets for all loudspeakers below it, inherited down the tree. Pure.

Imported by planning, the repositories and the seed.
"""

from collections.abc import Iterable

import msgspec

from schedules.assignment import QuietHours, VolumePreset
from schedules.clock import DurationMs

QUIET_MORNING = 60
"""Per cent before six o'clock: the customary 05:00 broadcast lies in the night window of QCVN 26:2010."""
DEFAULT_VOLUME = (VolumePreset(0, QUIET_MORNING), VolumePreset(6 * 60, 100), VolumePreset(21 * 60, QUIET_MORNING))


class AreaSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """None: as the area above says. `quiet_hours_off` switches quiet hours off (a demonstration does)."""

    quiet_hours: QuietHours | None = None
    quiet_hours_off: bool | None = None
    volume: tuple[VolumePreset, ...] | None = None
    lead_in_ms: DurationMs | None = None
    pause_ms: DurationMs | None = None
    own_priority_first: bool | None = None


class Effective(msgspec.Struct, frozen=True):
    """What holds at a loudspeaker."""

    quiet_hours: QuietHours | None = QuietHours()
    volume: tuple[VolumePreset, ...] = DEFAULT_VOLUME
    lead_in_ms: DurationMs = 1_500
    pause_ms: DurationMs = 1_000
    own_priority_first: bool = False


def inherited(chain: Iterable[AreaSettings]) -> Effective:
    """What holds at the end of a chain of areas, root first: the nearest word counts."""
    found = Effective()
    for settings in chain:
        changes = {
            name: value
            for name in ("volume", "lead_in_ms", "pause_ms", "own_priority_first", "quiet_hours")
            if (value := getattr(settings, name)) is not None
        }
        found = msgspec.structs.replace(found, **changes)
        if settings.quiet_hours_off:
            found = msgspec.structs.replace(found, quiet_hours=None)
        elif settings.quiet_hours_off is False and found.quiet_hours is None:
            found = msgspec.structs.replace(found, quiet_hours=QuietHours())
    return found
