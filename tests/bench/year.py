"""A year of a province's log in a database: how fast the pages about it are, on SQLite or on PostgreSQL.

Imported by the bench command; `python -m tests.bench.year [--rows N] [--database postgresql] [--keep FILE]` prints the
table. With `--keep`, the SQLite file stays there, and is used again where it is there already.
"""

import argparse
import gc
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Boolean, Engine, text
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from schedules.clock import DAY, HOUR, UtcMs, civil_day, civil_midnight
from schedules.playback import Evidence, Outcome, Playback, Reason
from schedules.programme import BroadcastClass
from server import system_clock
from server.access import Role
from server.dashboard import SPANS
from server.ledger import DID_NOT, DID_SOUND
from server.migrations import bring_to_newest
from server.public_page import Openness
from server.repositories.logbook import LogFilter
from server.repositories.store import Store, engine_of
from server.web.frame import PUBLIC
from server.web.log_choice import Choice
from tests.bench import province
from tests.bench.figures import Figure, percentile, table
from tests.store import postgres
from tests.web.stage import House, give_telephone

ROWS, LOUDSPEAKERS = 10_000_000, 3_000
PAGE_MS, DASHBOARD_MS = 100, 300
TIMES = 6
_DAYS = 365
_MORE = re.compile(r'href="(/nhat-ky\?[^"]*sau=[^"]*)"')
_TOPICS = ("an-ninh", "chinh-sach", "san-pham", "thien-tai-dich-benh")
_ENDS = (*["played"] * 91, *["late"] * 3, "missed", "missed", "failed", "skipped", "cut", "")
"""How a hundred plays end."""


def measure(rows: int = ROWS, loudspeakers: int = LOUDSPEAKERS, keep: Path | None = None) -> Iterator[Figure]:
    """On SQLite: pages of the log by every field of its form, each from its first page and from one further back; the
    dashboard; and the other pages that tell of the log. Whole pages, as a browser asks for them."""
    with tempfile.TemporaryDirectory(prefix="year-") as folder:
        path = keep or Path(folder) / "year.db"
        if not path.exists():
            yield _made(path, rows, loudspeakers)
        engine = engine_of(f"sqlite:///{path}")
        yield from _asked(engine, Path(folder), rows)
        engine.dispose()


def there_too(rows: int, loudspeakers: int = LOUDSPEAKERS) -> Iterator[Figure]:
    """The same on a PostgreSQL of our own: the rows are made in SQLite, and copied."""
    with tempfile.TemporaryDirectory(prefix="year-") as folder, postgres.cluster() as cluster:
        path = Path(folder) / "year.db"
        yield _made(path, rows, loudspeakers)
        engine = engine_of(cluster.create("year"))
        bring_to_newest(engine)
        began = time.perf_counter()
        copy(path, engine)
        yield Figure(f"{rows} rows of a log copied to PostgreSQL", time.perf_counter() - began, "s")
        yield from _asked(engine, Path(folder), rows)
        engine.dispose()


def copy(path: Path, engine: Engine) -> None:
    """All rows of all tables, without what the database checks of each."""
    source = sqlite3.connect(path)
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("set session_replication_role = replica")
        for table in SQLModel.metadata.sorted_tables:
            names = [column.name for column in table.columns]
            told = [n for n, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
            listed = ", ".join(f'"{name}"' for name in names)
            with driver.cursor() as cursor:
                cursor.execute(f"delete from {table.name}")  # noqa: S608
                with cursor.copy(f"copy {table.name} ({listed}) from stdin") as sink:
                    for row in source.execute(f"select {listed} from {table.name}"):  # noqa: S608
                        sink.write_row([_truth(value) if n in told else value for n, value in enumerate(row)])
            for name in names:
                counter = driver.execute("select pg_get_serial_sequence(%s, %s)", (table.name, name)).fetchone()[0]
                if counter is not None:
                    driver.execute(f'select setval(%s, coalesce(max("{name}"), 1)) from {table.name}', (counter,))  # noqa: S608
        driver.execute("set session_replication_role = default")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
    source.close()


def _truth(value: Any) -> Any:
    return None if value is None else bool(value)


def _made(path: Path, rows: int, loudspeakers: int) -> Figure:
    now = system_clock.utc_ms()
    province.settle_province(path, loudspeakers, now)
    began = time.perf_counter()
    fill(path, rows, now)
    return Figure(f"{rows} rows of a log made", time.perf_counter() - began, "s")


def _asked(engine: Engine, folder: Path, rows: int) -> Iterator[Figure]:
    (folder / "clips").mkdir()
    house = House(folder, engine)
    with house.stores.open() as store:
        house.clock.now = store.logbook.last_expected(2**62) - DAY
        for role in (Role.overseer, Role.editor, Role.approver):
            store.staff.grant("bientap", "tinh-lao-cai", role)
        give_telephone(store, "bientap")
        pages = _pages(store, house.clock.now)
    browser = house.somebody("bientap")
    for name, (addresses, limit) in pages.items():
        took, spent = [], []
        _fetched(browser, addresses[0])  # a template is read once
        gc.collect()  # as a server does when it begins to listen
        gc.freeze()
        for address in addresses:
            for _ in range(TIMES):
                for wall, processor in _timed(browser, address):
                    took.append(wall)
                    spent.append(processor)
        told = f"{name} among {rows} rows, 95th percentile"
        yield Figure(told, percentile(took, 95), "ms", None, limit)
        yield Figure(f"{told}: of a core", percentile(spent, 95), "ms", None, limit)


def fill(path: Path, rows: int, now: UtcMs) -> None:
    """So many rows, planned and reported, over a year up to tomorrow; rows in the order of the key, indexes afterwards:
    each is then written once."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = off", "journal_mode = off", "cache_size = -400000", "temp_store = file"):
        connection.execute(f"pragma {pragma}")
    made = {
        name: sql
        for name, sql in connection.execute(
            "select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name in ('planned_play', 'playback')"
        )
    }
    for name in made:
        connection.execute(f"drop index {name}")
    connection.execute("begin")
    _prepare(connection, rows, now)
    connection.execute(_PLANNED)
    connection.execute(_PLAYBACKS)
    connection.execute("commit")
    for sql in made.values():
        connection.execute(sql)
    for sql in _SUMS:
        connection.execute(sql)
    connection.execute("pragma journal_mode = wal")
    connection.close()


def _prepare(connection: sqlite3.Connection, rows: int, now: UtcMs) -> None:
    """What rows are made of: where each loudspeaker stands, the occurrences of the year, how plays end."""
    devices = [
        (name, path)
        for name, path in connection.execute("select id, path from area where level = 'loudspeaker' order by id")
    ]
    connection.execute("create temp table stand (device text, place int, commune int)")
    known: dict[str, int] = {}
    for name, path in devices:
        hamlet = path[: path.rstrip("/").rindex("/") + 1]
        commune = hamlet[: hamlet.rstrip("/").rindex("/") + 1]
        for each in (commune, hamlet):
            if each not in known:
                known[each] = len(known) + 1
                area = each.strip("/").rpartition("/")[2]
                row = (known[each], each, area, known[commune])
                connection.execute("insert or replace into place (id, path, area, commune) values (?, ?, ?, ?)", row)
        connection.execute("insert into stand values (?, ?, ?)", (name, known[hamlet], known[commune]))
    _due(connection, max(1, -(-rows // len(devices))), sorted({known[path] for path in known}), now)
    connection.execute(_BULLETINS)
    connection.execute(_BROADCASTS)
    _ends(connection)


def _due(connection: sqlite3.Connection, plays: int, places: list[int], now: UtcMs) -> None:
    """The occurrences of the year: every third is the whole province's, which says a bulletin thirty times; the others
    are each commune's own, which says one four times."""
    connection.execute(
        "create temp table due (number int, commune int, broadcast text, planned int, bulletin text, title text,"
        " class text, topic text, area text)"
    )
    areas = dict(connection.execute("select id, area from place where id = commune"))
    first, chance = civil_midnight(now) + DAY - _DAYS * DAY, random.Random(1)
    for number in range(plays):
        planned = first + number * _DAYS * DAY // plays // HOUR * HOUR
        klass = "priority" if chance.random() < 0.1 else "ordinary"
        own = [place for place in places if place in areas] if number % 3 else [0]
        for commune in own:
            name = f"{commune:03d}-{number // (4 if commune else 30):05d}"
            area, topic = areas.get(commune, "tinh-lao-cai"), _TOPICS[number % 4]
            row = (number, commune, f"ps-{name}", planned, f"bt-{name}", f"Bản tin {name}", klass, topic, area)
            connection.execute("insert into due values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.execute("create index temp.due_commune on due (commune, number)")


def _ends(connection: sqlite3.Connection) -> None:
    connection.execute(
        "create temp table ending (n int primary key, outcome text, reason text, ms int, missing text, body text)"
    )
    for number, outcome in enumerate(_ENDS):
        missing = ("mww",) if number % 25 == 7 else ()
        body = ""
        if outcome:
            told = Playback(
                1, "OCC", "ps-nam", "bt-nam", 1_700_000_000_000, Outcome(outcome), Reason.none, started=1_700_000_000_000,
                ended=1_700_000_060_000, due_ms=60_000, sounded_ms=60_000, clips=("ab" * 32,), missing=missing,
                evidence=Evidence.counted, bound_ms=12,
            )  # fmt: skip
            body = msgspec.json.encode(told).decode()
        sounded = 60_000 if outcome in ("played", "late") else 0
        row = (number, outcome, "none" if outcome else "", sounded, f" {missing[0]} " if missing else "", body)
        connection.execute("insert into ending values (?, ?, ?, ?, ?, ?)", row)


_DAY_BEFORE = "min(planned) - 86400000"
_BULLETINS = f"""
insert into bulletin (id, title, topic, broadcast_class, area, author, created_at, authority, responsible, reason,
 opening, closing, exercise)
select bulletin, min(title), min(topic), min(class), min(area), 'bientap', {_DAY_BEFORE}, '', '', '', '', '', 0
from due group by bulletin
"""  # noqa: S608
_BROADCASTS = f"""
insert into broadcast (id, bulletin, mode, recurrence, author, created_at, ends_at, version, replaces, successor, ordered)
select broadcast, min(bulletin), 'once', '', 'bientap', {_DAY_BEFORE}, max(planned), 1, '', '', '' from due group by broadcast
"""  # noqa: S608
_DUE_AT = "from stand cross join due on due.commune in (0, stand.commune)"
_HOW = "on ending.n = (stand.rowid * 7919 + due.number * 104729) % 100"
_OCCURRENCE = "due.broadcast || '@' || due.planned"
_PLANNED = f"""
insert into planned_play (loudspeaker, occurrence, planned, useful_until, broadcast, bulletin, title, broadcast_class,
 clips, withdrawn, seal, outcome, place, commune, topic, languages, reason, sounded_ms, missing)
select stand.device, {_OCCURRENCE}, due.planned, due.planned + 900000, due.broadcast, due.bulletin, due.title,
 due.class, '["{"ab" * 32}"]', 0, '{"c" * 64}', ending.outcome, stand.place, stand.commune, due.topic, ' vi ', ending.reason,
 ending.ms, ending.missing
{_DUE_AT} join ending {_HOW}
"""
_PLAYBACKS = f"""
insert into playback (loudspeaker, journal, sequence, occurrence, filed_at, body)
select stand.device, '0123456789abcdef', due.number + 1, {_OCCURRENCE}, due.planned + 60000,
 replace(ending.body, '"OCC"', '"' || {_OCCURRENCE} || '"')
{_DUE_AT} join ending {_HOW}
where ending.outcome <> ''
"""
_SUMS = (
    """insert into daily_play select commune, (planned + 25200000) / 86400000, broadcast_class, topic, outcome, reason,
 count(*), sum(sounded_ms) from planned_play group by 1, 2, 3, 4, 5, 6 order by 2""",
    """insert into daily_sound select commune, (planned + 25200000) / 86400000, bulletin, languages, missing,
 sum(sounded_ms) from planned_play where sounded_ms > 0 group by 1, 2, 3, 4, 5 order by 2""",
    """insert into daily_language select commune, (planned + 25200000) / 86400000, 'vi', broadcast_class, outcome,
 count(*), 0 from planned_play group by 1, 2, 4, 5""",
    """insert into daily_language select commune, (planned + 25200000) / 86400000, 'mww', broadcast_class, outcome,
 count(*), count(*) from planned_play where missing <> '' group by 1, 2, 4, 5""",
)


def _pages(store: Store, now: UtcMs) -> dict[str, tuple[list[str], float | None]]:
    """Addresses of each kind, and what the 95th percentile may be."""
    commune, hamlet, device = _places(store)
    row = store.logbook.lines(LogFilter(("/",), now - 200 * DAY, now, loudspeaker=device), 1)[0].planned
    month = civil_day(now - 40 * DAY).strftime("%Y-%m")
    return {
        "a page of the log": ([f"/nhat-ky?{choice.query}" for choice in _choices(store, now)], PAGE_MS),
        "a row of the log": ([f"/nhat-ky/{device}/{row.occurrence}"], PAGE_MS),
        **{f"dashboard of {days} days": ([f"/bang-dieu-khien?so_ngay={days}"], DASHBOARD_MS) for days in SPANS},
        "dashboard of a commune": ([f"/bang-dieu-khien?khu_vuc={area}" for area in (commune, hamlet)], DASHBOARD_MS),
        "the overview": (["/"], None),
        "the page of a loudspeaker": ([f"/loa/{device}"], None),
        "a report of a month": ([f"/bao-cao?ky={month}", f"/bao-cao?ky={month}&khu_vuc={commune}"], None),
        "the public page of a commune": ([f"{PUBLIC}/{commune}"], None),
        "warnings": (["/canh-bao"], None),
        "the timetable": (["/lich-phat"], None),
    }


def _places(store: Store) -> tuple[str, str, str]:
    """A commune, whose page is open, a hamlet, and a loudspeaker."""
    commune = next(path.strip("/").rpartition("/")[2] for path in store.places.communes().values())
    area = store.areas.named([commune])[commune]
    open_ = msgspec.structs.replace(area.settings, public=Openness.recordings.value)
    store.areas.keep(msgspec.structs.replace(area, settings=open_))
    hamlet = next(area.id for area in store.areas.below(["/tinh-lao-cai/"], "hamlet") if area.id.startswith("thon-do"))
    device = next(area.id for area in store.fleet.below(["/"]) if area.id.startswith("loa-do-"))
    return commune, hamlet, device


def _choices(store: Store, now: UtcMs) -> list[Choice]:
    """Every field of the form, alone and together, near and far back."""
    today = civil_day(now)
    ago = (today - timedelta(200)).strftime("%d/%m/%Y")
    quarter = {
        "tu": (today - timedelta(300)).strftime("%d/%m/%Y"),
        "den": (today - timedelta(210)).strftime("%d/%m/%Y"),
    }
    commune, hamlet, device = _places(store)
    found = [
        Choice(),
        Choice(ngay=ago),
        Choice(**quarter),
        Choice(khu_vuc=commune),
        Choice(khu_vuc="huyen-bat-xat", **quarter),
        Choice(khu_vuc=hamlet, **quarter),
        Choice(xa=commune, ngay=ago),
        Choice(loa=device, **quarter),
        Choice(ban_tin="bt-000-00050"),
        Choice(ban_tin="bt-000-00010", **quarter),
        Choice(thieu="mww", **quarter),
        Choice(tieng="vi", loai=BroadcastClass.priority.value),
        Choice(noi="y ty", ket_qua="failed", **quarter),
    ]
    found += [Choice(ket_qua=outcome, **quarter) for outcome in ("played", "failed", "cut", "none", DID_SOUND, DID_NOT)]
    return [
        *found,
        Choice(khu_vuc=commune, ket_qua="failed", loai="priority", **quarter),
        Choice(tieng="khb", **quarter),
        Choice(tieng="vi", thieu="mww", **quarter),
        Choice(loai="emergency", **quarter),
    ]


def _timed(browser: TestClient, address: str) -> Iterator[tuple[float, float]]:
    """Milliseconds, and those of a core, for a page, and for the next one where it leads to one."""
    answer, took = _fetched(browser, address)
    yield took
    more = _MORE.search(answer)
    if more is not None:
        yield _fetched(browser, unescape(more[1]))[1]


def _fetched(browser: TestClient, address: str) -> tuple[str, tuple[float, float]]:
    began, spent = time.perf_counter(), time.process_time()
    answer = browser.get(address)
    took = ((time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000)
    if answer.status_code != HTTPStatus.OK:
        raise AssertionError(f"{address} answers {answer.status_code}")
    return answer.text, took


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.year")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    postgresql = given.database == "postgresql"
    print(table(there_too(given.rows) if postgresql else measure(given.rows, keep=given.keep)))
