"""Tests of the server's rules: who may what, what is approved, what is planned, what a row says.

Nobody imports this module.
"""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.clip import Clip
from schedules.assignment import QuietHours, VolumePreset
from schedules.blocks import RUN_BLOCKS, BlockRange, indices_of
from schedules.clock import DAY, HOUR, MINUTE, at_civil, civil, civil_midnight
from schedules.playback import Outcome, Playback
from schedules.programme import HORIZON, BroadcastClass, Programme
from schedules.recurrence import Daily, Once, Weekly
from server import delivery
from server.access import ALLOWS, Act, Grant, Role, may, scope
from server.approval import Sealed, SealedVariant, may_approve, seal_before, seal_of, stands
from server.area import AreaSettings, inherited, search_key, sort_key
from server.delivery import BlocksWanted, BrokerLinked, BrokerUnlinked, DesiredChanged
from server.ledger import SILENT_AFTER, LogState, Planned, Reached, final, state_of
from server.planning import Approved, compose_assignment, compose_programme, slots_by_area
from server.spreading import PACE_BLOCKS, SendBlocks

PROVINCE, DISTRICT, COMMUNE, OTHER = "/tinh/", "/tinh/huyen/", "/tinh/huyen/xa/", "/tinh/xa-khac/"
MONDAY = date(2026, 11, 23)
NOW = at_civil(MONDAY, 12 * 60)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("area", [PROVINCE, DISTRICT, COMMUNE, OTHER, "/tinh/huyen/xa-2/", "/tinh/huyen/xa/thon/loa/"])
def test_a_role_allows_its_acts_on_its_node_and_below_and_nowhere_else(role: Role, act: Act, area: str) -> None:
    below = area.startswith(DISTRICT)
    assert may([Grant(role, DISTRICT)], act, area) == (below and act in ALLOWS[role])


def test_an_overseer_only_looks_and_reports() -> None:
    assert ALLOWS[Role.overseer] == {Act.see, Act.hand_out}
    assert Act.approve not in ALLOWS[Role.editor]


def test_a_brother_with_a_longer_name_is_no_child() -> None:
    assert not may([Grant(Role.editor, "/tinh/xa-1/")], Act.write, "/tinh/xa-10/")


def test_scopes_within_scopes_are_one() -> None:
    grants = [Grant(Role.editor, COMMUNE), Grant(Role.overseer, DISTRICT), Grant(Role.editor, OTHER)]
    assert scope(grants, Act.see) == (DISTRICT, OTHER)
    assert scope(grants, Act.write) == (COMMUNE, OTHER)


VARIANT = SealedVariant("vi", "Mời họp", "mời họp", "a" * 64, "voice", "espeak-ng", "1.51", "vi", "speed=150", True)
SEALED = Sealed(
    "Họp thôn", "an-ninh", "ordinary", (VARIANT,), ("xa-1",), Once(5), "ps-1", "once", "xa-1", "UBND xã", "Chủ tịch", ""
)


def _changed(**change: object) -> Sealed:
    return msgspec.structs.replace(SEALED, variants=(msgspec.structs.replace(VARIANT, **change),))


@pytest.mark.parametrize(
    "changed",
    [
        *(msgspec.structs.replace(SEALED, **{name: "khác"}) for name in Sealed.__struct_fields__
          if isinstance(getattr(SEALED, name), str)),
        *(_changed(**{name: "khác"}) for name in SealedVariant.__struct_fields__ if name != "ai_made"),
        _changed(ai_made=False),
        msgspec.structs.replace(SEALED, variants=()),
        msgspec.structs.replace(SEALED, targets=("xa-1", "xa-2")),
        msgspec.structs.replace(SEALED, recurrence=Once(6)),
        msgspec.structs.replace(SEALED, recurrence=None),
    ],
)  # fmt: skip
def test_any_change_voids_an_approval(changed: Sealed) -> None:
    assert changed != SEALED
    assert stands(seal_of(SEALED), SEALED)
    assert not stands(seal_of(SEALED), changed)
    assert not stands("", SEALED)


def test_what_was_approved_before_the_seal_covered_voices_stands_by_what_it_covered() -> None:
    before = seal_before(SEALED)
    assert stands(before, _changed(voice="vi-south"))
    assert not stands(before, _changed(clip="b" * 64))
    assert not stands(before, msgspec.structs.replace(SEALED, title="Họp xã"))


def test_what_was_approved_before_the_seal_covered_translators_and_reviewers_stands_by_what_it_covered() -> None:
    before = "dac516127833cb3aff4c07725a4998308c957f1cb8980123517e28a2f65b0935"
    assert stands(before, SEALED)
    assert stands(before, _changed(translator="Bà Lý Mẩy"))
    assert not stands(before, _changed(voice="vi-south"))
    assert not stands(seal_of(SEALED), _changed(reviewer="thamdinh")), "an approval of today covers it"
    weekly = msgspec.structs.replace(SEALED, recurrence=Weekly((1, 2), 300, date(2026, 1, 2), None))
    assert stands("2cf1b6a61f4fc280175759f6f3ac0467a78d47f79ba0189c101b7fd06b402f99", weekly)


def test_the_order_of_targets_changes_nothing() -> None:
    both = msgspec.structs.replace(SEALED, targets=("b", "a"))
    assert seal_of(both) == seal_of(msgspec.structs.replace(SEALED, targets=("a", "b")))


def test_nobody_approves_their_own_work() -> None:
    assert not may_approve({"x", "z"}, "x")
    assert may_approve({"x"}, "y")


def approved(recurrence: object, since: int = 0, targets: tuple[str, ...] = ("xa",), name: str = "ps") -> Approved:
    clips = (Clip("a" * 64, "vi", 1000, 99),)
    ordinary = BroadcastClass.ordinary
    return Approved(name, "bt", "Họp", ordinary, 2, targets, recurrence, clips, since, 15 * MINUTE, "s" * 64)  # type: ignore[arg-type]


def test_a_daily_broadcast_is_planned_for_a_fortnight_at_its_civil_hour() -> None:
    slots = slots_by_area([approved(Daily(5 * 60, MONDAY), NOW)], NOW)["xa"]
    assert [civil(s.start).strftime("%d/%m %H:%M") for s in slots] == [f"{d:02d}/11 05:00" for d in range(24, 31)] + [
        f"{d:02d}/12 05:00" for d in range(1, 8)
    ]
    assert slots[-1].start >= civil_midnight(NOW) + HORIZON


def test_nothing_is_planned_before_its_approval_and_only_for_its_targets() -> None:
    found = slots_by_area([approved(Weekly((0,), 13 * 60, MONDAY), NOW + 2 * HOUR, ("xa", "thon"))], NOW)
    assert set(found) == {"xa", "thon"}
    assert found["xa"] == found["thon"]
    assert civil(found["xa"][0].start).date() == date(2026, 11, 30)


def test_a_programme_is_new_only_when_it_says_something_new() -> None:
    slots = slots_by_area([approved(Daily(5 * 60, MONDAY))], NOW)["xa"]
    first = compose_programme("xa", slots, None, NOW)
    assert first is not None
    assert compose_programme("xa", slots, first, NOW + HOUR) is None
    withdrawn = compose_programme("xa", (), first, NOW + HOUR)
    assert withdrawn is not None
    assert (withdrawn.slots, withdrawn.revision > first.revision) == ((), True)
    tomorrow = NOW + DAY
    rolled = compose_programme("xa", slots_by_area([approved(Daily(5 * 60, MONDAY))], tomorrow)["xa"], first, tomorrow)
    assert rolled is not None
    assert {s.occurrence for s in rolled.slots} - {s.occurrence for s in first.slots}
    assert compose_programme("leer", (), None, NOW) is None


def test_a_restored_backup_is_not_older_than_what_loudspeakers_hold() -> None:
    slots = slots_by_area([approved(Daily(5 * 60, MONDAY))], NOW)["xa"]
    lost = compose_programme("xa", slots, Programme("xa", NOW // 1000 + 3, 0, 0, ()), NOW + HOUR)
    backup = compose_programme("xa", slots, Programme("xa", 5, 0, 0, ()), NOW + 2 * HOUR)
    assert lost is not None
    assert backup is not None
    assert backup.revision > lost.revision


def test_an_assignment_is_new_only_when_it_says_something_new_or_ages() -> None:
    settings = inherited([])
    first = compose_assignment("loa", ("tinh", "loa"), ("vi",), settings, None, NOW)
    assert first is not None
    assert compose_assignment("loa", ("tinh", "loa"), ("vi",), settings, first, NOW + DAY) is None
    assert compose_assignment("loa", ("tinh", "loa"), ("mww",), settings, first, NOW + DAY) is not None
    assert compose_assignment("loa", ("tinh", "loa"), ("vi",), settings, first, first.expires_at - DAY) is not None


def test_settings_come_down_the_tree_and_the_nearest_counts() -> None:
    default = inherited([])
    assert default.quiet_hours == QuietHours(22 * 60, 5 * 60)
    assert default.volume[0].percent < 100, "quieter in the night window"
    province = AreaSettings(pause_ms=700, quiet_hours=QuietHours(21 * 60, 6 * 60))
    commune = AreaSettings(volume=(VolumePreset(0, 30),))
    found = inherited([province, commune])
    assert (found.pause_ms, found.quiet_hours, found.volume) == (
        700,
        QuietHours(21 * 60, 6 * 60),
        (VolumePreset(0, 30),),
    )
    assert inherited([AreaSettings(quiet_hours_off=True)]).quiet_hours is None
    assert (
        inherited([AreaSettings(quiet_hours_off=True), AreaSettings(quiet_hours_off=False)]).quiet_hours == QuietHours()
    )


PLANNED = Planned("loa", "a@1", "a", "bt", "Họp", BroadcastClass.ordinary, NOW, NOW + 15 * MINUTE, ("a" * 64,))
READY = Reached(online=True, clips_missing=frozenset(), knows=True)


@pytest.mark.parametrize(
    ("planned", "reached", "now", "state"),
    [
        (PLANNED, None, NOW - 1, LogState.not_reached),
        (PLANNED, msgspec.structs.replace(READY, knows=False), NOW - 1, LogState.not_reached),
        (PLANNED, msgspec.structs.replace(READY, clips_missing=frozenset({"a" * 64})), NOW - 1, LogState.preparing),
        (PLANNED, READY, NOW - 1, LogState.ready),
        (PLANNED, READY, NOW, LogState.due),
        (PLANNED, READY, NOW + 15 * MINUTE + SILENT_AFTER + 1, LogState.unknown),
        (msgspec.structs.replace(PLANNED, withdrawn=True), READY, NOW, LogState.withdrawn),
    ],
)
def test_a_row_says_what_is_known_now(planned: Planned, reached: Reached | None, now: int, state: LogState) -> None:
    assert state_of(planned, None, reached, now) is state
    told = Playback(1, "a@1", "a", "bt", NOW, Outcome.played)
    assert state_of(planned, told, reached, now) is LogState.reported


def test_what_sounded_counts_before_what_did_not() -> None:
    missed, played = (Playback(n, "a@1", "a", "bt", NOW, o) for n, o in ((1, Outcome.missed), (2, Outcome.played)))
    assert final([missed, played]) == played
    assert final([]) is None


@pytest.mark.parametrize(
    ("typed", "key"),
    [("Đường Lên Đỉnh", "duong len dinh"), ("  Y  TÝ ", "y ty"), ("Ê Đê", "e de"), ("Sả Xéng", "sa xeng")],
)
def test_names_are_found_without_accents(typed: str, key: str) -> None:
    assert search_key(typed) == key


def test_names_are_sorted_as_vietnamese_schools_teach() -> None:
    names = ["Đông", "Dao", "Ân", "An", "Ăn", "Y Tý", "Bản", "Ban", "Ơ", "Ô", "O", "Ư", "U"]
    assert sorted(names, key=sort_key) == [
        "An",
        "Ăn",
        "Ân",
        "Ban",
        "Bản",
        "Dao",
        "Đông",
        "O",
        "Ô",
        "Ơ",
        "U",
        "Ư",
        "Y Tý",
    ]


def served(*story: tuple[object, int]) -> tuple[delivery.State, list[delivery.Action]]:
    state, actions = delivery.State(), []
    for event, at in story:
        now = at
        step = delivery.advance(state, event, now)  # type: ignore[arg-type]
        state = step.state
        actions += step.actions
        while step.wake_at is not None and step.wake_at <= now + 5_000:
            now = max(step.wake_at, now)
            step = delivery.advance(state, delivery.TimePassed(), now)
            state = step.state
            actions += step.actions
    return state, actions


DESIRED = DesiredChanged({"xa": 3, "tinh": 7}, {"loa-1": 2, "loa-2": 2}, {"c" * 64: 40_000})


def test_everything_retained_is_published_again_over_every_link_and_only_then() -> None:
    published = {
        delivery.PublishProgramme("xa"),
        delivery.PublishProgramme("tinh"),
        delivery.PublishAssignments(("loa-1", "loa-2")),
    }
    state, first = served((DESIRED, 0), (BrokerLinked(), 1))
    assert published <= set(first)
    assert not delivery.advance(state, DESIRED, 99_000).actions
    state = delivery.advance(state, BrokerUnlinked(), 99_001).state
    assert not delivery.advance(state, DESIRED, 99_002).actions
    assert set(delivery.advance(state, BrokerLinked(), 99_003).actions) == published


def test_a_clip_goes_out_once_for_everybody_when_it_is_first_named() -> None:
    _, actions = served((BrokerLinked(), 0), (DESIRED, 1), (DESIRED, 60_000))
    assert [a for a in actions if isinstance(a, SendBlocks)] == [
        SendBlocks("c" * 64, (BlockRange(0, 2),), run=RUN_BLOCKS)
    ]


def test_what_one_misses_goes_to_that_one_and_what_many_miss_to_all() -> None:
    wanted = [
        (BlocksWanted("loa-1", "c" * 64, (BlockRange(0, 1),)), 90_000),
        (BlocksWanted("loa-2", "c" * 64, (BlockRange(1, 2),)), 90_010),
    ]
    state, _ = served((BrokerLinked(), 0), (DESIRED, 1))
    actions: list[delivery.Action] = []
    for event, now in wanted:
        step = delivery.advance(state, event, now)
        state = step.state
    now = 90_300
    for _ in range(10):
        step = delivery.advance(state, delivery.TimePassed(), now)
        state, now = step.state, now + 100
        actions += step.actions
    assert set(actions) == {
        SendBlocks("c" * 64, (BlockRange(1, 1),), run=RUN_BLOCKS),
        SendBlocks("c" * 64, (BlockRange(0, 0),), "loa-1"),
        SendBlocks("c" * 64, (BlockRange(2, 2),), "loa-2"),
    }


def test_a_clip_that_nobody_named_is_not_sent() -> None:
    state, _ = served((BrokerLinked(), 0), (DESIRED, 1))
    step = delivery.advance(state, BlocksWanted("loa-1", "f" * 64, (BlockRange(0, 9),)), 90_000)
    assert step.state.spread.wanted == {}


@given(st.integers(1, 400))
def test_blocks_are_paced_and_none_is_lost(count: int) -> None:
    desired = DesiredChanged({}, {"loa-1": 1, "loa-2": 1}, {"c" * 64: count * 16 * 1024})
    _, actions = served((BrokerLinked(), 0), (desired, 1))
    sent = [a for a in actions if isinstance(a, SendBlocks)]
    assert all(len(indices_of(a.blocks, 10_000)) <= PACE_BLOCKS for a in sent)
    assert sorted(i for a in sent for i in indices_of(a.blocks, 10_000)) == list(range(count))
