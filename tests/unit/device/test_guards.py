"""Tests of the guards as a loudspeaker keeps them: what sounds, what the record says, and what is still known after a
power cut.

Nobody imports this module.
"""

import pytest

from device_agent import actions as do
from schedules.assignment import Guards, VolumePreset
from schedules.clock import DAY, HOUR, MINUTE, SECOND
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from tests.unit.device.stage import SIX, Stage, clip, slot

Ordinary, Priority, Emergency = BroadcastClass.ordinary, BroadcastClass.priority, BroadcastClass.emergency
FIVE = SIX - HOUR


def stage(at: int = FIVE - HOUR, volume: tuple[VolumePreset, ...] = (), **guards: object) -> Stage:
    made = Stage(at)
    made.guards, made.volume = Guards(**guards), volume  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize("klass", [Ordinary, Priority])
def test_what_is_asked_for_above_the_ceiling_is_lowered_and_told(klass: BroadcastClass) -> None:
    there = stage(volume=(VolumePreset(0, 80),))
    there.ready(slot("a", FIVE, klass), slot("b", SIX + MINUTE, klass))
    for at, name in ((FIVE, "a"), (SIX + MINUTE, "b")):
        there.until(at - SECOND)
        there.sound(name)
    assert [place.volume_percent for place in there.actions(do.PlaceSound)] == [60, 80]
    assert [(p.volume, p.lowered_from) for p in there.closed().values()] == [(60, 80), (80, 0)]


def test_an_emergency_is_lowered_by_nothing() -> None:
    there = stage(volume=(VolumePreset(0, 100),), longest_ms=SECOND, daily_ms=SECOND, gap_ms=HOUR)
    there.ready(slot("lu", FIVE, Emergency), slot("lu-nua", FIVE + MINUTE, Emergency))
    there.until(FIVE - SECOND)
    there.sound("lu")
    there.until(FIVE + MINUTE - SECOND)
    there.sound("lu-nua")
    assert [(p.outcome, p.volume, p.lowered_from) for p in there.closed().values()] == [(Outcome.played, 100, 0)] * 2


def test_what_is_too_long_says_so_at_its_hour() -> None:
    there = stage(longest_ms=MINUTE)
    there.ready(slot("a", FIVE, clips=(clip("a", seconds=61),)))
    there.until(FIVE + SECOND)
    assert (there.closed()["a"].outcome, there.closed()["a"].reason) == (Outcome.skipped, Reason.too_long)
    assert there.closed()["a"].due_ms == 61 * SECOND


def test_a_missing_language_does_not_make_it_short_enough() -> None:
    there = stage(longest_ms=MINUTE)
    there.ready(languages=("vi", "mww"))
    there.programme(slot("a", FIVE, clips=(clip("a", seconds=40), clip("a-mww", "mww", 40))))
    there.until(FIVE + 20 * MINUTE)
    assert there.placed() == []
    assert there.closed()["a"].reason is Reason.too_long


def test_the_rest_begins_when_the_sound_has_really_ended() -> None:
    there = stage(gap_ms=5 * MINUTE)
    there.ready(slot("a", FIVE), slot("b", FIVE + MINUTE))
    there.until(FIVE - SECOND)
    there.sound("a", 30 * SECOND)  # ten seconds more than its length
    there.until(FIVE + 6 * MINUTE)
    assert there.actions(do.PlaceSound)[-1].start == FIVE + 30 * SECOND + 5 * MINUTE
    there.sound("b")
    assert (there.closed()["b"].outcome, there.closed()["b"].reason) == (Outcome.late, Reason.rest)
    assert there.closed()["b"].other == there.closed()["a"].occurrence


def test_what_priority_cuts_has_its_rest_before_it_is_made_up() -> None:
    there = stage(gap_ms=5 * MINUTE)
    long = slot("a", FIVE, clips=(clip("a", seconds=600),), useful=30 * MINUTE)
    there.ready(long)
    there.until(FIVE - SECOND)
    placed = there.actions(do.PlaceSound)[-1]
    there.pass_(placed.start - there.utc)
    there.sound_begins(placed)
    there.pass_(MINUTE)
    there.programme(long, slot("p", there.utc + 10 * SECOND, Priority))
    there.store("p")
    there.until(FIVE + 70 * SECOND)
    assert there.actions(do.CancelSound)
    there.sound_is_cut(placed, 70 * SECOND)
    there.until(FIVE + 71 * SECOND)
    there.sound("p")
    ended = there.utc
    there.until(ended + 5 * MINUTE)
    assert there.placed() == ["a", "p", "a"]
    assert there.actions(do.PlaceSound)[-1].start >= ended + 5 * MINUTE


def test_neither_a_power_cut_nor_the_end_of_a_report_makes_it_forget_the_day() -> None:
    there = stage(daily_ms=30 * SECOND)
    there.ready(slot("a", FIVE), slot("b", FIVE + 20 * MINUTE), slot("c", FIVE + DAY))
    there.there = tuple(clip(name).sha256 for name in "abc")
    there.until(FIVE - SECOND)
    there.sound("a")
    there.reboot()
    there.until(FIVE + 40 * MINUTE)
    assert there.placed() == ["a"]
    assert (there.closed()["b"].outcome, there.closed()["b"].reason) == (Outcome.skipped, Reason.daily_limit)
    there.until(FIVE + DAY - SECOND)
    assert there.placed() == ["a", "c"], "another day"


def test_a_power_cut_in_the_middle_ends_what_sounded_and_the_rest_begins() -> None:
    there = stage(gap_ms=10 * MINUTE)
    there.ready(slot("a", FIVE, clips=(clip("a", seconds=1_200),)), slot("b", FIVE + 2 * MINUTE))
    there.there = (clip("a", seconds=1_200).sha256, clip("b").sha256)
    there.until(FIVE - SECOND)
    placed = there.actions(do.PlaceSound)[-1]
    there.pass_(placed.start - there.utc)
    there.sound_begins(placed)
    there.pass_(MINUTE)
    there.mono = 1_000_000
    there.reboot()
    there.until(FIVE + 12 * MINUTE)
    assert there.actions(do.PlaceSound)[-1].start == FIVE + 11 * MINUTE
