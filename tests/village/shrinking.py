"""Shrinking: from a long simulation that breaks a promise to the shortest one that breaks the same, told as a tale.

Imported by the command line of the village and tests.
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from device_agent import actions as do
from device_agent import events, loudspeaker
from device_agent.state import Step
from schedules.clock import HOUR, SECOND, Now, UtcMs, civil
from tests.village.household import Core
from tests.village.promises import Broken, check
from tests.village.scenario import START, Scenario
from tests.village.simulation import broken_by, calmed, live, replay_of
from tests.village.weather import CALM
from tests.village.world import World

_Thing = TypeVar("_Thing")
WIRE = ("loss", "duplicates", "slowest_ms", "capped")
"""The parts of the weather that are no incidents."""
LONGEST_TALE = 40
_SAID = (do.OpenPlayback, do.ClosePlayback, do.PlaceSound, do.CancelSound, do.KeepProgramme, do.KeepAlert)


def shrunk(plan: Scenario, broken: Broken, core: Core = loudspeaker.advance) -> Scenario:
    """The shortest scenario found that breaks the same promise: fewest loudspeakers, hours and incidents, and the
    calmest weather."""

    def fails(candidate: Scenario) -> bool:
        found = broken_by(candidate, core)
        return found is not None and found.promise == broken.promise

    alone = plan.only(int(broken.device.removeprefix("loa-")))
    if fails(alone):
        plan = alone
    else:
        plan = plan._replace(lives=_fewest(plan.lives, lambda lives: fails(plan._replace(lives=lives))))
    plan = _earliest(plan, fails)
    plan = _fewest_incidents(plan, fails)
    for name in WIRE:
        calmer = plan._replace(weather=calmed(plan.weather, [name]))
        plan = calmer if calmer != plan and fails(calmer) else plan
    return _earliest(_fewest_incidents(plan, fails), fails)


def tale(plan: Scenario, core: Core = loudspeaker.advance) -> str:
    """What happens in it, line by line, the promise that it breaks, and the command that repeats it."""
    world = World(plan, core)
    lines: list[str] = []

    def tell(who: str, what: str) -> None:
        lines.append(f"{civil(world.now):%d/%m %H:%M:%S}  {who}: {what}")

    world.told = tell
    for device, household in world.households.items():

        def watch(event: events.Event, now: Now, step: Step, device: str = device) -> None:
            if said := _in_words(event, step.actions):
                tell(f"{device} ({now.trust.value} {civil(max(now.utc, 0)):%d/%m %H:%M:%S})", said)

        household.watch = watch
    live(world)
    verdict = "every promise was kept"
    try:
        check(world)
    except Broken as broken:
        verdict = f"broken: {broken.promise.replace('_', ' ')}. {broken}"
        lines = _to_the_point([s for s in lines if f" {broken.device}" in s or " xã:" in s], str(broken))
    if len(lines) > LONGEST_TALE:
        half = LONGEST_TALE // 2
        lines[half:-half] = [f"… {len(lines) - LONGEST_TALE} lines more …"]
    return "\n".join([*lines, verdict, f"again: {replay_of(plan)}"])


def _to_the_point(lines: list[str], said: str) -> list[str]:
    """Only what speaks of what the broken promise speaks of, if it names it; and what befell everybody."""
    names = re.findall(r"[\w-]+@\d+", said)[:1]
    return [line for line in lines if not names or names[0] in line or "@" not in line] or lines


def _in_words(event: events.Event, actions: Iterable[do.Action]) -> str:
    done = [_name(action) for action in actions if isinstance(action, _SAID)]
    plain = isinstance(event, events.Booted | events.Linked | events.Unlinked | events.ClipRefused)
    if not done and not plain:
        return ""
    about = getattr(event, "occurrence", "") or getattr(event, "area", "")
    return f"{type(event).__name__}{f' {about}' if about else ''}{' → ' if done else ''}{', '.join(done)}"


def _name(action: do.Action) -> str:
    match action:
        case do.ClosePlayback():
            outcome = action.playback
            return f"ClosePlayback {outcome.occurrence} {outcome.outcome.value} {outcome.reason.value}"
        case do.OpenPlayback():
            return f"OpenPlayback {action.playback.occurrence}"
        case do.PlaceSound() | do.CancelSound():
            return f"{type(action).__name__} {action.occurrence}"
        case do.KeepProgramme() | do.KeepAlert():
            return f"{type(action).__name__} {action.area}"
        case _:
            return type(action).__name__


def _fewest_incidents(plan: Scenario, fails: Callable[[Scenario], bool]) -> Scenario:
    return plan._replace(incidents=_fewest(plan.incidents, lambda some: fails(plan._replace(incidents=some))))


def _fewest(things: tuple[_Thing, ...], fails: Callable[[tuple[_Thing, ...]], bool]) -> tuple[_Thing, ...]:
    """Drop halves, quarters … single things, as long as it still fails without them."""
    piece = len(things)
    while piece:
        begin = 0
        while begin < len(things):
            fewer = things[:begin] + things[begin + piece :]
            if fails(fewer):
                things = fewer
            else:
                begin += piece
        piece //= 2
    return things


def _earliest(plan: Scenario, fails: Callable[[Scenario], bool]) -> Scenario:
    """The weather clears as early as it can, to the minute."""
    low, high = START, plan.until

    def ends(until: UtcMs) -> Scenario:
        return plan._replace(until=until, incidents=tuple(i for i in plan.incidents if i.at <= until))

    while high - low > HOUR // 60:
        middle = (low + high) // 2 // SECOND * SECOND
        if fails(ends(middle)):
            high = middle
        else:
            low = middle
    return ends(high)


assert set(WIRE) <= set(CALM._fields)
