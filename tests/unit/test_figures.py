"""Tests of the figures of the bench.

Nobody imports this module.
"""

import math

from tests.bench.figures import Figure, percentile, table


def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, p) for p in (0, 20, 50, 99, 100)] == [1, 1, 3, 5, 5]
    assert math.isnan(percentile([], 50))


def test_a_broken_limit_is_seen_in_the_table() -> None:
    assert not Figure("start", 6.0, "ms", None, 5).holds
    assert not Figure("start", math.nan, "ms", None, 5).holds
    lines = table([Figure("start", 6.0, "ms", 40.0, 5), Figure("skew", 1.0, "ms")]).splitlines()
    assert lines[1].split() == ["start", "6.00", "ms", "40.00", "ms", "≤", "5", "ms", "BROKEN"]
    assert lines[2].split() == ["skew", "1.00", "ms"]
