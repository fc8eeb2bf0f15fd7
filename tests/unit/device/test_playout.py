"""Tests of what a loudspeaker plays, and how each play ends.

Nobody imports this module.
"""

import pytest

from device_agent import actions as do
from device_agent import events
from schedules.assignment import QuietHours
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust
from schedules.playback import Evidence, Outcome, Reason
from schedules.programme import BroadcastClass
from schedules.rundown import merge
from tests.unit.device.stage import SIX, Stage, clip, slot

Emergency = BroadcastClass.emergency


def test_a_slot_is_placed_ahead_opened_before_it_and_closed_after() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.until(SIX - 3 * SECOND)
    kinds = [type(a).__name__ for a in stage.done if isinstance(a, do.OpenPlayback | do.PlaceSound)]
    assert kinds == ["OpenPlayback", "PlaceSound"]
    [place] = stage.actions(do.PlaceSound)
    assert (place.start, place.pieces) == (SIX, ((clip("a").sha256, 0),))
    stage.sound("a")
    playback = stage.closed()["a"]
    assert (playback.outcome, playback.reason, playback.sequence) == (Outcome.played, Reason.none, 1)
    assert (playback.started, playback.sounded_ms, playback.due_ms) == (SIX, 20_000, 20_000)
    assert (playback.evidence, playback.trust) == (Evidence.counted, ClockTrust.server)


def test_nothing_is_placed_twice() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.until(SIX - 3 * SECOND)
    stage.sound("a")
    stage.programme(slot("a"))
    stage.until(SIX + HOUR)
    assert stage.placed() == ["a"]
    assert list(stage.closed()) == ["a"]


@pytest.mark.parametrize("skew", [-SIX + 5_000, DAY, -DAY], ids=["1970", "a day ahead", "a day behind"])
@pytest.mark.parametrize("trust", [ClockTrust.none, ClockTrust.guessed])
def test_with_a_wrong_clock_at_boot_ordinary_slots_wait_for_trust(skew: int, trust: ClockTrust) -> None:
    stage = Stage(SIX - 10 * SECOND + skew, trust)
    tomorrow = slot("mai", SIX + DAY)
    stage.ready(slot("a"), tomorrow)
    stage.until(SIX + MINUTE + skew)
    assert stage.placed() == []
    assert stage.closed() == {}
    stage.utc, stage.trust = SIX + MINUTE, ClockTrust.server
    stage.happen(events.TimePassed())
    assert stage.placed() == ["a"]
    stage.sound("a")
    assert stage.closed()["a"].outcome is Outcome.late
    stage.until(SIX + DAY - 3 * SECOND)
    assert stage.placed() == ["a", "mai"]


def test_a_clock_set_back_two_hours_in_mid_play_changes_nothing_and_repeats_nothing() -> None:
    stage = Stage()
    stage.ready(slot("a"), slot("b", SIX + HOUR))
    stage.until(SIX - 3 * SECOND)
    stage.happen(events.SoundStarted("a@" + str(SIX), SIX))
    stage.utc, stage.trust = SIX - 2 * HOUR, ClockTrust.guessed
    stage.happen(events.TimePassed())
    assert not stage.actions(do.CancelSound)
    stage.happen(events.SoundEnded("a@" + str(SIX), SIX + 20 * SECOND, 20_000, True))
    stage.trust = ClockTrust.server
    stage.until(SIX + 30 * MINUTE)
    assert stage.placed() == ["a"]
    assert stage.closed()["a"].outcome is Outcome.played


def test_an_emergency_passes_a_clock_that_is_not_trusted_but_a_stale_one_does_not() -> None:
    stage = Stage(5_000, ClockTrust.none)
    stage.boot()
    stage.assign()
    stage.programme(
        slot("lu", SIX + 10 * SECOND, Emergency), slot("cu", SIX - 3 * HOUR, Emergency), slot("mai", SIX + DAY, Emergency),
        issued=SIX,
    )  # fmt: skip
    for name in ("lu", "cu", "mai"):
        stage.happen(events.ClipStored(clip(name).sha256))
    assert stage.placed() == ["lu"]
    assert stage.actions(do.PlaceSound)[0].start == do.AT_ONCE
    stage.happen(events.SoundStarted("lu@" + str(SIX + 10 * SECOND), 6_000))
    stage.happen(events.SoundEnded("lu@" + str(SIX + 10 * SECOND), 26_000, 20_000, True))
    assert stage.closed()["lu"].outcome is Outcome.played
    assert stage.placed() == ["lu"]


def test_power_lost_in_mid_play_is_told_and_not_played_again() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.there = (clip("a").sha256,)
    stage.until(SIX - 3 * SECOND)
    stage.pass_(3 * SECOND)
    stage.happen(events.SoundStarted("a@" + str(SIX), SIX))
    stage.pass_(5 * SECOND)
    stage.reboot()
    stage.until(SIX + HOUR)
    playback = stage.closed()["a"]
    assert (playback.outcome, playback.reason, playback.sounded_ms) == (Outcome.cut, Reason.restarted, None)
    assert stage.placed() == ["a"]


def test_power_lost_before_the_first_frame_still_lets_it_play() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.there = (clip("a").sha256,)
    stage.until(SIX - 3 * SECOND)
    stage.reboot()
    stage.until(SIX - SECOND)
    assert stage.placed() == ["a", "a"]
    stage.sound("a")
    assert stage.closed()["a"].outcome is Outcome.played


def test_what_was_due_while_the_power_was_off_is_missed_for_that_reason() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.there = (clip("a").sha256,)
    stage.pass_(2 * HOUR)
    stage.reboot()
    playback = stage.closed()["a"]
    assert (playback.outcome, playback.reason) == (Outcome.missed, Reason.not_running)


def test_quiet_hours_are_kept_whatever_the_programme_says() -> None:
    stage = Stage(SIX - HOUR)
    stage.ready(slot("vov"), slot("lu", SIX + MINUTE, Emergency), quiet=QuietHours(22 * 60, 7 * 60))
    stage.until(SIX + 2 * MINUTE)
    assert stage.placed() == ["lu"]
    assert (stage.closed()["vov"].outcome, stage.closed()["vov"].reason) == (Outcome.skipped, Reason.quiet_hours)


def test_a_clip_that_comes_late_is_played_late() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a"), slot("b", SIX + MINUTE))
    stage.happen(events.ClipStored(clip("b").sha256))
    stage.until(SIX + 5 * SECOND)
    assert stage.placed() == []
    stage.until(SIX + MINUTE - 3 * SECOND)
    assert stage.placed() == ["b"], "what waits for its sound must not keep others from theirs"
    stage.sound("b")
    stage.happen(events.ClipStored(clip("a").sha256))
    stage.until(stage.utc + 10 * SECOND)
    stage.sound("a")
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.late, Reason.arrived_late)


def test_a_clip_that_never_comes_is_missed_for_that_reason() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a"))
    stage.until(SIX + HOUR)
    playback = stage.closed()["a"]
    assert (playback.outcome, playback.reason, playback.evidence) == (
        Outcome.missed, Reason.clip_incomplete, Evidence.told
    )  # fmt: skip


def test_when_patience_ends_the_languages_that_are_there_sound_and_the_other_is_named() -> None:
    stage = Stage()
    stage.boot()
    stage.assign(languages=("mww", "vi"))
    stage.programme(slot("a", clips=(clip("a-vi"), clip("a-mww", "mww"))))
    stage.happen(events.ClipStored(clip("a-vi").sha256))
    stage.until(SIX + 7 * MINUTE)
    assert stage.placed() == []
    stage.until(SIX + 8 * MINUTE)
    assert stage.placed() == ["a"]
    stage.sound("a")
    assert stage.closed()["a"].missing == ("mww",)


def test_a_withdrawn_slot_does_not_sound_and_needs_no_outcome() -> None:
    stage = Stage()
    stage.ready(slot("a"), slot("b", SIX + MINUTE))
    stage.programme(slot("b", SIX + MINUTE))
    stage.until(SIX + 2 * MINUTE - 10 * SECOND)
    assert stage.placed() == ["b"]
    stage.sound("b")
    stage.until(SIX + HOUR)
    assert list(stage.closed()) == ["b"]


def test_a_slot_withdrawn_in_mid_play_stops_and_says_why() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.until(SIX - 3 * SECOND)
    stage.pass_(5 * SECOND)
    stage.happen(events.SoundStarted("a@" + str(SIX), SIX))
    stage.programme()
    assert [c.occurrence for c in stage.actions(do.CancelSound)] == ["a@" + str(SIX)]
    stage.happen(events.SoundEnded("a@" + str(SIX), stage.utc, 2_000, False))
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.cut, Reason.withdrawn)


def test_what_merely_rolls_off_a_programme_still_gets_its_outcome() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a"))
    stage.until(SIX + MINUTE)
    stage.programme(since=SIX + DAY)
    stage.until(SIX + HOUR)
    assert stage.closed()["a"].outcome is Outcome.missed


def test_an_emergency_cuts_what_sounds_and_what_was_cut_is_made_up() -> None:
    stage = Stage()
    stage.ready(slot("a"), slot("lu", SIX + 5 * SECOND, Emergency))
    later = stage.state.plays.rundown
    assert next(e.slot.broadcast for e in later if e.plays) == "lu", "known beforehand, the ordinary one waits"
    stage = Stage()
    stage.ready(slot("a"))
    stage.until(SIX - 3 * SECOND)
    stage.pass_(3 * SECOND)
    stage.happen(events.SoundStarted("a@" + str(SIX), SIX))
    stage.pass_(4 * SECOND)
    alert = slot("lu", stage.utc + SECOND, Emergency)
    stage.programme(alert, area="thon-1")
    stage.happen(events.ClipStored(clip("lu").sha256))
    assert [c.occurrence for c in stage.actions(do.CancelSound)] == ["a@" + str(SIX)]
    stage.happen(events.SoundEnded("a@" + str(SIX), stage.utc, 4_000, False))
    assert stage.placed() == ["a", "lu"]
    assert stage.actions(do.PlaceSound)[1].urgent
    stage.sound("lu")
    stage.until(stage.utc + 10 * SECOND)
    assert stage.placed() == ["a", "lu", "a"]
    stage.sound("a")
    assert stage.closed()["lu"].outcome is Outcome.played
    again = stage.closed()["a"]
    assert (again.outcome, again.reason, again.other) == (Outcome.late, Reason.cut_in, alert.occurrence)


def test_what_was_cut_and_cannot_be_made_up_ends_as_cut() -> None:
    stage = Stage()
    stage.ready(slot("a", useful=10 * SECOND))
    stage.until(SIX - 3 * SECOND)
    stage.pass_(3 * SECOND)
    stage.happen(events.SoundStarted("a@" + str(SIX), SIX))
    stage.programme(slot("lu", stage.utc + SECOND, Emergency), area="thon-1")
    stage.happen(events.ClipStored(clip("lu").sha256))
    stage.happen(events.SoundEnded("a@" + str(SIX), stage.utc, 900, False))
    stage.sound("lu")
    stage.until(SIX + HOUR)
    playback = stage.closed()["a"]
    assert (playback.outcome, playback.reason, playback.sounded_ms) == (Outcome.cut, Reason.cut_in, 900)


def test_a_card_that_fails_is_told() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.until(SIX - 3 * SECOND)
    stage.happen(events.SoundFailed("a@" + str(SIX), SIX, 0, Reason.card_missing))
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.failed, Reason.card_missing)


def test_the_loudspeaker_does_exactly_what_the_preview_shows() -> None:
    slots = (
        slot("a"),
        slot("b", SIX + 5 * SECOND, BroadcastClass.priority),
        slot("c", SIX + 10 * SECOND),
        slot("d", SIX + 6 * SECOND, useful=8 * SECOND),
        slot("dem", SIX - 2 * HOUR),
    )
    quiet = QuietHours(22 * 60, 5 * 60)
    stage = Stage(SIX - 3 * HOUR)
    stage.ready(*slots, quiet=quiet)
    assert stage.state.held.assignment is not None
    shown = merge(slots, stage.state.held.assignment, SIX - 3 * HOUR)
    for entry in (e for e in shown if e.plays):
        stage.until(entry.start - SECOND)
        stage.sound(entry.slot.broadcast)
    stage.until(SIX + HOUR)
    placed = [(a.occurrence, a.start) for a in stage.actions(do.PlaceSound)]
    assert placed == [(e.slot.occurrence, e.start) for e in shown if e.plays]
    for entry in shown:
        told = stage.closed()[entry.slot.broadcast]
        assert (told.reason, told.other) == (entry.reason, entry.other) or entry.plays
        assert (told.outcome is Outcome.skipped) == (not entry.plays)


def test_what_the_ear_finds_while_it_sounds_is_its_evidence() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.until(SIX)
    name = slot("a").occurrence
    stage.happen(events.SoundFound(name, Evidence.heard))  # before its first frame: of another one
    stage.happen(events.SoundStarted(name, SIX))
    stage.happen(events.SoundFound("other@1", Evidence.heard))
    stage.happen(events.SoundFound(name, Evidence.level))
    stage.happen(events.SoundFound(name, Evidence.unknown))
    stage.happen(events.SoundEnded(name, stage.utc, 60_000, True))
    assert stage.closed()["a"].evidence is Evidence.level


def test_sounds_that_the_ear_misses_in_a_row_are_counted_and_told() -> None:
    stage = Stage()
    names = [slot(name, SIX + n * 10 * MINUTE).occurrence for n, name in enumerate("abcd")]
    stage.ready(*(slot(name, SIX + n * 10 * MINUTE) for n, name in enumerate("abcd")))
    stage.happen(events.Linked())
    told = []
    for number, name in enumerate(names):
        stage.until(SIX + number * 10 * MINUTE)
        stage.happen(events.SoundMissed(name))  # before its first frame: of another one
        stage.happen(events.SoundStarted(name, stage.utc))
        stage.happen(events.SoundFound(name, Evidence.heard) if number == 2 else events.SoundMissed(name))
        stage.happen(events.SoundEnded(name, stage.utc, 60_000, True))
        told.append([a.status.unheard for a in stage.actions(do.PublishStatus)][-1])
    assert told == [1, 2, 0, 1]
