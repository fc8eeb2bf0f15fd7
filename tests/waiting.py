"""Waiting for what another process or thread does, with a limit.

Imported by tests that run real processes or devices, and by the bench.
"""

import select
import time
from collections.abc import Callable

LOOK_EVERY_S = 0.01


def eventually(condition: Callable[[], object], within_s: float = 10, what: str = "it") -> None:
    """Return once the condition holds; fail if it does not within the limit."""
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, f"{what} has not come about within {within_s} s"
        pass_time(LOOK_EVERY_S)


def pass_time(seconds: float) -> None:
    """Let real time pass, for what happens by the clock alone: a sound card plays on."""
    select.select([], [], [], max(seconds, 0))
