"""Tests of whose word is taken, how clips are collected, and how reports come home.

Nobody imports this module.
"""

import secrets

import msgspec
import pytest

from device_agent import actions as do
from device_agent import collecting, events
from schedules import wire
from schedules.assignment import Assignment
from schedules.blocks import BlockRange
from schedules.clock import DAY, HOUR, MINUTE, SECOND
from schedules.playback import Reason
from schedules.programme import Programme
from schedules.signing import SigningKey
from tests.unit.device.stage import KEY, PATH, SIX, Stage, clip, slot

STRANGER = SigningKey(secrets.token_bytes(32))


def programme(area: str = "xa-1", revision: int = 10, expires: int = 2**42) -> Programme:
    return Programme(area, revision, SIX, expires, (slot("x"),), 0)


@pytest.mark.parametrize(
    ("topic", "payload", "cause"),
    [
        ("xa-1", wire.seal_message(programme(), STRANGER), "unknown_key"),
        ("xa-1", wire.seal_message(programme(), KEY)[:-2], "bad_signature"),
        ("xa-1", b"\0" * 80, "malformed"),
        ("xa-1", wire.seal_message(programme("xa-2"), KEY), "wrong_area"),
        ("xa-2", wire.seal_message(programme("xa-2"), KEY), "wrong_area"),
        ("xa-1", wire.seal_message(programme(revision=1), KEY), "older_revision"),
        ("xa-1", wire.seal_message(programme(expires=SIX - HOUR), KEY), "expired"),
    ],
)
def test_a_word_that_is_not_for_it_is_refused_and_counted(topic: str, payload: bytes, cause: str) -> None:
    stage = Stage(SIX)
    stage.ready(slot("a", SIX + HOUR))
    before = stage.state.held.programmes
    stage.done.clear()
    stage.happen(events.MessageArrived(wire.PROGRAMME.topic(topic), payload))
    assert stage.state.held.refused == {cause: 1}
    assert stage.state.held.programmes == before
    assert not stage.actions(do.KeepProgramme)


def test_an_assignment_for_another_is_refused() -> None:
    stage = Stage(SIX)
    stage.boot()
    other = Assignment("loa-2", 1, 0, 2**42, ("tinh", "loa-2"), ("vi",))
    stage.happen(events.MessageArrived(wire.ASSIGNMENT.topic("loa-1"), wire.seal_message(other, KEY)))
    assert stage.state.held.refused == {"wrong_device": 1}


def test_the_same_again_is_no_news_and_no_refusal() -> None:
    stage = Stage(SIX)
    stage.ready(slot("a", SIX + HOUR))
    stage.done.clear()
    stage.happen(events.MessageArrived(wire.PROGRAMME.topic("xa-1"), stage.kept["xa-1"]))
    assert stage.state.held.refused == {}
    assert not stage.actions(do.KeepProgramme)


def test_a_new_place_drops_the_programmes_of_the_old() -> None:
    stage = Stage(SIX)
    stage.ready(slot("a", SIX + HOUR))
    moved = Assignment("loa-1", 99, SIX, 2**42, ("tinh", "xa-2", "loa-1"), ("vi",))
    stage.happen(events.MessageArrived(wire.ASSIGNMENT.topic("loa-1"), wire.seal_message(moved, KEY)))
    assert stage.state.held.programmes == {}
    assert do.KeepProgramme("xa-1", b"") in stage.done
    assert stage.actions(do.Listen)[-1].areas == ("tinh", "xa-2", "loa-1")


def test_it_listens_to_its_whole_path_and_to_the_clips_it_needs() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a"), slot("b", SIX + HOUR, clips=(clip("b"), clip("b-mww", "mww"))))
    assert stage.actions(do.Listen)[-1] == do.Listen(PATH, (clip("a").sha256, clip("b").sha256))


def test_missing_blocks_are_asked_for_once_things_stand_still_and_ever_more_rarely() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a", SIX - 20 * MINUTE))
    stage.happen(events.Linked())
    stage.happen(events.BlockStored(clip("a").sha256, 0))
    stage.until(stage.utc + 19 * SECOND)
    assert not stage.actions(do.AskBlocks), "it may be on its way"
    stage.until(stage.utc + 6 * SECOND)
    [asked] = stage.actions(do.AskBlocks)
    assert asked.want == wire.Want(clip("a").sha256, (BlockRange(1, 1),))
    stage.until(stage.utc + 20 * MINUTE)
    assert 5 <= len(stage.actions(do.AskBlocks)) <= 12


def test_a_complete_clip_is_verified_and_a_refused_one_is_collected_again() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a"))
    for index in (1, 0):
        stage.happen(events.BlockStored(clip("a").sha256, index))
    assert stage.actions(do.VerifyClip) == [do.VerifyClip(clip("a"))]
    stage.happen(events.ClipRefused(clip("a").sha256, "hash_differs"))
    assert stage.state.held.refused == {"hash_differs": 1}
    assert collecting.listened(stage.state.clips) == (clip("a").sha256,)
    stage.happen(events.Linked())
    stage.until(stage.utc + MINUTE)
    assert stage.actions(do.AskBlocks)[0].want.blocks == (BlockRange(0, 1),)


def test_of_a_clip_that_lost_blocks_with_the_power_only_those_are_asked_for() -> None:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a"))
    for index in (1, 0):
        stage.happen(events.BlockStored(clip("a").sha256, index))
    stage.happen(events.ClipRefused(clip("a").sha256, "blocks_lost", (BlockRange(1, 1),)))
    stage.happen(events.Linked())
    stage.until(stage.utc + MINUTE)
    assert stage.actions(do.AskBlocks)[0].want.blocks == (BlockRange(0, 0),)
    stage.happen(events.BlockStored(clip("a").sha256, 0))
    assert len(stage.actions(do.VerifyClip)) == 2


def test_what_was_asked_for_and_refused_is_no_longer_on_its_way() -> None:
    """A full card refuses a block that has come: it is not waited for any more."""
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.programme(slot("a", SIX - 20 * MINUTE))
    stage.happen(events.Linked())
    stage.until(stage.utc + 8 * SECOND)
    assert len(stage.actions(do.AskBlocks)) == 1
    for _block in range(16):
        stage.happen(events.ClipRefused(clip("a").sha256, "disk"))
    stage.until(stage.utc + 18 * SECOND)
    assert len(stage.actions(do.AskBlocks)) == 2


def test_what_no_slot_needs_is_discarded() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.programme(slot("b"))
    assert stage.actions(do.DiscardClips) == [do.DiscardClips((clip("a").sha256,))]


def test_a_report_is_sent_again_until_the_server_has_it_and_forgotten_then() -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.until(SIX - 3 * SECOND)
    stage.sound("a")
    assert not stage.actions(do.SendReport), "no link"
    stage.happen(events.Linked())
    stage.until(stage.utc + MINUTE)
    sent = stage.actions(do.SendReport)
    assert len(sent) >= 2
    assert all(s.report == sent[0].report for s in sent)
    assert [p.sequence for p in sent[0].report.playbacks] == [1]
    ack = wire.ACK.topic("loa-1")
    said = wire.digest_of(wire.encode(sent[0].report))
    good = wire.Ack("j1", 1, "", "loa-1", said)
    stage.happen(events.MessageArrived(ack, wire.encode(good)))
    stage.happen(events.MessageArrived(ack, wire.seal_message(good, STRANGER)))
    assert stage.state.held.refused == {"malformed": 1, "unknown_key": 1}, "unsigned; signed by a stranger"
    for useless in ({"journal": "j2"}, {"up_to": 0}, {"run": "x"}, {"device": "loa-2"}, {"report": "0" * 32}):
        other = msgspec.structs.replace(good, **useless)
        stage.happen(events.MessageArrived(ack, wire.seal_message(other, KEY)))
    assert not stage.actions(do.ForgetReports)
    stage.acked()
    assert stage.actions(do.ForgetReports) == [do.ForgetReports(1)]
    stage.done.clear()
    stage.until(stage.utc + HOUR)
    assert not stage.actions(do.SendReport)


def test_months_without_a_link_come_home_in_batches() -> None:
    stage = Stage()
    stage.ready(*(slot(f"s{n}", SIX + n * MINUTE, useful=30 * SECOND) for n in range(120)))
    stage.state = stage.state.__class__(
        **{f: getattr(stage.state, f) for f in stage.state.__struct_fields__ if f != "clips"},
        clips=collecting.Clips(),
    )
    stage.until(SIX + 3 * HOUR)
    assert len(stage.closed()) == 120
    stage.happen(events.Linked())
    for up_to in (50, 100, 120):
        stage.until(stage.utc)
        assert stage.actions(do.SendReport)[-1].report.playbacks[-1].sequence == up_to
        stage.acked()
    assert stage.state.reports.unacknowledged == ()


def test_a_status_is_said_when_something_changes_and_now_and_then() -> None:
    stage = Stage()
    stage.ready(slot("a", SIX + DAY))
    stage.happen(events.Linked())
    assert stage.actions(do.PublishStatus)[-1].status.online
    stage.done.clear()
    stage.until(stage.utc + 10 * MINUTE)
    assert not stage.actions(do.PublishStatus)
    stage.until(stage.utc + 10 * MINUTE)
    assert len(stage.actions(do.PublishStatus)) == 1
    stage.happen(events.HealthMeasured(5, "card is gone"))
    assert stage.actions(do.PublishStatus)[-1].status.sound_card == "card is gone"


def test_the_time_is_asked_for_with_every_link() -> None:
    stage = Stage()
    stage.boot()
    stage.happen(events.Linked())
    stage.happen(events.Unlinked())
    stage.happen(events.Linked())
    assert len(stage.actions(do.AskTime)) == 2


def test_unknown_messages_are_counted() -> None:
    stage = Stage()
    stage.boot()
    stage.happen(events.MessageArrived("loaban/1/device/loa-1/dance", b"{}"))
    assert stage.state.held.refused == {"unknown_message": 1}


def test_a_sound_that_has_rotted_on_the_card_is_fetched_again_before_its_next_slot() -> None:
    stage = Stage()
    stage.ready(slot("a"), slot("b", SIX + HOUR, clips=(clip("a"),)))
    stage.until(SIX - 3 * SECOND)
    stage.done.clear()
    stage.happen(events.SoundFailed("a@" + str(SIX), stage.utc, 0, Reason.file_unreadable))
    assert stage.actions(do.ClosePlayback)[0].playback.reason is Reason.file_unreadable
    assert do.DiscardClips((clip("a").sha256,)) in stage.done
    assert stage.actions(do.Listen)[-1].clips == (clip("a").sha256,)
