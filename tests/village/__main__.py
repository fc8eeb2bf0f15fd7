"""`loaban simulate`: a village of many loudspeakers for so many hours, and whether every promise was kept.

Started by the launcher.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter

from tests.village.promises import Broken
from tests.village.scenario import Scenario, scenario
from tests.village.shrinking import shrunk, tale
from tests.village.simulation import broken_by, simulate, told_to_replay
from tests.village.weather import WEATHERS


def main() -> int:
    """Simulate, and say what came of it."""
    given = parser().parse_args()
    if given.only is not None or given.incidents is not None or given.calm is not None or given.until is not None:
        return _replay(told_to_replay(given))
    villages = _villages(given, max(given.village, 1))
    print(
        f"{given.agents} loudspeakers, {given.hours:g} hours, seed {given.seed}: "
        f"{len(villages)} villages in {given.processes} processes",
        flush=True,
    )
    began = time.perf_counter()
    outcomes, steps = Counter[str](), 0
    with multiprocessing.Pool(given.processes, maxtasksperchild=1) as pool:
        for number, (plan, result) in enumerate(pool.imap_unordered(_try, villages), 1):
            if isinstance(result, Broken):
                print(f"\nBROKEN: {result}\nlooking for the shortest way there …", file=sys.stderr, flush=True)
                print(tale(shrunk(plan, result)), file=sys.stderr)
                return 1
            outcomes, steps = outcomes + result[0], steps + result[1]
            print(f"\r{number} of {len(villages)} villages", end="", flush=True)
    took = time.perf_counter() - began
    print("\routcomes: " + ", ".join(f"{name} {number}" for name, number in sorted(outcomes.items())))
    print(f"{steps} steps in {took:.1f} s; every promise was kept")
    return 0


def parser() -> argparse.ArgumentParser:
    """What `loaban simulate` understands."""
    parser = argparse.ArgumentParser(prog="loaban simulate")
    parser.add_argument("--agents", type=int, default=1000)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weather", choices=WEATHERS, default="bad")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--village", type=int, default=125, help="loudspeakers around one server")
    parser.add_argument("--only", help="simulate these loudspeakers of a single village: 3,17")
    parser.add_argument("--incidents", help="let only these incidents happen: 4,12")
    parser.add_argument("--calm", help="without these parts of the weather: loss,duplicates")
    parser.add_argument("--until", type=float, help="let the weather clear after so many hours")
    return parser


def _replay(plan: Scenario) -> int:
    broken = broken_by(plan)
    print(tale(plan))
    print(f"BROKEN: {broken}" if broken else "every promise was kept")
    return 1 if broken else 0


def _villages(given: argparse.Namespace, largest: int) -> list[Scenario]:
    """A single village has the seed itself, so that it can be replayed."""
    count = max(1, -(-given.agents // largest))
    share, rest = divmod(given.agents, count)
    days, weather = given.hours / 24, WEATHERS[given.weather]
    return [scenario(given.seed + n * 1_000_003, share + (n < rest), days, weather) for n in range(count)]


def _try(plan: Scenario) -> tuple[Scenario, tuple[Counter[str], int] | Broken]:
    try:
        return plan, simulate(plan)
    except Broken as broken:
        return plan, broken


if __name__ == "__main__":
    sys.exit(main())
