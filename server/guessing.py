"""How often one may be wrong at the door: limits on guessing passwords and codes. Pure.

Imported by the use cases of signing in and tests.

A stranger must not guess on and on, and must not lock anybody out. So a browser in which somebody has signed in before
has a count of its own, which nobody else can fill; strangers are held back by the address that they come from, and all
together by the account that they try.
"""

from collections.abc import Iterable

import msgspec

from schedules.clock import DAY, MINUTE, SECOND, DurationMs, UtcMs


class Pace(msgspec.Struct, frozen=True):
    """So many failures are `free` within that time; then one more every `gap`, or none at all where it is 0."""

    free: int
    within: DurationMs
    gap: DurationMs = 0


OF_ONE = Pace(5, 15 * MINUTE)
"""One account from one address, or from one browser that is known for it."""
OF_ADDRESS = Pace(20, 15 * MINUTE)
OF_ACCOUNT = Pace(20, 15 * MINUTE, 30 * SECOND)
"""From anywhere, but for browsers that are known: many addresses are slowed down, and the owner comes in between."""
CODES = Pace(5, DAY, 15 * MINUTE)
"""Of an account whose password somebody knows: three of a million codes are right, so a year of guessing finds one in
ten times."""
KEPT: dict[str, DurationMs] = {"password": 15 * MINUTE, "code": DAY}
"""How long each kind of failure counts."""


def held_back(pace: Pace, failures: Iterable[UtcMs], now: UtcMs) -> bool:
    """Whether the next attempt is refused unseen."""
    recent = [at for at in failures if now - at < pace.within]
    return len(recent) >= pace.free and (not pace.gap or now - max(recent) < pace.gap)
