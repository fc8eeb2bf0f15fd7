"""Tests of outcomes that are easily forgotten: of what is called off while it waits, and under a clock chip that is wrong.

Nobody imports this module.
"""

import pytest

from device_agent import actions as do
from device_agent import events
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from tests.unit.device.stage import SIX, Stage, clip, slot


@pytest.mark.parametrize("trust", [ClockTrust.server, ClockTrust.none])
def test_what_is_withdrawn_while_it_waits_for_its_sound_was_skipped(trust: ClockTrust) -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a"), slot("b", SIX + HOUR))
    stage.until(SIX + MINUTE)
    stage.trust = trust
    stage.programme(issued=stage.utc)
    stage.trust = ClockTrust.server
    stage.until(SIX + 2 * HOUR)
    assert list(stage.closed()) == ["a"], "b had not come due: the server knows that it will not sound"
    playback = stage.closed()["a"]
    assert (playback.outcome, playback.reason, playback.sounded_ms) == (Outcome.skipped, Reason.withdrawn, 0)


def test_what_is_withdrawn_while_it_waits_for_another_was_skipped() -> None:
    stage = Stage()
    first, second = slot("a", clips=(clip("a", seconds=120),)), slot("b", SIX + MINUTE)
    stage.ready(first, second)
    stage.until(SIX - 3 * SECOND)
    stage.pass_(3 * SECOND)
    stage.happen(events.SoundStarted(first.occurrence, SIX))
    stage.until(SIX + 90 * SECOND)
    stage.programme(first, issued=stage.utc)
    stage.happen(events.SoundEnded(first.occurrence, SIX + 120 * SECOND, 120_000, True))
    stage.until(SIX + HOUR)
    assert stage.placed() == ["a"]
    assert (stage.closed()["b"].outcome, stage.closed()["b"].reason) == (Outcome.skipped, Reason.withdrawn)
    assert stage.closed()["a"].outcome is Outcome.played


def test_what_waits_when_the_loudspeaker_moves_away_was_skipped() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a"))
    stage.until(SIX + MINUTE)
    stage.assign(path=("tinh", "xa-2", "thon-1", "loa-1"))
    stage.until(SIX + HOUR)
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.skipped, Reason.withdrawn)
    actions = [type(a) for a in stage.done]
    assert actions.index(do.ClosePlayback) < len(actions) - 1 - actions[::-1].index(do.KeepProgramme)


@pytest.mark.parametrize(
    "ahead", [3 * DAY, 10 * DAY, 40 * DAY], ids=["three days", "ten days", "beyond all that is held"]
)
def test_a_clock_chip_that_is_ahead_gives_up_nothing(ahead: int) -> None:
    stage = Stage()
    tomorrow = slot("mai", SIX + DAY)
    stage.ready(slot("a"), tomorrow)
    stage.there = (clip("a").sha256, clip("mai").sha256)
    stage.utc, stage.trust = stage.utc + ahead, ClockTrust.rtc
    stage.reboot()
    stage.until(SIX + ahead + MINUTE)
    assert not stage.closed()
    assert not stage.actions(do.DiscardClips)
    stage.utc, stage.trust = SIX - MINUTE, ClockTrust.server
    stage.happen(events.TimePassed())
    stage.until(SIX - 3 * SECOND)
    stage.sound("a")
    stage.until(SIX + DAY - 3 * SECOND)
    stage.sound("mai")
    assert {name: p.outcome for name, p in stage.closed().items()} == dict.fromkeys(("a", "mai"), Outcome.played)


def test_beyond_all_that_is_held_a_clock_chip_is_a_guess() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.utc, stage.trust = SIX + 40 * DAY, ClockTrust.rtc
    stage.happen(events.Linked())
    assert stage.actions(do.PublishStatus)[-1].status.trust is ClockTrust.guessed
    stage.programme(slot("a"), slot("b", SIX + HOUR), issued=SIX)
    assert not stage.state.held.refused, "the word of the server is not past because a battery is empty"


def test_what_a_clock_chip_kept_from_sounding_is_told_so() -> None:
    stage = Stage(SIX - HOUR + 3 * DAY, ClockTrust.rtc)
    stage.boot()
    stage.assign()
    stage.programme(slot("a"), issued=SIX - HOUR)
    stage.happen(events.ClipStored(clip("a").sha256))
    stage.pass_(2 * HOUR)
    stage.utc, stage.trust = SIX + HOUR, ClockTrust.server
    stage.happen(events.TimePassed())
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.missed, Reason.clock_untrusted)


def test_a_clock_chip_that_is_right_plays_and_tells_the_rest_once_the_time_is_certain() -> None:
    stage = Stage(trust=ClockTrust.rtc)
    stage.ready(slot("a"))
    stage.programme(slot("a"), slot("b", SIX + MINUTE), issued=SIX - HOUR)
    stage.until(SIX - 3 * SECOND)
    stage.sound("a")
    stage.until(SIX + HOUR)
    assert list(stage.closed()) == ["a"]
    stage.trust = ClockTrust.ntp
    stage.happen(events.TimePassed())
    assert (stage.closed()["b"].outcome, stage.closed()["b"].reason) == (Outcome.missed, Reason.clip_incomplete)


def test_an_emergency_withdrawn_before_its_sound_has_come_was_skipped() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    flood = slot("lu", SIX, BroadcastClass.emergency, useful=2 * HOUR)
    stage.programme(flood)
    stage.until(SIX + 5 * SECOND)
    stage.programme(issued=stage.utc)
    assert (stage.closed()["lu"].outcome, stage.closed()["lu"].reason) == (Outcome.skipped, Reason.withdrawn)


@pytest.mark.parametrize("again", [0, 1], ids=["before its first frame", "after it"])
@pytest.mark.parametrize("reboots", [1, 2])
def test_what_is_withdrawn_after_a_restart_has_sounded_for_nobody_knows_how_long(again: int, reboots: int) -> None:
    stage = Stage()
    flood = slot("lu", SIX, BroadcastClass.emergency, useful=2 * HOUR)
    stage.ready(flood)
    stage.there = (clip("lu").sha256,)
    stage.until(SIX - 3 * SECOND)
    stage.pass_(3 * SECOND)
    stage.happen(events.SoundStarted(flood.occurrence, SIX))
    stage.pass_(5 * SECOND)
    for _ in range(reboots):
        stage.reboot()
    if again:
        stage.happen(events.SoundStarted(flood.occurrence, stage.utc))
    stage.pass_(SECOND)
    stage.programme(issued=stage.utc)
    stage.happen(events.SoundEnded(flood.occurrence, stage.utc, again * 1_000, False))
    playback = stage.closed()["lu"]
    assert (playback.outcome, playback.reason, playback.sounded_ms) == (Outcome.cut, Reason.withdrawn, None)
