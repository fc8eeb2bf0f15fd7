"""Tests of alerts at a loudspeaker: one message is enough, said twice it sounds once, and its end silences it.

Nobody imports this module.
"""

import pytest

from device_agent import actions as do
from device_agent import events
from device_agent.playout import JOIN_WITHIN
from schedules import wire
from schedules.clock import HOUR, MINUTE, SECOND, ClockTrust
from schedules.playback import Outcome, Reason
from schedules.programme import BroadcastClass, Slot
from tests.unit.device.stage import SEAL, SIX, Stage, clip, slot

EMERGENCY = BroadcastClass.emergency


def flood(start: int = SIX, name: str = "flood", authority: int = 1) -> Slot:
    found = slot(name, start, EMERGENCY, useful=120 * MINUTE)
    return Slot(
        found.occurrence, name, name, name, EMERGENCY, authority, found.start, found.useful_until, found.clips, SEAL
    )


def stage(*slots: Slot, at: int = SIX) -> Stage:
    there = Stage(at)
    there.ready(*slots)
    return there


def test_one_message_is_enough_to_sound() -> None:
    there = stage(at=SIX - SECOND)
    actions = there.alert(flood())
    kinds = [type(action) for action in actions]
    assert there.placed() == ["flood"]
    place = there.actions(do.PlaceSound)[0]
    assert (place.start, place.urgent, place.joins) == (SIX, True, False)
    assert kinds.index(do.OpenPlayback) < kinds.index(do.PlaceSound) < kinds.index(do.KeepAlert)
    assert kinds.index(do.KeepAlert) < kinds.index(do.AckAlert)
    assert there.actions(do.AckAlert) == [do.AckAlert(wire.AlertAck("xa-1", there.revision))]
    there.sound("flood")
    assert there.closed()["flood"].outcome is Outcome.played


def test_said_again_it_is_acknowledged_again_and_sounds_once() -> None:
    there = stage(at=SIX - SECOND)
    there.alert(flood())
    revision = there.revision
    there.sound("flood")
    for heads in (False, True):
        actions = there.alert(flood(), heads=heads, revision=revision)
        assert [type(a) for a in actions if not isinstance(a, do.PublishStatus)] == [do.AckAlert]
    there.programme(flood())
    there.until(SIX + 10 * MINUTE)
    assert there.placed() == ["flood"]


def test_an_old_alert_said_again_by_whoever_holds_the_broker_fills_no_memory() -> None:
    there = stage(at=SIX - SECOND)
    there.alert(flood(name="old"))
    revision = there.revision
    there.sound("old")
    there.programme()
    there.alert(flood(name="old"), revision=revision)
    assert there.state.clips.heads == frozenset()
    there.revision += 5
    there.programme(flood(SIX + 2 * MINUTE, "new"))
    there.alert(flood(SIX + 2 * MINUTE, "new"), revision=there.revision)
    assert there.state.clips.heads == {clip("new").sha256}, "wanted, so what came is of use"


def test_without_its_sound_it_is_asked_for_soon() -> None:
    there = stage(at=SIX - SECOND)
    there.happen(events.Linked())
    there.alert(flood(), heads=False)
    assert there.placed() == []
    there.until(SIX + 2 * SECOND)
    assert {a.want.clip for a in there.actions(do.AskBlocks)} == {clip("flood").sha256}
    there.happen(events.ClipStored(clip("flood").sha256))
    assert there.placed() == ["flood"]


def test_it_cuts_what_sounds_and_that_is_made_up() -> None:
    there = stage(slot("news", useful=30 * MINUTE), at=SIX - 10 * SECOND)
    there.until(SIX)
    there.happen(events.SoundStarted(f"news@{SIX}", SIX))
    there.pass_(5 * SECOND)
    there.alert(flood(there.utc + SECOND))
    assert there.actions(do.CancelSound) == [do.CancelSound(f"news@{SIX}")]
    there.happen(events.SoundEnded(f"news@{SIX}", there.utc, 5_000, whole=False))
    assert there.placed() == ["news", "flood"]
    there.sound("flood")
    there.until(there.utc + 10 * SECOND)
    assert there.placed() == ["news", "flood", "news"]


def test_who_hears_it_a_little_late_joins_the_others() -> None:
    there = stage(at=SIX + 3 * SECOND)
    there.alert(flood())
    place = there.actions(do.PlaceSound)[0]
    assert (place.start, place.joins) == (SIX, True)
    there.happen(events.SoundStarted(place.occurrence, there.utc))
    there.pass_(17 * SECOND)
    there.happen(events.SoundEnded(place.occurrence, there.utc, 17_000, whole=True))
    closed = there.closed()["flood"]
    assert (closed.outcome, closed.reason, closed.sounded_ms) == (Outcome.played, Reason.arrived_late, 17_000)


@pytest.mark.parametrize(
    ("late", "trust"),
    [(JOIN_WITHIN + SECOND, ClockTrust.server), (3 * SECOND, ClockTrust.none), (10 * MINUTE, ClockTrust.server)],
)
def test_who_hears_it_later_or_knows_no_time_begins_at_its_first_word(late: int, trust: ClockTrust) -> None:
    there = stage(at=SIX + late)
    there.trust = trust
    there.alert(flood())
    place = there.actions(do.PlaceSound)[0]
    assert not place.joins
    assert place.start in (0, there.utc)


def test_the_amplifier_is_given_no_more_than_the_time_there_is() -> None:
    there = stage(at=SIX - 400)
    there.alert(flood())
    assert there.actions(do.PlaceSound)[0].lead_in_ms == 400


@pytest.mark.parametrize("by", ["alert", "programme"])
def test_cancelled_while_it_sounds_it_stops(by: str) -> None:
    there = stage(at=SIX - SECOND)
    there.alert(flood())
    there.pass_(SECOND)
    there.happen(events.SoundStarted(f"flood@{SIX}", SIX))
    there.pass_(5 * SECOND)
    if by == "alert":
        there.alert(withdrawn=(f"flood@{SIX}",))
    else:
        there.programme()
    assert there.actions(do.CancelSound) == [do.CancelSound(f"flood@{SIX}")]
    there.happen(events.SoundEnded(f"flood@{SIX}", there.utc, 5_000, whole=False))
    assert (there.closed()["flood"].outcome, there.closed()["flood"].reason) == (Outcome.cut, Reason.withdrawn)
    there.until(there.utc + MINUTE)
    assert there.placed() == ["flood"]


def test_cancelled_before_it_came_it_never_sounds() -> None:
    """Messages overtake one another."""
    there = stage(at=SIX - SECOND)
    revision = there.revision
    there.alert(withdrawn=(f"flood@{SIX}",), revision=revision + 2)
    there.alert(flood(), revision=revision + 1)
    there.until(SIX + MINUTE)
    assert there.placed() == []
    assert there.actions(do.AckAlert)[-1].ack.revision == revision + 2


def test_cancelled_after_it_sounded_nothing_changes() -> None:
    there = stage(at=SIX - SECOND)
    there.alert(flood())
    there.sound("flood")
    there.alert(withdrawn=(f"flood@{SIX}",))
    assert there.closed()["flood"].outcome is Outcome.played
    assert there.actions(do.CancelSound) == []


def test_the_programme_that_comes_after_it_takes_its_place() -> None:
    there = stage(slot("news"), at=SIX - SECOND)
    there.alert(flood())
    assert "xa-1" in there.state.held.alerts
    there.programme(slot("news"), flood())
    assert there.state.held.alerts == {}
    assert do.KeepAlert("xa-1", b"") in there.done


def test_an_alert_takes_nothing_from_the_programme_it_belongs_to() -> None:
    there = stage(slot("news", SIX + 5 * MINUTE), at=SIX - SECOND)
    there.alert(flood())
    there.sound("flood")
    there.until(SIX + 5 * MINUTE)
    assert there.placed() == ["flood", "news"]


def test_a_reboot_in_the_middle_begins_it_again_and_gives_it_one_outcome() -> None:
    there = stage(at=SIX - SECOND)
    there.alert(flood())
    there.pass_(SECOND)
    there.happen(events.SoundStarted(f"flood@{SIX}", SIX))
    there.pass_(5 * SECOND)
    there.there = (clip("flood").sha256,)
    there.reboot()
    there.happen(events.TimePassed())
    assert there.placed() == ["flood", "flood"]
    assert "flood" not in there.closed()
    there.sound("flood")
    closed = there.closed()["flood"]
    assert (closed.outcome, closed.reason) == (Outcome.played, Reason.restarted) or closed.outcome is Outcome.late


def test_an_ordinary_one_is_not_begun_again_after_a_reboot() -> None:
    there = stage(slot("news"), at=SIX - SECOND)
    there.until(SIX)
    there.happen(events.SoundStarted(f"news@{SIX}", SIX))
    there.pass_(5 * SECOND)
    there.there = (clip("news").sha256,)
    there.reboot()
    there.until(there.utc + MINUTE)
    assert there.placed() == ["news"]
    assert there.closed()["news"].reason is Reason.restarted


def test_two_at_once_the_higher_authority_first_then_the_other() -> None:
    there = stage(at=SIX - SECOND)
    there.alert(flood(name="commune", authority=2), flood(name="province", authority=0))
    assert there.placed() == ["province"]
    there.sound("province")
    there.until(there.utc + 10 * SECOND)
    assert there.placed() == ["province", "commune"]


def test_one_that_sounds_is_not_cut_by_another_alert() -> None:
    there = stage(at=SIX - SECOND)
    there.alert(flood(name="commune", authority=2))
    there.pass_(2 * SECOND)
    there.happen(events.SoundStarted(f"commune@{SIX}", SIX))
    there.alert(flood(there.utc, "province", 0), area="tinh")
    assert there.actions(do.CancelSound) == []
    there.sound("commune")
    there.until(there.utc + 10 * SECOND)
    assert there.placed() == ["commune", "province"]


def test_no_clock_at_all_does_not_keep_it_silent() -> None:
    there = stage(at=SIX - SECOND)
    there.utc, there.trust = 0, ClockTrust.none
    there.alert(flood(SIX - HOUR + SECOND))  # the server's word is an hour old: by it, the time has come
    assert there.actions(do.PlaceSound)[0].start == do.AT_ONCE


@pytest.mark.parametrize(
    ("area", "envelope", "cause"),
    [("xa-1", b"LB1S" + bytes(200), "unknown_key"), ("xa-1", b"", "malformed"), ("xa-9", None, "wrong_area")],
)
def test_what_nobody_signed_or_is_for_others_is_refused(area: str, envelope: bytes | None, cause: str) -> None:
    there = stage(at=SIX - SECOND)
    if envelope is None:
        there.alert(flood(), area=area)
    else:
        there.happen(events.AlertArrived(area, envelope, (clip("flood").sha256,), 10))
    assert there.state.held.refused == {cause: 1}
    assert there.placed() == []
    assert there.actions(do.AckAlert) == []
