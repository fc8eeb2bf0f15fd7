"""Tests of what counts as loosening a guard: whatever lets a single slot through that was kept silent, or makes it
louder, for any settings of any area, however they are inherited.

Nobody imports this module.
"""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.clip import Clip
from schedules.assignment import Assignment, QuietHours, VolumePreset
from schedules.clock import HOUR, MINUTE, SECOND
from schedules.guards import Aired, loudness
from schedules.programme import BroadcastClass, Slot
from schedules.rundown import merge
from server.area import Area, AreaSettings, Effective, inherited
from server.loosening import FIELDS, Guard, changed, guards_of, loosened, looser, with_guards
from tests.unit.schedules.shapes import MIDNIGHT, presets

hours = st.builds(QuietHours, st.sampled_from([0, 300, 330, 1260, 1320]), st.sampled_from([0, 300, 330, 360, 1320]))
limits = st.sampled_from([None, 0, MINUTE, 5 * MINUTE, 30 * MINUTE])
some = st.builds(
    AreaSettings,
    quiet_hours=st.one_of(st.none(), hours),
    quiet_hours_off=st.sampled_from([None, True, False]),
    ceiling=st.one_of(st.none(), presets),
    longest_ms=limits,
    gap_ms=limits,
    daily_ms=limits,
)
PATHS = ("tinh", "tinh/xa", "tinh/xa/thon", "tinh/xa/thon/loa", "tinh/xa/thon-2", "tinh/xa-2")


def tree(each: list[AreaSettings]) -> dict[str, Area]:
    areas = {}
    for path, own in zip(PATHS, each, strict=True):
        *above, id_ = path.split("/")
        areas[id_] = Area(id_, above[-1] if above else None, f"/{path}/", len(above), "x", id_, settings=own)
    return areas


def as_assignment(holds: Effective) -> Assignment:
    return Assignment(
        "loa", 1, 0, 1, ("tinh",), ("vi",), holds.quiet_hours, (VolumePreset(0, 100),), guards=holds.guards
    )


def sounds(holds: Effective, start: int, seconds: int, before: Aired) -> tuple[bool, int]:
    """Whether a slot that can only sound at its minute does, after something else, and how loud."""
    clips = (Clip("0" * 64, "vi", seconds * SECOND, 1),)
    slot = Slot("a@1", "a", "a", "a", BroadcastClass.priority, 1, start, start, clips)
    assignment = as_assignment(holds)
    [entry] = merge([slot], assignment, start, None, [before])
    return entry.plays, loudness(assignment, entry.start, entry.end)[0] if entry.plays else 0


@settings(max_examples=400, deadline=None)
@given(
    st.lists(some, min_size=6, max_size=6),
    st.sampled_from(["tinh", "xa", "thon", "loa"]),
    some,
    st.integers(0, 2 * 1440),
    st.integers(1, 3_000),
    st.integers(0, HOUR),
)
def test_nothing_passes_that_did_not_before_unless_it_is_called_loosening(
    each: list[AreaSettings], area: str, wish: AreaSettings, minute: int, seconds: int, ago: int
) -> None:
    areas = tree(each)
    after = {**areas, area: msgspec.structs.replace(areas[area], settings=wish)}
    start = MIDNIGHT + minute * MINUTE
    before = Aired("truoc@1", start - ago - MINUTE, start - ago, MINUTE)
    called = loosened(areas, area, wish)
    for place in areas.values():
        was, will = (
            sounds(inherited(tree_[id_].settings for id_ in place.ids), start, seconds, before)
            for tree_ in (areas, after)
        )
        assert called or will[0] <= was[0], f"sounds at {place.id}"
        assert called or not was[0] or will[1] <= was[1], f"is louder at {place.id}"


@given(some)
def test_what_stays_loosens_nothing(one: AreaSettings) -> None:
    holds = inherited([one])
    assert looser(holds, holds) == frozenset()


@given(some, some, some)
def test_what_two_steps_may_loosen_one_of_them_did(a: AreaSettings, b: AreaSettings, c: AreaSettings) -> None:
    """So nobody loosens in small steps that are none."""
    first, second, third = (inherited([each]) for each in (a, b, c))
    assert looser(first, third) <= looser(first, second) | looser(second, third)


@pytest.mark.parametrize(
    ("before", "after", "guards"),
    [
        (AreaSettings(), AreaSettings(quiet_hours_off=True), {Guard.quiet}),
        (AreaSettings(), AreaSettings(quiet_hours=QuietHours(22 * 60, 5 * 60 - 1)), {Guard.quiet}),
        (AreaSettings(), AreaSettings(quiet_hours=QuietHours(21 * 60, 5 * 60)), set()),
        (AreaSettings(), AreaSettings(quiet_hours=QuietHours(21 * 60, 4 * 60)), {Guard.quiet}),
        (AreaSettings(), AreaSettings(ceiling=()), {Guard.ceiling}),
        (AreaSettings(), AreaSettings(ceiling=(VolumePreset(0, 60),)), set()),
        (AreaSettings(), AreaSettings(ceiling=(VolumePreset(0, 60), VolumePreset(5 * 60, 61))), {Guard.ceiling}),
        (AreaSettings(), AreaSettings(longest_ms=0), {Guard.longest}),
        (AreaSettings(), AreaSettings(longest_ms=59 * MINUTE), set()),
        (AreaSettings(gap_ms=MINUTE), AreaSettings(), {Guard.rest}),
        (AreaSettings(daily_ms=MINUTE), AreaSettings(daily_ms=0), {Guard.daily}),
        (AreaSettings(), AreaSettings(daily_ms=MINUTE), set()),
        (AreaSettings(), AreaSettings(pause_ms=1, alert_lead_ms=0, own_priority_first=True), set()),
    ],
)
def test_what_loosens(before: AreaSettings, after: AreaSettings, guards: set[Guard]) -> None:
    assert looser(inherited([before]), inherited([after])) == guards


def test_a_change_above_loosens_what_is_below_unless_that_says_something_itself() -> None:
    strict = AreaSettings(quiet_hours=QuietHours(20 * 60, 6 * 60))
    inheriting = tree([strict, *[AreaSettings()] * 5])
    assert loosened(inheriting, "tinh", AreaSettings()) == {Guard.quiet}
    own = tree([AreaSettings(), strict, *[AreaSettings()] * 4])
    assert loosened(own, "xa", AreaSettings()) == {Guard.quiet}, "inherit may loosen"
    assert loosened(own, "tinh", AreaSettings(longest_ms=MINUTE)) == set()
    back = tree([AreaSettings(longest_ms=MINUTE), AreaSettings(longest_ms=0), *[AreaSettings()] * 4])
    assert loosened(back, "xa", AreaSettings()) == set()
    # Quiet hours that are on again below, without saying which, are the usual ones only where those above are off.
    on = tree([AreaSettings(quiet_hours_off=True), AreaSettings(quiet_hours_off=False), *[AreaSettings()] * 4])
    short = AreaSettings(quiet_hours=QuietHours(0, 60))
    assert loosened(on, "tinh", short) == {Guard.quiet}, "here the province tightens, and the commune becomes looser"


@given(some, some)
def test_every_guard_can_be_taken_alone(one: AreaSettings, wish: AreaSettings) -> None:
    assert with_guards(one, wish) == guards_of(wish)
    assert sorted(f for fields in FIELDS.values() for f in fields) == sorted(
        {"quiet_hours", "quiet_hours_off", "ceiling", "longest_ms", "gap_ms", "daily_ms"}
    )
    step = one
    for guard in changed(one, wish):
        step = with_guards(step, wish, [guard])
    assert step == guards_of(wish)
