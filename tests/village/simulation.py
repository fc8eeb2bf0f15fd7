"""One simulation from its scenario to its verdict, and the command that repeats it.

Imported by the command line of the village, the shrinker and tests.
"""

import argparse
import gc
from collections import Counter

from device_agent import loudspeaker
from schedules.clock import HOUR
from tests.village.household import Core
from tests.village.promises import Broken, check
from tests.village.scenario import START, Scenario, scenario
from tests.village.weather import CALM, WEATHERS, Weather
from tests.village.world import World


def simulate(plan: Scenario, core: Core = loudspeaker.advance) -> tuple[Counter[str], int]:
    """One village; outcomes, and how many steps the cores took. Raises `Broken`."""
    gc.disable()  # states hold no cycles; looking for some costs a fifth of the time
    world = World(plan, core)
    live(world)
    return check(world), sum(h.steps for h in world.households.values())


def live(world: World) -> None:
    """Through all its weather, and the calm after it."""
    world.run(world.end)
    world.settle()


def broken_by(plan: Scenario, core: Core = loudspeaker.advance) -> Broken | None:
    """The promise that is broken, if one is."""
    try:
        simulate(plan, core)
    except Broken as broken:
        return broken
    return None


def replay_of(plan: Scenario) -> str:
    """The command that repeats it."""
    hours = f"{plan.days * 24:g}"
    command = f"loaban simulate --seed {plan.seed} --agents {plan.loudspeakers} --hours {hours}"
    sky = next((name for name, weather in WEATHERS.items() if weather == plan.sky), "bad")
    command += f" --weather {sky}" if sky != "bad" else ""
    if plan == scenario(plan.seed, plan.loudspeakers, plan.days, plan.sky):
        return f"{command} --village {plan.loudspeakers}"
    command += f" --only {','.join(map(str, plan.lives))} --until {(plan.until - START) / HOUR:.10g}"
    calm = [name for name, value in plan.weather._asdict().items() if value != getattr(plan.sky, name)]
    command += f" --calm {','.join(calm)}" if calm else ""
    return f"{command} --incidents {','.join(str(i.number) for i in plan.incidents) or 'none'}"


def told_to_replay(given: argparse.Namespace) -> Scenario:
    """The scenario that the options of such a command stand for."""
    plan = scenario(given.seed, given.agents, given.hours / 24, WEATHERS[given.weather])
    if given.only is not None:
        plan = plan._replace(lives=tuple(int(number) for number in given.only.split(",")))
    if given.incidents is not None:
        kept = {int(number) for number in given.incidents.replace("none", "-1").split(",")}
        plan = plan._replace(incidents=tuple(i for i in plan.incidents if i.number in kept))
    if given.calm is not None:
        plan = plan._replace(weather=calmed(plan.weather, given.calm.split(",")))
    if given.until is not None:
        plan = plan._replace(until=START + round(given.until * HOUR))
    return plan


def calmed(weather: Weather, names: list[str]) -> Weather:
    """The weather without these parts of it."""
    return weather._replace(**{name: getattr(CALM, name) for name in names})
