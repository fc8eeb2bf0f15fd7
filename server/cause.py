"""Why a loudspeaker is silent or unwell: what is known, in order, the likely cause, what is to be done next, and by
whom. Pure; one table of rules, the first that holds is told.

Imported by the use cases, the web and tests.
"""

import enum
from collections.abc import Callable, Iterable

import msgspec

from schedules.clock import DAY, HOUR, ClockTrust, DurationMs, UtcMs, may_start_by_clock
from server.readiness import Heard, as_of

TOGETHER: DurationMs = 2 * HOUR
"""Neighbours that were lost within this time of each other were lost to one cause."""
FEWEST_NEIGHBOURS, MOST_OF_THEM = 2, 0.6
FULL_BYTES = 50_000_000
HOT = 80
"""°C: a Raspberry Pi begins to slow down there."""
LITTLE_CHARGE = 20
"""Per cent: who went silent with so little left has most likely run empty."""
FORGOTTEN: DurationMs = 14 * DAY
"""After so long without a word a loudspeaker has come to the end of what it knows, and sounds nothing more."""


class Cause(enum.Enum):
    """What most likely is the matter."""

    well = "well"
    never_installed = "never_installed"
    server_away = "server_away"  # the server itself has no link to the broker
    two_boxes = "two_boxes"
    area_dark = "area_dark"  # its neighbours are silent too: the network or the power of the whole place
    battery_empty = "battery_empty"
    alone_dark = "alone_dark"  # it alone: its own power, SIM or box
    sound_card = "sound_card"
    memory_card = "memory_card"
    card_full = "card_full"
    data_spent = "data_spent"
    clock = "clock"
    weak_link = "weak_link"
    refuses = "refuses"  # it refuses what it is sent: keys, or somebody who is not us
    hot = "hot"
    weak_supply = "weak_supply"
    no_mains = "no_mains"


class Owner(enum.Enum):
    """Who acts next."""

    nobody = "nobody"
    hamlet_head = "hamlet_head"
    commune = "commune"
    technician = "technician"
    operator = "operator"  # of the mobile network, or of the electricity
    province = "province"


class Fact(enum.Enum):
    """What is known; the words stand at the edge."""

    never_heard = "never_heard"
    server_unlinked = "server_unlinked"
    silent_since = "silent_since"
    neighbours_silent = "neighbours_silent"
    neighbours_well = "neighbours_well"
    no_neighbours = "no_neighbours"
    still_plays = "still_plays"  # it plays on by itself, if it has power
    knows_nothing = "knows_nothing"  # its programme has come to its end
    doubled = "doubled"
    sound_card = "sound_card"
    memory_card = "memory_card"
    disk_low = "disk_low"
    data_spent = "data_spent"
    clock = "clock"
    sounds_missing = "sounds_missing"
    refused = "refused"
    battery = "battery"  # what it last said of its charge
    on_battery = "on_battery"
    weak_supply = "weak_supply"
    hot = "hot"
    in_repair = "in_repair"


class Known(msgspec.Struct, frozen=True):
    """A fact with what a sentence about it may quote: an instant, counts, or the loudspeaker's own words."""

    fact: Fact
    at: UtcMs = 0
    count: int = 0
    total: int = 0
    words: str = ""


class Chain(msgspec.Struct, frozen=True):
    """What is told of one loudspeaker."""

    known: tuple[Known, ...]
    cause: Cause
    owner: Owner


class Seen(msgspec.Struct, frozen=True):
    """What the server knows of a loudspeaker. `lost_around`: when its neighbours of the same commune were last heard,
    of those that are silent now; `neighbours`: how many there are in all; `linked`: whether the server itself is;
    `repair`: what the ticket says that is open, if one is, and since when."""

    heard: Heard | None
    neighbours: int
    lost_around: tuple[UtcMs, ...]
    linked: bool
    now: UtcMs
    repair: tuple[str, UtcMs] | None = None

    @property
    def silent(self) -> bool:
        """It is out of contact."""
        return self.heard is None or not as_of(self.heard, self.now).status.online

    @property
    def lost_together(self) -> int:
        """Neighbours that were lost at about the same time."""
        if self.heard is None:
            return 0
        return sum(abs(at - self.heard.received_at) <= TOGETHER for at in self.lost_around)


_Rule = tuple[Cause, Owner, Callable[[Seen], bool]]


def _heard_that(says: Callable[[Heard], bool]) -> Callable[[Seen], bool]:
    return lambda seen: seen.heard is not None and says(seen.heard)


def _area_is_dark(seen: Seen) -> bool:
    together = seen.lost_together
    return seen.silent and together >= FEWEST_NEIGHBOURS and together >= MOST_OF_THEM * seen.neighbours


RULES: tuple[_Rule, ...] = (
    (Cause.server_away, Owner.province, lambda seen: not seen.linked),
    (Cause.never_installed, Owner.technician, lambda seen: seen.heard is None),
    (Cause.two_boxes, Owner.technician, _heard_that(lambda heard: heard.doubled_at is not None)),
    (Cause.area_dark, Owner.operator, _area_is_dark),
    (Cause.battery_empty, Owner.hamlet_head, lambda seen: seen.silent and _had_little_charge(seen)),
    (Cause.alone_dark, Owner.hamlet_head, lambda seen: seen.silent),
    (Cause.sound_card, Owner.technician, _heard_that(lambda heard: heard.status.sound_card != "")),
    (Cause.memory_card, Owner.technician, _heard_that(lambda heard: heard.status.memory_card != "")),
    (
        Cause.card_full,
        Owner.technician,
        _heard_that(lambda heard: heard.status.held_back > 0 and 0 < heard.status.disk_free_bytes < FULL_BYTES),
    ),
    (Cause.data_spent, Owner.commune, _heard_that(lambda heard: heard.status.held_back > 0)),
    (Cause.refuses, Owner.technician, _heard_that(lambda heard: _hostile(heard) > 0)),
    (Cause.no_mains, Owner.hamlet_head, _heard_that(lambda heard: heard.status.vitals.mains is False)),
    (Cause.hot, Owner.technician, _heard_that(lambda heard: (heard.status.vitals.temperature or 0) >= HOT)),
    (Cause.weak_supply, Owner.technician, _heard_that(lambda heard: heard.status.vitals.low_voltage is True)),
    (Cause.clock, Owner.nobody, _heard_that(lambda heard: _lost_clock(heard.status.trust))),
    (Cause.weak_link, Owner.operator, _heard_that(lambda heard: bool(heard.status.clips_missing))),
)
"""In the order in which they are asked; none: it is well."""


def chain(seen: Seen) -> Chain:
    """What is told."""
    for cause, owner, holds in RULES:
        if holds(seen):
            return Chain(tuple(_known(seen)), cause, owner)
    return Chain((), Cause.well, Owner.nobody)


def _known(seen: Seen) -> Iterable[Known]:
    """Everything that is known and not as it should be, the oldest link of the chain first."""
    if not seen.linked:
        yield Known(Fact.server_unlinked)
    heard = seen.heard
    if heard is None:
        yield Known(Fact.never_heard)
        return
    if seen.silent:
        yield from _silence(seen, heard)
    status = heard.status
    if heard.doubled_at is not None:
        yield Known(Fact.doubled, at=heard.doubled_at)
    if status.sound_card:
        yield Known(Fact.sound_card, words=status.sound_card)
    if status.memory_card:
        yield Known(Fact.memory_card, words=status.memory_card)
    if 0 < status.disk_free_bytes < FULL_BYTES:
        yield Known(Fact.disk_low, count=status.disk_free_bytes)
    if status.held_back:
        yield Known(Fact.data_spent, count=status.held_back)
    if _hostile(heard):
        yield Known(Fact.refused, count=_hostile(heard))
    if _lost_clock(status.trust):
        yield Known(Fact.clock)
    if status.clips_missing:
        yield Known(Fact.sounds_missing, count=len(status.clips_missing))
    yield from _of_the_box(heard)
    if seen.repair is not None:
        yield Known(Fact.in_repair, at=seen.repair[1], words=seen.repair[0])


def _of_the_box(heard: Heard) -> Iterable[Known]:
    vitals = heard.status.vitals
    if vitals.mains is False:
        yield Known(Fact.on_battery)
    if vitals.battery is not None and (vitals.mains is False or vitals.battery <= LITTLE_CHARGE):
        yield Known(Fact.battery, count=vitals.battery)
    if vitals.temperature is not None and vitals.temperature >= HOT:
        yield Known(Fact.hot, count=vitals.temperature)
    if vitals.low_voltage:
        yield Known(Fact.weak_supply)


def _had_little_charge(seen: Seen) -> bool:
    vitals = seen.heard.status.vitals if seen.heard is not None else None
    return vitals is not None and vitals.battery is not None and vitals.battery <= LITTLE_CHARGE and not vitals.mains


def _silence(seen: Seen, heard: Heard) -> Iterable[Known]:
    yield Known(Fact.silent_since, at=heard.received_at)
    together = seen.lost_together
    if not seen.neighbours:
        yield Known(Fact.no_neighbours)
    elif together:
        yield Known(Fact.neighbours_silent, count=together, total=seen.neighbours)
    else:
        yield Known(Fact.neighbours_well, total=seen.neighbours)
    over = heard.received_at + FORGOTTEN < seen.now
    yield Known(Fact.knows_nothing if over else Fact.still_plays)


def _hostile(heard: Heard) -> int:
    """Messages refused for what they were, not for coming late or broken."""
    return sum(heard.status.refused.get(cause, 0) for cause in ("bad_signature", "unknown_key", "unsealed"))


def _lost_clock(trust: ClockTrust) -> bool:
    return trust is not ClockTrust.unknown and not may_start_by_clock(trust)
