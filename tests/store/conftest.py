"""A fresh database with the sample, for each test.

Loaded by pytest.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.repositories.store import Stores
from tests.store.stage import fresh


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    yield from fresh(tmp_path)
