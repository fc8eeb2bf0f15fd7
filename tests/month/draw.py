"""The dice of a month: which loudspeakers there are, and what befalls them, all from one seed.

Imported by the month and its tests.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schedules.clock import DAY, HOUR, MINUTE, SECOND, DurationMs, UtcMs
from tests.month.fault import EVERYBODY, Fault, Kind, Traits
from tests.village.weather import Dice

PER_COMMUNE = 30
_HAMLETS = (3, 3, 2, 2)
OPERATORS = ("Viettel", "Viettel", "Viettel", "VinaPhone", "VinaPhone", "MobiFone")
FIRST_DAY_QUIET = 12 * HOUR


class Rate(NamedTuple):
    """How many of a kind in a month of 3,000 loudspeakers, and how long each lasts."""

    number: int
    shortest: DurationMs
    longest: DurationMs


RATES = {
    Kind.commune_power: Rate(20, 2 * HOUR, 30 * HOUR),
    Kind.hamlet_power: Rate(120, 2 * HOUR, 20 * HOUR),
    Kind.plug_out: Rate(100, 2 * HOUR, 2 * DAY),
    Kind.solar_weak: Rate(80, DAY, 5 * DAY),
    Kind.cell: Rate(40, 2 * HOUR, DAY),
    Kind.commune_network: Rate(15, 2 * HOUR, DAY),
    Kind.hamlet_network: Rate(60, 2 * HOUR, DAY),
    Kind.own_link: Rate(200, 2 * HOUR, 4 * DAY),
    Kind.dead_box: Rate(60, DAY, 9 * DAY),
    Kind.shut_out: Rate(30, DAY, 8 * DAY),
    Kind.certificate: Rate(30, DAY, 5 * DAY),
    Kind.twin: Rate(30, 6 * HOUR, 2 * DAY),
    Kind.sound_card: Rate(60, 6 * HOUR, 6 * DAY),
    Kind.memory_card: Rate(60, 6 * HOUR, 6 * DAY),
    Kind.card_full: Rate(40, 6 * HOUR, 4 * DAY),
    Kind.data_spent: Rate(60, 6 * HOUR, 17 * HOUR),
    Kind.forged: Rate(20, 4 * HOUR, 2 * DAY),
    Kind.hot: Rate(80, 3 * HOUR, DAY),
    Kind.weak_supply: Rate(60, 6 * HOUR, 4 * DAY),
    Kind.restarts: Rate(60, 10 * HOUR, 3 * DAY),
    Kind.amplifier: Rate(80, 2 * DAY, 6 * DAY),
    Kind.mute: Rate(20, 2 * DAY, 6 * DAY),
    Kind.clock: Rate(40, 3 * HOUR, DAY),
    Kind.weak_link: Rate(60, 8 * HOUR, 3 * DAY),
    Kind.suspended: Rate(20, DAY, 4 * DAY),
    Kind.server_down: Rate(4, 30 * MINUTE, 10 * HOUR),
    Kind.server_link: Rate(3, 3 * HOUR, 10 * HOUR),
    Kind.broker_line: Rate(3, 3 * HOUR, 10 * HOUR),
}
_PLACES = {
    Kind.commune_power: "commune",
    Kind.commune_network: "commune",
    Kind.cell: "cell",
    Kind.hamlet_power: "hamlet",
    Kind.hamlet_network: "hamlet",
}


def boxes(seed: int, loudspeakers: int) -> list[Traits]:
    """Thirty a commune, two or three a hamlet."""
    dice = Dice(f"{seed}/boxes")
    hamlets = [n for n, size in enumerate(_HAMLETS * (loudspeakers // sum(_HAMLETS) + 1)) for _ in range(size)]
    found: list[Traits] = []
    for number in range(loudspeakers):
        solar = dice.happens(0.1)
        operator = OPERATORS[dice.between(0, len(OPERATORS) - 1)]
        battery = not solar and dice.happens(0.5)
        traits = (operator, dice.happens(0.9), battery, solar, dice.happens(0.3), dice.between(0, 15 * MINUTE - 1))
        found.append(Traits(number, number // PER_COMMUNE, hamlets[number], *traits))
    fed = Counter(box.hamlet for box in found if not box.solar)
    return [box._replace(company=fed[box.hamlet] > (not box.solar)) for box in found]


def faults(seed: int, every: Sequence[Traits], days: int, start: UtcMs, more: float = 1) -> list[Fault]:
    """What befalls them, in order. `more`: so many times more often than in the field. A loudspeaker has one trouble of
    its own at a time, and any that its place has."""
    busy: dict[int, list[tuple[UtcMs, UtcMs]]] = {}
    found: list[Fault] = []
    for kind, rate in RATES.items():
        scale = days / 30 * (1 if kind in EVERYBODY else len(every) / 3_000 * more)
        dice = Dice(f"{seed}/{kind.value}")
        for _ in range(math.ceil(rate.number * scale)):
            found += _one(kind, rate, dice, every, days, start, busy)
    return sorted(found, key=lambda fault: fault.begins)


def _one(
    kind: Kind,
    rate: Rate,
    dice: Dice,
    every: Sequence[Traits],
    days: int,
    start: UtcMs,
    busy: dict[int, list[tuple[UtcMs, UtcMs]]],
) -> Iterator[Fault]:
    for _ in range(40):  # as often as dice are thrown for a place that is free
        longest = min(rate.longest, max(days * DAY // 3, rate.shortest))
        lasts = dice.between(rate.shortest, longest)
        begins = start + FIRST_DAY_QUIET + dice.between(0, days * DAY - FIRST_DAY_QUIET - lasts)
        if kind is Kind.data_spent:  # what a day may cost is spent by six, and is new at midnight
            begins = begins // DAY * DAY - HOUR  # 06:00 in Việt Nam
            begins += DAY if begins < start else 0
        struck = _struck(kind, dice, every)
        span = (begins - DAY, begins + lasts + 2 * DAY)
        if kind in EVERYBODY or kind in _PLACES:
            yield Fault(kind, struck, begins, begins + lasts, dice.between(0, 10**6))
            return
        if struck and all(span[1] < b or e < span[0] for b, e in busy.get(struck[0], ())):
            busy.setdefault(struck[0], []).append(span)
            yield Fault(kind, struck, begins, begins + lasts, dice.between(0, 10**6))
            return


def _struck(kind: Kind, dice: Dice, every: Sequence[Traits]) -> tuple[int, ...]:
    if kind in EVERYBODY:
        return ()
    one = every[dice.between(0, len(every) - 1)]
    match _PLACES.get(kind, ""):
        case "commune":
            return tuple(box.number for box in every if box.commune == one.commune)
        case "hamlet":
            return tuple(box.number for box in every if box.hamlet == one.hamlet)
        case "cell":
            return tuple(b.number for b in every if (b.commune, b.operator) == (one.commune, one.operator))
    fits = {
        Kind.solar_weak: one.solar,
        Kind.plug_out: not one.solar,
        Kind.amplifier: one.ear,
        Kind.mute: not one.ear,
    }
    return (one.number,) if fits.get(kind, True) else ()


def short_cuts(seed: int, box: Traits, days: int, start: UtcMs) -> list[UtcMs]:
    """When its link is gone for some seconds, as links are: it is back before anybody misses it."""
    dice = Dice(f"{seed}/{box.number}/short")
    return [start + dice.between(SECOND, days * DAY) for _ in range(dice.times(0.3, days))]
