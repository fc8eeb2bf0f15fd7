"""What it costs in data to send a bulletin, and whose SIM does not allow as much.

Nobody imports this module.
"""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.assignment import Allowance
from server.outlay import BYTES_A_WORD, MS_A_WORD, Outlay, Receiver, Sound, estimated, outlay, sound_of
from server.web.frame import size

VI, MWW = Sound("vi", 1_000, "a"), Sound("mww", 400, "b")
BOTH = Receiver(("mww", "vi"))


@pytest.mark.parametrize(
    ("receivers", "found"),
    [
        ([], Outlay()),
        ([BOTH, BOTH], Outlay(2, 2, 1_400, 2_800)),
        ([BOTH, Receiver(("vi",)), Receiver(("hni",))], Outlay(3, 2, 1_400, 2_400)),
        ([msgspec.structs.replace(BOTH, holds=frozenset("a"))], Outlay(1, 1, 400, 400)),
        ([msgspec.structs.replace(BOTH, holds=frozenset("ab"))], Outlay(1)),
    ],
)
def test_each_fetches_its_own_languages_and_only_what_it_does_not_hold(
    receivers: list[Receiver], found: Outlay
) -> None:
    assert outlay([VI, MWW], receivers) == found
    assert found.alike is (found.total == found.each * found.fetching)


@pytest.mark.parametrize(
    ("allowance", "today", "month", "over"),
    [
        (None, 10**9, 10**9, (0, 0)),
        (Allowance(0, 0), 10**9, 10**9, (0, 0)),
        (Allowance(1_400, 0), 0, 0, (0, 0)),
        (Allowance(1_400, 0), 1, 1, (1, 0)),
        (Allowance(0, 5_000), 0, 3_600, (0, 0)),
        (Allowance(0, 5_000), 0, 3_601, (0, 1)),
        (Allowance(1_400, 5_000), 1, 3_601, (0, 1)),
    ],
)
def test_whose_sim_does_not_allow_it_is_counted_once(
    allowance: Allowance | None, today: int, month: int, over: tuple[int, int]
) -> None:
    found = outlay([VI, MWW], [Receiver(("vi", "mww"), allowance=allowance, today=today, month=month)])
    assert (found.over_day, found.over_month) == over


def test_what_is_not_spoken_yet_is_an_estimate() -> None:
    guess = sound_of(estimated("một hai  ba", "vi"))
    assert guess == Sound("vi", 3 * BYTES_A_WORD)
    assert estimated("một hai  ba", "vi").duration_ms == 3 * MS_A_WORD
    assert outlay([guess], [BOTH]).estimated
    assert not outlay([VI], [BOTH]).estimated


@given(st.lists(st.builds(Sound, st.sampled_from(["vi", "mww"]), st.integers(0, 10**9), st.text("abc", max_size=1))))
def test_the_whole_is_never_more_than_the_largest_for_each(sounds: list[Sound]) -> None:
    found = outlay(sounds, [BOTH, Receiver(("vi",)), Receiver(("vi",), frozenset("a"))])
    assert found.each <= found.total <= found.each * found.fetching
    assert 0 <= found.fetching <= found.loudspeakers == 3


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0, "0 kB"),
        (1, "1 kB"),
        (54_509, "55 kB"),
        (999_001, "1000 kB"),
        (1_000_000, "1 MB"),
        (1_400_000, "1,4 MB"),
        (1_400_001, "1,5 MB"),
        (99_900_001, "100 MB"),
        (2_100_000_000, "2,1 GB"),
    ],
)
def test_bytes_are_told_in_the_units_of_people_and_never_too_small(amount: int, said: str) -> None:
    assert size(amount, ",").replace("\u00a0", " ") == said
