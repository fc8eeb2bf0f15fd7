"""What a report of very many plays costs: memory of the process that writes it, and time.

Imported by the bench command; `python -m tests.bench.exporting` prints the table.
"""

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from schedules.clock import MINUTE
from schedules.playback import Outcome, Playback
from server import system_clock
from server.export import Ask, Format
from server.export_folder import ExportFolder
from server.export_process import ExportProcess
from server.period import current
from server.repositories.store import Stores, engine_of
from server.settings import Settings
from tests.bench import province
from tests.bench.figures import Figure, table
from tests.waiting import pass_time

ROWS, LOUDSPEAKERS = 1_000_000, 3_000
LARGEST_MB = 150
_LOOK_S = 0.05
_PLAN = "insert into planned_play (loudspeaker, occurrence, planned, useful_until, broadcast, bulletin, title, broadcast_class, clips, withdrawn, seal, outcome, place, commune) values (?, ?, ?, ?, 'b', 'b', 'Họp thôn', 'ordinary', '[]', 0, '', 'played', ?, ?)"
_BOOK = "insert into playback (loudspeaker, journal, sequence, occurrence, filed_at, body) values (?, 'j', ?, ?, 1, ?)"


def measure(rows: int = ROWS, loudspeakers: int = LOUDSPEAKERS) -> Iterator[Figure]:
    """The log of a month, as CSV and in Excel, by the process that a server starts for it."""
    with tempfile.TemporaryDirectory(prefix="exporting-") as folder:
        now = system_clock.utc_ms()
        database = Path(folder) / "loaban.db"
        devices = province.settle_province(database, loudspeakers, now)
        _fill(database, devices, rows, current(now).since)
        settings = Settings(data_folder=Path(folder), database="", demo=False)
        for form in (Format.log, Format.excel):
            ask = Ask("pheduyet", "tinh-lao-cai", current(now).text, form, "vi", now)
            seconds, megabytes, written = _written(ExportProcess(settings), Path(folder) / form.value, ask)
            if written != rows:
                raise AssertionError(f"{written} rows of {rows} were written")
            yield Figure(f"{rows} rows of the log as {form.value}", seconds, "s")
            yield Figure(f"memory for {rows} rows as {form.value}", megabytes, "MB", limit=LARGEST_MB)


def _fill(database: Path, devices: Sequence[str], rows: int, since: int) -> None:
    """So many plays that sounded, each loudspeaker its share, a minute apart."""
    stores = Stores(engine_of(f"sqlite:///{database}"))
    with stores.open() as store:
        places = store.places.of(devices)
    plans, book = [], []
    for number in range(rows):
        device, at = devices[number % len(devices)], number // len(devices)
        occurrence, planned = f"b@{at}", since + at * MINUTE
        told = Playback(at, occurrence, "b", "b", planned, Outcome.played, started=planned, due_ms=9, sounded_ms=9)
        plans.append((device, occurrence, planned, planned + MINUTE, *places[device]))
        book.append((device, at, occurrence, msgspec.json.encode(told).decode()))
        if len(plans) == 20_000 or number == rows - 1:
            with sqlite3.connect(database) as connection:
                connection.executemany(_PLAN, plans)
                connection.executemany(_BOOK, book)
            plans, book = [], []
    with stores.open() as store:
        store.summary.recount(mend=True)


def _written(process: ExportProcess, path: Path, ask: Ask) -> tuple[float, float, int]:
    """Seconds, the most megabytes that its process held, and rows."""
    folder = ExportFolder(path)
    folder.begin(ask)
    began, most = time.perf_counter(), 0.0
    with subprocess.Popen(process.command(path), env=process.environment, cwd=process.home) as running:
        while running.poll() is None:
            most = max(most, _held(running.pid))
            pass_time(_LOOK_S)
    made = folder.made
    return time.perf_counter() - began, most, made.rows if made else -1


def _held(pid: int) -> float:
    """The most that a process has held so far, in MB; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1_000 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)))
