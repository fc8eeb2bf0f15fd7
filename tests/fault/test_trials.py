"""A test tone from its order to a real agent's simulated card: heard once, told once, and not repeated by a restart.

Nobody imports this module.
"""

import pytest

from audio.chime import CHIMES
from device_agent.sound.pcm import RATE
from schedules.clock import ClockTrust
from schedules.playback import Evidence, Outcome
from schedules.trial import Trial, slot_of
from server import system_clock, trying
from tests.fault.town import Town
from tests.heard import pitch
from tests.waiting import eventually

pytestmark = [pytest.mark.sound, pytest.mark.broker, pytest.mark.soak]
DEVICE, OTHER = "loa-mau-1", "loa-mau-2"


def order(town: Town) -> Trial:
    with town.stores.open() as store:
        editor = store.staff.person("bientap", town.now())
        assert editor is not None
        trial = trying.order(store, editor, DEVICE, system_clock.new_id("pt"), town.now())
    town.ring()
    return trial


def knows_the_time(town: Town) -> bool:
    status = town.status(DEVICE)
    return status is not None and status.trust is ClockTrust.server


def test_the_tone_sounds_once_on_the_card_that_it_was_ordered_for(town: Town) -> None:
    town.chimes = True
    town.open(DEVICE, OTHER)
    eventually(lambda: knows_the_time(town), 60, "the time is known")
    trial = order(town)
    occurrence = slot_of(trial).occurrence
    told = town.reported(DEVICE, occurrence)
    assert told.outcome in (Outcome.played, Outcome.late), "however slow this machine is"
    assert (told.evidence, told.sounded_ms, told.seal) == (Evidence.counted, trial.clip.duration_ms, trial.seal)
    stretches = town.heard(DEVICE)
    assert len(stretches) == 1
    assert abs(stretches[0].ms - trial.clip.duration_ms) < 900
    assert abs(pitch(stretches[0].samples[RATE // 10 : RATE // 2]) - CHIMES["trial"][0].hertz) < 8
    assert town.heard(OTHER) == []
    with town.stores.open() as store:
        area = store.areas.find(DEVICE)
        assert area is not None
        heard = store.fleet.heard([DEVICE], town.now())[DEVICE]
        tried = trying.tried(store, area, heard, town.now())
        assert tried is not None
        assert (tried.heeded, tried.pending, tried.playback) == (True, False, told)

    town.kill(DEVICE)
    town.start(DEVICE)
    before = town.status(DEVICE)
    eventually(lambda: (s := town.status(DEVICE)) and before and s.run != before.run and s.online, 60, "it is back")
    eventually(lambda: knows_the_time(town), 60, "and knows the time")
    second = order(town)
    town.reported(DEVICE, slot_of(second).occurrence)
    assert len(town.heard(DEVICE)) == 2, "the first one was not repeated"
    assert len(town.told(DEVICE, occurrence)) == 1
