"""Faults of server, broker and power: what was planned sounds on time, and is filed exactly once.

Nobody imports this module.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_agent.replay import read_line, replay
from schedules.clock import SECOND
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from tests.fault.town import Town, in_seconds
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker]
ONE, TWO = "loa-mau-1", "loa-mau-4"
LONG = "Đây là một bản tin dài để thử loa, bà con nghe rõ không. " * 3


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.close()


def replayed(town: Town, device: str) -> int:
    """Do again what a loudspeaker did, by its step log; how many steps had actions."""
    lines = (town.folder / device / "steps" / "steps.jsonl").read_bytes().splitlines()
    acted = 0
    for line, step in replay(read_line(line) for line in lines):
        assert line.actions == step.actions
        acted += bool(line.actions)
    return acted


def passed(utc_ms: int) -> bool:
    return time.time_ns() // 1_000_000 > utc_ms


def test_with_server_and_broker_gone_loudspeakers_play_on_time_and_report_once(town: Town) -> None:
    town.open(ONE, TWO)
    start = in_seconds(14)
    first, second = town.air(start), town.air(start + 6 * SECOND, "Xin chào lần hai.")
    town.ready(first, ONE, TWO)
    town.ready(second, ONE, TWO)
    town.kill_server()
    town.kill_broker()
    assert not passed(start - 2 * SECOND), "the machine was too slow to prepare this test"
    eventually(lambda: passed(start + 10 * SECOND), 40, "the hour has passed")
    for device in (ONE, TWO):
        sounded = town.heard(device)
        assert len(sounded) == 2
        for stretch, planned in zip(sounded, (start, start + 6 * SECOND), strict=True):
            assert 0 <= stretch.utc_ns / 1e6 - planned < 300  # the mastered sound begins with up to 100 ms of silence
    town.broker.start()
    town.start_server()
    for device in (ONE, TWO):
        for occurrence in (first, second):
            playback = town.reported(device, occurrence, 90)
            assert playback.outcome is Outcome.played
            assert playback.offline
            assert playback.started is not None
            assert abs(playback.started - playback.planned) < 50
        assert replayed(town, device) > 10


def test_a_loudspeaker_that_loses_power_in_mid_play_says_so_and_does_not_play_it_again(town: Town) -> None:
    town.open(ONE)
    start = in_seconds(8)
    occurrence = town.air(start, LONG)
    town.ready(occurrence, ONE)
    eventually(lambda: town.status(ONE).sounding == occurrence, 30, "it sounds")
    eventually(lambda: passed(start + 3 * SECOND), 10, "it has sounded for a while")
    town.kill(ONE)
    before = town.heard(ONE)
    town.start(ONE)
    playback = town.reported(ONE, occurrence)
    assert (playback.outcome, playback.reason, playback.sounded_ms) == (Outcome.cut, Reason.restarted, None)
    after = in_seconds(6)
    eventually(lambda: passed(after), 10, "it had the time to play it again")
    assert [s.utc_ns for s in town.heard(ONE)] == [s.utc_ns for s in before]
    assert len(town.told(ONE, occurrence)) == 1


def test_what_is_withdrawn_in_time_does_not_sound(town: Town) -> None:
    town.open(ONE)
    start = in_seconds(20)
    occurrence, kept = town.air(start), town.air(start + 5 * SECOND, "Xin chào lần hai.")
    town.ready(kept, ONE)
    town.withdraw(occurrence)
    assert town.reported(ONE, kept).outcome is Outcome.played
    # Withdrawn in the last seconds, it was already placed at the card, and says so.
    assert all(p.reason is Reason.withdrawn and not p.sounded_ms for p in town.told(ONE, occurrence))
    assert len(town.heard(ONE)) == 1


def test_an_emergency_cuts_in_and_what_it_cut_is_made_up(town: Town) -> None:
    town.open(ONE)
    start = in_seconds(8)
    ordinary = town.air(start, LONG)
    town.ready(ordinary, ONE)
    alert = town.studio.speak("Sơ tán ngay. Lũ đang về.", "vi")
    eventually(lambda: town.status(ONE).sounding == ordinary, 30, "it sounds")
    emergency = town.air_sounds(in_seconds(1.5), {"vi": alert}, broadcast_class=BroadcastClass.emergency)
    urgent = town.reported(ONE, emergency)
    assert urgent.outcome in (Outcome.played, Outcome.late)
    again = town.reported(ONE, ordinary)
    assert again.outcome in (Outcome.played, Outcome.late)
    assert (again.reason, again.other) == (Reason.cut_in, emergency)
    assert again.started is not None
    assert urgent.ended is not None
    assert again.started > urgent.ended
