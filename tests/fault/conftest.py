"""The town of a test.

Loaded by pytest.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A broker, a server and loudspeakers, not yet started."""
    town = Town(tmp_path)
    yield town
    town.close()
