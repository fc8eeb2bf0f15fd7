"""Tests of a loudspeaker in hard cases: two misfortunes at once, an order that comes in the worst instant.

Nobody imports this module.
"""

from device_agent import actions as do
from device_agent import events
from device_agent.collecting import JITTER, jitter_of
from device_agent.loudspeaker import ASK_TIME_SOUNDING
from schedules import wire
from schedules.assignment import QuietHours
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass
from tests.unit.device.stage import SIX, Stage, clip, slot

Priority, Emergency = BroadcastClass.priority, BroadcastClass.emergency


def sounding(stage: Stage, *slots: object, name: str = "a") -> str:
    """A stage on which the first slot has just begun to sound."""
    stage.ready(*slots)  # type: ignore[arg-type]
    stage.until(SIX - 3 * SECOND)
    stage.pass_(3 * SECOND)
    occurrence = f"{name}@{SIX}"
    stage.happen(events.SoundStarted(occurrence, SIX))
    return occurrence


def cut_by_an_alert(stage: Stage, occurrence: str, sounded: int = 4 * SECOND) -> None:
    """The alert `lu` comes, what sounds is cut, and the alert is placed."""
    stage.pass_(sounded)
    stage.programme(slot("lu", stage.utc + SECOND, Emergency), area="thon-1")
    stage.happen(events.ClipStored(clip("lu").sha256))
    stage.happen(events.SoundEnded(occurrence, stage.utc, sounded, False))
    assert stage.placed()[-1] == "lu"


def test_what_was_cut_and_is_then_withdrawn_is_still_told() -> None:
    stage = Stage()
    occurrence = sounding(stage, slot("a"))
    cut_by_an_alert(stage, occurrence)
    stage.programme()
    stage.sound("lu")
    stage.until(SIX + HOUR)
    playback = stage.closed()["a"]
    assert (playback.outcome, playback.sounded_ms) == (Outcome.cut, 4 * SECOND)
    assert stage.placed() == ["a", "lu"]


def test_what_is_withdrawn_while_it_is_being_cut_is_told_and_not_made_up() -> None:
    stage = Stage()
    occurrence = sounding(stage, slot("a"))
    stage.pass_(4 * SECOND)
    stage.programme(slot("lu", stage.utc + SECOND, Emergency), area="thon-1")
    stage.happen(events.ClipStored(clip("lu").sha256))
    stage.programme()
    stage.happen(events.SoundEnded(occurrence, stage.utc, 4_000, False))
    stage.sound("lu")
    stage.until(SIX + HOUR)
    assert stage.closed()["a"].outcome is Outcome.cut
    assert stage.placed() == ["a", "lu"]


def test_what_was_cut_before_the_loudspeaker_moved_away_is_told() -> None:
    stage = Stage()
    occurrence = sounding(stage, slot("a"))
    cut_by_an_alert(stage, occurrence)
    stage.assign(path=("tinh", "xa-2", "thon-1", "loa-1"))
    stage.sound("lu")
    stage.until(SIX + HOUR)
    assert stage.closed()["a"].outcome is Outcome.cut


def test_what_was_only_about_to_sound_was_not_cut() -> None:
    stage = Stage()
    stage.ready(slot("a", useful=10 * SECOND))
    stage.until(SIX - 3 * SECOND)
    cut_by_an_alert(stage, f"a@{SIX}", 0)
    stage.sound("lu")
    stage.until(SIX + HOUR)
    playback = stage.closed()["a"]
    assert (playback.outcome, playback.reason, playback.other[:2]) == (Outcome.skipped, Reason.displaced, "lu")


def test_what_sounded_in_part_and_lost_power_before_it_was_made_up_is_not_called_missed() -> None:
    stage = Stage()
    occurrence = sounding(stage, slot("a"))
    stage.there = (clip("a").sha256, clip("lu").sha256)
    cut_by_an_alert(stage, occurrence)
    stage.sound("lu")
    stage.until(stage.utc + SECOND)
    assert stage.placed() == ["a", "lu", "a"], "made up"
    stage.pass_(HOUR)
    stage.reboot()
    playback = stage.closed()["a"]
    assert (playback.outcome, playback.reason) == (Outcome.cut, Reason.restarted)


def test_an_alert_planned_ahead_is_not_stuck_behind_one_that_waits_for_a_card_that_hangs() -> None:
    stage = Stage()
    alert = slot("lu", SIX + 30 * SECOND, Emergency)
    occurrence = sounding(stage, slot("a"), slot("b", SIX + 10 * SECOND), alert)
    stage.until(SIX + 31 * SECOND)
    assert [c.occurrence for c in stage.actions(do.CancelSound)] == [occurrence], "the card never said that a ended"
    stage.happen(events.SoundEnded(occurrence, stage.utc, 20_000, False))
    assert stage.placed() == ["a", "lu"]


def test_an_alert_that_comes_while_a_sound_overruns_cuts_it() -> None:
    stage = Stage()
    occurrence = sounding(stage, slot("a"))
    stage.until(SIX + 25 * SECOND)
    stage.programme(slot("lu", stage.utc, Emergency), area="thon-1")
    stage.happen(events.ClipStored(clip("lu").sha256))
    assert [c.occurrence for c in stage.actions(do.CancelSound)] == [occurrence]


def test_a_clock_that_leaps_forward_starts_nothing_at_a_wrong_hour() -> None:
    stage = Stage()
    stage.ready(slot("a"), slot("dem", SIX + 16 * HOUR - 20 * SECOND), quiet=QuietHours())
    stage.utc += 3 * HOUR
    stage.happen(events.TimePassed())
    assert stage.placed() == []
    assert stage.closed()["a"].outcome is Outcome.missed
    stage.utc = SIX + 16 * HOUR - 10 * SECOND
    stage.happen(events.TimePassed())
    assert stage.placed() == [], "what starts too late to end before the quiet hours does not start"


def test_one_that_waited_keeps_its_reason_when_the_plan_is_made_anew() -> None:
    stage = Stage()
    first = f"a@{SIX}"
    sounding(stage, slot("a"), slot("b", SIX + 5 * SECOND))
    stage.pass_(24 * SECOND)
    stage.happen(events.SoundEnded(first, stage.utc, 20_000, True))
    stage.programme(slot("a"), slot("b", SIX + 5 * SECOND), slot("c", SIX + HOUR))
    stage.until(stage.utc + SECOND)
    stage.sound("b")
    assert (stage.closed()["b"].outcome, stage.closed()["b"].reason) == (Outcome.late, Reason.delayed)
    assert stage.closed()["b"].other == first


def test_one_that_was_displaced_is_told_so_even_if_the_loudspeaker_looks_late() -> None:
    stage = Stage()
    stage.ready(slot("a", useful=5 * SECOND), slot("uu-tien", SIX, Priority))
    stage.until(SIX - 3 * SECOND)
    stage.pass_(3 * SECOND)
    stage.happen(events.SoundStarted(f"uu-tien@{SIX}", SIX))
    stage.pass_(10 * SECOND)
    stage.programme(slot("a", useful=5 * SECOND), slot("uu-tien", SIX, Priority), slot("c", SIX + HOUR))
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.skipped, Reason.displaced)
    assert stage.closed()["a"].other == f"uu-tien@{SIX}"


def test_without_trust_in_its_clock_an_alert_sounds_in_the_languages_it_has_when_patience_ends() -> None:
    stage = Stage(5_000, ClockTrust.none)
    stage.boot()
    stage.assign(languages=("vi", "mww"))
    stage.programme(slot("lu", SIX, Emergency, clips=(clip("lu-vi"), clip("lu-mww", "mww"))), issued=SIX)
    stage.happen(events.ClipStored(clip("lu-vi").sha256))
    stage.until(stage.utc + 5 * SECOND)
    assert stage.placed() == []
    stage.until(stage.utc + 6 * SECOND)
    assert stage.placed() == ["lu"]
    stage.sound("lu")
    assert stage.closed()["lu"].missing == ("mww",)


def test_a_loudspeaker_that_ran_without_the_time_does_not_blame_the_power() -> None:
    stage = Stage(5_000, ClockTrust.none)
    stage.ready(slot("a"))
    stage.pass_(2 * HOUR)
    stage.utc, stage.trust = SIX + HOUR, ClockTrust.server
    stage.happen(events.TimePassed())
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.missed, Reason.clock_untrusted)


def test_a_late_start_for_want_of_the_time_says_so() -> None:
    stage = Stage(5_000, ClockTrust.none)
    stage.ready(slot("a"))
    stage.pass_(HOUR)
    stage.utc, stage.trust = SIX + MINUTE, ClockTrust.server
    stage.happen(events.TimePassed())
    stage.sound("a")
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.late, Reason.clock_untrusted)


def test_a_late_start_because_the_power_came_back_says_so() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.there = (clip("a").sha256,)
    stage.pass_(HOUR + MINUTE)
    stage.reboot()
    stage.sound("a")
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.late, Reason.not_running)


def test_a_programme_is_written_down_after_the_outcomes_of_what_it_drops() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a"))
    stage.pass_(2 * DAY)
    actions = len(stage.done)
    stage.programme(since=stage.utc - DAY)
    kinds = [type(a) for a in stage.done[actions:] if isinstance(a, do.ClosePlayback | do.KeepProgramme)]
    assert kinds == [do.ClosePlayback, do.KeepProgramme], "or a power cut between the two would lose the outcome"


def test_without_the_time_too_what_the_servers_word_calls_past_gets_its_outcome_at_once() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.trust = ClockTrust.none
    stage.programme(since=SIX + DAY, issued=SIX + 2 * DAY)
    assert stage.closed()["a"].outcome is Outcome.missed


def test_odd_names_in_the_journal_do_not_stop_a_loudspeaker() -> None:
    stage = Stage()
    stage.boot(settled=("²@²", "a@", "", "@", "b@" + "9" * 5000, "c@-1"))
    assert "b@" + "9" * 5000 in stage.state.plays.settled


def test_what_is_settled_and_open_at_once_is_not_told_twice() -> None:
    stage = Stage()
    occurrence = sounding(stage, slot("a"))
    [opened] = [a.playback for a in stage.actions(do.OpenPlayback) if a.playback.started is not None]
    stage.done.clear()
    stage.boot(open_playbacks=(opened, opened), settled=(occurrence,))
    assert stage.closed() == {}
    stage.boot(open_playbacks=(opened, opened))
    assert list(stage.closed()) == ["a"]


def test_the_time_is_asked_for_soon_again_while_it_is_not_known() -> None:
    stage = Stage(5_000, ClockTrust.none)
    stage.boot()
    stage.happen(events.Linked())
    stage.until(stage.utc + 2 * MINUTE)
    assert len(stage.actions(do.AskTime)) >= 5
    stage.done.clear()
    stage.trust = ClockTrust.server
    stage.until(stage.utc + HOUR)
    assert len(stage.actions(do.AskTime)) <= 6


def test_who_asks_the_time_while_the_server_is_just_starting_asks_soon_again() -> None:
    """Until it knows the time, no ordinary slot begins: one lost question must not cost twenty seconds each time."""
    stage = Stage(5_000, ClockTrust.none)
    stage.boot()
    stage.happen(events.Linked())
    began = stage.utc
    asked = []
    for after in (2, 4, 8, 16, 20, 20):
        stage.done.clear()
        stage.until(began + sum(asked) * SECOND + after * SECOND - 1)
        assert stage.actions(do.AskTime) == [], after
        stage.until(stage.utc + 1)
        assert len(stage.actions(do.AskTime)) == 1, after
        asked.append(after)
    stage.happen(events.Unlinked())
    stage.happen(events.Linked())
    stage.done.clear()
    stage.until(stage.utc + 2 * SECOND)
    assert len(stage.actions(do.AskTime)) == 1, "on a new link it begins anew"


def test_while_something_long_sounds_the_time_is_asked_for_more_often_but_not_by_all_at_once() -> None:
    stage = Stage()
    stage.ready(slot("long", clips=(clip("long", seconds=1_800),)), slot("short", SIX + HOUR))
    stage.happen(events.Linked())
    stage.until(SIX)
    stage.happen(events.SoundStarted(slot("long").occurrence, SIX))
    stage.done.clear()
    own_share = jitter_of("loa-1") * ASK_TIME_SOUNDING // JITTER
    stage.until(SIX + own_share - 1)
    assert stage.actions(do.AskTime) == []
    stage.until(SIX + own_share)
    assert len(stage.actions(do.AskTime)) == 1
    stage.until(SIX + 30 * MINUTE)
    assert len(stage.actions(do.AskTime)) in (15, 16)
    stage.happen(events.SoundEnded(slot("long").occurrence, stage.utc, 1_800_000, True))
    stage.until(SIX + 32 * MINUTE)
    stage.done.clear()
    stage.until(SIX + HOUR)
    stage.happen(events.SoundStarted(slot("short", SIX + HOUR).occurrence, stage.utc))
    stage.until(SIX + HOUR + 2 * MINUTE)
    assert len(stage.actions(do.AskTime)) <= 3, "as often as it says how it is"


def test_a_hundred_clips_that_come_at_once_are_not_a_hundred_words_home() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(*(slot(f"s{n}", SIX + n * MINUTE) for n in range(100)))
    stage.happen(events.Linked())
    stage.done.clear()
    for n in range(100):
        stage.pass_(100)
        stage.happen(events.ClipStored(clip(f"s{n}").sha256))
    stage.until(stage.utc + 10 * SECOND)
    said = stage.actions(do.PublishStatus)
    assert len(said) <= 5
    assert said[-1].status.clips_missing == ()


def test_an_assignment_names_the_loudspeaker_as_the_leaf() -> None:
    stage = Stage()
    stage.boot()
    stage.assign(path=("tinh", "xa-1", "loa-2"))
    assert stage.state.held.refused == {"wrong_device": 1}
    assert wire.ASSIGNMENT.parts(wire.ASSIGNMENT.topic("loa-1")) == ("loa-1",)


def test_a_fault_of_one_that_no_longer_sounds_takes_nothing_from_the_one_that_does() -> None:
    stage = Stage()
    sounding(stage, slot("a"))
    stage.happen(events.SoundFailed("cu@1", stage.utc, 0, Reason.file_unreadable))
    assert stage.actions(do.DiscardClips) == []
    assert clip("a").sha256 in stage.state.clips.there


def test_a_new_loudspeaker_that_does_not_know_the_time_fetches_nothing_that_is_past() -> None:
    stage = Stage(5_000, ClockTrust.none)
    stage.boot()
    stage.assign()
    stage.programme(slot("hom-qua", SIX - DAY), slot("hom-nay", SIX + HOUR), issued=SIX)
    assert [c.sha256 for c in stage.state.clips.wanted] == [clip("hom-nay").sha256]


def test_a_sound_that_ends_early_without_an_order_has_failed_and_does_not_begin_again() -> None:
    stage = Stage()
    occurrence = sounding(stage, slot("a"))
    stage.happen(events.SoundEnded(occurrence, stage.utc + SECOND, 1_000, False))
    stage.until(SIX + HOUR)
    assert (stage.closed()["a"].outcome, stage.closed()["a"].reason) == (Outcome.failed, Reason.card_lost)
    assert stage.placed() == ["a"]
