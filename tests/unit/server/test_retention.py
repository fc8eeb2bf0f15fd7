"""Tests of what sound may go, and what may not.

Nobody imports this module.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import at_civil
from server.retention import Held, Sound, is_held, kept_since, may_go

NOW = at_civil(date(2026, 12, 4), 12 * 60)
LONG_AGO = kept_since(NOW, 24)
OLD = Sound("a" * 64, "o" * 64, LONG_AGO - 1, ("bt-1",), ("/tinh/xa/",))


@pytest.mark.parametrize(
    ("day", "months", "since"),
    [
        (date(2026, 12, 4), 24, date(2024, 12, 4)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 3, 1), 3, date(2025, 12, 1)),
    ],
)
def test_so_many_civil_months_are_kept(day: date, months: int, since: date) -> None:
    assert kept_since(at_civil(day, 5), months) == at_civil(since, 0)


@pytest.mark.parametrize("path", ["/tinh/", "/tinh/xa/", "/tinh/xa/thon/", "/tinh/xa-2/"])
def test_what_sounded_in_a_held_area_is_held(path: str) -> None:
    assert is_held(OLD, Held(paths=(path,))) == (path != "/tinh/xa-2/")


def test_a_held_bulletin_keeps_its_sound() -> None:
    assert may_go([OLD], (), Held(), LONG_AGO).clips == (OLD.clip,)
    assert may_go([OLD], (), Held(frozenset({"bt-1"})), LONG_AGO).clips == ()
    assert may_go([OLD], (), Held(frozenset({"bt-2"})), LONG_AGO).clips == (OLD.clip,)


sounds = st.lists(
    st.builds(
        Sound,
        clip=st.sampled_from("abcdef"),
        original=st.sampled_from(["", "x", "y"]),
        last_used=st.integers(0, 20),
        bulletins=st.lists(st.sampled_from(["b1", "b2", "b3"]), max_size=2).map(tuple),
        paths=st.lists(st.sampled_from(["/t/", "/t/1/", "/t/2/"]), max_size=2).map(tuple),
    ),
    unique_by=lambda sound: sound.clip,
)


@given(sounds, st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from(["b1", "b2"])), st.integers(0, 20))
def test_only_what_is_old_and_neither_needed_nor_held_goes(
    there: list[Sound], needed: set[str], bulletins: set[str], before: int
) -> None:
    held = Held(frozenset(bulletins), ("/t/2/",))
    gone = may_go(there, needed, held, before)
    for sound in there:
        stays = sound.last_used >= before or sound.clip in needed or is_held(sound, held)
        assert (sound.clip in gone.clips) != stays
        if stays:
            assert sound.original not in gone.originals, "a clip that stays keeps what it was made from"
    assert "" not in gone.originals
