"""Tests of what a loudspeaker asks for when blocks do not come, and in which order.

Nobody imports this module.
"""

import itertools

from audio.clip import Clip
from device_agent import actions as do
from device_agent import events
from device_agent.collecting import BEGUN_WITHIN, LONGEST_IN_WAY
from schedules import wire
from schedules.blocks import BLOCK_BYTES, BlockRange, block_count
from schedules.clock import DAY, HOUR, MINUTE, SECOND
from schedules.programme import BroadcastClass, Programme, Slot
from tests.unit.device.stage import KEY, SEAL, SIX, Stage, clip, slot


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


def test_of_an_emergency_and_of_a_stored_one_vietnamese_is_fetched_where_nobody_speaks_it() -> None:
    stage = Stage()
    stage.boot()
    stage.assign(languages=("mww",))
    stage.happen(events.Linked())
    lu = (clip("lu-vi"), clip("lu-mww", "mww"))
    sang = (clip("sang-vi"), clip("sang-mww", "mww"))
    emergency = slot("lu", SIX - HOUR + SECOND, BroadcastClass.emergency, lu, 2 * HOUR)
    stored = Programme(
        "thon-1", 1, stage.utc, stage.utc + DAY, (), 0, (clip("de-danh"),), {clip("de-danh").sha256: SEAL}
    )
    stage.happen(events.MessageArrived(wire.PROGRAMME.topic("thon-1"), wire.seal_message(stored, KEY)))
    stage.programme(emergency, slot("sang", SIX - 50 * MINUTE, clips=sang))
    stage.until(SIX - HOUR + MINUTE)
    assert asked(stage, "lu-vi")
    assert asked(stage, "lu-mww")
    for each in lu:
        stage.happen(events.ClipStored(each.sha256))
    stage.until(SIX - 20 * MINUTE)
    assert asked(stage, "de-danh")
    assert asked(stage, "sang-mww")
    assert not asked(stage, "sang-vi"), "nobody there understands it, and it can wait"


def test_who_gets_what_is_there_already_does_not_ask_again_for_what_is_on_its_way() -> None:
    """The broker may hold the same blocks many times over for a thin link."""
    stage = linked_with(slot("sang", SIX - 20 * MINUTE))
    stage.happen(events.BlockStored(clip("sang").sha256, 0))
    stage.until(stage.utc + 30 * SECOND)
    asked_before = asked(stage, "sang")
    assert asked_before == 1
    for _ in range(60):
        stage.until(stage.utc + 8 * SECOND)
        stage.happen(events.PayloadArrived(BLOCK_BYTES, clip("sang").sha256))
    assert asked(stage, "sang") == asked_before
    stage.until(stage.utc + MINUTE)
    assert asked(stage, "sang") > asked_before


def test_blocks_of_other_clips_are_waited_for_but_not_for_ever() -> None:
    stage = linked_with(slot("sang", SIX - 20 * MINUTE), slot("mai", SIX + DAY))
    stage.until(stage.utc + 20 * SECOND)
    assert asked(stage, "sang") == 1
    first = stage.utc
    asked_at: list[int] = []
    for _ in range(60):
        stage.until(stage.utc + 2 * SECOND)
        stage.happen(events.PayloadArrived(BLOCK_BYTES, clip("mai").sha256))
        asked_at += [stage.utc] if asked(stage, "sang") > len(asked_at) + 1 else []
    assert LONGEST_IN_WAY / 2 < asked_at[0] - first <= LONGEST_IN_WAY + 5 * SECOND


def test_what_was_never_asked_for_does_not_wait_for_other_clips() -> None:
    """Staged clips come for a quarter of an hour: tonight's must not wait until then."""
    stage = linked_with(slot("sang", SIX - 20 * MINUTE), slot("mai", SIX + DAY))
    for _ in range(10):
        stage.happen(events.PayloadArrived(BLOCK_BYTES, clip("mai").sha256))
        stage.happen(events.BlockStored(clip("mai").sha256, 0))
        stage.until(stage.utc + 2 * SECOND)
    assert asked(stage, "sang") >= 1


def test_an_emergency_is_asked_for_however_much_else_comes() -> None:
    emergency = slot("lu", SIX - HOUR + SECOND, BroadcastClass.emergency, useful=2 * HOUR)
    stage = linked_with(emergency, slot("sang", SIX - 20 * MINUTE))
    for _ in range(90):
        stage.until(stage.utc + SECOND // 2)
        stage.happen(events.PayloadArrived(BLOCK_BYTES, clip("sang").sha256))
        stage.happen(events.BlockStored(clip("sang").sha256, 0))
    assert asked(stage, "lu") >= 3


LONG = Clip("ab" * 32, "vi", 400 * SECOND, 75 * BLOCK_BYTES)


def came(stage: Stage, *indices: int) -> None:
    for index in indices:
        stage.happen(events.PayloadArrived(BLOCK_BYTES, LONG.sha256))
        stage.happen(events.BlockStored(LONG.sha256, index))
        stage.until(stage.utc + SECOND)


def test_what_an_emergency_passed_over_is_asked_for_at_once_and_what_follows_is_not() -> None:
    """On a thin link the alert comes when its first blocks have gone."""
    stage = linked_with(slot("lu", SIX - HOUR + SECOND, BroadcastClass.emergency, (LONG,), 2 * HOUR))
    for index in range(16):
        stage.happen(events.BlockStored(LONG.sha256, index))
    stage.done.clear()
    came(stage, 24, 25)
    [want] = [ask.want for ask in stage.actions(do.AskBlocks)]
    assert (want.blocks, want.more) == ((BlockRange(16, 23),), False)
    came(stage, 26, 27, *range(16, 24), 28)
    assert all(ask.want.more for ask in stage.actions(do.AskBlocks)[1:]), "the others may be on their way"


def test_the_next_blocks_are_asked_for_while_the_last_ones_come_and_it_says_so() -> None:
    stage = linked_with(slot("sang", SIX - 20 * MINUTE, clips=(LONG,)))
    stage.until(stage.utc + 20 * SECOND)
    came(stage, *range(12))
    wants = [ask.want for ask in stage.actions(do.AskBlocks)]
    assert [(want.blocks, want.more) for want in wants] == [
        ((BlockRange(0, 15),), False),
        ((BlockRange(16, 31),), True),
    ]
    stage.until(stage.utc + MINUTE)
    assert not stage.actions(do.AskBlocks)[-1].want.more, "nothing comes any more"


def test_who_missed_what_was_sent_to_all_waits_for_one_clip_to_begin_and_not_for_each() -> None:
    """It came up when the blocks had gone by: nothing more will come by itself."""
    names = ("sang", "trua", "chieu", "toi")
    stage = linked_with(*(slot(name, SIX - 50 * MINUTE + n * MINUTE) for n, name in enumerate(names)))
    began = stage.utc
    came: list[int] = []
    for name in names:
        while not asked(stage, name):
            stage.until(stage.utc + SECOND)
        for index in range(block_count(clip(name).size)):
            stage.happen(events.BlockStored(clip(name).sha256, index))
        stage.happen(events.ClipStored(clip(name).sha256))
        came.append(stage.utc - began)
    assert came[0] >= BEGUN_WITHIN, "what is sent to all is not asked for at once"
    assert came[-1] - came[0] <= 6 * SECOND


def test_who_gets_what_is_sent_to_all_waits_for_the_next_clip_to_begin() -> None:
    stage = linked_with(slot("sang", SIX - 50 * MINUTE), slot("trua", SIX - 40 * MINUTE))
    for index in range(block_count(clip("sang").size)):
        stage.happen(events.BlockStored(clip("sang").sha256, index))
    stage.happen(events.ClipStored(clip("sang").sha256))
    stage.until(stage.utc + BEGUN_WITHIN - SECOND)
    assert asked(stage, "trua") == 0
