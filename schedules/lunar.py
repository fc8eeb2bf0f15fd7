"""Days of the Vietnamese lunar calendar. Pure; the astronomy is lunar-vn's, and only here.

Imported by the recurrence and the server's pages; not by a loudspeaker, which is told instants.
"""

from datetime import date, timedelta
from functools import lru_cache

import msgspec
from lunar_vn import solar_to_lunar

FIRST, LAST = date(1990, 1, 27), date(2071, 12, 31)
"""The days that were compared with an independent calculation and found right; beyond 2071 some are not."""
LONGEST_MONTH = 30


class LunarDay(msgspec.Struct, frozen=True, order=True):
    """A day of the lunar calendar; `leap`: in the month that is put in after the one of the same number."""

    year: int
    month: int
    day: int
    leap: bool = False


@lru_cache(maxsize=4_096)
def lunar_of(day: date) -> LunarDay:
    """The lunar day of a civil day. Raises ValueError outside of what is known to be right."""
    if not FIRST <= day <= LAST:
        raise ValueError(f"{day} lies outside of {FIRST} to {LAST}, for which the lunar calendar is known")
    found = solar_to_lunar(day)
    return LunarDay(found.year, found.month, found.day, found.leap)


def is_last_of_month(day: date) -> bool:
    """Whether the lunar month ends with this civil day: after 29 days or after 30."""
    return lunar_of(day).day >= LONGEST_MONTH - 1 and lunar_of(day + timedelta(days=1)).day == 1
