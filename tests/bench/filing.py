"""How fast the server files what a whole province reports of its 05:00 slot.

Imported by the bench command; `python -m tests.bench.filing` prints the table.
"""

import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from schedules.wire import Report
from server import filing, system_clock
from server.authority import Authority
from server.bell import Bell
from server.desk import Desk
from server.keyring import Keyring
from tests.bench import province
from tests.bench.figures import Figure, table

REPORTS = 3_000
WITHIN_S, SHARE_PERCENT = 3, 50
ROUNDS = 7
_INSERT = "insert into playback (loudspeaker, journal, sequence, occurrence, filed_at, body) values (?, ?, ?, ?, ?, ?)"
_UPDATE = "update planned_play set outcome = ? where loudspeaker = ? and occurrence = ?"


def measure(reports: int = REPORTS) -> Iterator[Figure]:
    """The filing as the gateway does it, beside a bare loop that writes the same rows into the same file in
    transactions of the same size; the best of rounds taken in turn."""
    with tempfile.TemporaryDirectory(prefix="filing-") as folder:
        now = system_clock.utc_ms()
        database = Path(folder) / "province.db"
        devices = province.settle_province(database, reports, now)
        stores, start = province.stores_of(database), province.five_oclock(now)
        occurrence = province.air(stores, province.made_up(), ["tinh-lao-cai"], start, now)
        desk = Desk(
            stores,
            Bell(),
            system_clock.utc_ms,
            _nobody,
            Keyring(Path(folder), lambda: bytes(32)),
            Authority(Path(folder)),
        )
        desk.desired()
        desk.settle()
        report = province.report_of(occurrence, start)
        desk.file_reports([(devices[0], report)])
        ours, bare = [], []
        for _ in range(ROUNDS):
            _forget(database)
            ours.append(_filed(desk, devices, report))
            _forget(database)
            bare.append(_written(database, devices, report))
    filed, written = min(ours), min(bare)
    yield Figure(f"{reports} reports of one slot filed", filed, "s", written, WITHIN_S)
    yield Figure("filing takes, of what bare rows take", filed / written, "times", 1, 100 / SHARE_PERCENT)


def _filed(desk: Desk, devices: Sequence[str], report: Report) -> float:
    began = time.perf_counter()
    for some in _portions(devices):
        acks = desk.file_reports([(device, report) for device in some])
        if not all(acks):
            raise AssertionError("a report was not filed")
    return time.perf_counter() - began


def _written(database: Path, devices: Sequence[str], report: Report) -> float:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("pragma synchronous = full")
    [playback] = report.playbacks
    began = time.perf_counter()
    for some in _portions(devices):
        rows = [
            (device, report.journal, 1, playback.occurrence, 1, msgspec.json.encode(playback).decode())
            for device in some
        ]
        connection.execute("begin")
        connection.executemany(_INSERT, rows)
        connection.executemany(_UPDATE, [("played", device, playback.occurrence) for device in some])
        connection.execute("commit")
    took = time.perf_counter() - began
    connection.close()
    return took


def _portions(devices: Sequence[str]) -> Iterator[Sequence[str]]:
    """As the filer takes them when all come at once."""
    return (devices[n : n + filing.MOST] for n in range(0, len(devices), filing.MOST))


def _forget(database: Path) -> None:
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("drop trigger if exists playback_no_delete")
        connection.execute("update planned_play set outcome = '', reason = '', sounded_ms = 0, missing = ''")
        for table in ("daily_play", "daily_language", "daily_sound"):
            connection.execute(f"delete from {table}")  # noqa: S608
        connection.execute("delete from playback")
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()


def _nobody(_device: str, _report: Report) -> None:
    """Nobody prints what is filed."""


if __name__ == "__main__":
    print(table(measure()))
