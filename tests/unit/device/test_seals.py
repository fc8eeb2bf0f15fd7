"""Tests of seals at a loudspeaker: a slot that nobody approved is refused with the word that names it, and what sounds says
by which approval it did.

Nobody imports this module.
"""

import msgspec
import pytest

from device_agent import actions as do
from device_agent import events
from schedules import wire
from schedules.clock import HOUR, MINUTE
from schedules.playback import Outcome
from schedules.programme import BroadcastClass, Programme, Slot
from tests.unit.device.stage import KEY, SEAL, SIX, Stage, clip, slot


def unsealed(name: str, start: int = SIX, klass: BroadcastClass = BroadcastClass.ordinary) -> Slot:
    return msgspec.structs.replace(slot(name, start, klass), seal="")


def arrives(stage: Stage, programme: Programme) -> None:
    stage.happen(events.MessageArrived(wire.PROGRAMME.topic("xa-1"), wire.seal_message(programme, KEY)))


@pytest.mark.parametrize("others", [0, 2])
def test_a_programme_with_a_slot_that_nobody_approved_is_refused_and_the_one_before_plays_on(others: int) -> None:
    stage = Stage()
    stage.ready(slot("a"))
    before = stage.state.held.programmes
    stage.done.clear()
    stage.programme(*(slot(f"b{n}") for n in range(others)), unsealed("evil", SIX + MINUTE))
    assert stage.state.held.refused == {"unsealed": 1}
    assert stage.state.held.programmes == before
    assert not stage.actions(do.KeepProgramme), "nor does the journal keep it"
    stage.until(SIX)
    stage.sound("a")
    stage.until(SIX + HOUR)
    assert stage.placed() == ["a"]


def test_an_alert_that_nobody_approved_is_refused() -> None:
    stage = Stage()
    stage.ready()
    stage.alert(unsealed("evil", SIX, BroadcastClass.emergency))
    assert stage.state.held.refused == {"unsealed": 1}
    assert not stage.actions(do.KeepAlert)
    stage.until(SIX + HOUR)
    assert stage.placed() == []


@pytest.mark.parametrize("sealed", [True, False])
def test_a_stored_emergency_is_kept_by_its_seal(sealed: bool) -> None:
    stage = Stage()
    stage.ready()
    kept = clip("flood")
    seals = {kept.sha256: SEAL} if sealed else {}
    arrives(stage, Programme("xa-1", stage.revision + 1, SIX - HOUR, SIX + HOUR, (), 0, (kept,), seals))
    assert stage.state.held.refused == ({} if sealed else {"unsealed": 1})
    assert (kept in stage.state.clips.wanted) is sealed


def test_what_was_taken_before_there_were_seals_plays_on_over_an_upgrade() -> None:
    """Its journal holds a programme of an older server; the link may be away for days."""
    stage = Stage()
    stage.ready(slot("a"))
    old = Programme("xa-1", stage.revision + 1, SIX - HOUR, SIX + HOUR, (unsealed("a"),), 0)
    stage.kept["xa-1"] = wire.seal_message(old, KEY)
    stage.there = (clip("a").sha256,)
    stage.reboot()
    assert stage.state.held.refused == {}
    stage.until(SIX)
    stage.sound("a")
    assert stage.closed()["a"].outcome is Outcome.played
    assert stage.closed()["a"].seal == ""


@pytest.mark.parametrize("sounds", [True, False])
def test_the_log_says_by_which_approval(sounds: bool) -> None:
    stage = Stage()
    stage.ready(slot("a"))
    stage.until(SIX)
    if sounds:
        stage.sound("a")
    else:
        stage.programme()  # withdrawn
    told = stage.closed()["a"] if "a" in stage.closed() else stage.actions(do.OpenPlayback)[-1].playback
    assert told.seal == SEAL
