"""Old months of the log leave the database for files, come back, and are looked over. A shell.

Imported by the command line and tests. A file is written beside, flushed, read back and named by its digest before the
database knows of it; what is not known to the database when this begins is left over from a run that was ended, and
goes.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from schedules.clock import UtcMs
from server.archive import ARCHIVED, RESTORED, Fault, Part, PartState, may_leave, months_before, next_name
from server.clearing import held
from server.period import Period
from server.repositories.archive_file import FileWriter, holds
from server.repositories.store import Stores

PORTION = 500
"""Rows that move in one transaction: some hundredths of a second, for which others wait."""
_READ_ONLY = 0o440


def archive_in(data_folder: Path) -> Path:
    """Where the files lie."""
    return data_folder / "archive"


class Busy(Exception):
    """Another process moves rows."""


class Unsound(Exception):
    """A file is not what was written, or cannot be read back: nothing leaves the database."""


class Archivist:
    """`tell(part, done)`: after each portion, with how many rows of that file have been dealt with. `rest()`: between
    two portions, so that others get their turn."""

    def __init__(
        self,
        stores: Stores,
        folder: Path,
        clock: Callable[[], UtcMs],
        tell: Callable[[str, int, int], None] = lambda *_: None,
        rest: Callable[[], object] = lambda: None,
        portion: int = PORTION,
    ) -> None:
        self._stores, self._folder, self._clock = stores, folder, clock
        self._tell, self._rest, self._portion = tell, rest, portion

    def archive(self, months: int) -> list[Part]:
        """Move the rows of all months that are older than so many whole ones; the files that this made or ended."""
        with self._alone():
            done = [self._move(part) for part in self._parts() if part.state is PartState.moving]
            with self._stores.open() as store:
                oldest = store.archive.oldest()
            if oldest is None:
                return done
            for month in months_before(oldest, self._clock(), months):
                part = self._written(month)
                if part is not None:
                    done.append(self._move(part))
        return done

    def restore(self, month: str) -> list[Part]:
        """Bring all rows of a month back into the database; the files that were emptied. Raises `Unsound` where one of
        them is not what was written, before anything is done."""
        with self._alone():
            wanted = [part for part in self._parts() if part.month == month]
            for part in wanted:
                if fault := self.fault(part):
                    raise Unsound(f"{part.file}: {fault.value}")
            for part in wanted:
                self._put_back(part)
        return wanted

    def verify(self) -> Iterator[tuple[Part, Fault | None]]:
        """Each file, and what is wrong with it."""
        for part in self._parts():
            yield part, self.fault(part) or self._unknown_to_audit(part)

    def fault(self, part: Part) -> Fault | None:
        """What is wrong with a file by itself."""
        path = self._folder / part.file
        if not path.is_file():
            return Fault.missing
        if _digest(path) != part.sha256:
            return Fault.changed
        return None if holds(path, part.rows, part.playbacks) else Fault.unreadable

    def _unknown_to_audit(self, part: Part) -> Fault | None:
        with self._stores.open() as store:
            acts = (line for line in store.trail.lines() if line.act == ARCHIVED and line.subject == part.name)
            return None if any(line.after == part.summary for line in acts) else Fault.not_in_audit

    def _parts(self) -> list[Part]:
        with self._stores.open() as store:
            return store.archive.parts()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Busy from error
            known = {part.file for part in self._parts()}
            for path in self._folder.glob("*.db*"):
                if path.name not in known:
                    path.unlink()
            yield

    def _written(self, month: Period) -> Part | None:
        """A new file with all rows of a month that may leave; None where there are none."""
        there = [part for part in self._parts() if part.month == month.text]
        if any(part.state is PartState.returning for part in there):
            return None
        name = _free([part.name for part in there], month)
        fresh = self._folder / f"{name}.db.new"
        writer, used = FileWriter(fresh), dict[str, UtcMs]()
        writer.begin()
        after = None
        while True:
            with self._stores.open() as store:
                rows = store.archive.rows(month.since, month.until, after, self._portion)
                under, now = held(store), self._clock()
                leaving = [
                    row
                    for row, path in rows
                    if may_leave(row["occurrence"], row["useful_until"], month, row["bulletin"], path, under, now)
                ]
                lines = store.archive.lines([(row["loudspeaker"], row["occurrence"]) for row in leaving])
            writer.add(leaving, lines)
            for row in leaving:
                used[row["bulletin"]] = max(row["useful_until"], used.get(row["bulletin"], 0))
            if not rows:
                break
            after = tuple(rows[-1][0][name] for name in ("planned", "occurrence", "loudspeaker"))
        writer.end()
        if not writer.rows:
            fresh.unlink()
            return None
        part = Part(
            name, month.text, month.since, month.until, PartState.moving, writer.rows, writer.lines, _digest(fresh),
            0, 0, self._clock(),
        )  # fmt: skip
        return self._kept(part, fresh, used)

    def _kept(self, part: Part, fresh: Path, used: dict[str, UtcMs]) -> Part:
        fresh.chmod(_READ_ONLY)
        path = fresh.rename(self._folder / part.file)
        _flush(self._folder)
        if self.fault(part) is not None:
            raise Unsound(path.name)
        with self._stores.open() as store:
            store.archive.keep(part, used)
            store.trail.note(self._clock(), "", ARCHIVED, part.name, after=part.summary)
        return part

    def _move(self, part: Part) -> Part:
        if (fault := self.fault(part)) is not None:
            raise Unsound(f"{part.file}: {fault.value}")
        while part.state is PartState.moving:
            with self._stores.open() as store:
                part = store.archive.move(part, self._folder / part.file, self._portion)
            self._tell(part.name, part.moved, part.rows)
            self._rest()
        return part

    def _put_back(self, part: Part) -> None:
        left: Part | None = part
        while left is not None:
            with self._stores.open() as store:
                left = store.archive.put_back(part, self._folder / part.file, self._portion)
                if left is None:
                    store.trail.note(self._clock(), "", RESTORED, part.name, before=part.summary)
            self._tell(part.name, part.rows - (left.moved if left else 0), part.rows)
            self._rest()
        (self._folder / part.file).unlink()


def _free(taken: list[str], month: Period) -> str:
    number = 0
    while next_name(month, number) in taken:
        number += 1
    return next_name(month, number)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
