"""The form in which it is set what an area is warned of. Pure.

Imported by the web and tests.
"""

import enum

import msgspec

from schedules.assignment import QuietHours
from schedules.clock import DAY, UtcMs
from server.concern import MOST_DEGREES, MOST_HOURS, MOST_MB, MOST_PERCENT, MOST_UNKNOWN, ConcernRules
from server.guard_form import minute_of

MOST_PAUSED_DAYS = 90
LIMITS = {
    "silent_h": MOST_HOURS,
    "unknown": MOST_UNKNOWN,
    "disk_mb": MOST_MB,
    "temperature_c": MOST_DEGREES,
    "share": MOST_PERCENT,
    "escalate_h": MOST_HOURS,
}
"""The numbers of the form; empty: never."""


class ConcernFault(enum.Enum):
    """What is wrong with what was typed."""

    no_number = "no_number"
    no_hour = "no_hour"
    too_long = "too_long"


class Typed(msgspec.Struct, frozen=True):
    """What was typed. `quiet_from`, `quiet_until`: HH:MM, both empty for none; `paused_days`: from now on."""

    numbers: dict[str, str]
    clock: bool = False
    quiet_from: str = ""
    quiet_until: str = ""
    paused_days: str = ""


def checked(typed: Typed, before: ConcernRules, now: UtcMs) -> ConcernRules | dict[str, ConcernFault]:
    """The rules, or what is wrong, by field. A pause that is not typed stays as it was."""
    faults: dict[str, ConcernFault] = {}
    numbers: dict[str, int | None] = {}
    for name, most in LIMITS.items():
        text = typed.numbers.get(name, "").strip()
        number = _number(text, most)
        if text and number is None:
            faults[name] = ConcernFault.no_number
        numbers[name] = number
    quiet = _quiet(typed, faults)
    paused = before.paused_until
    if typed.paused_days.strip():
        days = _number(typed.paused_days.strip(), MOST_PAUSED_DAYS, least=0)
        if days is None:
            faults["paused_days"] = ConcernFault.too_long
        else:
            paused = now + days * DAY if days else 0
    if faults:
        return faults
    return ConcernRules(
        silent_h=numbers["silent_h"],
        unknown=numbers["unknown"],
        clock=typed.clock,
        disk_mb=numbers["disk_mb"],
        temperature_c=numbers["temperature_c"],
        share=numbers["share"],
        quiet=quiet,
        escalate_h=numbers["escalate_h"],
        paused_until=paused,
    )


def _quiet(typed: Typed, faults: dict[str, ConcernFault]) -> QuietHours | None:
    begins, ends = typed.quiet_from.strip(), typed.quiet_until.strip()
    if not begins and not ends:
        return None
    start, end = minute_of(begins), minute_of(ends)
    if start is None or end is None or start == end:
        faults["quiet_from"] = ConcernFault.no_hour
        return None
    return QuietHours(start, end)


def _number(text: str, most: int, least: int = 1) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    return int(text) if least <= int(text) <= most else None
