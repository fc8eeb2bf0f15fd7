"""`loaban simulate`: a village of many loudspeakers for so many hours, and whether every promise was kept.

Started by the launcher.
"""

import argparse
import gc
import multiprocessing
import sys
import time
from collections import Counter

from tests.village.promises import Broken, check
from tests.village.weather import Weather
from tests.village.world import World


def simulate(arguments: tuple[int, int, float]) -> tuple[Counter[str], int]:
    """One village; outcomes, and how many steps the cores took."""
    seed, agents, hours = arguments
    gc.disable()  # states hold no cycles; looking for some costs a fifth of the time
    world = World(seed, agents, hours / 24, Weather())
    world.run(world.end)
    world.settle()
    return check(world), sum(h.steps for h in world.households.values())


def main() -> int:
    """Simulate, and say what came of it."""
    parser = argparse.ArgumentParser(prog="loaban simulate")
    parser.add_argument("--agents", type=int, default=1000)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    parts = max(1, min(given.processes, given.agents))
    share, rest = divmod(given.agents, parts)
    villages = [(given.seed * 1000 + n, share + (n < rest), given.hours) for n in range(parts)]
    print(f"{given.agents} loudspeakers, {given.hours:g} hours, seed {given.seed}, in {parts} villages …", flush=True)
    began = time.perf_counter()
    try:
        if parts == 1:
            results = [simulate(villages[0])]
        else:
            with multiprocessing.Pool(parts) as pool:
                results = pool.map(simulate, villages)
    except Broken as broken:
        print(f"BROKEN: {broken}", file=sys.stderr)
        return 1
    took = time.perf_counter() - began
    outcomes = sum((outcome for outcome, _ in results), Counter[str]())
    print("outcomes: " + ", ".join(f"{name} {number}" for name, number in sorted(outcomes.items())))
    print(f"{sum(steps for _, steps in results)} steps in {took:.1f} s; every promise was kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
