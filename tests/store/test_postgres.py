"""The store on PostgreSQL: migrations there and back, and what matters of the other tests of this folder, run again on a
cluster of our own.

Imported by pytest alone.
"""

import itertools
import os
from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Engine

from server import seed
from server.migrations import bring_to_newest, config_of
from server.repositories.store import Stores, engine_of
from tests.store import (
    postgres,
    test_archive,
    test_archive_killed,
    test_bulletins,
    test_filing,
    test_guarding,
    test_rows,
)
from tests.store.postgres import Cluster
from tests.store.stage import NOW, PlainHasher
from tests.store.test_archive import house
from tests.store.test_ledger import EXAMPLES, Ledger, tell_histories

__all__ = ["house"]
SEEDED = "seeded"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if not postgres.is_there():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL is missing: apt-get install postgresql")
    with postgres.cluster() as cluster:
        engine = engine_of(cluster.create(SEEDED))
        bring_to_newest(engine)
        with Stores(engine).open() as store:
            seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "secret", NOW)
        engine.dispose()
        yield cluster


def fresh(cluster: Cluster) -> Engine:
    return engine_of(cluster.create(f"test_{next(_numbers)}", SEEDED))


@pytest.fixture
def stores(cluster: Cluster) -> Iterator[Stores]:
    """In place of the one on SQLite."""
    engine = fresh(cluster)
    yield Stores(engine)
    engine.dispose()
    cluster.drop(engine.url.database or "")


globals().update(
    {
        f"{name}_there_too": test
        for module in (test_filing, test_rows, test_bulletins, test_guarding, test_archive, test_archive_killed)
        for name, test in vars(module).items()
        if name.startswith("test_")
    }
)


def test_migrations_and_tables_say_the_same_there_and_back(cluster: Cluster) -> None:
    engine = engine_of(cluster.create("migrated"))
    bring_to_newest(engine)
    command.check(config_of(engine))
    command.downgrade(config_of(engine), "0006")
    bring_to_newest(engine)
    command.check(config_of(engine))
    engine.dispose()


def test_no_history_makes_the_ledger_lie_there_either(cluster: Cluster) -> None:
    class There(Ledger):
        def begin(self) -> Engine:
            return fresh(cluster)

    tell_histories(There, EXAMPLES // 2)
