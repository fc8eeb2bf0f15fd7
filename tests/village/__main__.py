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
    parser.add_argument("--village", type=int, default=125, help="loudspeakers around one server")
    given = parser.parse_args()
    villages = _villages(given.agents, given.hours, given.seed, max(given.village, 1))
    print(
        f"{given.agents} loudspeakers, {given.hours:g} hours, seed {given.seed}: "
        f"{len(villages)} villages in {given.processes} processes",
        flush=True,
    )
    began = time.perf_counter()
    outcomes, steps = Counter[str](), 0
    with multiprocessing.Pool(given.processes, maxtasksperchild=1) as pool:
        for number, result in enumerate(pool.imap_unordered(_try, villages), 1):
            if isinstance(result, str):
                print(f"\nBROKEN: {result}", file=sys.stderr)
                return 1
            outcomes, steps = outcomes + result[0], steps + result[1]
            print(f"\r{number} of {len(villages)} villages", end="", flush=True)
    took = time.perf_counter() - began
    print("\routcomes: " + ", ".join(f"{name} {number}" for name, number in sorted(outcomes.items())))
    print(f"{steps} steps in {took:.1f} s; every promise was kept")
    return 0


def replay_of(seed: int, agents: int, hours: float) -> str:
    """The command that simulates one village again."""
    return f"loaban simulate --agents {agents} --village {agents} --hours {hours:g} --seed {seed}"


def _villages(agents: int, hours: float, seed: int, largest: int) -> list[tuple[int, int, float]]:
    """Seed, loudspeakers and hours of each village. A single one has the seed itself, so that it can be replayed."""
    count = max(1, -(-agents // largest))
    share, rest = divmod(agents, count)
    return [(seed + n * 1_000_003, share + (n < rest), hours) for n in range(count)]


def _try(arguments: tuple[int, int, float]) -> tuple[Counter[str], int] | str:
    try:
        return simulate(arguments)
    except Broken as broken:
        return f"{broken}\nagain: {replay_of(*arguments)}"


if __name__ == "__main__":
    sys.exit(main())
