"""Tests of the measurements: each runs, in small, and comes to figures. Whether a limit holds is no test's business.

Nobody imports this module.
"""

import math
import subprocess
import sys

import pytest

from tests.bench.__main__ import _measures

IN_SMALL = (
    "words",
    "slow-link",
    "ear",
    "phrases",
    "voices",
    "export",
    "filing",
    "publish",
    "fan-out",
    "alert",
    "cut-in",
)
"""The others are covered by tests of what they measure, or take a minute however small they are."""


@pytest.mark.scale
@pytest.mark.broker
@pytest.mark.sound
@pytest.mark.parametrize("name", IN_SMALL)
def test_a_measurement_comes_to_figures(name: str) -> None:
    figures = list(_measures()[name].quick())
    assert figures
    assert not [figure for figure in figures if math.isnan(figure.value) or math.isinf(figure.value)]


def test_the_bench_says_what_it_can_measure() -> None:
    command = [sys.executable, "-m", "tests.bench", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert all(name in said for name in _measures())
