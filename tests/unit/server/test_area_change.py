"""Changing the tree of areas.

Imported by pytest alone.
"""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from schedules.assignment import QuietHours
from server.area import Area, AreaSettings, inherited
from server.area_change import AreaFault, as_before, below, common_path, ended, has_ended, may_merge, name_of, renamed

LEVELS = ["province", "region", "former_district", "commune", "hamlet", "loudspeaker"]
settings = st.builds(
    AreaSettings,
    quiet_hours=st.sampled_from([None, QuietHours(), QuietHours(20 * 60, 7 * 60)]),
    quiet_hours_off=st.sampled_from([None, True, False]),
    longest_ms=st.sampled_from([None, 0, 60_000]),
    gap_ms=st.sampled_from([None, 0, 5_000]),
    daily_ms=st.sampled_from([None, 0, 900_000]),
    chime=st.sampled_from([None, True, False]),
)


def commune(name: str = "Xã A", path: str = "/tinh/a/", **more: str) -> Area:
    return Area(path.strip("/").rpartition("/")[2], "tinh", path, 1, "commune", name, **more)


def test_an_old_name_is_kept_once() -> None:
    twice = renamed(renamed(renamed(commune(), "Xã B"), "Xã A"), "Xã B")
    assert (twice.name, twice.former_names) == ("Xã B", "Xã A; Xã B")
    assert renamed(twice, "Xã B") is twice


def test_a_name_is_words_in_one_form() -> None:
    assert name_of("  Xa\u0303  Y Ty\u0301 ") == "Xã Y Tý"
    for bad in ("", "   ", "a" * 121, "a\u202eb"):
        assert name_of(bad) is None


def test_hamlets_lie_in_communes_and_communes_in_whatever_is_higher() -> None:
    assert below("commune", LEVELS) == ["hamlet"]
    assert below("province", LEVELS) == ["region", "commune"]
    assert below("region", LEVELS) == ["commune"]
    assert below("hamlet", LEVELS) == below("loudspeaker", LEVELS) == below("unheard of", LEVELS) == []


def test_a_last_day_is_none_before_the_first_and_is_over_on_the_next() -> None:
    new = commune(valid_from="2026-07-01")
    assert ended(new, date(2026, 6, 30)) is AreaFault.too_early
    last = ended(new, date(2026, 7, 1))
    assert isinstance(last, Area)
    assert not has_ended(last, date(2026, 7, 1))
    assert has_ended(last, date(2026, 7, 2))
    assert not has_ended(new, date(2099, 1, 1))


def test_only_places_of_one_kind_beside_each_other_are_merged() -> None:
    other = commune("Xã B", "/tinh/b/")
    assert may_merge(commune(), other)
    assert common_path(commune(), other) == "/tinh/"
    assert common_path(commune(), commune("Xã C", "/khac/c/")) == "/"
    hamlet = Area("thon", "b", "/tinh/b/thon/", 2, "hamlet", "Thôn")
    for area, into in (
        (commune(), commune()),
        (commune(), hamlet),
        (hamlet, other),
        (commune(), commune("Xã B", "/tinh/b/", valid_to="2026-01-01")),
    ):
        assert not may_merge(area, into)


@given(settings, settings, settings, settings)
def test_what_held_before_a_move_holds_after_it(
    province: AreaSettings, old: AreaSettings, new: AreaSettings, own: AreaSettings
) -> None:
    before, there = inherited([province, old, own]), [province, new]
    kept = as_before(own, before, inherited([*there, own]))
    assert inherited([*there, kept]) == before
