"""The store on PostgreSQL: migrations there and back, and what matters of the other tests of this folder, run again on a
cluster of our own.

Imported by pytest alone.
"""

import inspect
import itertools
import os
from collections.abc import Iterator

import msgspec
import pytest
from alembic import command
from sqlalchemy import Engine

from schedules.clock import DAY, HOUR
from schedules.wire import Report
from server import oversight, reporting, seed
from server.migrations import bring_to_newest, config_of
from server.period import current
from server.report import By
from server.repositories.store import Stores, engine_of
from tests.store import (
    postgres,
    test_archive,
    test_archive_killed,
    test_bulletins,
    test_filing,
    test_guarding,
    test_rows,
    test_summary,
)
from tests.store.postgres import Cluster
from tests.store.stage import NOW, PlainHasher, on_air, playback
from tests.store.test_archive import house
from tests.store.test_indexes import QUESTIONS
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


_AGAIN = (test_filing, test_rows, test_bulletins, test_guarding, test_archive, test_archive_killed, test_summary)
globals().update(
    {
        f"{name}_there_too": test
        for module in _AGAIN
        for name, test in vars(module).items()
        if name.startswith("test_") and {"stores", "house"} & set(inspect.signature(test).parameters)
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


def test_questions_about_the_log_are_understood_there_too(stores: Stores) -> None:
    occurrence = f"{on_air(stores)}@{NOW + HOUR}"
    told = [playback(occurrence, 1), msgspec.structs.replace(playback(occurrence, 2), missing=("mww",))]
    with stores.open() as store:
        for device, each in zip(("loa-mau-1", "loa-mau-2"), told, strict=True):
            oversight.file_report(store, device, Report("j", (each,)), NOW + HOUR)
    with stores.open() as store:
        for ask, _ in QUESTIONS:
            ask(store)
        assert store.summary.recount() == []
        airings = store.airings.sounded("/tinh-lao-cai/", NOW, NOW + DAY, 9)
        assert sum(each.loudspeakers for each in airings) == len(told)
        for found in store.areas.chain(store.areas.named(["loa-mau-1"])["loa-mau-1"])[:-1]:
            report = reporting.told(store, found, current(NOW), NOW + 3 * HOUR).report
            assert report.total.played > 0
            assert sum(report.hours[By.language].values()) == report.total.sounded_ms > 0


def test_no_history_makes_the_ledger_lie_there_either(cluster: Cluster) -> None:
    class There(Ledger):
        def begin(self) -> Engine:
            return fresh(cluster)

    tell_histories(There, EXAMPLES // 2)
