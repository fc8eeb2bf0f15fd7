"""What the tests of the pages stand on.

Imported by pytest alone.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.web.stage import House, sample_database


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database(tmp_path_factory.mktemp("sample") / "sample.db")


@pytest.fixture
def house(tmp_path: Path, sample: Path) -> Iterator[House]:
    house = House(tmp_path, sample)
    yield house
    house.close()


@pytest.fixture
def editor(house: House) -> TestClient:
    return house.somebody("bientap")


@pytest.fixture
def approver(house: House) -> TestClient:
    return house.somebody("pheduyet")
