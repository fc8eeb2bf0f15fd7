"""Fate: how each incident of a scenario is brought about in the world.

Imported by the world.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from schedules.clock import MINUTE, SECOND, ClockTrust
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from server import delivery
from server.planning import NOW_LEAD
from tests.village.home import COMMUNES, PROVINCE, broadcast
from tests.village.scenario import BAD_CLOCKS, RIGHT, Clock, Incident

if TYPE_CHECKING:
    from tests.village.world import World

ALERT_LEAD = 1 * SECOND
CLASSES = (BroadcastClass.ordinary, BroadcastClass.priority, BroadcastClass.emergency)


def befall(world: "World", incident: Incident) -> None:
    """It happens now."""
    if incident.device and incident.device not in world.households:
        return
    if world.told is not None:
        world.told(incident.device or "xã", in_words(incident))
    _KINDS[incident.kind](world, incident)


def in_words(incident: Incident) -> str:
    """What it is, for whoever reads a trace."""
    lasts = f", {incident.lasts / MINUTE:.1f} min" if incident.lasts else ""
    clock = f" {_clock(incident.which).trust.value} {_clock(incident.which).skew}" if incident.kind == "clock" else ""
    return f"! {incident.kind}{clock}{lasts} (incident {incident.number})"


def _clock(which: int) -> Clock:
    return BAD_CLOCKS[which]


def _next_clock(world: "World", incident: Incident) -> None:
    household = world.households[incident.device]
    household.next_clock = BAD_CLOCKS[incident.which]


def _power(world: "World", incident: Incident) -> None:
    world.cut_power(world.households[incident.device], incident.lasts)


def _power_in_step(world: "World", incident: Incident) -> None:
    household = world.households[incident.device]
    household.fuse, household.dark_for = incident.which + 1, incident.lasts


def _link(world: "World", incident: Incident) -> None:
    world.unlink(world.households[incident.device], world.now + incident.lasts)


def _leap(world: "World", incident: Incident) -> None:
    world.leap(world.households[incident.device], BAD_CLOCKS[incident.which], incident.lasts)


def _rotten_clip(world: "World", incident: Incident) -> None:
    world.households[incident.device].next_clip_is_rotten = True


def _card(world: "World", incident: Incident) -> None:
    world.households[incident.device].card_will_go = True


def _rotten_sound(world: "World", incident: Incident) -> None:
    world.households[incident.device].next_sound_is_rotten = True


def _base_stations(world: "World", incident: Incident) -> None:
    """A third of the links, those with this remainder, is gone."""
    for number, household in enumerate(world.households.values()):
        if household.number % 3 == incident.which % 3:
            world.unlink(household, world.now + incident.lasts + number * 100)


def _broker(world: "World", incident: Incident) -> None:
    """The broker restarts: all links are gone for a moment, and it has forgotten what it was to keep."""
    if not world.server_up:
        return
    back = world.now + incident.lasts
    _everybody_off(world, back)
    world.retained.clear()
    world.at(back, lambda: world.serve(delivery.BrokerLinked()))


def _server(world: "World", incident: Incident) -> None:
    """The server and its broker are gone. Either the broker has forgotten what it kept, or both have."""
    if not world.server_up:
        return
    back = world.now + incident.lasts
    _everybody_off(world, back)
    world.server_up = False
    world.retained.clear()

    def return_() -> None:
        world.server_up = True
        if incident.which:  # it was the server, not the broker: it remembers what is in its database
            world.home.delivery = delivery.State()
        world.serve(world.home.plan(world.now))
        world.serve(delivery.BrokerLinked())

    world.at(back, return_)


def _everybody_off(world: "World", back: int) -> None:
    world.serve(delivery.BrokerUnlinked())
    for household in world.households.values():
        world.unlink(household, back + household.dice.between(0, MINUTE))


def _order(world: "World", incident: Incident) -> None:
    """Somebody approves something that is to sound now."""
    if not world.server_up:
        return
    number = incident.which
    area, of_class = (PROVINCE, *COMMUNES)[number % 4], CLASSES[number % 3]
    lead = ALERT_LEAD if of_class is BroadcastClass.emergency else NOW_LEAD
    fresh = broadcast(f"ngay-{number}", area, Once(world.now + lead), world.now, of_class, 30)
    for household in world.households.values():
        household.clips.update((clip.sha256, clip) for clip in fresh.clips)
    hearing = (h for h in world.hearing(area) if h.clock.trust is not ClockTrust.rtc)
    world.hearers[fresh.id] = frozenset(household.device for household in hearing)
    world.home.broadcasts.append(fresh)
    world.plan()


def _call_off(world: "World", incident: Incident) -> None:
    _is_withdrawn(world, f"ngay-{incident.which}")


def _withdraw(world: "World", incident: Incident) -> None:
    """One of those that were planned from the beginning, perhaps while it waits for its turn."""
    _is_withdrawn(world, world.home.planned[incident.which % len(world.home.planned)])


def _is_withdrawn(world: "World", broadcast: str) -> None:
    if world.server_up:
        world.home.broadcasts = [b for b in world.home.broadcasts if b.id != broadcast]
        world.plan()


_KINDS: dict[str, Callable[["World", Incident], None]] = {
    "clock": _next_clock,
    "power": _power,
    "power_in_step": _power_in_step,
    "link": _link,
    "leap": _leap,
    "rotten_clip": _rotten_clip,
    "card": _card,
    "rotten_sound": _rotten_sound,
    "base_stations": _base_stations,
    "broker": _broker,
    "server": _server,
    "order": _order,
    "call_off": _call_off,
    "withdraw": _withdraw,
}
assert RIGHT not in BAD_CLOCKS
