"""A fresh database with the sample, for each test.

Loaded by pytest.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.repositories.store import Stores
from tests.store.receivers import Office, running
from tests.store.stage import copy_of, seed_database


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seed_database(tmp_path_factory.mktemp("seeded") / "loaban.db")


@pytest.fixture
def stores(seeded: Path, tmp_path: Path) -> Iterator[Stores]:
    yield from copy_of(seeded, tmp_path / "loaban.db")


@pytest.fixture
def office() -> Iterator[Office]:
    """The office of another system, that takes what it is told."""
    office = Office()
    with running(office):
        yield office
