"""How every test runs: properties without a clock of their own, and tests in real time never more than two at once.

Loaded by pytest.
"""

import os
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# Their processes keep promises by the second: many of them at once on a small machine would measure each other. They wait
# most of the time, so that two lanes leave one another alone.
REAL_TIME = ("tests/fault/", "tests/broker/", "tests/unit/sound/")

_SECOND_LANE = "tests/fault/test_h"
"""From here on: about half of the seconds that they take."""

settings.register_profile("desk", deadline=None)  # a busy machine is not a fault
if not os.environ.get("CI"):  # there hypothesis loads its own: the same examples each time, and no deadline
    settings.load_profile("desk")


class RealTimeTogether(LoadScopeScheduling):  # type: ignore[misc]
    """Tests in real time share two workers, and begin first, being the largest groups; others go where there is room."""

    def _split_scope(self, nodeid: str) -> str:
        if not nodeid.startswith(REAL_TIME):
            return nodeid
        return "real time, first lane" if nodeid < _SECOND_LANE else "real time, second lane"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> RealTimeTogether:
    """Who runs what, where several workers do."""
    return RealTimeTogether(config, log)
