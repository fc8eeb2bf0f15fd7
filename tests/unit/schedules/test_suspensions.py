"""Tests of suspensions: on these days nothing sounds but an emergency, and the loudspeaker sees to it by itself.

Nobody imports this module.
"""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.assignment import Assignment
from schedules.clock import DAY, DAY_MINUTES, HOUR, MINUTE, at_civil, civil_day
from schedules.playback import Reason
from schedules.programme import BroadcastClass, Slot
from schedules.rundown import merge
from schedules.suspension import Suspension, still, suspending
from tests.unit.schedules.shapes import MIDNIGHT, assignments, slot_lists, suspensions
from tests.unit.schedules.test_rundown import FIVE, HAMLET, plan, slot

Ordinary, Priority, Emergency = BroadcastClass.ordinary, BroadcastClass.priority, BroadcastClass.emergency
TODAY = civil_day(FIVE)
ALL_DAY = Suspension("Tang lễ", TODAY, TODAY)


def suspended(*given: Suspension) -> Assignment:
    return msgspec.structs.replace(HAMLET, suspensions=given)


@pytest.mark.parametrize("klass", [Ordinary, Priority, Emergency])
@pytest.mark.parametrize("priority", [False, True])
def test_who_is_silent_on_a_day_of_mourning(klass: BroadcastClass, priority: bool) -> None:
    day = msgspec.structs.replace(ALL_DAY, priority=priority)
    found = plan(slot("a", klass=klass), assignment=suspended(day))["a"]
    silent = klass is Ordinary or (klass is Priority and priority)
    assert found.plays is not silent
    assert found.reason is (Reason.suspended if silent else Reason.none)


def test_the_mornings_of_tet_are_silent_and_the_afternoons_are_not() -> None:
    mornings = Suspension("Tết", TODAY, TODAY + timedelta(days=2), 0, 8 * 60)
    found = plan(
        slot("sang", FIVE), slot("chieu", FIVE + 12 * HOUR), slot("mai", FIVE + DAY), slot("xong", FIVE + 3 * DAY),
        assignment=suspended(mornings),
    )  # fmt: skip
    assert {name for name, entry in found.items() if entry.plays} == {"chieu", "xong"}


def test_what_would_sound_into_a_suspension_is_silent_as_a_whole() -> None:
    exams = Suspension("Thi", TODAY, TODAY, 5 * 60 + 5, 11 * 60)
    found = plan(slot("dai", FIVE, seconds=301), slot("vua", FIVE - HOUR, seconds=300), assignment=suspended(exams))
    assert found["dai"].reason is Reason.suspended


@given(slot_lists, assignments)
def test_nothing_but_an_emergency_sounds_in_a_suspension(slots: list[Slot], assignment: Assignment) -> None:
    for entry in merge(slots, assignment, MIDNIGHT):
        if entry.plays:
            klass = entry.slot.broadcast_class
            assert suspending(assignment.suspensions, klass, entry.start, entry.end) is None


@given(st.lists(suspensions, max_size=3), st.integers(0, 4 * DAY), st.integers(1, 3 * DAY))
def test_a_suspension_is_felt_exactly_where_its_minutes_lie(given: list[Suspension], start: int, length: int) -> None:
    first, last = MIDNIGHT - DAY + start, MIDNIGHT - DAY + start + length
    minutes = range(first - first % MINUTE, last, MINUTE)
    inside = any(
        each.first <= civil_day(at) <= each.last
        and each.start <= (at - at_civil(civil_day(at), 0)) // MINUTE < each.end
        for at in minutes
        for each in given
    )
    assert (suspending(given, Ordinary, first, last) is not None) == inside


def test_what_is_over_is_told_to_nobody_from_the_day_after_tomorrow_on() -> None:
    over = at_civil(TODAY + timedelta(days=1), DAY_MINUTES)
    assert still([ALL_DAY], over - 1) == (ALL_DAY,)
    assert still([ALL_DAY], over) == ()
    assert still([Suspension("x", date(2030, 1, 1), date(2030, 1, 2))], over) != ()
