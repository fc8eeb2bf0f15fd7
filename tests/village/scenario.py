"""The scenario of a simulation: who lives in the village, and every single thing that will befall it.

Imported by the world, the shrinker, the command line of the village and tests. All that can go wrong by itself is a
numbered incident, so that any of them can be left out and the rest stays as it was.
"""

from collections.abc import Iterator
from typing import NamedTuple

from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust, UtcMs
from tests.village.weather import Dice, Weather

START: UtcMs = 1_795_478_400_000  # a Tuesday, 07:00 in Việt Nam


class Clock(NamedTuple):
    """What a loudspeaker thinks of the time: how much, and by how much it is wrong (None: it begins in 1970)."""

    trust: ClockTrust
    skew: int | None = 0


RIGHT = Clock(ClockTrust.ntp)
BAD_CLOCKS = (
    Clock(ClockTrust.none, None),
    Clock(ClockTrust.guessed, DAY),
    Clock(ClockTrust.guessed, -2 * HOUR),
    Clock(ClockTrust.guessed, 3 * HOUR),
    Clock(ClockTrust.none, -DAY),
    Clock(ClockTrust.rtc),
    Clock(ClockTrust.rtc, 3 * DAY),
    Clock(ClockTrust.rtc, 20 * DAY),
)


class Incident(NamedTuple):
    """Something that befalls a loudspeaker (or, with no device, the server, the broker or many links). `lasts`: for
    so long; `which`: a number whose meaning depends on the kind."""

    number: int
    at: UtcMs
    kind: str
    device: str = ""
    lasts: int = 0
    which: int = 0


class Scenario(NamedTuple):
    """`sky`: the weather it was made from; `loudspeakers`: how many live in the village; `lives`: the numbers of those that are simulated; `until`: when the
    weather clears."""

    seed: int
    loudspeakers: int
    days: float
    sky: Weather
    weather: Weather
    lives: tuple[int, ...]
    until: UtcMs
    incidents: tuple[Incident, ...]

    def only(self, number: int) -> "Scenario":
        """The same with a single loudspeaker."""
        device = device_of(number)
        kept = tuple(i for i in self.incidents if i.device in ("", device))
        return self._replace(lives=(number,), incidents=kept)


def device_of(number: int) -> str:
    """The name of a loudspeaker."""
    return f"loa-{number}"


def scenario(seed: int, loudspeakers: int, days: float, weather: Weather) -> Scenario:
    """What the weather brings to a village in so many days."""
    befalling = [*_befalling_all(seed, days, weather)]
    for number in range(loudspeakers):
        befalling += _befalling(seed, device_of(number), days, weather)
    incidents = tuple(incident._replace(number=n) for n, incident in enumerate(befalling))
    end = START + round(days * DAY)
    return Scenario(seed, loudspeakers, days, weather, weather, tuple(range(loudspeakers)), end, incidents)


def _befalling(seed: int, device: str, days: float, weather: Weather) -> Iterator[Incident]:
    dice, span = Dice(f"{seed}/{device}/fate"), round(days * DAY)

    def many(kind: str, rate: float, longest: int = 0, which: int = 0) -> Iterator[Incident]:
        for _ in range(dice.times(rate, days)):
            at = START + dice.between(MINUTE, span)
            yield Incident(0, at, kind, device, dice.between(SECOND, max(longest, 2 * SECOND)), dice.between(0, which))

    if dice.happens(weather.bad_clocks):
        yield Incident(0, START, "clock", device, which=dice.between(0, len(BAD_CLOCKS) - 1))
    for cut in many("power", weather.power_cuts, weather.longest_power_cut):
        yield cut
        if dice.happens(weather.bad_clocks):
            yield Incident(0, cut.at, "clock", device, which=dice.between(0, len(BAD_CLOCKS) - 1))
    yield from many("power_in_step", weather.cuts_in_mid_step, weather.longest_power_cut, 20)
    yield from many("link", weather.outages, weather.longest_outage)
    yield from many("leap", weather.clock_leaps, HOUR, 4)
    yield from many("rotten_clip", weather.rotten_clips)
    yield from many("card", weather.bad_cards)
    yield from many("rotten_sound", weather.rotten_sounds)


def _befalling_all(seed: int, days: float, weather: Weather) -> Iterator[Incident]:
    dice, span = Dice(f"{seed}/fate"), round(days * DAY)

    def many(kind: str, rate: float, longest: int = 0, which: int = 0, over: float = days) -> Iterator[Incident]:
        for _ in range(dice.times(rate, over)):
            at = START + dice.between(HOUR, max(span, 2 * HOUR))
            yield Incident(0, at, kind, "", dice.between(MINUTE, max(longest, MINUTE)), dice.between(0, which))

    yield from many("server", weather.server_outages, 10 * HOUR, 1)
    yield from many("broker", weather.broker_restarts, 2 * MINUTE)
    yield from many("base_stations", weather.base_stations, 2 * HOUR, 2)
    for number, order in enumerate(many("order", weather.approvals, over=max(days, 1))):
        yield order._replace(which=number)
        if number % 3 == 2 and dice.happens(weather.base_stations):  # an emergency, when a third of the links goes
            yield Incident(0, order.at - dice.between(0, 2 * SECOND), "base_stations", "", HOUR, number % 2)
        if dice.happens(weather.withdrawals / 2):  # before it sounds, while it does, or after
            yield Incident(0, order.at + dice.between(0, 2 * MINUTE), "call_off", "", 0, number)
    yield from many("withdraw", weather.withdrawals, 0, 8)
