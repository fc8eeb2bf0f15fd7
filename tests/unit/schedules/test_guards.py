"""Tests of the guards that a loudspeaker keeps by itself: no ordinary or priority slot passes one, and no emergency is
hindered by any.

Nobody imports this module.
"""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.assignment import NIGHT_CEILING, Assignment, Guards, VolumePreset, by_hour
from schedules.clock import DAY, HOUR, MINUTE, SECOND, civil_midnight
from schedules.guards import Aired, lately, loudness, lowest_ceiling
from schedules.playback import Reason
from schedules.programme import BroadcastClass, Slot
from schedules.rundown import GAP, Entry, aired_of, merge, whole_length
from tests.unit.schedules.shapes import MIDNIGHT, assignments, presets, slot_lists
from tests.unit.schedules.test_rundown import FIVE, HAMLET, plan, slot

Ordinary, Priority, Emergency = BroadcastClass.ordinary, BroadcastClass.priority, BroadcastClass.emergency
BOTH = pytest.mark.parametrize("klass", [Ordinary, Priority])
SIX = MIDNIGHT + 6 * HOUR


def guarded(**guards: object) -> Assignment:
    return msgspec.structs.replace(HAMLET, guards=Guards(**guards))  # type: ignore[arg-type]


@BOTH
def test_what_is_longer_than_any_play_may_be_is_skipped_whole(klass: BroadcastClass) -> None:
    found = plan(
        slot("dai", seconds=601, klass=klass),
        slot("vua", SIX, seconds=600, klass=klass),
        slot("lu", SIX + HOUR, seconds=9_000, klass=Emergency),
        assignment=guarded(longest_ms=10 * MINUTE),
    )
    assert (found["dai"].plays, found["dai"].reason) == (False, Reason.too_long)
    assert found["vua"].plays
    assert found["lu"].plays


def test_all_languages_and_their_pauses_count_as_one_play() -> None:
    spoken = slot("a", seconds=300, languages=("vi", "mww"))
    assert plan(spoken, assignment=guarded(longest_ms=600 * SECOND))["a"].reason is Reason.too_long
    assert plan(spoken, assignment=guarded(longest_ms=601 * SECOND))["a"].plays


@BOTH
def test_a_rest_lies_between_two_plays(klass: BroadcastClass) -> None:
    found = plan(slot("a"), slot("b", FIVE + 2 * MINUTE, klass=klass), assignment=guarded(gap_ms=10 * MINUTE))
    first, second = sorted(found.values(), key=lambda e: e.start)
    assert second.start - first.end == 10 * MINUTE
    assert (second.reason, second.other) == (Reason.rest, first.slot.occurrence)


def test_who_would_come_too_late_after_the_rest_is_skipped_and_says_why() -> None:
    found = plan(slot("a"), slot("b", FIVE + 2 * MINUTE, useful=MINUTE), assignment=guarded(gap_ms=10 * MINUTE))
    assert (found["b"].plays, found["b"].reason, found["b"].other) == (False, Reason.rest, found["a"].slot.occurrence)


def test_an_emergency_neither_rests_nor_asks_for_rest() -> None:
    found = plan(
        slot("a"), slot("lu", FIVE + 61 * SECOND + GAP, klass=Emergency), assignment=guarded(gap_ms=10 * MINUTE)
    )
    assert found["lu"].start == FIVE + 61 * SECOND + GAP
    after = plan(slot("lu", klass=Emergency), slot("b", FIVE), assignment=guarded(gap_ms=10 * MINUTE))
    assert after["b"].start == after["lu"].end + GAP


def test_what_has_sounded_before_is_remembered() -> None:
    aired = (Aired("truoc@1", FIVE - 2 * MINUTE, FIVE - MINUTE, MINUTE),)
    [entry] = merge([slot("a")], guarded(gap_ms=5 * MINUTE), FIVE, None, aired)
    assert (entry.start, entry.reason, entry.other) == (FIVE + 4 * MINUTE, Reason.rest, "truoc@1")
    [entry] = merge([slot("a")], guarded(daily_ms=2 * MINUTE - 1), FIVE, None, aired)
    assert (entry.plays, entry.reason) == (False, Reason.daily_limit)
    [entry] = merge([slot("a")], guarded(daily_ms=2 * MINUTE), FIVE, None, aired)
    assert entry.plays


def test_who_cuts_takes_the_place_of_what_it_cuts() -> None:
    sounding = plan(slot("a", seconds=600))["a"]
    later = FIVE + MINUTE
    found = plan(slot("p", later, klass=Priority), assignment=guarded(gap_ms=HOUR), since=later, sounding=sounding)
    assert found["p"].start == later
    cut = msgspec.structs.replace(aired_of(sounding), end=later, cut_by=found["p"].slot.occurrence)
    [entry] = merge([slot("p", later, klass=Priority)], guarded(gap_ms=HOUR), later, None, [cut])
    assert entry.start == later, "nor when it has been cut"


def test_the_better_right_comes_first_when_the_day_is_full() -> None:
    found = plan(
        slot("sang"), slot("chieu", MIDNIGHT + 17 * HOUR, klass=Priority), assignment=guarded(daily_ms=90 * SECOND)
    )
    assert found["chieu"].plays
    assert found["sang"].reason is Reason.daily_limit
    tomorrow = plan(slot("a"), slot("b", FIVE + DAY), assignment=guarded(daily_ms=MINUTE))
    assert tomorrow["a"].plays
    assert tomorrow["b"].plays


def test_the_volume_is_lowered_to_the_ceiling_and_the_record_says_so() -> None:
    loud = msgspec.structs.replace(HAMLET, volume=(VolumePreset(0, 90),))
    assert loudness(loud, FIVE, FIVE + MINUTE) == (60, 90)
    assert loudness(loud, SIX, SIX + MINUTE) == (90, 0)
    assert loudness(loud, MIDNIGHT + 21 * HOUR - MINUTE, MIDNIGHT + 21 * HOUR + 1) == (60, 90), "it ends in the night"
    quieter = msgspec.structs.replace(HAMLET, volume=(VolumePreset(0, 30),))
    assert loudness(quieter, FIVE, FIVE + MINUTE) == (30, 0)


@given(presets, st.integers(0, 3 * DAY), st.integers(1, 2 * DAY))
def test_the_lowest_ceiling_is_that_of_the_quietest_minute(
    ceiling: tuple[VolumePreset, ...], since: int, lasts: int
) -> None:
    start, end = MIDNIGHT + since, MIDNIGHT + since + lasts
    minutes = {start, end - 1, *range(start - start % MINUTE + MINUTE, end, MINUTE)}
    assert lowest_ceiling(ceiling, start, end) == min(by_hour(ceiling, at) for at in minutes)


aired_lists = st.lists(
    st.builds(
        lambda n, start, length: Aired(f"da-{n}@1", MIDNIGHT + start, MIDNIGHT + start + length, length),
        st.integers(0, 9),
        st.integers(-HOUR, 12 * HOUR),
        st.integers(0, 30 * MINUTE),
    ),
    max_size=4,
)


@given(slot_lists, assignments, aired_lists)
def test_no_guard_ever_lets_an_ordinary_or_a_priority_slot_through(
    slots: list[Slot], assignment: Assignment, aired: list[Aired]
) -> None:
    guards = assignment.guards
    since = max((a.end for a in aired), default=0)
    entries = merge(slots, assignment, since, None, aired)
    playing = [e for e in entries if e.plays and e.slot.broadcast_class is not Emergency]
    for entry in playing:
        assert not 0 < guards.longest_ms < entry.end - entry.start
        volume, asked = loudness(assignment, entry.start, entry.end)
        assert volume <= lowest_ceiling(guards.ceiling, entry.start, entry.end)
        assert asked == 0 or asked > volume
        for before in aired:
            assert entry.start - before.end >= guards.gap_ms
    for first, second in itertools.pairwise(playing):
        assert second.start - first.end >= guards.gap_ms
    heard = [*aired, *map(aired_of, playing)]
    for midnight in {civil_midnight(entry.start) for entry in playing} if guards.daily_ms else ():
        today = sum(a.sounded_ms for a in heard if midnight <= a.start < midnight + DAY)
        assert today <= guards.daily_ms


@given(slot_lists, assignments, aired_lists, st.integers(0, DAY // MINUTE))
def test_no_guard_ever_hinders_an_emergency(
    slots: list[Slot], assignment: Assignment, aired: list[Aired], minute: int
) -> None:
    since = MIDNIGHT + minute * MINUTE
    free = msgspec.structs.replace(assignment, guards=Guards((), 0, 0, 0), quiet_hours=None)
    kept = merge(slots, assignment, since, None, aired)
    unkept = merge(slots, free, since, None, ())
    assert emergencies(kept) == emergencies(unkept)


@given(slot_lists, assignments, aired_lists)
def test_every_slot_has_one_outcome_and_says_which_guard_it_was(
    slots: list[Slot], assignment: Assignment, aired: list[Aired]
) -> None:
    entries = merge(slots, assignment, 0, None, aired)
    assert sorted(e.slot.occurrence for e in entries) == sorted(s.occurrence for s in slots)
    others = {s.occurrence for s in slots} | {a.occurrence for a in aired}
    for entry in entries:
        guards = assignment.guards
        if entry.reason is Reason.too_long:
            assert 0 < guards.longest_ms < whole_length(entry.slot, assignment)
            assert not entry.plays
        if entry.reason is Reason.rest:
            assert guards.gap_ms > GAP
            assert entry.other in others
        if entry.reason is Reason.daily_limit:
            assert guards.daily_ms
            assert not entry.plays


@given(slot_lists, assignments)
def test_what_guards_nothing_changes_nothing(slots: list[Slot], assignment: Assignment) -> None:
    free = msgspec.structs.replace(assignment, guards=Guards((), 0, 0, 0))
    wide = msgspec.structs.replace(assignment, guards=Guards(NIGHT_CEILING, 10 * DAY, GAP, 10 * DAY))
    assert merge(slots, free, 0) == merge(slots, wide, 0)


def emergencies(entries: tuple[Entry, ...]) -> list[Entry]:
    return [entry for entry in entries if entry.slot.broadcast_class is Emergency]


def test_what_must_be_remembered_is_a_day_and_nothing_from_the_future() -> None:
    old = Aired("a@1", FIVE - 2 * DAY, FIVE - DAY, MINUTE)
    today, ahead = Aired("b@1", FIVE - HOUR, FIVE, MINUTE), Aired("c@1", FIVE + 1, FIVE + 2, 1)
    assert lately((old, today, ahead), FIVE) == (today,)
