"""Condition: how a loudspeaker was over time. Pure: which of its statuses are kept, for how long, and what lines they
make.

Imported by the repositories, the use cases and the web.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from schedules.clock import DAY, HOUR, MINUTE, ClockTrust, DurationMs, UtcMs, civil_day
from schedules.wire import Status

QUARTER: DurationMs = 15 * MINUTE
KEPT_FOR: tuple[DurationMs, ...] = (8 * DAY, 32 * DAY, 366 * DAY)
"""By grain: one of each quarter of an hour, the first of its hour, the first of its day. A loudspeaker leaves 1,700
rows in a year."""


class Condition(msgspec.Struct, frozen=True):
    """How a loudspeaker was at an instant. `missing`: clips that it still needed; the rest as in its status."""

    at: UtcMs
    online: bool
    trust: ClockTrust = ClockTrust.unknown
    bound_ms: DurationMs = 0
    disk_free: int = 0
    missing: int = 0
    temperature: int | None = None
    battery: int | None = None
    mains: bool | None = None
    signal: int | None = None


class Line(msgspec.Struct, frozen=True):
    """A line to be drawn in a box of 1,000 by 100. `parts`: stretches without a hole, each as the points of a polyline;
    `lowest`, `highest`: of its values; `last`: the newest one."""

    parts: tuple[str, ...]
    lowest: int
    highest: int
    last: int


def condition_of(status: Status, at: UtcMs) -> Condition:
    """A status as it is kept."""
    vitals = status.vitals
    return Condition(
        at,
        status.online,
        status.trust,
        min(max(status.bound_ms, 0), 2**52),
        min(max(status.disk_free_bytes, 0), 2**52),
        len(status.clips_missing),
        _within(vitals.temperature, -100, 200),
        _within(vitals.battery, 0, 100),
        vitals.mains,
        _within(vitals.signal, -200, 0),
    )


def grain_of(before: UtcMs | None, at: UtcMs) -> int | None:
    """How long what is heard now is to be kept, as a place in `KEPT_FOR`; None where its quarter of an hour has one.
    `before`: when the loudspeaker was heard last."""
    if before is None or civil_day(before) != civil_day(at):
        return 2
    if before // HOUR != at // HOUR:
        return 1
    return 0 if before // QUARTER != at // QUARTER else None


def line(
    found: Sequence[Condition], value: Callable[[Condition], int | None], since: UtcMs, until: UtcMs, hole: DurationMs
) -> Line | None:
    """The line of a value; None where there is none. After more than `hole` without a word it is broken."""
    known = [(each.at, number) for each in found if (number := value(each)) is not None and since <= each.at <= until]
    if not known:
        return None
    lowest, highest = min(n for _, n in known), max(n for _, n in known)
    parts: list[list[str]] = []
    before: UtcMs | None = None
    for at, number in known:
        if before is None or at - before > hole:
            parts.append([])
        before = at
        x = (at - since) * 1_000 / (until - since)
        y = 50.0 if highest == lowest else 95 - 90 * (number - lowest) / (highest - lowest)
        parts[-1].append(f"{x:.1f},{y:.1f}")
    return Line(tuple(_drawn(part) for part in parts), lowest, highest, known[-1][1])


def silences(
    found: Iterable[Condition], since: UtcMs, until: UtcMs, hole: DurationMs
) -> tuple[tuple[UtcMs, UtcMs], ...]:
    """From when to when nothing was heard for longer than `hole`."""
    gaps, last = [], since
    for each in found:
        if each.at - last > hole:
            gaps.append((last, each.at))
        last = max(last, each.at)
    if until - last > hole:
        gaps.append((last, until))
    return tuple(gaps)


def _drawn(part: list[str]) -> str:
    """A single point is drawn as a dash."""
    if len(part) > 1:
        return " ".join(part)
    x, _, y = part[0].partition(",")
    return f"{part[0]} {float(x) + 3:.1f},{y}"


def _within(number: int | None, low: int, high: int) -> int | None:
    return number if number is not None and low <= number <= high else None
