"""Tests of the data that a SIM may use: counted by day and month, kept over a reboot, never in the way of an emergency.

Nobody imports this module.
"""

from device_agent import actions as do
from device_agent import events
from device_agent.spending import KEEP_EVERY, Spending, may_fetch, spend, worth_keeping
from schedules.assignment import Allowance
from schedules.blocks import BLOCK_BYTES
from schedules.clock import DAY, HOUR, SECOND, ClockTrust, Now
from tests.unit.device.stage import SIX, Stage, clip, slot
from tests.unit.device.test_alerts import flood
from tests.unit.schedules.shapes import MIDNIGHT


def test_a_new_day_and_a_new_month_begin_at_zero() -> None:
    spending = spend(Spending(), 100, Now(MIDNIGHT, 0))
    spending = spend(spending, 50, Now(MIDNIGHT + DAY - 1, 0))
    assert (spending.today, spending.this_month) == (150, 150)
    spending = spend(spending, 1, Now(MIDNIGHT + DAY, 0))
    assert spending.today == 1
    month = spend(spending, 7, Now(MIDNIGHT + 31 * DAY, 0))
    assert (month.today, month.this_month) == (7, 7)


def test_a_clock_that_is_not_trusted_begins_no_day() -> None:
    spending = spend(Spending(), 100, Now(MIDNIGHT, 0))
    assert spend(spending, 1, Now(MIDNIGHT + 9 * DAY, 0, ClockTrust.guessed)).today == 101


def test_zero_is_no_limit() -> None:
    spent = Spending(today=10, this_month=100)
    assert may_fetch(spent, None)
    assert may_fetch(spent, Allowance(0, 0))
    assert may_fetch(spent, Allowance(11, 101))
    assert not may_fetch(spent, Allowance(10, 0))
    assert not may_fetch(spent, Allowance(0, 100))


def test_it_is_written_down_now_and_then() -> None:
    assert not worth_keeping(Spending(this_month=KEEP_EVERY - 1))
    assert worth_keeping(Spending(this_month=KEEP_EVERY))
    assert worth_keeping(Spending(this_month=0, kept=5)), "a new month"


def stage(allowance: Allowance, spent: Spending) -> Stage:
    there = Stage(SIX - HOUR)
    there.boot(spending=spent)
    there.allowance = allowance
    there.assign()
    there.happen(events.Linked())
    there.programme(slot("news"))
    return there


def test_with_nothing_left_only_an_emergency_is_fetched() -> None:
    there = stage(Allowance(daily_bytes=1_000_000), Spending())
    assert there.actions(do.Listen)[-1].clips == (clip("news").sha256,)
    for _ in range(1_000_000 // BLOCK_BYTES + 1):
        there.happen(events.PayloadArrived(BLOCK_BYTES, "f" * 64))
    assert there.actions(do.Listen)[-1].clips == ()
    there.until(there.utc + 30 * SECOND)
    assert not [a for a in there.actions(do.AskBlocks) if a.want.clip == clip("news").sha256][1:]
    assert there.actions(do.PublishStatus)[-1].status.held_back == 1
    there.alert(flood(there.utc), heads=False)
    assert there.actions(do.Listen)[-1].clips == (clip("flood").sha256,)


def test_the_next_morning_it_goes_on() -> None:
    there = stage(Allowance(daily_bytes=10), Spending())
    there.happen(events.PayloadArrived(BLOCK_BYTES, "f" * 64))
    assert there.actions(do.Listen)[-1].clips == ()
    there.programme(slot("news", SIX + DAY))
    there.until(MIDNIGHT + DAY + 5 * HOUR)
    assert there.actions(do.Listen)[-1].clips == (clip("news").sha256,)


def test_every_message_is_counted_once() -> None:
    there = stage(Allowance(), Spending())
    before = there.state.spending.today
    there.happen(events.PayloadArrived(4 * BLOCK_BYTES, "f" * 64))
    for index in range(4):
        there.happen(events.BlockStored("f" * 64, index))
    there.happen(events.PayloadArrived(200))
    assert there.state.spending.today == before + 4 * BLOCK_BYTES + 200 + 2 * events.OVERHEAD


def test_a_full_card_keeps_what_the_rundown_needs() -> None:
    """Next week's clip gives way to tonight's; tonight's never goes."""
    there = Stage(SIX - HOUR)
    week = slot("week", SIX + 7 * DAY)
    there.ready(week)
    room = 20_000 * 96 + 30_000
    there.happen(events.HealthMeasured(1, "", room))
    assert not there.actions(do.DiscardClips)
    there.programme(slot("news"), week)
    assert there.actions(do.DiscardClips) == [do.DiscardClips((clip("week").sha256,))]
    there.happen(events.ClipStored(clip("news").sha256))
    there.happen(events.HealthMeasured(1, "", 0))
    assert clip("news").sha256 in there.state.clips.there
    there.happen(events.Linked())
    assert there.actions(do.PublishStatus)[-1].status.held_back == 1
