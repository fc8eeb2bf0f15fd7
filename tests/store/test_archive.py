"""Old months of the log in files: nothing is lost or doubled, all of it is still read, and what comes late is filed.

Imported by `test_postgres`, which runs these again there.
"""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from schedules.clock import DAY, UtcMs, civil_day
from schedules.playback import Outcome, Playback
from schedules.recurrence import Daily
from schedules.wire import Report
from server import correcting, oversight, programmes, reporting
from server.archive import Fault, PartState
from server.archiving import Archivist, Unsound
from server.period import Period
from server.refusals import ArchiveMissing
from server.repositories.logbook import LogFilter
from server.repositories.store import Store, Stores
from server.retention import AREA, Hold
from tests.store.stage import NOW, communes, on_air, person, playback

LATER = NOW + 200 * DAY
WHOLE = LogFilter(("/",), 0, 2**62)
Said = dict[tuple[str, str], tuple[object, ...]]


@pytest.fixture
def house(stores: Stores, tmp_path: Path) -> Stores:
    """A log of some days of November and December, of which most was reported."""
    on_air(stores, recurrence=Daily(480, civil_day(NOW)))
    for day in range(1, 10):
        with stores.open() as store:
            programmes.bring_up_to_date(store, NOW + day * DAY)
    with stores.open() as store:
        lines = list(store.logbook.all_lines(WHOLE))
        for number, line in enumerate(lines):
            if number % 5:
                told = playback(
                    line.planned.occurrence, number + 1, Outcome.failed if number % 7 == 0 else Outcome.played
                )
                store.logbook.file(line.planned.loudspeaker, "j", told, NOW + 3 * DAY)
    return Stores(stores._engine, tmp_path / "archive")


def archivist(stores: Stores, now: UtcMs = LATER, portion: int = 7) -> Archivist:
    assert stores.archive is not None
    return Archivist(stores, stores.archive, lambda: now, portion=portion)


def everything(store: Store) -> Said:
    """Each row of the log with all that was told of it."""
    lines = list(store.logbook.all_lines(WHOLE))
    keys = [(line.planned.loudspeaker, line.planned.occurrence) for line in lines]
    assert len(set(keys)) == len(keys), "a play has more than one row"
    told, said = store.logbook.told(keys), store.logbook.corrections(keys)
    return {key: (line, told.get(key, []), said.get(key, [])) for key, line in zip(keys, lines, strict=True)}


def all_of(stores: Stores) -> Said:
    with stores.open() as store:
        assert store.summary.recount() == []
        return everything(store)


def in_database(stores: Stores) -> int:
    """Rows that are not in a file."""
    with Stores(stores._engine).open() as store:
        since, until = NOW - 400 * DAY, LATER
        return len(store.archive.rows(since, until, None, 10_000))


def test_what_was_sent_down_is_counted_from_its_old_months_too(house: Stores) -> None:
    def shares() -> list[dict[str, tuple[int, int]]]:
        with house.open() as store:
            names = sorted({line.planned.broadcast for line in store.logbook.all_lines(WHOLE)})
            return [store.uptakes.sounded(name, LATER) for name in names]

    before = shares()
    assert any(done for found in before for _, done in found.values())
    archivist(house).archive(3)
    assert shares() == before


def test_old_months_move_and_all_is_still_read(house: Stores) -> None:
    before, there = all_of(house), in_database(house)
    [november, *more] = archivist(house).archive(3)
    assert november.state is PartState.moved
    assert sum(part.rows for part in (november, *more)) == there
    assert in_database(house) == 0
    assert all_of(house) == before
    assert [fault for _, fault in archivist(house).verify()] == [None] * (1 + len(more))
    with house.open() as store:
        [line] = [line for line in store.trail.latest(20) if line.subject == november.name]
        assert (line.act, november.sha256 in line.after) == ("archive_month", True)


def test_pages_counts_reports_and_exports_are_as_before(house: Stores) -> None:
    period = Period(2026, 11)

    def seen(store: Store) -> list[object]:
        commune = communes(store)[0]
        area = store.areas.find(commune)
        assert area is not None
        wanted = LogFilter((area.path,), NOW, NOW + 9 * DAY, outcome="failed")
        speaker = LogFilter(("/",), NOW, NOW + 40 * DAY, loudspeaker="loa-mau-1")
        report = reporting.told(store, area, period, LATER).report
        return [
            store.logbook.lines(wanted),
            store.logbook.count(wanted),
            store.logbook.lines(speaker, 3),
            store.logbook.count(speaker),
            store.logbook.by_day(LogFilter((f"{area.path}thon-mau-sim-san/",), NOW, NOW + 9 * DAY)),
            store.logbook.bulletins_named([area.path], NOW - DAY, NOW + 40 * DAY),
            report.lines,
            {key: dict(value) for key, value in report.hours.items()},
            dict(report.causes),
            [row.line for row in oversight.log_rows(store, speaker, LATER)],
            store.airings.sounded(area.path, 0, LATER, 100),
            store.airings.first(area.path, LATER),
        ]

    with house.open() as store:
        before, kept = seen(store), store.keeping._used()
    assert all(before)
    archivist(house).archive(3)
    assert in_database(house) == 0
    with house.open() as store:
        assert seen(store) == before
        assert store.keeping._used() == kept, "sound would go too soon"


def test_what_may_still_change_stays(house: Stores) -> None:
    there = in_database(house)
    assert archivist(house, NOW + 40 * DAY).archive(1) == []
    assert in_database(house) == there
    with house.open() as store:
        path = "thon-mau-sim-san"
        store.keeping.hold(Hold("lg-1", AREA, path, "thanh tra", "quantri", NOW))
        held = [k for k, (line, *_) in everything(store).items() if path in line.place]  # type: ignore[attr-defined]
    before = all_of(house)
    archivist(house).archive(3)
    assert in_database(house) == len(held) > 0
    assert all_of(house) == before
    with house.open() as store:
        store.keeping.lift("lg-1", "quantri", LATER)
    [part, *_] = archivist(house).archive(3)
    assert part.name.endswith(".2")
    assert (in_database(house), all_of(house)) == (0, before)


def test_a_late_report_is_told_of_the_row_that_it_is_of(house: Stores) -> None:
    before = all_of(house)
    [open_key] = [key for key, (line, *_) in before.items() if line.outcome is None][:1]  # type: ignore[attr-defined]
    [told_key] = [key for key, (line, *_) in before.items() if line.outcome is Outcome.failed][:1]  # type: ignore[attr-defined]
    archivist(house).archive(3)
    with house.open() as store:
        again = before[told_key][1][0].playback  # type: ignore[index]
        late = playback(open_key[1], 900)
        report = [(told_key[0], Report("j", (again,))), (open_key[0], Report("j", (late,)))]
        filed = oversight.file_reports(store, report, LATER)
        assert [len(each.fresh) for each in filed if each] == [0, 1]
    assert in_database(house) == 2
    after = all_of(house)
    assert after.keys() == before.keys()
    assert {key for key in before if after[key] != before[key]} == {open_key}
    assert after[open_key][0].outcome is Outcome.played  # type: ignore[attr-defined]
    # It leaves again, and comes back once.
    archivist(house).archive(3)
    assert (in_database(house), all_of(house)) == (0, after)
    for month in ("2026-11", "2026-12", "2027-01"):
        archivist(house).restore(month)
    assert all_of(house) == after
    assert in_database(house) == len(after)


def test_a_correction_of_an_archived_row_names_its_line(house: Stores) -> None:
    archivist(house).archive(3)
    with house.open() as store:
        key, (line, told, _) = next(each for each in everything(store).items() if each[1][1])
        leader = person(store, "pheduyet")
        page = correcting.row_page(store, leader, *key, LATER)
        assert (page.row.line, list(page.lines)) == (line, told)
        said = correcting.correct(store, leader, *key, page.counts.name, Outcome.missed.value, "không nghe", LATER)
        assert said.names == told[0].name  # type: ignore[index]
    after = all_of(house)
    assert after[key][0].outcome is Outcome.missed  # type: ignore[attr-defined]
    assert after[key][1] == told


def test_restored_it_is_as_it_was(house: Stores) -> None:
    before, there = all_of(house), in_database(house)
    parts = archivist(house).archive(3)
    for part in parts:
        archivist(house).restore(part.month)
    assert (in_database(house), all_of(house)) == (there, before)
    assert house.archive is not None
    assert list(house.archive.glob("*.db")) == []
    with house.open() as store:
        assert store.trail.latest(1)[0].act == "restore_month"


@pytest.mark.parametrize("harm", ["gone", "changed", "swapped"])
def test_a_harmed_file_is_named_and_nothing_is_doubled(house: Stores, harm: str) -> None:
    before = all_of(house)
    part = archivist(house).archive(3)[-1]
    assert house.archive is not None
    path = house.archive / part.file
    path.chmod(0o600)
    key = next(k for k, (line, *_) in before.items() if part.since <= line.planned.planned < part.until)  # type: ignore[attr-defined]
    if harm == "gone":
        path.unlink()
    elif harm == "changed":
        with sqlite3.connect(path) as book:
            book.execute("update planned_play set outcome = 'played'")
        book.close()
    else:
        path.write_bytes(b"not a database")
    found = {each.name: fault for each, fault in archivist(house).verify()}
    assert found[part.name] is (Fault.missing if harm == "gone" else Fault.changed)
    with pytest.raises(Unsound):
        archivist(house).restore(part.month)
    if harm != "changed":
        with pytest.raises(ArchiveMissing), house.open() as store:
            store.logbook.line(*key)
        # What comes late is not filed beside it, and not acknowledged: the loudspeaker says it again.
        with pytest.raises(ArchiveMissing), house.open() as store:
            oversight.file_reports(store, [(key[0], Report("j", (playback(key[1], 901),)))], LATER)


def test_the_database_lets_no_report_go_otherwise(house: Stores) -> None:
    with pytest.raises(DBAPIError, match="only added to"), house._engine.begin() as connection:
        connection.exec_driver_sql("delete from playback")
    archivist(house, portion=10_000).archive(3)
    with house.open() as store:
        key = next(k for k, (_, told, _) in everything(store).items() if told)
        store.logbook.file(key[0], "j", playback(key[1], 950), LATER)
    with pytest.raises(DBAPIError, match="only added to"), house._engine.begin() as connection:
        connection.exec_driver_sql("delete from playback")


def test_a_row_that_changes_while_its_month_leaves_stays(house: Stores) -> None:
    before = all_of(house)
    key = max(before, key=lambda k: before[k][0].planned.planned)  # type: ignore[attr-defined]
    told: list[Playback] = []

    def rest() -> None:
        """Somebody's report comes while half of the rows are gone."""
        if not told:
            told.append(playback(key[1], 902))
            with house.open() as store:
                oversight.file_reports(store, [(key[0], Report("k", (told[0],)))], LATER)

    assert house.archive is not None
    Archivist(house, house.archive, lambda: LATER, rest=rest, portion=3).archive(3)
    after = all_of(house)
    assert told
    assert {k for k in before if after[k] != before[k]} == {key}
    assert [line.journal for line in after[key][1]].count("k") == 1  # type: ignore[attr-defined]


def test_an_old_file_without_a_newer_column_is_read(house: Stores) -> None:
    before = all_of(house)
    assert house.archive is not None
    for part in archivist(house).archive(3):
        path = house.archive / part.file
        path.chmod(0o600)
        with sqlite3.connect(path) as book:
            book.execute("drop index archived_ix_planned_play_missing")
            book.execute("alter table planned_play drop column missing")
        book.close()
    with house.open() as store:
        assert everything(store).keys() == before.keys()
