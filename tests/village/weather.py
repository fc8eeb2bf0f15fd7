"""What goes wrong in a village, and how often: the settings of a simulation, and its dice.

Imported by the scenario, the world and tests.
"""

import random
from typing import NamedTuple

from schedules.clock import HOUR, MINUTE, SECOND


class Weather(NamedTuple):
    """`loss` and `duplicates` per message, each of which takes up to `slowest_ms`; `bad_clocks`: share of boots with a
    clock that is not known to be right; `outages` to `rotten_sounds` per loudspeaker and day, `server_outages` to
    `base_stations` per day; `capped`: share of SIMs with an allowance; `kbits`: how thin each link is, 0: as if it were
    not, and then nothing waits at the broker."""

    loss: float = 0.05
    duplicates: float = 0.02
    slowest_ms: int = 3 * SECOND
    outages: float = 0.5
    longest_outage: int = 8 * HOUR
    power_cuts: float = 0.2
    longest_power_cut: int = 40 * MINUTE
    cuts_in_mid_step: float = 0.1
    bad_clocks: float = 0.5
    clock_leaps: float = 0.1
    rotten_clips: float = 0.2
    bad_cards: float = 0.05
    rotten_sounds: float = 0.03
    server_outages: float = 0.2
    broker_restarts: float = 0.3
    base_stations: float = 0.3
    approvals: float = 1
    withdrawals: float = 0.5
    capped: float = 0.1
    kbits: int = 0


WORST = Weather(
    loss=0.15,
    power_cuts=2,
    cuts_in_mid_step=2,
    bad_clocks=0.9,
    clock_leaps=1,
    broker_restarts=3,
    base_stations=3,
    approvals=8,
    withdrawals=6,
)
CALM = Weather(0, 0, 200, *[0] * 13, approvals=1, withdrawals=0, capped=0)
WEATHERS = {"bad": Weather(), "worst": WORST, "calm": CALM}


class Dice:
    """The only randomness of a simulation: the same seed throws the same. Each loudspeaker has its own, so that it lives
    through the same alone as among others."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def happens(self, chance: float) -> bool:
        """Whether something of this chance happens now."""
        return chance > 0 and self._random.random() < chance

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return low if high <= low else low + int(self._random.random() * (high - low + 1))

    def times(self, per_day: float, days: float) -> int:
        """How often something of a rate happens in so many days."""
        expected = per_day * days
        return int(expected) + (1 if self.happens(expected - int(expected)) else 0)
