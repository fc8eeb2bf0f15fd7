"""The journal: what a loudspeaker must not forget, in SQLite on its memory card. A shell; the only room that knows
sqlite3.

Imported by the runner and the composition root. Write-ahead log with `synchronous=FULL`: what a method has returned
from is on the card, whatever happens to the power.
"""

import contextlib
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from device_agent.spending import Spending
from schedules.clock import DAY, UtcMs
from schedules.guards import Aired
from schedules.playback import Playback

_KEEP_SETTLED = 40 * DAY
_KEEP_FACT = "insert or replace into fact values (?, ?)"
BROKEN_KEPT = 3
_MEMORY = Path("/dev/shm")  # noqa: S108
_NOT_WRITABLE = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_AUTH,
}  # fmt: skip
"""The card is to blame, not what is written on it."""
_TROUBLE = (sqlite3.Error, OSError, ValueError)
"""What a broken file makes the library raise; the last one where it cannot even read its own message."""
_TABLES = ("fact", "programme", "alert", "open_playback", "settled", "closed")
_Statement = tuple[str, tuple[object, ...]]
_log = logging.getLogger("loaban.journal")
_SCHEMA = """
create table if not exists fact (name text primary key, value blob not null) without rowid;
create table if not exists programme (area text primary key, sealed blob not null) without rowid;
create table if not exists alert (area text primary key, sealed blob not null) without rowid;
create table if not exists open_playback (occurrence text primary key, playback blob not null) without rowid;
create table if not exists settled (occurrence text primary key, planned integer not null) without rowid;
create table if not exists closed (sequence integer primary key, playback blob not null);
"""


class Journal:
    """Used by one thread. It always opens, whatever has become of the card:
    - what can no longer be read (a rotten page, a row that is none) is put aside, kept for whoever looks, and a new
      journal begins with all that could be saved, under a new name, so that no sequence number is used twice;
    - on a card that cannot be written (full, or read-only after a fault) it goes on in memory with what the card holds,
      and moves to the card when `retry` finds that it can be written again.
    A write that fails is kept and tried again, in order, with the next one and by `retry`. `fault` says what is wrong;
    it is empty while all is well."""

    def __init__(self, path: Path, new_name: Callable[[], str]) -> None:
        self.fault = ""
        self._path = path
        self._homeless = ""
        """Why it is in memory alone; empty while it is on the card."""
        self._unwritten: list[tuple[_Statement, ...]] = []
        self._db = self._opened(path, new_name)
        self.name = bytes(self._fact("journal")).decode()

    @property
    def next_sequence(self) -> int:
        """The sequence number that the next closed playback gets."""
        return int(self._fact("next_sequence"))

    @property
    def assignment(self) -> bytes:
        """The sealed assignment, or nothing."""
        return self._fact("assignment")

    @property
    def programmes(self) -> tuple[tuple[str, bytes], ...]:
        """The sealed programmes by area."""
        rows = self._db.execute("select area, sealed from programme order by area")
        return tuple((area, bytes(sealed)) for area, sealed in rows)

    @property
    def alerts(self) -> tuple[tuple[str, bytes], ...]:
        """The sealed alerts by area."""
        rows = self._db.execute("select area, sealed from alert order by area")
        return tuple((area, bytes(sealed)) for area, sealed in rows)

    @property
    def spending(self) -> Spending:
        """How much data has been used."""
        try:
            return msgspec.json.decode(self._fact("spending") or b"{}", type=Spending)
        except msgspec.DecodeError:
            return Spending()

    @property
    def aired(self) -> tuple[Aired, ...]:
        """What has sounded lately."""
        try:
            return msgspec.json.decode(self._fact("aired") or b"[]", type=tuple[Aired, ...])
        except msgspec.DecodeError:
            return ()

    @property
    def open_playbacks(self) -> tuple[Playback, ...]:
        """What was opened and never closed."""
        return self._playbacks("select playback from open_playback order by occurrence")

    @property
    def unacknowledged(self) -> tuple[Playback, ...]:
        """What was closed and not yet acknowledged, in order."""
        return self._playbacks("select playback from closed order by sequence")

    @property
    def settled(self) -> tuple[str, ...]:
        """The occurrences that have an outcome."""
        return tuple(name for (name,) in self._db.execute("select occurrence from settled order by planned"))

    @property
    def remembered(self) -> UtcMs:
        """The latest instant of which this journal knows that it is past."""
        return int(self._fact("remembered") or b"0")

    def remember(self, utc: UtcMs) -> None:
        """This instant, by a trusted clock, has passed."""
        self._keep("remembered", str(utc).encode())

    def keep_assignment(self, sealed: bytes) -> None:
        """Hold this assignment from now on."""
        self._keep("assignment", sealed)

    def keep_programme(self, area: str, sealed: bytes) -> None:
        """Hold this programme of the area from now on; none if it is empty."""
        if sealed:
            self._write(("insert or replace into programme values (?, ?)", (area, sealed)))
        else:
            self._write(("delete from programme where area = ?", (area,)))

    def keep_alert(self, area: str, sealed: bytes) -> None:
        """Hold this alert of the area from now on; none if it is empty."""
        if sealed:
            self._write(("insert or replace into alert values (?, ?)", (area, sealed)))
        else:
            self._write(("delete from alert where area = ?", (area,)))

    def keep_spending(self, spending: Spending) -> None:
        """So much data has been used."""
        self._keep("spending", msgspec.json.encode(spending))

    def keep_aired(self, aired: tuple[Aired, ...]) -> None:
        """So much has sounded lately."""
        self._keep("aired", msgspec.json.encode(aired))

    def open(self, playback: Playback) -> None:
        """This is about to sound, or has begun to."""
        row = (playback.occurrence, msgspec.json.encode(playback))
        self._write(("insert or replace into open_playback values (?, ?)", row))

    def close(self, playback: Playback) -> None:
        """This has its outcome; one transaction, so that it is either open or closed."""
        self._write(
            ("delete from open_playback where occurrence = ?", (playback.occurrence,)),
            ("insert or replace into settled values (?, ?)", (playback.occurrence, playback.planned)),
            ("delete from settled where planned < ?", (playback.planned - _KEEP_SETTLED,)),
            ("insert or ignore into closed values (?, ?)", (playback.sequence, msgspec.json.encode(playback))),
            (_KEEP_FACT, ("next_sequence", str(playback.sequence + 1).encode())),
        )

    def forget(self, up_to: int) -> None:
        """The server has all up to this sequence."""
        self._write(("delete from closed where sequence <= ?", (up_to,)))

    def retry(self) -> None:
        """Try again what could not be written."""
        if self._homeless:
            self._move_to_card()
        if self._unwritten:
            self._write()

    def shut(self) -> None:
        """Close the file."""
        self._db.close()

    def _fact(self, name: str) -> bytes:
        row = self._db.execute("select value from fact where name = ?", (name,)).fetchone()
        return bytes(row[0]) if row and isinstance(row[0], bytes) else str(row[0]).encode() if row else b""

    def _keep(self, name: str, value: bytes) -> None:
        self._write((_KEEP_FACT, (name, value)))

    def _write(self, *statements: _Statement) -> None:
        """All of them in one transaction, after those that could not be written before."""
        if statements:
            self._unwritten.append(statements)
        try:
            while self._unwritten:
                with self._db:
                    self._db.execute("begin immediate")
                    for statement, values in self._unwritten[0]:
                        self._db.execute(statement, values)
                del self._unwritten[0]
        except _TROUBLE as error:
            if not self.fault:
                _log.error("the journal cannot be written: %s", error)
            self.fault = str(error)
        else:
            self.fault = self._homeless

    def _move_to_card(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = _connected(self._path)
            db.executescript(_SCHEMA)
            with db:
                db.execute("begin immediate")
                for table in _TABLES:
                    db.execute(f"delete from {table}")  # noqa: S608
                    rows = self._db.execute(_rows_of(table)).fetchall()
                    db.executemany(f"insert into {table} values (?, ?)", rows)  # noqa: S608
        except _TROUBLE as error:
            self.fault = self._homeless = str(error)
        else:
            _log.info("the card can be written again")
            self._db.close()
            self._db, self._homeless, self.fault = db, "", ""

    def _playbacks(self, query: str) -> tuple[Playback, ...]:
        return tuple(msgspec.json.decode(row[0], type=Playback) for row in self._db.execute(query))

    def _opened(self, path: Path, new_name: Callable[[], str]) -> sqlite3.Connection:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = _connected(path)
            _begun(db, new_name())
            if _is_sound(db):
                return db
            saved = _saved(db)
            db.close()
            _log.error("the journal is damaged; it is put aside, and a new one begins with what could be saved")
        except _TROUBLE as error:
            if isinstance(error, OSError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_WRITABLE:
                return self._in_memory(path, new_name, str(error))
            saved = _saved_from(path)
            _log.error("the journal cannot be read (%s); it is put aside, and a new one begins", error)
        try:
            _put_aside(path)
            db = _connected(path)
            _begun(db, new_name())
            _restore(db, saved)
        except _TROUBLE as error:
            return self._in_memory(path, new_name, str(error), saved)
        return db

    def _in_memory(
        self, path: Path, new_name: Callable[[], str], fault: str, saved: "_Saved | None" = None
    ) -> sqlite3.Connection:
        _log.error("the card cannot be written (%s): until the next start, all is kept in memory alone", fault)
        self.fault = self._homeless = fault
        db = _connected(":memory:")
        _begun(db, new_name())
        _restore(db, saved or _saved_from(path))
        return db


_Saved = dict[str, list[tuple[Any, ...]]]


def _connected(path: Path | str) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    return db


def _begun(db: sqlite3.Connection, name: str) -> None:
    db.executescript(_SCHEMA)
    db.execute("insert or ignore into fact values ('journal', ?)", (name.encode(),))
    db.execute("insert or ignore into fact values ('next_sequence', '1')")


def _is_sound(db: sqlite3.Connection) -> bool:
    """Whether every page and every row can be read."""
    [(verdict,)] = db.execute("pragma quick_check(1)").fetchall()
    return verdict == "ok" and all(_is_row(table, row) for table in _TABLES for row in db.execute(_rows_of(table)))


def _rows_of(table: str) -> str:
    return f"select * from {table}"  # noqa: S608


def _is_row(table: str, row: tuple[Any, ...]) -> bool:
    """Whether a row is what this program writes."""
    try:
        if table in ("closed", "open_playback"):
            if not isinstance(row[0], int if table == "closed" else str):
                return False
            msgspec.json.decode(row[1], type=Playback)
        elif table in ("programme", "alert"):
            return isinstance(row[0], str) and isinstance(row[1], bytes)
        elif table == "settled":
            return isinstance(row[0], str) and isinstance(row[1], int)
        elif not isinstance(row[0], str) or row[1] is None:
            return False
        elif row[0] in ("next_sequence", "remembered"):
            int(row[1])
    except (msgspec.DecodeError, TypeError, ValueError):
        return False
    return True


def _saved(db: sqlite3.Connection) -> _Saved:
    """All rows that can still be read; a page that cannot be takes those after it with it."""
    saved: _Saved = {}
    for table in _TABLES:
        rows = saved.setdefault(table, [])
        with contextlib.suppress(*_TROUBLE):
            for row in db.execute(_rows_of(table)):
                if _is_row(table, row):
                    rows.append(row)
    return saved


def _saved_from(path: Path) -> _Saved:
    """The same from a copy in memory, as SQLite must write even to read the newest rows; nothing from a file that
    cannot be read."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        copy = Path(folder) / "journal.db"
        try:
            for suffix in ("", "-wal"):
                if Path(f"{path}{suffix}").exists():
                    shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
            with contextlib.closing(sqlite3.connect(copy)) as db:
                return _saved(db)
        except _TROUBLE:
            return {}


def _restore(db: sqlite3.Connection, saved: _Saved) -> None:
    """Into a new journal: it has its own name, and the numbers of what was not acknowledged begin anew."""
    with db:
        db.execute("begin immediate")
        for table, rows in saved.items():
            kept = [row for row in rows if table != "fact" or row[0] not in ("journal", "next_sequence")]
            if table != "closed":
                db.executemany(f"insert or ignore into {table} values (?, ?)", kept)  # noqa: S608
        playbacks = [msgspec.json.decode(row[1], type=Playback) for row in sorted(saved.get("closed", []))]
        for sequence, playback in enumerate(playbacks, 1):
            numbered = msgspec.structs.replace(playback, sequence=sequence)
            db.execute("insert into closed values (?, ?)", (sequence, msgspec.json.encode(numbered)))
        db.execute(_KEEP_FACT, ("next_sequence", str(len(playbacks) + 1).encode()))


def _put_aside(path: Path) -> None:
    """Keep the broken file for whoever looks; only the newest few, for the card is small."""
    number = 1
    while path.with_name(f"{path.name}.broken-{number}").exists() and number < BROKEN_KEPT:
        number += 1
    for suffix in ("", "-wal", "-shm"):
        broken = Path(f"{path}{suffix}")
        if broken.exists():
            broken.replace(path.with_name(f"{path.name}.broken-{number}{suffix}"))
