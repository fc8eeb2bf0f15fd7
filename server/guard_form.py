"""What people type for guards, and what it means. Pure.

Imported by the page "Giờ và giới hạn", the administrator's command line and tests.
"""

import re
from collections.abc import Iterable

import msgspec

from schedules.assignment import FULL_VOLUME, QuietHours, VolumePreset
from schedules.clock import MINUTE, DayMinute, DurationMs
from schedules.guards import LONGEST_GAP
from server.area import AreaSettings

MOST_MINUTES = 24 * 60
CEILINGS = 4
"""Lines of the form for the ceiling; a day has no more parts that anybody tells apart."""
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:hg]([0-5][0-9])")


class GuardForm(msgspec.Struct, frozen=True):
    """As typed. `quiet`, `ceiling`: "inherit", "own", or for the first "off"; the others are minutes, empty for "as the
    area above says"."""

    quiet: str = "inherit"
    quiet_from: str = ""
    quiet_to: str = ""
    ceiling: str = "inherit"
    ceiling_from: tuple[str, ...] = ()
    ceiling_percent: tuple[str, ...] = ()
    longest: str = ""
    rest: str = ""
    daily: str = ""


def form_of(settings: AreaSettings) -> GuardForm:
    """The form as it stands before anybody types."""
    hours, ceiling = settings.quiet_hours, settings.ceiling
    off = bool(settings.quiet_hours_off)
    return GuardForm(
        quiet="off" if off else "own" if hours is not None else "inherit",
        quiet_from=_clock(hours.start) if hours and not off else "",
        quiet_to=_clock(hours.end) if hours and not off else "",
        ceiling="inherit" if ceiling is None else "own",
        ceiling_from=tuple(_clock(preset.from_minute) for preset in ceiling or ()),
        ceiling_percent=tuple(str(preset.percent) for preset in ceiling or ()),
        longest=_typed(settings.longest_ms),
        rest=_typed(settings.gap_ms),
        daily=_typed(settings.daily_ms),
    )


def read(form: GuardForm) -> tuple[AreaSettings, tuple[str, ...]]:
    """The guards that the form means, and the fields that make no sense."""
    errors: list[str] = []
    hours = quiet_hours_of(form.quiet_from, form.quiet_to) if form.quiet == "own" else None
    if form.quiet not in ("inherit", "off", "own") or (form.quiet == "own" and hours is None):
        errors.append("quiet")
    lines = [p for p in zip(form.ceiling_from, form.ceiling_percent, strict=False) if any(t.strip() for t in p)]
    ceiling = ceiling_of(lines) if form.ceiling == "own" else None
    if form.ceiling not in ("inherit", "own") or (form.ceiling == "own" and ceiling is None):
        errors.append("ceiling")
    limits: dict[str, DurationMs | None] = {}
    for name, most in (("longest", MOST_MINUTES), ("rest", LONGEST_GAP // MINUTE), ("daily", MOST_MINUTES)):
        typed = getattr(form, name).strip()
        limits[name] = minutes_of(typed, most)
        if typed and limits[name] is None:
            errors.append(name)
    settings = AreaSettings(
        quiet_hours=hours,
        quiet_hours_off={"off": True, "own": False}.get(form.quiet),
        ceiling=ceiling,
        longest_ms=limits["longest"],
        gap_ms=limits["rest"],
        daily_ms=limits["daily"],
    )
    return settings, tuple(errors)


def quiet_hours_of(start: str, end: str) -> QuietHours | None:
    """Quiet hours from two times of day; None where one is none."""
    first, last = minute_of(start), minute_of(end)
    return QuietHours(first, last) if first is not None and last is not None else None


def ceiling_of(lines: Iterable[tuple[str, str]]) -> tuple[VolumePreset, ...] | None:
    """A ceiling from times of day and per cents; None where there is none, or a time stands twice."""
    found: dict[DayMinute, int] = {}
    for time, percent in lines:
        minute, number = minute_of(time), percent.strip().removesuffix("%").strip()
        known = number.isascii() and number.isdigit() and len(number) <= 3 and int(number) <= FULL_VOLUME
        if minute is None or not known or minute in found:
            return None
        found[minute] = int(number)
    return tuple(VolumePreset(minute, found[minute]) for minute in sorted(found)) or None


def minute_of(text: str) -> DayMinute | None:
    """A time of day: 21:00, 21h00; None where it is none."""
    parts = _TIME.fullmatch(text.strip().lower())
    return int(parts[1]) * 60 + int(parts[2]) if parts else None


def minutes_of(text: str, most: int) -> DurationMs | None:
    """A duration in whole minutes; None where it is none, or more than may be."""
    known = text.isascii() and text.isdigit() and len(text) <= len(str(most)) and int(text) <= most
    return int(text) * MINUTE if known else None


def _clock(minute: DayMinute) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _typed(limit_ms: DurationMs | None) -> str:
    return "" if limit_ms is None else str(limit_ms // MINUTE)
