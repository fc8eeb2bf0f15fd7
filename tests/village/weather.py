"""What goes wrong in a village, and how often: the settings of a simulation, and its dice.

Imported by the world and tests.
"""

import random
from typing import NamedTuple

from schedules.clock import HOUR, MINUTE, SECOND


class Weather(NamedTuple):
    """Chances are per message unless they say otherwise. `outages`, `power_cuts` and `clock_leaps` per loudspeaker
    and day; `approvals` ("now") per day; `bad_clocks`: share of boots with a clock that is wrong and not trusted; `cuts_in_mid_step`: per action
    of a step; `bad_cards` and `rotten_sounds` per sound."""

    loss: float = 0.05
    duplicates: float = 0.02
    slowest_ms: int = 3 * SECOND
    outages: float = 0.5
    longest_outage: int = 8 * HOUR
    power_cuts: float = 0.2
    longest_power_cut: int = 40 * MINUTE
    bad_clocks: float = 0.5
    rotten_clips: float = 0.03
    server_outages: float = 0.3
    clock_leaps: float = 0.1
    cuts_in_mid_step: float = 0.0005
    bad_cards: float = 0.01
    rotten_sounds: float = 0.005
    approvals: float = 1


CALM = Weather(0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)


class Dice:
    """The only randomness of a simulation: the same seed throws the same."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def happens(self, chance: float) -> bool:
        """Whether something of this chance happens now."""
        return chance > 0 and self._random.random() < chance

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return low if high <= low else self._random.randrange(low, high + 1)

    def times(self, per_day: float, days: float) -> int:
        """How often something of a rate happens in so many days."""
        expected = per_day * days
        return int(expected) + (1 if self.happens(expected - int(expected)) else 0)

    def one_of(self, things: tuple) -> object:
        """One of these."""
        return self._random.choice(things)
