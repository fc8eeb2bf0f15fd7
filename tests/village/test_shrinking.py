"""Tests of the shrinker: a fault that was planted is found, and told in a few lines that can be replayed.

Nobody imports this module.
"""

import msgspec
import pytest

from device_agent import actions as do
from device_agent import events, loudspeaker
from device_agent.state import State, Step
from schedules.clock import Now
from schedules.programme import BroadcastClass
from tests.village.__main__ import parser
from tests.village.promises import Broken
from tests.village.scenario import Scenario, scenario
from tests.village.shrinking import shrunk, tale
from tests.village.simulation import broken_by, replay_of, told_to_replay
from tests.village.weather import CALM, WORST, Weather


def forgetful(state: State, event: events.Event, now: Now) -> Step:
    """A loudspeaker that after a start does not know what it has played."""
    if isinstance(event, events.Booted):
        event = msgspec.structs.replace(event, settled=())
    return loudspeaker.advance(state, event, now)


def stubborn(state: State, event: events.Event, now: Now) -> Step:
    """A loudspeaker that never cuts anything off."""
    step = loudspeaker.advance(state, event, now)
    kept = tuple(a for a in step.actions if not isinstance(a, do.CancelSound))
    return msgspec.structs.replace(step, actions=kept)


def deaf(state: State, event: events.Event, now: Now) -> Step:
    """A loudspeaker that takes no alert, and no programme in which anything is urgent."""
    step = loudspeaker.advance(state, event, now)
    urgent = BroadcastClass.emergency
    placed = [a.playback.occurrence for a in step.actions if isinstance(a, do.OpenPlayback)]
    slots = {s.occurrence: s for p in step.state.held.programmes.values() for s in p.slots}
    if any(name not in slots or slots[name].broadcast_class is urgent for name in placed):
        return Step(state, (), step.wake_at)
    return step


@pytest.mark.parametrize(
    ("core", "promise", "kinds"),
    [
        (forgetful, "has_one_outcome", {"power", "power_in_step"}),
        (stubborn, "", {"order", "withdraw", "call_off"}),
        (deaf, "emergency_first", {"order"}),
    ],
)
def test_what_is_planted_is_found_and_told_shortly(core, promise: str, kinds: set[str]) -> None:  # type: ignore[no-untyped-def]
    plan, broken = first_broken(core)
    short = shrunk(plan, broken, core)
    assert broken.promise.startswith(promise)
    assert len(short.lives) == 1
    assert len(short.incidents) <= 2 < len(plan.incidents)
    assert {incident.kind for incident in short.incidents} <= kinds
    assert (short.weather.loss, short.weather.duplicates) == (0, 0)
    assert short.until < plan.until
    told = tale(short, core)
    assert len(told.splitlines()) <= 44
    assert broken.promise.replace("_", " ") in told
    assert all(f"(incident {i.number})" in told for i in short.incidents)
    again = told_to_replay(parser().parse_args(replay_of(short).split()[2:]))
    assert again == short
    assert replay_of(short) in told
    found = broken_by(again, core)
    assert found is not None and found.promise == broken.promise
    assert broken_by(again) is None, "without the fault nothing breaks"


def first_broken(core) -> tuple[Scenario, Broken]:  # type: ignore[no-untyped-def]
    for seed in range(2, 10):
        plan = scenario(seed, 6, 1, WORST)
        broken = broken_by(plan, core)
        if broken is not None:
            return plan, broken
    raise AssertionError("the planted fault was never noticed")


def test_a_whole_village_is_replayed_by_its_seed() -> None:
    plan = scenario(5, 20, 2, Weather())
    given = parser().parse_args(replay_of(plan).split()[2:])
    assert (given.seed, given.agents, given.village, given.hours, given.only) == (5, 20, 20, 48, None)


def test_a_loudspeaker_lives_through_the_same_alone_as_among_others() -> None:
    many, alone = scenario(5, 20, 2, Weather()), scenario(5, 20, 2, Weather()).only(7)
    mine = [i for i in many.incidents if i.device in ("", "loa-7")]
    assert list(alone.incidents) == mine
    assert scenario(5, 20, 2, CALM).incidents != mine
