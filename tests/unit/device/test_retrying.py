"""Tests of emergencies that fail: they are tried again while they are of use, and told once.

Nobody imports this module.
"""

import itertools

import pytest

from device_agent import actions as do
from device_agent import events
from device_agent.retrying import FIRST_PAUSE, LONGEST_PAUSE, MOST_TRIES
from schedules.clock import HOUR, MINUTE, SECOND, ClockTrust
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass, Slot
from tests.unit.device.stage import SIX, Stage, clip, slot

EMERGENCY = BroadcastClass.emergency
FAULTS = (Reason.clip_incomplete, Reason.card_missing, Reason.card_lost, Reason.file_unreadable)
LENGTH = 20 * SECOND


def flooded(*others: Slot, useful: int = 2 * HOUR, trust: ClockTrust = ClockTrust.server) -> tuple[Stage, Slot]:
    """An alert has just been placed; its clip is stored."""
    stage = Stage(SIX, trust)
    stage.ready(slot("other", SIX + 10 * HOUR), *others)
    flood = slot("flood", SIX + SECOND, EMERGENCY, useful=useful)
    stage.alert(flood)
    stage.happen(events.ClipStored(flood.clips[0].sha256))
    stage.until(SIX + SECOND)
    assert stage.placed()[-1] == "flood"
    return stage, flood


def fails(stage: Stage, flood: Slot, reason: Reason, sounded: int = 5_000) -> None:
    """What was placed last sounds for so long, and no longer."""
    if sounded:
        stage.happen(events.SoundStarted(flood.occurrence, stage.utc))
    stage.pass_(sounded)
    stage.happen(events.SoundFailed(flood.occurrence, stage.utc, sounded, reason))


@pytest.mark.parametrize("trust", [ClockTrust.server, ClockTrust.none])
@pytest.mark.parametrize("reason", FAULTS)
def test_an_emergency_that_failed_begins_again_and_is_told_once(reason: Reason, trust: ClockTrust) -> None:
    stage, flood = flooded(trust=trust)
    fails(stage, flood, reason)
    assert stage.closed() == {}
    if reason is Reason.file_unreadable:
        assert do.DiscardClips((flood.clips[0].sha256,)) in stage.done
        stage.until(stage.utc + FIRST_PAUSE - 1)
        stage.happen(events.ClipStored(flood.clips[0].sha256))
    stage.until(stage.utc + FIRST_PAUSE)
    first, again = stage.actions(do.PlaceSound)
    assert first.occurrence == again.occurrence
    assert not again.joins, "it begins with its first word"
    stage.sound("flood", LENGTH)
    stage.trust = ClockTrust.server
    stage.happen(events.TimePassed())
    told = stage.closed()["flood"]
    assert (told.outcome in (Outcome.played, Outcome.late), told.sounded_ms) == (True, LENGTH)
    assert told.reason is reason
    stage.until(SIX + 3 * HOUR)
    assert stage.placed() == ["flood", "flood"]


@pytest.mark.parametrize("reason", FAULTS)
def test_what_fails_to_the_end_is_told_with_the_reason_of_the_last_try(reason: Reason) -> None:
    stage, flood = flooded(useful=40 * MINUTE)
    fails(stage, flood, Reason.card_lost)
    while stage.utc < flood.useful_until:
        placed = len(stage.placed())
        stage.happen(events.ClipStored(flood.clips[0].sha256))
        stage.until(min(stage.utc + MINUTE, flood.useful_until + 1))
        if len(stage.placed()) > placed:
            fails(stage, flood, reason, 1_000)
    stage.until(flood.useful_until + MINUTE)
    told = stage.closed()["flood"]
    assert (told.outcome, told.reason, told.sounded_ms) == (Outcome.failed, reason, 5_000)
    assert len(stage.actions(do.ClosePlayback)) == 1


def test_pauses_grow_and_others_sound_in_them() -> None:
    stage, flood = flooded(slot("news", SIX + 32 * MINUTE))
    tries = [stage.utc]
    fails(stage, flood, Reason.card_missing, 0)
    while len(tries) < MOST_TRIES and stage.wake_at is not None:
        placed = len(stage.placed())
        stage.until(stage.utc + max(stage.wake_at - stage.mono, 1))
        if stage.placed()[placed:] == ["news"]:
            stage.sound("news")
        elif stage.placed()[placed:]:
            tries.append(stage.utc)
            fails(stage, flood, Reason.card_missing, 0)
        if stage.utc > flood.useful_until:
            break
    pauses = [after - before for before, after in itertools.pairwise(tries)]
    assert pauses[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert max(pauses) <= LONGEST_PAUSE + LENGTH
    assert 20 < len(tries) <= MOST_TRIES
    assert stage.closed()["news"].outcome is Outcome.played


def test_after_many_tries_in_vain_only_news_brings_another() -> None:
    stage, flood = flooded(useful=20 * HOUR)
    while len(stage.placed()) < MOST_TRIES:
        fails(stage, flood, Reason.card_missing, 0)
        stage.until(stage.utc + LONGEST_PAUSE)
    fails(stage, flood, Reason.card_missing, 0)
    stage.until(stage.utc + 4 * HOUR)
    assert stage.placed() == ["flood"] * MOST_TRIES
    stage.happen(events.HealthMeasured(1, "missing"))
    stage.happen(events.HealthMeasured(1, ""))
    assert stage.placed() == ["flood"] * (MOST_TRIES + 1)


@pytest.mark.parametrize("reason", [Reason.card_missing, Reason.card_lost])
def test_a_card_that_is_well_again_ends_the_pause(reason: Reason) -> None:
    stage, flood = flooded()
    for _ in range(5):
        fails(stage, flood, reason, 0)
        stage.until(stage.utc + LONGEST_PAUSE)
    fails(stage, flood, reason, 0)
    stage.happen(events.HealthMeasured(1, "missing"))
    assert len(stage.placed()) == 6
    stage.happen(events.HealthMeasured(1, ""))
    assert len(stage.placed()) == 7


@pytest.mark.parametrize("reason", [Reason.clip_incomplete, Reason.file_unreadable])
def test_a_clip_that_has_come_ends_the_pause(reason: Reason) -> None:
    stage, flood = flooded()
    fails(stage, flood, reason)
    placed = len(stage.placed())
    stage.happen(events.ClipStored(clip("another").sha256))
    assert len(stage.placed()) == placed
    stage.happen(events.ClipStored(flood.clips[0].sha256))
    assert len(stage.placed()) == placed + 1


def test_an_alert_that_is_said_again_ends_the_pause() -> None:
    stage, flood = flooded()
    fails(stage, flood, Reason.card_lost)
    stage.alert(flood)
    assert stage.placed() == ["flood", "flood"]


def test_a_power_cut_in_the_pause_loses_no_try() -> None:
    stage, flood = flooded()
    fails(stage, flood, Reason.card_lost)
    stage.there = (flood.clips[0].sha256,)
    stage.reboot()
    assert stage.placed() == ["flood", "flood"]
    stage.sound("flood", LENGTH)
    assert stage.closed()["flood"].outcome is Outcome.played
    assert stage.closed()["flood"].reason is Reason.restarted


def test_one_that_is_withdrawn_in_its_pause_has_failed_and_sounds_no_more() -> None:
    stage, flood = flooded()
    fails(stage, flood, Reason.card_lost)
    stage.alert(withdrawn=(flood.occurrence,))
    stage.until(SIX + HOUR)
    assert stage.placed() == ["flood"]
    assert stage.closed()["flood"].outcome is Outcome.failed


def test_a_stop_that_nobody_ordered_is_a_failure_that_is_made_up() -> None:
    stage, flood = flooded()
    stage.happen(events.SoundStarted(flood.occurrence, stage.utc))
    stage.happen(events.SoundEnded(flood.occurrence, stage.utc, 1_000, False))
    stage.until(stage.utc + FIRST_PAUSE)
    assert stage.placed() == ["flood", "flood"]


def test_another_kind_of_broadcast_fails_once_and_for_all() -> None:
    stage = Stage(SIX)
    stage.ready(slot("news", SIX + MINUTE))
    stage.until(SIX + MINUTE)
    stage.happen(events.SoundFailed(slot("news", SIX + MINUTE).occurrence, stage.utc, 0, Reason.card_missing))
    stage.until(SIX + HOUR)
    assert stage.placed() == ["news"]
    assert stage.closed()["news"].outcome is Outcome.failed
