"""Tests by simulation: every promise of the product in bad weather, over many seeds.

Nobody imports this module.
"""

from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest

from schedules.clock import DAY, HOUR
from server import delivery
from tests.village.__main__ import simulate
from tests.village.promises import Broken, check
from tests.village.weather import CALM, Weather
from tests.village.world import START, World

SEEDS = 20


def test_fifty_loudspeakers_for_a_week_in_bad_weather() -> None:
    """50 × 20 seeds × 7 days; a failing seed is replayed with `loaban simulate --agents 50 --hours 168 --processes 1`
    and its seed."""
    with ProcessPoolExecutor(2) as pool:
        runs = {seed: pool.submit(simulate, (seed, 50, 168)) for seed in range(SEEDS)}
        outcomes: Counter[str] = Counter()
        for seed, run in runs.items():
            try:
                outcomes += run.result()[0]
            except Broken as broken:
                raise AssertionError(f"seed {seed}: {broken}") from broken
    assert outcomes["played"] > 10_000
    assert {"late", "missed", "skipped", "cut"} <= outcomes.keys()


def test_with_the_link_cut_a_fortnight_is_played_on_time() -> None:
    world = World(1, 8, 14, CALM)
    world.run(START + 2 * HOUR)
    world.serve(delivery.BrokerUnlinked())
    world.server_up = False
    for household in world.households.values():
        world.unlink(household, START + 30 * DAY)
    world.run(START + 14 * DAY)
    on_time = [s for h in world.households.values() for s in h.horn if s.occurrence.startswith("sang@")]
    assert len(on_time) == 8 * 14
    assert all(s.start == int(s.occurrence.partition("@")[2]) for s in on_time)


@pytest.mark.parametrize("seed", range(3))
def test_calm_weather_brings_every_play_on_time(seed: int) -> None:
    outcomes, _ = simulate_in(seed, CALM)
    assert not {"missed", "failed"} & outcomes.keys()


def test_a_second_playing_would_be_noticed() -> None:
    world = World(1, 5, 1, CALM)
    world.run(world.end)
    world.settle()
    household = world.households["loa-0"]
    household.horn.append(household.horn[0])
    with pytest.raises(Broken, match="sounded 2 times"):
        check(world)


def test_a_lost_report_would_be_noticed() -> None:
    world = World(1, 5, 1, CALM)
    world.run(world.end)
    world.settle()
    del world.home.filed[next(iter(world.home.filed))]
    with pytest.raises(Broken):
        check(world)


@pytest.mark.scale
def test_a_thousand_loudspeakers_for_a_day() -> None:
    assert simulate((7, 1000, 24))[0]["played"] > 3_000


def simulate_in(seed: int, weather: Weather) -> tuple[Counter[str], World]:
    world = World(seed, 12, 2, weather)
    world.run(world.end)
    world.settle()
    return check(world), world
