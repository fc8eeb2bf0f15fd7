"""Why a loudspeaker is silent or unwell: what is known, in order, the likely cause, what is to be done next, and by
whom. Pure; one table of rules, the first that holds is told. Where two causes cannot be told apart from here, the
answer names both.

Imported by the use cases, the web and tests.
"""

import enum
from collections.abc import Callable, Iterable

import msgspec

from schedules.assignment import Allowance
from schedules.clock import DAY, HOUR, ClockTrust, DurationMs, UtcMs, may_start_by_clock
from server.neighbours import AT_ONCE, Neighbour, Share, lost_with, near, network_down, without_power
from server.readiness import Heard, as_of, spent, used

FULL_BYTES = 100_000_000
"""A loudspeaker fetches nothing more when 64 MiB are left."""
HOT = 80
"""°C: a Raspberry Pi begins to slow down there."""
LITTLE_CHARGE = 20
"""Per cent: who went silent with so little left has most likely run empty."""
FORGOTTEN: DurationMs = 14 * DAY
"""After so long without a word a loudspeaker has come to the end of what it knows, and sounds nothing more."""
TWIN_FOR: DurationMs = 3 * DAY
"""Two boxes that both run throw each other out all the time: who has not done so for days is one again."""
OFTEN, LATELY = 4, 6 * HOUR
"""So many starts in so short a time are no upgrade."""
IN_VAIN = 3
"""Sounds in a row that the ear has missed: one may be drowned by a lorry."""
SLOW: DurationMs = 3 * HOUR
"""The weakest link that counts as one brings the sounds of a day in less."""


class Cause(enum.Enum):
    """What most likely is the matter."""

    well = "well"
    never_installed = "never_installed"
    server_away = "server_away"  # the server itself has no link to the broker
    all_dark = "all_dark"  # nobody is heard: the broker, or its line
    shut_out = "shut_out"  # somebody here has ended its right to come in
    certificate_over = "certificate_over"
    two_boxes = "two_boxes"
    network_down = "network_down"  # those of one operator, while those of others stayed
    area_power = "area_power"  # no electricity in the commune
    area_dark = "area_dark"  # its neighbours are silent too: the network or the power of the whole place
    hamlet_power = "hamlet_power"
    hamlet_dark = "hamlet_dark"  # those of its hamlet: its power or its network
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
    battery_low = "battery_low"
    restarts = "restarts"  # its power flickers, or its program ends again and again
    unheard = "unheard"  # its card plays, and its ear hears nothing: the amplifier, or the ear


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
    nobody_heard = "nobody_heard"
    shut_out = "shut_out"
    certificate_over = "certificate_over"
    silent_since = "silent_since"
    network_silent = "network_silent"
    neighbours_silent = "neighbours_silent"
    hamlet_silent = "hamlet_silent"
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
    neighbours_on_battery = "neighbours_on_battery"
    weak_supply = "weak_supply"
    hot = "hot"
    restarts = "restarts"
    unheard = "unheard"
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
    """What the server knows of a loudspeaker. `neighbours`: the others of its commune that were ever heard; `linked`:
    whether the server itself has its link; `deaf`: it has, and hears hardly anybody in all the province; `repair`: what
    the ticket says that is open, if one is, and since when; `operator`: the network of its SIM, empty where nobody has
    entered it; `enrolled`: it may come in; `certified_until`: until when its certificate holds, where it has one;
    `complete_at`: when it last lacked no sound, of the last day (0: not in it)."""

    heard: Heard | None
    neighbours: tuple[Neighbour, ...]
    linked: bool
    now: UtcMs
    repair: tuple[str, UtcMs] | None = None
    deaf: bool = False
    operator: str = ""
    enrolled: bool = True
    certified_until: UtcMs | None = None
    allowance: Allowance | None = None
    complete_at: UtcMs = 0

    @property
    def silent(self) -> bool:
        """It is out of contact."""
        return self.heard is None or not as_of(self.heard, self.now).status.online

    @property
    def last_heard(self) -> UtcMs:
        """When it was heard last; now, while it is in contact."""
        return self.heard.received_at if self.heard is not None and self.silent else self.now

    @property
    def off_mains(self) -> bool:
        """It last said that it has no mains."""
        return self.heard is not None and self.heard.status.vitals.mains is False


_Rule = tuple[Cause, Owner, Callable[[Seen], bool]]


def _heard_that(says: Callable[[Heard], bool]) -> Callable[[Seen], bool]:
    return lambda seen: seen.heard is not None and says(seen.heard)


def _shut_out(seen: Seen) -> bool:
    return seen.silent and not seen.enrolled


def _ran_out(seen: Seen) -> bool:
    """Its certificate ended while it was there: who was lost long before has another trouble first."""
    until = seen.certified_until
    return seen.silent and until is not None and until <= min(seen.now, seen.last_heard + DAY)


def _doubled(seen: Seen) -> bool:
    at = seen.heard.doubled_at if seen.heard is not None else None
    return at is not None and seen.now - at <= TWIN_FOR


def _network(seen: Seen) -> Share | None:
    return network_down(seen.neighbours, seen.operator, seen.last_heard) if seen.silent else None


def _power(seen: Seen, around: Iterable[Neighbour]) -> Share:
    """How many around it have no electricity, where it may be that it has none either."""
    if not (seen.off_mains or (seen.silent and not _feeds_itself(seen))):
        return Share(0, 0)
    return without_power(around, seen.last_heard, certain=seen.off_mains)


def _feeds_itself(seen: Seen) -> bool:
    vitals = seen.heard.status.vitals if seen.heard is not None else None
    return vitals is not None and vitals.mains is None and vitals.battery is not None


def _area(seen: Seen) -> Share:
    return lost_with(seen.neighbours, seen.last_heard)


def _hamlet(seen: Seen) -> Share:
    """Who feeds itself and stayed tells nothing of the electricity."""
    around = (n for n in near(seen.neighbours) if n.lost_at is not None or not n.feeds_itself)
    return lost_with(around, seen.last_heard, AT_ONCE)


def _had_little_charge(seen: Seen) -> bool:
    vitals = seen.heard.status.vitals if seen.heard is not None else None
    return vitals is not None and vitals.battery is not None and vitals.battery <= LITTLE_CHARGE and not vitals.mains


def _budget_spent(seen: Seen) -> bool:
    return seen.heard is not None and spent(seen.allowance, *used(seen.heard.status, seen.now))


def _starts(seen: Seen) -> int:
    """How often it has begun anew lately."""
    return sum(seen.now - at <= LATELY for at in seen.heard.restarts) if seen.heard is not None else 0


def _slow(seen: Seen) -> bool:
    lacks = seen.heard is not None and bool(seen.heard.status.clips_missing)
    return lacks and seen.now - seen.complete_at >= SLOW


def _held_back(heard: Heard) -> bool:
    return heard.status.held_back > 0


RULES: tuple[_Rule, ...] = (
    (Cause.server_away, Owner.province, lambda seen: not seen.linked),
    (Cause.never_installed, Owner.technician, lambda seen: seen.heard is None),
    (Cause.shut_out, Owner.technician, _shut_out),
    (Cause.all_dark, Owner.province, lambda seen: seen.deaf and seen.silent),
    (Cause.two_boxes, Owner.technician, _doubled),
    (Cause.certificate_over, Owner.technician, _ran_out),
    (Cause.area_power, Owner.operator, lambda seen: _power(seen, seen.neighbours).is_most()),
    (Cause.network_down, Owner.operator, lambda seen: _network(seen) is not None),
    (Cause.area_dark, Owner.operator, lambda seen: seen.silent and _area(seen).is_most()),
    (Cause.hamlet_power, Owner.hamlet_head, lambda seen: _power(seen, near(seen.neighbours)).is_most(1)),
    (Cause.hamlet_dark, Owner.hamlet_head, lambda seen: seen.silent and _hamlet(seen).is_most(1)),
    (Cause.battery_empty, Owner.hamlet_head, lambda seen: seen.silent and (seen.off_mains or _had_little_charge(seen))),
    (Cause.alone_dark, Owner.hamlet_head, lambda seen: seen.silent),
    (Cause.sound_card, Owner.technician, _heard_that(lambda heard: heard.status.sound_card != "")),
    (Cause.memory_card, Owner.technician, _heard_that(lambda heard: heard.status.memory_card != "")),
    (Cause.data_spent, Owner.commune, lambda s: s.heard is not None and _held_back(s.heard) and _budget_spent(s)),
    (Cause.card_full, Owner.technician, _heard_that(_held_back)),
    (Cause.refuses, Owner.technician, _heard_that(lambda heard: _hostile(heard) > 0)),
    (Cause.no_mains, Owner.hamlet_head, lambda seen: seen.off_mains),
    (Cause.battery_low, Owner.technician, _had_little_charge),
    (Cause.hot, Owner.technician, _heard_that(lambda heard: (heard.status.vitals.temperature or 0) >= HOT)),
    (Cause.weak_supply, Owner.technician, _heard_that(lambda heard: heard.status.vitals.low_voltage is True)),
    (Cause.restarts, Owner.technician, lambda seen: _starts(seen) >= OFTEN),
    (Cause.unheard, Owner.technician, _heard_that(lambda heard: heard.status.unheard >= IN_VAIN)),
    (Cause.clock, Owner.nobody, _heard_that(lambda heard: _lost_clock(heard.status.trust))),
    (Cause.weak_link, Owner.operator, _slow),
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
    yield from _said(seen, heard)
    yield from _of_the_box(seen, heard)
    if seen.repair is not None:
        yield Known(Fact.in_repair, at=seen.repair[1], words=seen.repair[0])


def _said(seen: Seen, heard: Heard) -> Iterable[Known]:
    status = heard.status
    if _doubled(seen) and heard.doubled_at is not None:
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
    if _starts(seen) >= OFTEN:
        yield Known(Fact.restarts, count=_starts(seen))
    if status.unheard >= IN_VAIN:
        yield Known(Fact.unheard, count=status.unheard)


def _of_the_box(seen: Seen, heard: Heard) -> Iterable[Known]:
    vitals = heard.status.vitals
    if vitals.mains is False:
        yield Known(Fact.on_battery)
    others = _power(seen, seen.neighbours)
    if others.those:
        yield Known(Fact.neighbours_on_battery, count=others.those, total=others.total)
    if vitals.battery is not None and (vitals.mains is False or vitals.battery <= LITTLE_CHARGE):
        yield Known(Fact.battery, count=vitals.battery)
    if vitals.temperature is not None and vitals.temperature >= HOT:
        yield Known(Fact.hot, count=vitals.temperature)
    if vitals.low_voltage:
        yield Known(Fact.weak_supply)


def _silence(seen: Seen, heard: Heard) -> Iterable[Known]:
    yield Known(Fact.silent_since, at=heard.received_at)
    if not seen.enrolled:
        yield Known(Fact.shut_out)
    if seen.deaf:
        yield Known(Fact.nobody_heard)
    if seen.certified_until is not None and seen.certified_until <= seen.now:
        yield Known(Fact.certificate_over, at=seen.certified_until)
    network, area, hamlet = _network(seen), _area(seen), _hamlet(seen)
    if not seen.neighbours:
        yield Known(Fact.no_neighbours)
    if network is not None:
        yield Known(Fact.network_silent, count=network.those, total=network.total, words=seen.operator)
    elif area.those:
        yield Known(Fact.neighbours_silent, count=area.those, total=area.total)
    elif seen.neighbours:
        yield Known(Fact.neighbours_well, total=area.total)
    if hamlet.those:
        yield Known(Fact.hamlet_silent, count=hamlet.those, total=hamlet.total)
    over = heard.received_at + FORGOTTEN < seen.now
    yield Known(Fact.knows_nothing if over else Fact.still_plays)


def _hostile(heard: Heard) -> int:
    """Messages refused for what they were, not for coming late or broken."""
    return sum(heard.status.refused.get(cause, 0) for cause in ("bad_signature", "unknown_key", "unsealed"))


def _lost_clock(trust: ClockTrust) -> bool:
    return trust is not ClockTrust.unknown and not may_start_by_clock(trust)
