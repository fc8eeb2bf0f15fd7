"""Tests of the one function that decides what a hamlet hears.

Nobody imports this module.
"""

import itertools
import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from audio.clip import NO_LANGUAGE, Clip
from schedules.assembly import length_of, whole_length
from schedules.assignment import Assignment, QuietHours, VolumePreset, is_quiet, volume_at
from schedules.clock import HOUR, MINUTE, SECOND
from schedules.playback import Reason
from schedules.programme import BroadcastClass, Programme, Slot, occurrence_name
from schedules.rundown import GAP, Entry, cuts, merge, precedence, slots_between
from tests.unit.schedules.shapes import MIDNIGHT, assignments, slot_lists

FIVE = MIDNIGHT + 5 * HOUR
HAMLET = Assignment("loa-1", 1, 0, 1, ("tinh", "xa-1", "thon-1", "loa-1"), ("mww", "vi"))
Ordinary, Priority, Emergency = BroadcastClass.ordinary, BroadcastClass.priority, BroadcastClass.emergency


def slot(
    name: str,
    start: int = FIVE,
    seconds: int = 60,
    klass: BroadcastClass = Ordinary,
    authority: int = 2,
    useful: int = 15 * MINUTE,
    languages: tuple[str, ...] = ("vi",),
) -> Slot:
    clips = tuple(Clip(f"{n:064x}", tag, seconds * SECOND, 1_000) for n, tag in enumerate(languages))
    return Slot(occurrence_name(name, start), name, name, name, klass, authority, start, start + useful, clips)


def plan(
    *slots: Slot, assignment: Assignment = HAMLET, since: int = 0, sounding: Entry | None = None
) -> dict[str, Entry]:
    return {entry.slot.broadcast: entry for entry in merge(slots, assignment, since, sounding)}


def test_a_hamlet_hears_its_languages_in_its_order_with_pauses() -> None:
    entry = plan(slot("a", languages=("ium", "vi", "mww"), seconds=10))["a"]
    assert [(p.clip.language, p.offset_ms) for p in entry.pieces] == [("mww", 0), ("vi", 11_000)]
    assert entry.end - entry.start == 21_000
    assert entry.missing == ()


def test_a_missing_language_is_named_never_replaced() -> None:
    entry = plan(slot("a", languages=("vi", "ium")))["a"]
    assert [p.clip.language for p in entry.pieces] == ["vi"]
    assert entry.missing == ("mww",)


def test_an_emergency_sounds_in_vietnamese_too_where_the_hamlet_has_none() -> None:
    hamlet = msgspec.structs.replace(HAMLET, languages=("mww", "ium"))
    entry = plan(slot("a", klass=Emergency, languages=("vi", "mww")), assignment=hamlet)["a"]
    assert [p.clip.language for p in entry.pieces] == ["mww", "vi"]
    assert entry.missing == ("ium",)
    assert length_of(entry.pieces) == whole_length(entry.slot, hamlet) == 121 * SECOND
    alone = plan(slot("a", klass=Emergency, languages=("mww", "ium")), assignment=hamlet)["a"]
    assert (alone.plays, alone.missing) == (True, ("vi",)), "what is missing is named"
    ordinary = plan(slot("a", klass=Priority, languages=("vi", "mww")), assignment=hamlet)["a"]
    assert [p.clip.language for p in ordinary.pieces] == ["mww"]


def test_no_language_at_all_is_silence_with_its_reason() -> None:
    entry = plan(slot("a", languages=("ium",)))["a"]
    assert (entry.plays, entry.reason, entry.missing) == (False, Reason.no_language, ("mww", "vi"))


def test_priority_goes_before_ordinary_and_says_why() -> None:
    found = plan(slot("ordinary", seconds=120), slot("priority", FIVE + 60 * SECOND, klass=Priority))
    assert found["priority"].start == FIVE + 60 * SECOND
    assert found["ordinary"].start == found["priority"].end + GAP
    assert (found["ordinary"].reason, found["ordinary"].other) == (Reason.delayed, found["priority"].slot.occurrence)


def test_what_would_be_too_late_by_then_is_displaced() -> None:
    found = plan(slot("ordinary", useful=30 * SECOND), slot("priority", seconds=300, klass=Priority))
    assert (found["ordinary"].plays, found["ordinary"].reason) == (False, Reason.displaced)
    assert found["ordinary"].other == found["priority"].slot.occurrence


def test_within_a_class_the_higher_authority_goes_first_and_equals_queue() -> None:
    found = plan(slot("xa", authority=2), slot("tinh", authority=0), slot("thon", FIVE + SECOND, authority=2))
    assert found["tinh"].start == FIVE
    assert found["xa"].start == found["tinh"].end + GAP
    assert found["thon"].start == found["xa"].end + GAP


def test_a_commune_may_put_its_own_priority_first() -> None:
    own_first = msgspec.structs.replace(HAMLET, own_priority_first=True)
    slots = slot("xa", authority=2, klass=Priority), slot("tinh", authority=0, klass=Priority)
    assert plan(*slots)["tinh"].start == FIVE
    assert plan(*slots, assignment=own_first)["xa"].start == FIVE


def test_quiet_hours_let_only_an_emergency_pass() -> None:
    night = MIDNIGHT + 3 * HOUR + 15 * MINUTE
    found = plan(slot("vov", night), slot("lu", night, klass=Emergency), slot("uu-tien", night, klass=Priority))
    assert found["vov"].reason is found["uu-tien"].reason is Reason.quiet_hours
    assert found["lu"].plays


def test_nothing_runs_into_quiet_hours() -> None:
    late = MIDNIGHT + 22 * HOUR - 30 * SECOND
    assert plan(slot("dai", late))["dai"].reason is Reason.runs_into_quiet_hours
    assert plan(slot("vua", late, seconds=30))["vua"].plays


def test_quiet_hours_end_at_five_sharp() -> None:
    assert plan(slot("nam-gio", FIVE))["nam-gio"].plays
    assert not plan(slot("truoc", FIVE - 1))["truoc"].plays


def test_what_sounds_is_cut_only_by_a_higher_class() -> None:
    sounding = plan(slot("now", seconds=600))["now"]
    later = FIVE + 60 * SECOND
    found = plan(slot("same", later), slot("alert", later, klass=Emergency), since=later, sounding=sounding)
    assert found["alert"].start == later
    assert found["same"].start >= sounding.end


def test_one_occurrence_in_two_programmes_is_one() -> None:
    old = Programme("xa-1", 1, 10, 99, (slot("a", seconds=10),))
    new = Programme("thon-1", 1, 20, 99, (slot("a", seconds=20),))
    [found] = slots_between([new, old], 0, FIVE + 1)
    assert found.clips[0].duration_ms == 20_000


def test_the_volume_follows_the_hour() -> None:
    presets = (VolumePreset(6 * 60, 100), VolumePreset(21 * 60, 40))
    assignment = msgspec.structs.replace(HAMLET, volume=presets)
    assert [volume_at(assignment, MIDNIGHT + h * HOUR) for h in (5, 6, 20, 21)] == [40, 100, 100, 40]
    assert volume_at(HAMLET, FIVE) == 100


@given(slot_lists, assignments, st.integers(0, 100))
def test_the_order_of_arrival_decides_nothing(slots: list[Slot], assignment: Assignment, seed: int) -> None:
    shuffled = slots.copy()
    random.Random(seed).shuffle(shuffled)
    assert merge(slots, assignment, 0) == merge(shuffled, assignment, 0)


@given(slot_lists, assignments)
def test_nothing_sounds_over_anything_else(slots: list[Slot], assignment: Assignment) -> None:
    playing = [e for e in merge(slots, assignment, 0) if e.plays]
    for first, second in itertools.pairwise(playing):
        assert second.start >= first.end + GAP


@given(slot_lists, assignments)
def test_every_slot_is_there_once_with_a_reason_if_it_is_silent(slots: list[Slot], assignment: Assignment) -> None:
    entries = merge(slots, assignment, 0)
    assert sorted(e.slot.occurrence for e in entries) == sorted(s.occurrence for s in slots)
    for entry in entries:
        assert entry.plays or entry.reason is not Reason.none
        assert not entry.plays or entry.slot.start <= entry.start <= entry.slot.useful_until
        assert not entry.plays or entry.end - entry.start == length_of(entry.pieces) > 0


@given(slot_lists, assignments)
def test_a_lesser_slot_never_moves_a_better_one(slots: list[Slot], assignment: Assignment) -> None:
    if not slots:
        return
    worst = max(slots, key=lambda s: precedence(s, assignment.own_priority_first))
    without = {e.slot.occurrence: e for e in merge([s for s in slots if s != worst], assignment, 0)}
    for entry in merge(slots, assignment, 0):
        if entry.slot != worst:
            assert entry == without[entry.slot.occurrence]


@given(slot_lists, assignments)
def test_nobody_is_woken(slots: list[Slot], assignment: Assignment) -> None:
    for entry in merge(slots, assignment, 0):
        if entry.plays and entry.slot.broadcast_class is not Emergency:
            assert not is_quiet(assignment.quiet_hours, entry.start)
            assert not is_quiet(assignment.quiet_hours, entry.end - 1)


@given(slot_lists, assignments)
def test_only_own_languages_sound_in_own_order(slots: list[Slot], assignment: Assignment) -> None:
    for entry in merge(slots, assignment, 0):
        heard = [p.clip.language for p in entry.pieces if not p.signal]
        once = [*dict.fromkeys(heard)]
        emergency = entry.slot.broadcast_class is Emergency
        asked = [*assignment.languages, *(("vi",) if emergency and "vi" not in assignment.languages else ())]
        assert once == [tag for tag in (*asked, NO_LANGUAGE) if tag in once]
        assert heard == once * (max(1, assignment.signals.emergency_times) if emergency else 1) * entry.plays
        if entry.plays and once != [NO_LANGUAGE]:
            assert set(asked) == {*once, *entry.missing} - {NO_LANGUAGE}


def test_quiet_hours_of_nothing_are_none() -> None:
    assert not is_quiet(QuietHours(0, 0), FIVE)


@given(slot_lists, assignments, st.integers(0, 24 * 60), st.integers(0, 4 * SECOND))
def test_what_sounds_or_is_about_to_is_respected_by_all_that_may_not_cut_it(
    slots: list[Slot], assignment: Assignment, minute: int, ahead: int
) -> None:
    now = MIDNIGHT + minute * MINUTE
    sounding = next((e for e in merge(slots, assignment, now + ahead) if e.plays), None)
    if sounding is None:
        return
    entries = merge([s for s in slots if s.occurrence != sounding.slot.occurrence], assignment, now, sounding)
    playing = [e for e in entries if e.plays]
    for first, second in itertools.pairwise(playing):
        assert second.start >= first.end + GAP
    for entry in playing:
        apart = entry.start >= sounding.end + GAP or entry.end + GAP <= sounding.start
        assert apart or cuts(entry.slot, sounding.slot)


def test_who_waits_for_an_alert_does_not_land_in_what_is_about_to_sound() -> None:
    about_to = plan(slot("a", FIVE + 4 * SECOND, seconds=300))["a"]
    found = plan(slot("alert", FIVE, 10, Emergency), slot("b", FIVE, 1), sounding=about_to)
    assert found["alert"].start == FIVE
    assert found["b"].start >= about_to.end + GAP
