"""Tests by simulation: every promise of the product in bad weather, over many seeds.

Nobody imports this module.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor

import msgspec
import pytest

from device_agent.replay import line_of, read_line, replay
from schedules.assignment import Assignment
from schedules.clock import DAY, HOUR, MINUTE, SECOND
from schedules.playback import Outcome
from schedules.programme import Programme
from schedules.trial import is_trial, slots_of
from server import delivery
from server.ledger import preview
from tests.village.household import Household
from tests.village.promises import Broken, check
from tests.village.scenario import START, Scenario, scenario
from tests.village.shrinking import shrunk, tale
from tests.village.simulation import live, simulate
from tests.village.weather import CALM, WORST, Weather
from tests.village.world import World

SEEDS = 20
THOUSANDS = int(os.environ.get("LOABAN_VILLAGE_SEEDS", "1"))


@pytest.mark.timeout(600)
def test_fifty_loudspeakers_for_days_in_bad_weather() -> None:
    outcomes = all_kept([scenario(seed, 50, 4, Weather()) for seed in range(SEEDS)])
    assert outcomes["played"] > 5_000
    assert {"late", "missed", "skipped", "cut", "failed"} <= outcomes.keys()


def test_a_hundred_loudspeakers_for_a_day_in_the_worst_of_weather() -> None:
    all_kept([scenario(seed, 25, 1, WORST) for seed in range(4)])


@pytest.mark.scale
@pytest.mark.timeout(3600)
def test_a_thousand_loudspeakers_for_a_day() -> None:
    """The long form is 20 seeds: LOABAN_VILLAGE_SEEDS=20."""
    plans = [scenario(1_000 + seed, 1_000, 1, Weather()) for seed in range(THOUSANDS)]
    assert all_kept(plans)["played"] > 3_000 * THOUSANDS


def all_kept(plans: Iterable[Scenario]) -> Counter[str]:
    """The outcomes of all these; where a promise is broken, the shortest way there is told."""
    outcomes: Counter[str] = Counter()
    with ProcessPoolExecutor(2) as pool:
        for plan, broken, found in pool.map(tried, plans):
            if broken is not None:
                raise AssertionError(f"{broken}\n{tale(shrunk(plan, broken))}")
            outcomes += found
    return outcomes


def tried(plan: Scenario) -> tuple[Scenario, Broken | None, Counter[str]]:
    try:
        return plan, None, simulate(plan)[0]
    except Broken as broken:
        return plan, broken, Counter()


def test_with_the_link_cut_a_fortnight_is_played_on_time() -> None:
    world = World(scenario(1, 8, 14, CALM))
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


def test_the_horns_do_exactly_what_the_preview_shows() -> None:
    world = World(scenario(1, 12, 2, CALM._replace(approvals=0)))
    since, until = START + 17 * HOUR, START + 41 * HOUR  # a civil day: what may sound in it is limited
    world.run(since)
    shown = {
        device: preview(own_programmes(world, assignment), assignment, since, until)
        for device, assignment in world.home.assignments.items()
    }
    before = {device: len(household.horn) for device, household in world.households.items()}
    world.run(until)
    for device, household in world.households.items():
        heard = [(s.occurrence, s.start, s.end) for s in household.horn[before[device] :]]
        assert heard == [(e.slot.occurrence, e.start, e.end) for e in shown[device] if e.plays], device
        skipped = {p.occurrence: (p.reason, p.other) for (d, _, _), p in world.home.filed.items() if d == device}
        for entry in shown[device]:
            assert entry.plays or skipped[entry.slot.occurrence] == (entry.reason, entry.other)


def test_a_trial_sounds_once_where_it_was_ordered_and_nowhere_else() -> None:
    world = World(scenario(2, 12, 3, CALM))
    world.run(world.end)
    for device, household in world.households.items():
        trial = world.home.assignments[device].trial
        heard = [s.occurrence for s in household.horn if is_trial(s.occurrence)]
        assert heard == [slot.occurrence for slot in slots_of(trial)], device
        told = [p.outcome for (d, _, _), p in world.home.filed.items() if d == device and is_trial(p.occurrence)]
        assert told == [Outcome.played] * len(heard)
    assert any(a.trial is not None for a in world.home.assignments.values())


def test_the_step_log_of_a_loudspeaker_in_bad_weather_is_replayed_to_the_same_steps() -> None:
    world = World(scenario(3, 6, 4, Weather(power_cuts=1.0)))
    logs: dict[str, list[bytes]] = {device: [] for device in world.households}
    for device, household in world.households.items():
        household.watch = lambda event, now, step, log=logs[device]: log.append(line_of(event, now, step))  # type: ignore[misc]
    world.run(world.end)
    assert max(household.boots for household in world.households.values()) > 2
    for log in logs.values():
        for line, step in replay(map(read_line, log)):
            assert (line.actions, line.wake_at) == (step.actions, step.wake_at)


def test_a_seed_gives_the_same_village_each_time() -> None:
    first, second = (simulate_in(5, Weather())[1] for _ in range(2))
    assert first.home.filed == second.home.filed
    assert [h.horn for h in first.households.values()] == [h.horn for h in second.households.values()]


def turn_round(household: Household, _world: World) -> None:
    """As if a bulletin had sounded in the order of another hamlet."""
    number, sounded = next((n, s) for n, s in enumerate(household.horn) if len(s.clips) > 3)
    household.horn[number] = sounded._replace(clips=sounded.clips[::-1])


def loosely(household: Household, world: World, **guards: int) -> None:
    """As if it had sounded in spite of these guards."""
    held = world.home.assignments[household.device]
    kept = msgspec.structs.replace(held.guards, **guards)
    world.home.assignments[household.device] = msgspec.structs.replace(held, guards=kept)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda h, _: h.horn.append(h.horn[0]), "sounded 2 times"),
        (lambda h, _: h.horn.append(h.horn[0]._replace(occurrence="vay@1")), "sounded at once|not for this"),
        (turn_round, "not in the order"),
        (lambda h, _: h.horn.__setitem__(0, h.horn[0]._replace(end=h.horn[0].end - 5)), "it was not whole"),
        (lambda h, _: h.horn.__setitem__(0, h.horn[0]._replace(start=h.horn[0].start - DAY)), "after its hour"),
        (lambda h, _: h.horn.pop(), "it was not whole"),
        (lambda h, w: w.home.filed.pop(next(key for key in w.home.filed if key[0] == h.device)), "knows nothing of it"),
        (lambda h, w: w.home.filed.update({(h.device, "j2", 1): w.home.filed[h.device, f"j-{h.device}", 1]}), "2 outc"),
        (lambda h, _: h.horn.__setitem__(0, h.horn[0]._replace(volume=100)), "louder than its hour allows"),
        (lambda h, w: loosely(h, w, longest_ms=SECOND), "sounded longer than 1000 ms"),
        (lambda h, w: loosely(h, w, gap_ms=13 * HOUR), "without a rest"),
        (lambda h, w: loosely(h, w, daily_ms=MINUTE), "60000 were allowed"),
        (lambda h, _: h.faults.append("sang was placed over trua"), "placed over"),
        (lambda h, _: h.listed.update(them=msgspec.structs.replace(h.listed.popitem()[1], useful_until=1)), "no outcome"),
        (lambda h, _: h.withdrawn.update({h.horn[0].occurrence: h.horn[0].start - 1}), "after it was withdrawn"),
    ],
)  # fmt: skip
def test_a_broken_promise_would_be_noticed(wrong: Callable[[Household, World], object], words: str) -> None:
    world = World(scenario(1, 4, 1, CALM))
    live(world)
    check(world)
    wrong(world.households["loa-3"], world)
    with pytest.raises(Broken, match=words):
        check(world)


def simulate_in(seed: int, weather: Weather) -> tuple[Counter[str], World]:
    world = World(scenario(seed, 12, 2, weather))
    live(world)
    return check(world), world


def own_programmes(world: World, assignment: Assignment) -> list[Programme]:
    return [world.home.programmes[area] for area in assignment.area_path if area in world.home.programmes]
