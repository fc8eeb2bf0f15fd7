"""The daily summary and what the database refuses; a database of before gets its places, counts and summary.

Nobody imports this module.
"""

import argparse
from pathlib import Path

import msgspec
import pytest
from alembic import command
from sqlalchemy.exc import DatabaseError

from schedules.clock import HOUR, civil_day
from schedules.playback import Outcome
from schedules.wire import Report
from server import correcting, oversight
from server.checkup import Weakness, examine
from server.commands import counting, examining
from server.console import Console
from server.migrations import bring_to_newest, config_of
from server.repositories.log_rows import MOST_MISSING
from server.repositories.logbook import LogFilter
from server.repositories.store import Stores, engine_of
from server.settings import Settings
from tests.store.stage import NOW, copy_of, on_air, person, playback

DEVICE = "loa-mau-1"


def reported(stores: Stores, outcome: Outcome = Outcome.missed, missing: tuple[str, ...] = ()) -> str:
    occurrence = f"{on_air(stores)}@{NOW + HOUR}"
    told = msgspec.structs.replace(playback(occurrence, 1, outcome), missing=missing)
    with stores.open() as store:
        oversight.file_report(store, DEVICE, Report("j", (told,)), NOW + HOUR)
    return occurrence


@pytest.mark.parametrize("table", ["playback", "correction"])
@pytest.mark.parametrize("harm", ["update {} set occurrence = 'x'", "delete from {}"])
def test_the_database_refuses_to_change_what_was_told(stores: Stores, table: str, harm: str) -> None:
    occurrence = reported(stores)
    with stores.open() as store:
        keeper = person(store, "quantri")
        correcting.correct(store, keeper, DEVICE, occurrence, "j 1", "played", "đã nghe", NOW + 2 * HOUR)
    with pytest.raises(DatabaseError, match="only added to"), stores.open() as store:
        store.summary._session.connection().exec_driver_sql(harm.format(table))
    with stores.open() as store:
        assert len(store.logbook.reported(DEVICE, occurrence)) == 1
        assert len(store.logbook.corrections([(DEVICE, occurrence)])[DEVICE, occurrence]) == 1


def test_a_report_that_comes_after_a_correction_stands_against_it(stores: Stores) -> None:
    occurrence = reported(stores)
    with stores.open() as store:
        keeper = person(store, "quantri")
        correcting.correct(store, keeper, DEVICE, occurrence, "j 1", "failed", "dây đứt", NOW + 2 * HOUR)
        line = store.logbook.line(DEVICE, occurrence)
        assert line is not None
        assert line.outcome is Outcome.failed
        better = playback(occurrence, 2, Outcome.late)
        oversight.file_report(store, DEVICE, Report("j", (better,)), NOW + 3 * HOUR)
        line = store.logbook.line(DEVICE, occurrence)
        assert line is not None
        assert (line.outcome, line.correction) == (Outcome.late, None)
        assert store.summary.recount() == []


def test_a_broken_loudspeaker_does_not_fill_the_summary(stores: Stores) -> None:
    occurrence = reported(stores, missing=(*(f"x{n}" for n in range(1_000)), "a b", "é", "y" * 99, ""))
    with stores.open() as store:
        wanted = LogFilter(("/",), NOW - HOUR, NOW + 2 * HOUR)
        missing = [
            f"x{n}"
            for n in range(1_000)
            if sum(store.logbook.count(msgspec.structs.replace(wanted, missing=f"x{n}")).values())
        ]
        assert len(missing) == MOST_MISSING
        assert store.summary.recount() == []
        assert len(store.logbook.reported(DEVICE, occurrence)[0].missing) == 1_004, "what it said stays as it said it"


def test_a_summary_that_says_something_else_is_named_and_mended(
    tmp_path: Path, seeded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOABAN_DATA_FOLDER", str(tmp_path))
    console = Console("en")
    for stores in copy_of(seeded, tmp_path / "loaban.db"):
        reported(stores)
        assert counting.run(argparse.Namespace(mend=False), console) == 0
        with stores.open() as store:
            store.summary._session.connection().exec_driver_sql(
                "update daily_play set plays = plays + 1 where outcome = 'missed'"
            )
            store.summary._session.connection().exec_driver_sql("delete from daily_language where outcome = ''")
        assert counting.run(argparse.Namespace(mend=False), console) == counting.DIFFERS
        told = capsys.readouterr()
        assert f"Xã Y Tý, {civil_day(NOW + HOUR):%d/%m/%Y}" in told.out + told.err
        with stores.open() as store:
            store.summary._session.connection().exec_driver_sql("update daily_play set day = day + 30000")
        assert Weakness.summary_wrong in {each.weakness for each in examine(examining.look(Settings()))}
        assert counting.run(argparse.Namespace(mend=True), console) == 0
        assert counting.run(argparse.Namespace(mend=False), console) == 0


def test_a_database_of_before_gets_its_summary(tmp_path: Path, seeded: Path) -> None:
    for stores in copy_of(seeded, tmp_path / "loaban.db"):
        occurrence = reported(stores, missing=("mww",))
        before = list(_rows(stores))
        command.downgrade(config_of(stores._engine), "0016")
        bring_to_newest(stores._engine)
        assert list(_rows(stores)) == before
        with stores.open() as store:
            assert store.summary.recount() == []
            wanted = LogFilter(("/",), NOW - 9 * HOUR, NOW + 15 * HOUR, missing="mww")
            assert [line.planned.occurrence for line in store.logbook.lines(wanted)] == [occurrence]


def _rows(stores: Stores) -> list[tuple[object, ...]]:
    names = "loudspeaker, occurrence, topic, languages, reason, sounded_ms, missing, outcome"
    engine = engine_of(str(stores._engine.url))
    with engine.connect() as connection:
        paths = "(select path from place where place.id = planned_play.place), (select path from place where place.id = planned_play.commune)"
        found = connection.exec_driver_sql(f"select {names}, {paths} from planned_play order by 1, 2").all()  # noqa: S608
    engine.dispose()
    return [tuple(row) for row in found]
