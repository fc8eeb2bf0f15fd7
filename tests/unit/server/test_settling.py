"""Tests of settling: what is written brings the log to what is planned, in small portions, and then nothing more.

Nobody imports this module.
"""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from audio.clip import Clip
from schedules.assignment import Assignment
from schedules.clock import DAY
from schedules.programme import BroadcastClass, Programme, Slot
from server import settling
from server.ledger import Planned, expected
from server.settling import WRITTEN_TOGETHER, Book, Key, Portion, portions

NOW = 1_800_000_000_000


def play(loudspeaker: int, occurrence: int, clips: str = "a", until: int = 5, seal: str = "s") -> Planned:
    name = f"ps@{occurrence}"
    ordinary = BroadcastClass.ordinary
    return Planned(
        f"loa-{loudspeaker}", name, "ps", "bt", "Tin", ordinary, NOW + occurrence, until, (clips,), seal=seal
    )


def written(book: Book, done: Sequence[Portion]) -> Book:
    """The log after these portions, as the repository writes them."""
    said, open_ = dict(book.said), set(book.open)
    for portion in done:
        for fresh in portion.fresh:
            said.setdefault(key_of(fresh), (fresh.clips, fresh.useful_until, False, fresh.seal))
            open_.add(key_of(fresh))
        for changed in portion.changed:
            said[key_of(changed)] = (changed.clips, changed.useful_until, False, changed.seal)
            open_.add(key_of(changed))
        for key in portion.withdrawn:
            said[key] = (*said[key][:2], True, said[key][3])
            open_.discard(key)
    return Book(said, frozenset(open_))


def key_of(each: Planned) -> Key:
    return each.loudspeaker, each.occurrence


plays = st.lists(
    st.builds(
        play,
        st.integers(0, 4),
        st.integers(0, 4),
        st.sampled_from("ab"),
        st.sampled_from([5, 6]),
        st.sampled_from("st"),
    ),
    unique_by=key_of,
    max_size=20,
)


@given(plays, plays)
def test_what_is_written_is_what_is_planned_and_nothing_is_left_to_write(
    before: list[Planned], after: list[Planned]
) -> None:
    book = written(Book({}), portions([], [], before, Book({})))
    book = written(book, portions([], [], after, book))
    assert book.open == {key_of(each) for each in after}
    assert {k: v for k, v in book.said.items() if k in book.open} == {
        key_of(each): (each.clips, each.useful_until, False, each.seal) for each in after
    }
    assert portions([], [], after, book) == []


def test_an_approval_waits_for_no_more_than_a_portion_and_a_gap_is_told_whole() -> None:
    many = [play(n, 1) for n in range(2 * WRITTEN_TOGETHER + 1)]
    gap = [play(n, 0) for n in range(WRITTEN_TOGETHER + 1)]
    first, *others = portions([], gap, many, Book({}))
    assert len(first.fresh) == WRITTEN_TOGETHER + 1
    assert [len(each.fresh) for each in others] == [WRITTEN_TOGETHER, WRITTEN_TOGETHER, 1]


def test_loudspeakers_of_one_programme_are_expected_to_do_what_each_would_alone() -> None:
    def slot(start: int, *languages: str) -> Slot:
        clips = tuple(Clip(language[0] * 64, language, 1_000, 10) for language in languages)
        ordinary = BroadcastClass.ordinary
        return Slot(f"ps@{start}", "ps", "bt", "Tin", ordinary, 0, start, start + DAY, clips)

    programmes = {
        "tinh": Programme("tinh", 1, NOW, NOW + DAY, (slot(NOW + 2, "vi", "mww"),)),
        "xa": Programme("xa", 1, NOW, NOW + DAY, (slot(NOW + 1, "vi"), slot(NOW + DAY, "vi"))),
    }
    told = [
        Assignment(f"loa-{n}", 1, NOW, NOW + DAY, ("tinh", area, f"loa-{n}"), ("vi", "mww")[: 1 + n % 2])
        for n, area in enumerate(("xa", "xa", "xa-khac", "xa"))
    ]
    alone = [
        each
        for assignment in told
        for each in expected([programmes[a] for a in assignment.area_path if a in programmes], assignment, NOW, NOW + 9)
    ]
    assert settling.expected_of(programmes, told, NOW, NOW + 9) == alone
    assert len(alone) == 3 * 2 + 1
