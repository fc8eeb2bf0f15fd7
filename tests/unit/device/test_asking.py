"""Tests of what a loudspeaker asks for when blocks do not come, and in which order.

Nobody imports this module.
"""

import itertools

from device_agent import actions as do
from device_agent import events
from schedules.clock import DAY, HOUR, MINUTE, SECOND
from schedules.programme import BroadcastClass, Slot
from tests.unit.device.stage import SIX, Stage, clip, slot


def linked_with(*slots: Slot) -> Stage:
    stage = Stage()
    stage.boot()
    stage.assign()
    stage.happen(events.Linked())
    stage.programme(*slots)
    return stage


def asked(stage: Stage, name: str) -> int:
    return sum(ask.want.clip == clip(name).sha256 for ask in stage.actions(do.AskBlocks))


def test_a_lost_question_for_an_emergency_is_repeated_whatever_else_is_wanted() -> None:
    emergency = slot("lu", SIX - HOUR + SECOND, BroadcastClass.emergency, useful=2 * HOUR)
    stage = linked_with(emergency, slot("sang", SIX), *(slot(f"b{n}", SIX + n * DAY) for n in range(1, 5)))
    stage.until(SIX - HOUR + MINUTE)
    assert asked(stage, "lu") >= 5
    assert all(asked(stage, f"b{n}") == 0 for n in range(1, 5)), "the server takes its time with them"


def test_what_nobody_can_give_does_not_keep_the_others_waiting() -> None:
    emergency = slot("lu", SIX - HOUR + SECOND, BroadcastClass.emergency, useful=2 * HOUR)
    stage = linked_with(emergency, slot("sang", SIX), slot("mai", SIX + DAY))
    stage.until(SIX - 15 * MINUTE)
    assert asked(stage, "sang") >= 1
    assert asked(stage, "mai") >= 1


def test_the_languages_of_an_emergency_are_asked_for_in_turn() -> None:
    stage = Stage()
    stage.boot()
    stage.assign(languages=("vi", "mww"))
    stage.happen(events.Linked())
    both = (clip("lu-vi"), clip("lu-mww", "mww"))
    stage.programme(slot("lu", SIX - HOUR + SECOND, BroadcastClass.emergency, both, 2 * HOUR))
    stage.until(SIX - HOUR + MINUTE)
    order = [ask.want.clip for ask in stage.actions(do.AskBlocks)]
    assert len(order) >= 5
    assert all(first != second for first, second in itertools.pairwise(order))
