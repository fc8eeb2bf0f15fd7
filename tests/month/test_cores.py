"""The coarse loudspeakers of a month say what real cores say to which the same is done, when they say it.

Nobody imports this module.
"""

import itertools
from collections.abc import Callable

import msgspec
import pytest

from device_agent import actions as do
from device_agent import events
from schedules import wire
from schedules.assignment import Allowance
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust
from schedules.signing import SigningKey
from schedules.vitals import Vitals
from schedules.wire import STATUS_EVERY, Status
from server.cause import Cause, Seen, chain
from server.readiness import Heard
from tests.month.box import BUDGET, FREE, RESERVE, Box
from tests.month.fault import ANSWERS, Fault, Kind, Traits
from tests.unit.device.stage import SIX, Stage, slot

TRAITS = Traits(7, 0, 0, "Viettel", told=True, battery=True, solar=False, ear=True, phase=0)
OTHER = SigningKey(b"b" * 32)
WELL = Vitals(50, 100, mains=True, low_voltage=False)


class Core(Stage):
    """A real core with a link, whose shell measures once a minute."""

    def __init__(self) -> None:
        super().__init__(SIX - 6 * HOUR)
        self.health = events.HealthMeasured(FREE, vitals=WELL)
        self.allowance = Allowance(BUDGET)
        self.runs = 0
        self.starts()

    def starts(self) -> None:
        """The box has power: its program begins."""
        self.runs += 1
        self.boot(run=f"7-{self.runs}", version="1", assignment=self.assignment, programmes=tuple(self.kept.items()))
        if not self.assignment:
            self.assign()
        self.happen(self.health)
        self.happen(events.Linked())

    def minutes(self, number: int) -> None:
        """Time passes."""
        for _ in range(number):
            self.until(self.utc + MINUTE)
            self.happen(self.health)

    def measures(self, **changes: object) -> None:
        """The shell finds this from now on."""
        self.health = msgspec.structs.replace(self.health, **changes)

    @property
    def said(self) -> list[Status]:
        """What it has said, in order."""
        return [action.status for action in self.actions(do.PublishStatus)]


def _forged(core: Core) -> None:
    for number in range(3):
        good = bytearray(wire.seal_message(wire.Ack("j", number), OTHER))
        core.happen(events.MessageArrived(wire.PROGRAMME.topic("xa-1"), bytes(good)))


def _lacks(core: Core, clips: int) -> None:
    core.programme(*(slot(f"cho-{n}", SIX + DAY + n * HOUR) for n in range(clips)))


def _full(core: Core) -> None:
    core.measures(disk_free_bytes=RESERVE, clip_room_bytes=0)
    core.happen(core.health)
    _lacks(core, 3)


def _spent(core: Core) -> None:
    core.happen(events.PayloadArrived(BUDGET, "x"))
    _lacks(core, 2)


def _mute(core: Core) -> None:
    slots = [slot(f"im-{n}", core.utc + (n + 1) * 10 * MINUTE) for n in range(3)]
    core.programme(*slots)
    for each in slots:
        core.happen(events.ClipStored(each.clips[0].sha256))
    for each in slots:
        core.until(each.start)
        core.happen(events.SoundStarted(each.occurrence, each.start))
        core.happen(events.SoundMissed(each.occurrence))
        core.happen(events.SoundEnded(each.occurrence, core.utc, 20_000, True))


def _untrusted(core: Core) -> None:
    core.trust = ClockTrust.guessed


DONE: dict[Kind, Callable[[Core], None]] = {
    Kind.sound_card: lambda core: core.measures(sound_card="no such card"),
    Kind.memory_card: lambda core: core.measures(memory_card="read-only"),
    Kind.card_full: _full,
    Kind.data_spent: _spent,
    Kind.forged: _forged,
    Kind.hot: lambda core: core.measures(vitals=msgspec.structs.replace(WELL, temperature=85)),
    Kind.weak_supply: lambda core: core.measures(vitals=msgspec.structs.replace(WELL, low_voltage=True)),
    Kind.plug_out: lambda core: core.measures(vitals=msgspec.structs.replace(WELL, mains=False)),
    Kind.amplifier: _mute,
    Kind.clock: _untrusted,
    Kind.weak_link: lambda core: _lacks(core, 1),
}


def coarse(kind: Kind, now: int) -> Status:
    """What the month's loudspeaker says in this trouble."""
    box = Box(1, TRAITS, now)
    box.boot()
    box.go_on(now)
    box.faults.add(Fault(kind, (7,), now, now + DAY))
    box.unheard = 3 if kind is Kind.amplifier else 0
    return box.status(now)


def gist(status: Status) -> tuple[object, ...]:
    """What of a status the server judges by."""
    s, v = status, status.vitals
    hostile = s.refused.get("bad_signature", 0) + s.refused.get("unknown_key", 0)
    said = (
        s.online,
        s.trust,
        len(s.clips_missing),
        s.held_back,
        hostile,
        s.disk_free_bytes,
        s.sound_card,
        s.memory_card,
    )
    return (*said, s.run, s.link, s.data_today >= BUDGET, v.mains, v.low_voltage, (v.temperature or 0) >= 80, s.unheard)


@pytest.mark.parametrize("kind", DONE)
def test_a_core_in_the_same_trouble_says_the_same_and_is_judged_the_same(kind: Kind) -> None:
    core = Core()
    core.minutes(20)
    DONE[kind](core)
    core.minutes(20)
    told, ours = core.said[-1], coarse(kind, core.utc)
    assert gist(told) == gist(ours)
    for status in (told, ours):
        seen = Seen(Heard(status, core.utc), (), linked=True, now=core.utc, allowance=core.allowance)
        named = chain(seen)
        assert (named.cause, named.owner) in ANSWERS[kind]


def test_every_trouble_that_a_loudspeaker_tells_of_itself_is_held_against_a_core() -> None:
    silent = {Cause.alone_dark, Cause.shut_out, Cause.certificate_over, Cause.well, Cause.all_dark, Cause.server_away}
    around = {Cause.area_power, Cause.area_dark, Cause.hamlet_power, Cause.hamlet_dark, Cause.network_down}
    runs = {Cause.two_boxes, Cause.restarts, Cause.battery_low}
    told = {kind for kind, right in ANSWERS.items() if not {cause for cause, _ in right} & (silent | around | runs)}
    assert told <= set(DONE)


def test_a_core_says_so_every_quarter_of_an_hour_and_at_once_when_something_changes() -> None:
    core = Core()
    core.minutes(50)
    times = [status.at for status in core.said]
    assert [b - a for a, b in itertools.pairwise(times[1:])] == [STATUS_EVERY] * (len(times) - 2)
    changed = core.utc
    core.measures(vitals=msgspec.structs.replace(WELL, mains=False, battery=97))
    core.minutes(1)
    assert core.said[-1].at - changed <= MINUTE
    box = Box(1, TRAITS, SIX)
    box.boot()
    box.go_on(SIX)
    first = box.status(SIX)
    beat = box.beat(SIX + 50 * MINUTE)
    assert beat is not None
    assert beat[0] == SIX + 45 * MINUTE
    assert beat[1].number == first.number + 3
    assert box.beat(SIX + 59 * MINUTE) is None


def test_runs_links_and_numbers_go_on_as_those_of_a_core() -> None:
    core, box = Core(), Box(1, TRAITS, SIX)
    box.boot()
    box.go_on(SIX)
    ours = [box.status(SIX)]
    core.minutes(2)
    core.happen(events.Unlinked())
    core.until(core.utc + 10 * SECOND)
    core.happen(events.Linked())
    box.leave(SIX)
    box.go_on(SIX)
    ours.append(box.status(SIX))
    core.starts()
    box.boot()
    box.go_on(SIX)
    ours.append(box.status(SIX))
    told = {(s.run, s.link): s.number for s in reversed(core.said)}
    assert list(reversed(told)) == [(s.run, s.link) for s in ours]
    assert [s.number for s in ours if s.run == "7-2"] == [told["7-2", 1]] == [1]
