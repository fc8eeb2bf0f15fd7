"""Tests of the step log: what is written is enough to do everything again.

Nobody imports this module.
"""

from pathlib import Path

import pytest

from device_agent import actions as do
from device_agent import events, loudspeaker
from device_agent.replay import read_line, replay
from device_agent.step_log import StepLog
from schedules.clock import HOUR, SECOND
from schedules.playback import Reason
from tests.unit.device.stage import SIX, Stage, slot
from tests.village.scenario import scenario
from tests.village.weather import Weather
from tests.village.world import World


def test_what_a_loudspeaker_in_bad_weather_wrote_is_replayed_to_the_same_actions(tmp_path: Path) -> None:
    world = World(scenario(2, 6, 5, Weather(power_cuts=1.0)))
    for device, household in world.households.items():
        household.watch = StepLog(tmp_path / device)
    world.run(world.end)
    for device, household in world.households.items():
        lines = (tmp_path / device / "steps.jsonl").read_bytes().splitlines()
        for line, step in replay(map(read_line, lines)):
            assert line.actions == step.actions
        assert len(lines) <= household.steps


class Written(Stage):
    """A stage whose every step is written down."""

    def __init__(self, log: StepLog) -> None:
        super().__init__()
        self.log = log

    def happen(self, event: events.Event) -> list[do.Action]:
        step = loudspeaker.advance(self.state, event, self.now)
        self.state, self.wake_at = step.state, step.wake_at
        self.done += step.actions
        self.log(event, self.now, step)
        return list(step.actions)


def test_a_timer_that_only_made_the_core_think_is_written_too(tmp_path: Path) -> None:
    stage = Written(StepLog(tmp_path))
    stage.boot()
    stage.assign()
    stage.programme(slot("a"))
    stage.until(SIX + HOUR)
    assert stage.closed()["a"].reason is Reason.clip_incomplete
    for line, step in replay(map(read_line, (tmp_path / "steps.jsonl").read_bytes().splitlines())):
        assert line.actions == step.actions


@pytest.mark.parametrize("trusted", [True, False])
def test_a_timer_that_changes_nothing_is_not_written(tmp_path: Path, trusted: bool) -> None:
    stage = Stage()
    stage.ready(slot("a", SIX))
    if not trusted:
        stage.trust = stage.trust.none
    log = StepLog(tmp_path)
    for _ in range(50):
        stage.pass_(5 * SECOND)
        step = loudspeaker.advance(stage.state, events.TimePassed(), stage.now)
        stage.state = step.state
        log(events.TimePassed(), stage.now, step)
    assert len((tmp_path / "steps.jsonl").read_bytes().splitlines()) <= 2
