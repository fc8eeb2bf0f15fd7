"""How a loudspeaker is, in words: its health in a sentence, its trial step by step, its lines over time.

Imported by the pages and their tests.
"""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from schedules.clock import UtcMs, civil, civil_day
from server.condition import Condition, Line, line, silences
from server.readiness import Heard
from server.tending import hole_of
from server.web.words import N_

_Say = Callable[[str], str]
NEVER = N_("It has never reported.")
LOST = N_("No link since %(when)s")
LOST_BATTERY = N_("No link since %(when)s; its battery was last at %(percent)s %%")
SOUNDING = N_("It sounds now; last heard %(when)s")
LINKED = N_("Linked; last heard %(when)s")
TODAY, YESTERDAY, OTHER_DAY = N_("%(time)s today"), N_("%(time)s yesterday"), N_("%(time)s on %(day)s")
LINES: tuple[tuple[str, str, Callable[[Condition], int | None]], ...] = (
    (N_("Temperature"), "°C", lambda each: each.temperature),
    (N_("Battery"), "%", lambda each: each.battery),
    (N_("Signal"), "dBm", lambda each: each.signal),
    (N_("Free on the memory card"), "MB", lambda each: each.disk_free // 1_000_000 or None),
    (N_("Clock: within"), "ms", lambda each: each.bound_ms if each.trust.value != "unknown" else None),
    (N_("Sounds still missing"), "", lambda each: each.missing),
)


class Drawn(msgspec.Struct, frozen=True):
    """A line with its name and unit (both for people), and the stretches of silence as (left, width) of 1,000."""

    name: str
    unit: str
    line: Line
    silent: tuple[tuple[str, str], ...]


def when(say: _Say, utc: UtcMs, now: UtcMs) -> str:
    """An instant: 05:12 today."""
    day, today = civil_day(utc), civil_day(now)
    text = {today: TODAY, today - timedelta(days=1): YESTERDAY}.get(day, OTHER_DAY)
    return say(text) % {"time": civil(utc).strftime("%H:%M"), "day": day.strftime("%d/%m/%Y")}


def health(say: _Say, heard: Heard | None, now: UtcMs) -> str:
    """How it is, in a sentence."""
    if heard is None:
        return say(NEVER)
    at, status = when(say, heard.received_at, now), heard.status
    if status.online:
        return say(SOUNDING if status.sounding else LINKED) % {"when": at}
    battery = status.vitals.battery
    return say(LOST if battery is None else LOST_BATTERY) % {"when": at, "percent": battery}


def drawn(conditions: tuple[Condition, ...], since: UtcMs, now: UtcMs) -> list[Drawn]:
    """The lines that there is anything to draw of."""
    hole = hole_of(since, now)
    gaps = silences([each for each in conditions if each.at >= since], since, now, hole)
    silent = tuple((_x(start, since, now), _x(end - start + since, since, now)) for start, end in gaps)
    found = [(name, unit, line(conditions, value, since, now, hole)) for name, unit, value in LINES]
    return [Drawn(name, unit, each, silent) for name, unit, each in found if each is not None]


def _x(at: UtcMs, since: UtcMs, until: UtcMs) -> str:
    return f"{(at - since) * 1_000 / (until - since):.1f}"
