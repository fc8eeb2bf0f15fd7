"""The journal: what a loudspeaker must not forget, in SQLite on its memory card. A shell; the only room that knows
sqlite3.

Imported by the runner and the composition root. Write-ahead log with `synchronous=FULL`: what a method has returned
from is on the card, whatever happens to the power.
"""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec

from device_agent.spending import Spending
from schedules.clock import DAY, UtcMs
from schedules.playback import Playback

_KEEP_SETTLED = 40 * DAY
_KEEP_FACT = "insert or replace into fact values (?, ?)"
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
    """Used by one thread. A file that is no longer a database is put aside and a new journal begun: the
    loudspeaker must go on, and the old one is kept for whoever looks. A write that fails (card full, or read-only
    after a fault) does not stop it either: what can play still plays; `fault` says what is wrong."""

    def __init__(self, path: Path, new_name: Callable[[], str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.fault = ""
        self._db = _opened(path)
        self._db.execute("insert or ignore into fact values ('journal', ?)", (new_name().encode(),))
        self._db.execute("insert or ignore into fact values ('next_sequence', '1')")
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

    def shut(self) -> None:
        """Close the file."""
        self._db.close()

    def _fact(self, name: str) -> bytes:
        row = self._db.execute("select value from fact where name = ?", (name,)).fetchone()
        return bytes(row[0]) if row and isinstance(row[0], bytes) else str(row[0]).encode() if row else b""

    def _keep(self, name: str, value: bytes) -> None:
        self._write((_KEEP_FACT, (name, value)))

    def _write(self, *statements: tuple[str, tuple[object, ...]]) -> None:
        """All of them in one transaction, or none."""
        try:
            with self._db:
                self._db.execute("begin immediate")
                for statement, values in statements:
                    self._db.execute(statement, values)
            self.fault = ""
        except sqlite3.Error as error:
            self.fault = str(error)
            _log.error("the journal cannot be written: %s", error)

    def _playbacks(self, query: str) -> tuple[Playback, ...]:
        return tuple(msgspec.json.decode(row[0], type=Playback) for row in self._db.execute(query))


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        for suffix in ("", "-wal", "-shm"):
            broken = Path(f"{path}{suffix}")
            if broken.exists():
                broken.rename(f"{path}.broken{suffix}")
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.executescript(_SCHEMA)
    return db
