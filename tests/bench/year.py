"""A year of a province's log in a database: how fast its pages and the dashboard are asked for.

Imported by the bench command; `python -m tests.bench.year [ROWS]` prints the table.
"""

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec

from schedules.clock import DAY, HOUR, UtcMs, civil_day, civil_midnight
from schedules.playback import Evidence, Outcome, Playback, Reason
from schedules.programme import BroadcastClass
from server import dashboard, oversight, system_clock
from server.access import Person, Role
from server.ledger import DID_NOT, DID_SOUND
from server.repositories.store import Store
from server.web.log_choice import Choice, meant
from tests.bench import province
from tests.bench.figures import Figure, percentile, table

ROWS, LOUDSPEAKERS = 10_000_000, 3_000
PAGE_MS, DASHBOARD_MS = 100, 300
TIMES = 12
_DAYS = 365
_TOPICS = ("an-ninh", "chinh-sach", "san-pham", "thien-tai-dich-benh")
_ENDS = (*["played"] * 91, *["late"] * 3, "missed", "missed", "failed", "skipped", "cut", "")
"""How a hundred plays end."""


def measure(rows: int = ROWS, loudspeakers: int = LOUDSPEAKERS) -> Iterator[Figure]:
    """Pages of the log by every field of its form, each from its first page and from one further back; the dashboard of
    14 and of 31 days."""
    with tempfile.TemporaryDirectory(prefix="year-") as folder:
        now = system_clock.utc_ms()
        path = Path(folder) / "year.db"
        province.settle_province(path, loudspeakers, now)
        began = time.perf_counter()
        fill(path, rows, now)
        took = time.perf_counter() - began
        stores = province.stores_of(path)
        with stores.open() as store:
            store.staff.grant("bientap", "tinh-lao-cai", Role.overseer)
            person = store.staff.person("bientap", now)
            if person is None:
                raise LookupError("bientap")
            pages = [_timed(store, person, choice, now) for choice in _choices(store, now) for _ in range(TIMES)]
            boards = {
                days: [_ms(lambda days=days: dashboard.board(store, person, "", now, days, now)) for _ in range(TIMES)]  # type: ignore[misc]
                for days in dashboard.SPANS
            }
        yield Figure(f"{rows} rows of a log made", took, "s")
        yield Figure(
            f"a page of the log among {rows} rows, 95th percentile", percentile(pages, 95), "ms", None, PAGE_MS
        )
        for days, figures in boards.items():
            yield Figure(
                f"dashboard of {days} days among {rows} rows, 95th percentile",
                percentile(figures, 95), "ms", None, DASHBOARD_MS,
            )  # fmt: skip


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
    connection.execute(
        "create temp table due (number int, occurrence text, planned int, bulletin text, title text, class text, topic text)"
    )
    plays = max(1, -(-rows // len(devices)))
    first, chance = civil_midnight(now) + DAY - _DAYS * DAY, random.Random(1)
    for number in range(plays):
        planned = first + number * _DAYS * DAY // plays // HOUR * HOUR
        bulletin = f"bt-nam-{number // 30:05d}"
        klass = "priority" if chance.random() < 0.1 else "ordinary"
        connection.execute(
            "insert into due values (?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                f"ps-nam-{number // 30:05d}@{planned}-{number:05d}",
                planned,
                bulletin,
                f"Bản tin {number // 30}",
                klass,
                _TOPICS[number % 4],
            ),
        )
    _bulletins(connection, plays, first)
    _ends(connection)


def _bulletins(connection: sqlite3.Connection, plays: int, first: UtcMs) -> None:
    for number in range(0, plays, 30):
        planned = first + number * _DAYS * DAY // plays
        bulletin, broadcast = f"bt-nam-{number // 30:05d}", f"ps-nam-{number // 30:05d}"
        connection.execute(
            "insert into bulletin (id, title, topic, broadcast_class, area, author, created_at, authority, responsible, reason, opening, closing, exercise)"
            " values (?, ?, ?, 'ordinary', 'tinh-lao-cai', 'bientap', ?, '', '', '', '', '', 0)",
            (bulletin, f"Bản tin {number // 30}", _TOPICS[0], planned - DAY),
        )
        connection.execute(
            "insert into broadcast (id, bulletin, mode, recurrence, author, created_at, ends_at, version, replaces, successor, ordered)"
            " values (?, ?, 'once', '', 'bientap', ?, ?, 1, '', '', '')",
            (broadcast, bulletin, planned - DAY, planned + 2 * DAY),
        )


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


_PLANNED = f"""
insert into planned_play (loudspeaker, occurrence, planned, useful_until, broadcast, bulletin, title, broadcast_class,
 clips, withdrawn, seal, outcome, place, commune, topic, languages, reason, sounded_ms, missing)
select stand.device, due.occurrence, due.planned, due.planned + 900000, substr(due.occurrence, 1, 12), due.bulletin, due.title,
 due.class, '["{"ab" * 32}"]', 0, '{"c" * 64}', ending.outcome, stand.place, stand.commune, due.topic, ' vi ', ending.reason,
 ending.ms, ending.missing
from stand cross join due join ending on ending.n = (stand.rowid * 7919 + due.number * 104729) % {len(_ENDS)}
"""  # noqa: S608
_PLAYBACKS = """
insert into playback (loudspeaker, journal, sequence, occurrence, filed_at, body)
select stand.device, '0123456789abcdef', due.number + 1, due.occurrence, due.planned + 60000,
 replace(ending.body, '"OCC"', '"' || due.occurrence || '"')
from stand cross join due join ending on ending.n = (stand.rowid * 7919 + due.number * 104729) % 100
where ending.outcome <> ''
"""
_SUMS = (
    """insert into daily_play select commune, (planned + 25200000) / 86400000, broadcast_class, topic, outcome, reason,
 count(*), sum(sounded_ms) from planned_play group by 1, 2, 3, 4, 5, 6""",
    """insert into daily_language select commune, (planned + 25200000) / 86400000, 'vi', broadcast_class, outcome,
 count(*), 0 from planned_play group by 1, 2, 4, 5""",
    """insert into daily_language select commune, (planned + 25200000) / 86400000, 'mww', broadcast_class, outcome,
 count(*), count(*) from planned_play where missing <> '' group by 1, 2, 4, 5""",
)


def _choices(store: Store, now: UtcMs) -> list[Choice]:
    """Every field of the form, alone and together, near and far back."""
    today = civil_day(now)
    ago = (today - timedelta(200)).strftime("%d/%m/%Y")
    quarter = {
        "tu": (today - timedelta(300)).strftime("%d/%m/%Y"),
        "den": (today - timedelta(210)).strftime("%d/%m/%Y"),
    }
    commune = next(path.strip("/").rpartition("/")[2] for path in store.places.communes().values())
    hamlet = next(area.id for area in store.areas.below(["/tinh-lao-cai/"], "hamlet") if area.id.startswith("thon-do"))
    found = [
        Choice(),
        Choice(ngay=ago),
        Choice(**quarter),
        Choice(khu_vuc=commune),
        Choice(khu_vuc="huyen-bat-xat", **quarter),
        Choice(khu_vuc=hamlet, **quarter),
        Choice(xa=commune, ngay=ago),
        Choice(loa="loa-do-1500", **quarter),
        Choice(ban_tin="bt-nam-00050"),
        Choice(thieu="mww", **quarter),
        Choice(tieng="vi", loai=BroadcastClass.priority.value),
        Choice(noi="y ty", ket_qua="failed", **quarter),
    ]
    found += [Choice(ket_qua=outcome, **quarter) for outcome in ("played", "failed", "cut", "none", DID_SOUND, DID_NOT)]
    return [
        *found,
        Choice(khu_vuc=commune, ket_qua="failed", loai="priority", **quarter),
        Choice(tieng="khb", **quarter),
    ]


def _timed(store: Store, person: Person, choice: Choice, now: UtcMs) -> float:
    """What the page asks of the database: its rows, their counts, its bulletins; the first page, then the next one."""
    after = ""

    def page() -> str:
        wanted = meant(store, person, choice, after, now).filter
        found = oversight.log_page(store, wanted, now)
        store.logbook.bulletins_named(wanted.paths, wanted.since, wanted.until)
        return "~".join(map(str, found.after)) if found.after else ""

    began = time.perf_counter()
    after = page()
    first = (time.perf_counter() - began) * 1000
    return max(first, _ms(page)) if after else first


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)))
