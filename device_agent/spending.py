"""Spending: how much of its SIM's data a loudspeaker has used, and whether it may fetch more. Pure.

Imported by the core, its events and actions, and the journal. Days and months are civil ones. An emergency
is never held back.
"""

import msgspec

from schedules.assignment import Allowance
from schedules.clock import Now, civil_day, civil_ordinal, may_start_by_clock

KEEP_EVERY = 512 * 1024
"""So much may be forgotten by a power cut: writing down each block would wear the card out."""


class Spending(msgspec.Struct, frozen=True):
    """`day`: ordinal of the civil day that `today` bytes belong to; `month`: its year times 12 plus its month;
    `kept`: bytes of the month when it was last written down."""

    day: int = 0
    month: int = 0
    today: int = 0
    this_month: int = 0
    kept: int = 0


def spend(spending: Spending, amount: int, now: Now) -> Spending:
    """So many bytes more; a new day or month begins at zero. A clock that cannot be trusted begins none."""
    if may_start_by_clock(now.trust):
        spending = _turned(spending, now)
    if not amount:
        return spending
    return msgspec.structs.replace(spending, today=spending.today + amount, this_month=spending.this_month + amount)


def may_fetch(spending: Spending, allowance: Allowance | None) -> bool:
    """Whether there is anything left for what is no emergency."""
    if allowance is None:
        return True
    day_left = not allowance.daily_bytes or spending.today < allowance.daily_bytes
    return day_left and (not allowance.monthly_bytes or spending.this_month < allowance.monthly_bytes)


def worth_keeping(spending: Spending) -> bool:
    """Whether enough has been spent since it was last written down."""
    return not 0 <= spending.this_month - spending.kept < KEEP_EVERY


def _turned(spending: Spending, now: Now) -> Spending:
    ordinal = civil_ordinal(now.utc)
    if ordinal == spending.day:
        return spending
    day = civil_day(now.utc)
    month = day.year * 12 + day.month
    return Spending(
        day=ordinal,
        month=month,
        today=spending.today if spending.day == ordinal else 0,
        this_month=spending.this_month if spending.month in (0, month) else 0,
    )
