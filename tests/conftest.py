"""How every test runs: properties without a clock of their own, and tests in real time one after the other.

Loaded by pytest.
"""

import os
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# Their processes keep promises by the second: two of them at once on a small machine would measure each other.
REAL_TIME = ("tests/fault/", "tests/broker/", "tests/unit/sound/")

settings.register_profile("desk", deadline=None)  # a busy machine is not a fault
if not os.environ.get("CI"):  # there hypothesis loads its own: the same examples each time, and no deadline
    settings.load_profile("desk")


class RealTimeTogether(LoadScopeScheduling):  # type: ignore[misc]
    """Tests in real time share one worker, and begin first, being the largest group; others go where there is room."""

    def _split_scope(self, nodeid: str) -> str:
        return "real time" if nodeid.startswith(REAL_TIME) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> RealTimeTogether:
    """Who runs what, where several workers do."""
    return RealTimeTogether(config, log)
