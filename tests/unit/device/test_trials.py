"""Tests of the tone that somebody orders to hear whether a loudspeaker sounds: once, by every rule, in nobody's way.

Nobody imports this module.
"""

import msgspec
import pytest

from audio.clip import NO_LANGUAGE
from device_agent import actions as do
from device_agent import events
from schedules.assignment import Guards, QuietHours, VolumePreset
from schedules.clock import DAY, MINUTE, SECOND, ClockTrust
from schedules.playback import Evidence, Outcome, Reason
from schedules.programme import BroadcastClass
from schedules.trial import LONGEST, Trial
from tests.unit.device.stage import SEAL, SIX, Stage, clip, slot

TONE = clip("tone", NO_LANGUAGE, 3)
NAME = "trial.t1"


def ordered(there: Stage, number: int = 1, seconds: int = 120, **assigned: object) -> None:
    """A trial is ordered, now."""
    at = there.utc
    there.trial = Trial(f"t{number}", at, at + seconds * SECOND, TONE, SEAL)
    there.assign(**assigned)  # type: ignore[arg-type]


def stage(*slots: object, stored: bool = True, at: int = SIX) -> Stage:
    there = Stage(at)
    there.ready(*slots)  # type: ignore[arg-type]
    if stored:
        there.happen(events.ClipStored(TONE.sha256))
    return there


def heard(there: Stage) -> None:
    """The card plays the tone to its end."""
    there.sound(NAME, 3_000)


def test_it_sounds_once_and_is_told_as_what_it_is() -> None:
    there = stage()
    ordered(there)
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + 5 * SECOND)
    assert there.placed() == [NAME]
    heard(there)
    told = there.closed()[NAME]
    assert (told.outcome, told.reason, told.evidence, told.sounded_ms) == (
        Outcome.played,
        Reason.none,
        Evidence.counted,
        3_000,
    )
    assert told.seal == SEAL
    there.until(SIX + DAY)
    assert there.placed() == [NAME]


def test_the_tone_is_asked_for_at_once() -> None:
    there = stage(stored=False)
    there.happen(events.Linked())
    ordered(there)
    assert [c.sha256 for c in there.state.clips.wanted] == [TONE.sha256]
    there.until(SIX + 2 * SECOND)
    assert [a.want.clip for a in there.actions(do.AskBlocks)] == [TONE.sha256]


@pytest.mark.parametrize("sounding", [True, False])
def test_a_restart_does_not_repeat_it(sounding: bool) -> None:
    there = stage()
    ordered(there)
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + SECOND)
    if sounding:
        there.sound_begins(there.actions(do.PlaceSound)[-1])
    else:
        heard(there)
    before = len(there.placed())
    there.there = (TONE.sha256,)
    there.reboot()
    there.until(SIX + 10 * MINUTE)
    assert len(there.placed()) == before
    told = there.closed()[NAME]
    assert told.outcome is (Outcome.cut if sounding else Outcome.played)


def test_it_is_over_once_its_time_has_passed() -> None:
    there = stage()
    there.trial = Trial("t1", SIX, SIX + MINUTE, TONE, SEAL)
    there.pass_(2 * MINUTE)
    there.assign()
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + DAY)
    assert there.placed() == []
    assert there.closed()[NAME].outcome is Outcome.missed


@pytest.mark.parametrize("at", [SIX - 2 * SECOND, SIX + 3 * SECOND])
def test_an_ordinary_bulletin_comes_first(at: int) -> None:
    there = stage(slot("a"), at=SIX - MINUTE)
    if at < SIX:
        there.until(at)
        ordered(there, seconds=15)
    there.until(SIX)
    there.sound_begins(there.actions(do.PlaceSound)[-1])
    if at > SIX:
        there.until(at)
        ordered(there, seconds=15)
    there.until(SIX + 20 * SECOND)
    there.happen(events.SoundEnded(there.actions(do.PlaceSound)[0].occurrence, there.utc, 20_000, True))
    there.until(SIX + 10 * MINUTE)
    assert there.placed() == ["a"]
    assert there.closed()["a"].outcome is Outcome.played
    told = there.closed()[NAME]
    assert (told.outcome, told.reason) == (Outcome.skipped, Reason.displaced)
    assert told.other.startswith("a@")


def test_it_waits_for_a_bulletin_that_ends_in_time() -> None:
    there = stage(slot("a"), at=SIX - MINUTE)
    there.until(SIX - SECOND)
    ordered(there)
    there.happen(events.ClipStored(TONE.sha256))
    there.sound("a")
    there.until(there.utc + MINUTE)
    assert there.placed() == ["a", NAME]


@pytest.mark.parametrize(
    ("why", "reason"),
    [("quiet", Reason.quiet_hours), ("runs_into", Reason.runs_into_quiet_hours), ("long", Reason.too_long)],
)
def test_it_keeps_the_rules_of_its_place(why: str, reason: Reason) -> None:
    minute = {"quiet": 5 * 60, "runs_into": 6 * 60}.get(why)
    there = stage(at=SIX - 2 * SECOND if why == "runs_into" else SIX)
    if why == "long":
        there.guards = Guards(longest_ms=SECOND)
    ordered(there, quiet=QuietHours(minute, 8 * 60) if minute is not None else None)
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + 10 * MINUTE)
    assert there.placed() == []
    told = there.closed()[NAME]
    assert (told.outcome, told.reason) == (Outcome.skipped, reason)


def test_it_is_no_louder_than_the_ceiling() -> None:
    there = stage()
    there.volume, there.guards = (VolumePreset(0, 90),), Guards(ceiling=(VolumePreset(0, 40),))
    ordered(there)
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + SECOND)
    assert there.actions(do.PlaceSound)[-1].volume_percent == 40


def test_no_bulletin_waits_for_the_rest_after_it_nor_loses_its_part_of_the_day() -> None:
    there = stage(slot("a", SIX + MINUTE))
    there.guards = Guards(gap_ms=30 * MINUTE, daily_ms=22 * SECOND)
    ordered(there, seconds=30)
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + SECOND)
    if there.placed() == [NAME]:
        heard(there)
    there.until(SIX + MINUTE)
    assert there.actions(do.PlaceSound)[-1].start == SIX + MINUTE, "on time"
    assert not there.actions(do.KeepAired)


def test_an_emergency_cuts_it() -> None:
    there = stage()
    ordered(there)
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + SECOND)
    there.sound_begins(there.actions(do.PlaceSound)[-1])
    there.alert(slot("e", there.utc, BroadcastClass.emergency))
    assert there.actions(do.CancelSound)[-1].occurrence.startswith(NAME)


def test_a_clock_that_nobody_knows_starts_none() -> None:
    there = Stage(SIX, ClockTrust.guessed)
    there.ready()
    ordered(there)
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + 30 * SECOND)
    assert there.placed() == []
    there.trust = ClockTrust.server
    there.until(SIX + 35 * SECOND)
    assert there.placed() == [NAME]


def test_another_order_takes_the_place_of_one_that_waits() -> None:
    there = stage(stored=False)
    ordered(there)
    there.until(SIX + 5 * SECOND)
    ordered(there, 2)
    told = there.closed()[NAME]
    assert (told.outcome, told.reason) == (Outcome.skipped, Reason.withdrawn)
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + 10 * SECOND)
    assert there.placed() == ["trial.t2"]


def test_who_was_away_for_long_tells_of_it_once_and_forgets_it() -> None:
    there = stage()
    ordered(there)
    there.happen(events.ClipStored(TONE.sha256))
    there.until(SIX + SECOND)
    heard(there)
    there.state = msgspec.structs.replace(there.state, plays=msgspec.structs.replace(there.state.plays, settled={}))
    there.pass_(20 * DAY)
    there.happen(events.TimePassed())
    assert list(there.closed()) == [NAME]


def test_what_is_no_short_tone_is_no_trial() -> None:
    there = stage()
    long = clip("long", NO_LANGUAGE, LONGEST // SECOND + 1)
    for number, sound in enumerate((long, clip("words"))):
        there.trial = Trial(f"x{number}", there.utc, there.utc + MINUTE, sound, SEAL)
        there.assign()
        there.happen(events.ClipStored(sound.sha256))
    there.until(SIX + DAY)
    assert there.placed() == []
    assert there.closed() == {}
