"""What can break, for how long, what of it anybody at the server can know, and so what is a right answer.

Imported by the other rooms of this folder.
"""

import enum
from typing import NamedTuple

from schedules.clock import DAY, HOUR, MINUTE, DurationMs, UtcMs
from server.cause import LATELY, TWIN_FOR, Cause, Owner
from server.readiness import SILENT_FOR

Answer = tuple[Cause, Owner]


class Kind(enum.Enum):
    """What breaks."""

    commune_power = "commune_power"
    hamlet_power = "hamlet_power"
    plug_out = "plug_out"
    solar_weak = "solar_weak"
    cell = "cell"  # one operator, around there
    commune_network = "commune_network"
    hamlet_network = "hamlet_network"
    own_link = "own_link"  # its antenna, its SIM, or the credit on it
    dead_box = "dead_box"
    shut_out = "shut_out"
    certificate = "certificate"
    twin = "twin"
    sound_card = "sound_card"
    memory_card = "memory_card"
    card_full = "card_full"
    data_spent = "data_spent"
    forged = "forged"
    hot = "hot"
    weak_supply = "weak_supply"
    restarts = "restarts"
    amplifier = "amplifier"  # where there is an ear
    mute = "mute"  # the same where there is none: nobody can know
    clock = "clock"
    weak_link = "weak_link"
    suspended = "suspended"  # a rule keeps it silent: no fault
    server_down = "server_down"
    server_link = "server_link"  # between the server and the broker
    broker_line = "broker_line"  # between the broker and all loudspeakers


class Fault(NamedTuple):
    """Something that befalls these loudspeakers (none: all of them). `which`: a number whose meaning is the kind's."""

    kind: Kind
    devices: tuple[int, ...]
    begins: UtcMs
    ends: UtcMs
    which: int = 0

    @property
    def shows_at(self) -> UtcMs:
        """From when on somebody at the server can know it."""
        return self.begins + SHOWS.get(self.kind, SOON)

    @property
    def lingers_until(self) -> UtcMs:
        """Until when it is told, rightly, that it was so; from then on nothing is left of it."""
        return self.ends + LINGERS.get(self.kind, SOON)


SOON: DurationMs = SILENT_FOR + 5 * MINUTE
"""A status is never further away than a quarter of an hour; a last will comes in less, but some are lost."""
SHOWS = {
    Kind.restarts: LATELY,
    Kind.amplifier: DAY,  # three plays that nobody hears
    Kind.weak_link: 4 * HOUR,
    Kind.twin: HOUR,
}
LINGERS = {
    Kind.restarts: LATELY,
    Kind.twin: TWIN_FOR + SOON,
    Kind.amplifier: 13 * HOUR,  # until the next play is heard
}

_HEAD, _TECHNICIAN, _OPERATOR = Owner.hamlet_head, Owner.technician, Owner.operator
_ALONE: Answer = (Cause.alone_dark, _HEAD)
WELL: Answer = (Cause.well, Owner.nobody)
ANSWERS: dict[Kind, tuple[Answer, ...]] = {
    # With a meter on its mains a box says so before it goes; without, power and network look alike from here.
    Kind.commune_power: ((Cause.area_power, _OPERATOR), (Cause.area_dark, _OPERATOR)),
    Kind.hamlet_power: ((Cause.hamlet_power, _HEAD), (Cause.hamlet_dark, _HEAD)),
    Kind.commune_network: ((Cause.area_dark, _OPERATOR),),
    Kind.hamlet_network: ((Cause.hamlet_dark, _HEAD),),
    Kind.cell: ((Cause.network_down, _OPERATOR),),
    # Who never says what feeds it is just gone: its power, SIM or box.
    Kind.plug_out: ((Cause.no_mains, _HEAD), (Cause.battery_empty, _HEAD), _ALONE),
    Kind.own_link: (_ALONE,),
    Kind.dead_box: (_ALONE,),
    Kind.solar_weak: ((Cause.battery_low, _TECHNICIAN), (Cause.battery_empty, _HEAD)),
    Kind.shut_out: ((Cause.shut_out, _TECHNICIAN),),
    Kind.certificate: ((Cause.certificate_over, _TECHNICIAN),),
    Kind.twin: ((Cause.two_boxes, _TECHNICIAN),),
    Kind.sound_card: ((Cause.sound_card, _TECHNICIAN),),
    Kind.memory_card: ((Cause.memory_card, _TECHNICIAN),),
    Kind.card_full: ((Cause.card_full, _TECHNICIAN),),
    Kind.data_spent: ((Cause.data_spent, Owner.commune),),
    Kind.forged: ((Cause.refuses, _TECHNICIAN),),
    Kind.hot: ((Cause.hot, _TECHNICIAN),),
    Kind.weak_supply: ((Cause.weak_supply, _TECHNICIAN),),
    Kind.restarts: ((Cause.restarts, _TECHNICIAN),),
    Kind.amplifier: ((Cause.unheard, _TECHNICIAN),),
    Kind.mute: (WELL,),
    Kind.clock: ((Cause.clock, Owner.nobody),),
    Kind.weak_link: ((Cause.weak_link, _OPERATOR),),
    Kind.suspended: (WELL,),
    Kind.server_down: (WELL,),  # nobody can ask meanwhile; afterwards nothing may be left of it
    Kind.server_link: ((Cause.server_away, Owner.province),),
    Kind.broker_line: ((Cause.all_dark, Owner.province),),
}
POWER = frozenset({Kind.commune_power, Kind.hamlet_power, Kind.plug_out})
CUT_OFF = frozenset(
    {
        Kind.cell,
        Kind.commune_network,
        Kind.hamlet_network,
        Kind.own_link,
        Kind.shut_out,
        Kind.certificate,
        Kind.broker_line,
    }
)
SILENCING = CUT_OFF | POWER | {Kind.dead_box, Kind.solar_weak}
EVERYBODY = frozenset({Kind.server_down, Kind.server_link, Kind.broker_line})


def answers(fault: Fault, box: "Traits") -> frozenset[Answer]:
    """What is right of this loudspeaker while this lasts. What only a box can tell, one without the means does not."""
    kind, right = fault.kind, ANSWERS[fault.kind]
    if kind in POWER and box.solar:
        return frozenset({WELL})
    if kind is Kind.plug_out or (kind is Kind.hamlet_power and not box.company):
        own = ANSWERS[Kind.plug_out]
        return frozenset(own[:2] if box.battery else own[2:])
    if kind is Kind.cell and not box.told:
        return frozenset({_ALONE, *ANSWERS[Kind.commune_network], *ANSWERS[Kind.hamlet_network]})
    return frozenset(right)


class Traits(NamedTuple):
    """What a loudspeaker is. `operator`: of its SIM, which somebody has entered where `told`; `battery`: it has one
    behind its mains, and measures both; `solar`: a battery and a panel alone; `ear`: a microphone at its pole; `phase`:
    when in a quarter of an hour it speaks; `company`: others of its hamlet hang on the same mains."""

    number: int
    commune: int
    hamlet: int
    operator: str
    told: bool
    battery: bool
    solar: bool
    ear: bool
    phase: DurationMs
    company: bool = False

    @property
    def device(self) -> str:
        """Its name."""
        return f"loa-thang-{self.number}"
