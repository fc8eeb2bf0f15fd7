"""The archive of the log beside the database: which files there are, asking them as the database is asked, and bringing
a row back of which something more is told.

Imported by the other repositories, which reach it by `archives_of(session)`.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, delete, func, select, update

from schedules.clock import UtcMs
from schedules.programme import start_of
from server.archive import Part, PartState
from server.refusals import ArchiveMissing
from server.repositories.archive_file import FileReader, Values
from server.tables.archives import ArchivedBulletinRow, ArchivedPartRow, RecalledRow
from server.tables.areas import AreaRow
from server.tables.bulletins import BulletinRow
from server.tables.logbook import PlannedRow, PlaybackRow

Key = tuple[str, str]
"""Loudspeaker and occurrence."""
_Answer = TypeVar("_Answer")
_TRIES = 5
_NAME = "archives"
_TWIN = "~"
_PLANS, _BOOK = PlannedRow.__table__, PlaybackRow.__table__  # type: ignore[attr-defined]


class Archives:
    """The files in `folder`, for one transaction on the database; from its first question to `close`."""

    def __init__(self, session: Session, folder: Path | None) -> None:
        self._session, self._folder = session, folder
        self._open: dict[str, tuple[int, FileReader, Session]] = {}

    def close(self) -> None:
        """All files are closed."""
        for _, reader, session in self._open.values():
            session.close()
            reader.close()
        self._open.clear()

    def parts(self, since: UtcMs = 0, until: UtcMs | None = None) -> list[Part]:
        """The files with rows planned in [since, until), the oldest first, as they stand now."""
        table = ArchivedPartRow.__table__  # type: ignore[attr-defined]
        query = select(*table.columns).where(table.c.until > since)
        if until is not None:
            query = query.where(table.c.since < until)
        rows = self._session.connection().execute(query.order_by(table.c.since, table.c.name)).mappings()
        return [Part(**{**row, "state": PartState(row["state"])}) for row in rows]

    def over(
        self, since: UtcMs, until: UtcMs | None, ask: Callable[[Session], _Answer], *, lent: bool = False
    ) -> list[_Answer]:
        """What the database answers, and behind it every file with rows planned in [since, until). Each row is
        answered for once, also while rows are on their way. `lent`: the areas, and the topics of its bulletins, lie
        beside each file. Raises `ArchiveMissing`."""
        found: list[_Answer] = []
        for _ in range(_TRIES):
            before = self.parts(since, until)
            found = [ask(self._session), *(self._asked(part, ask, lent=lent) for part in before)]
            if self.parts(since, until) == before:
                break
        return found

    def holding(self, keys: Iterable[Key]) -> list[tuple[Session, list[Key]]]:
        """Which of these rows count in a file: that, and its rows."""
        found = []
        for part, some in self._candidates(keys):
            numbers, gone = self._reader(part)[0].numbers(some), self._recalled(part)
            there = [key for key, number in numbers.items() if number <= part.moved and number not in gone]
            if there:
                found.append((self._reader(part)[1], there))
        return found

    def recall(self, keys: Collection[Key]) -> int:
        """Something more is told of these rows: those that are in a file are brought back, with all that was reported
        of them, and count here from now on. How many there were. Raises `ArchiveMissing`."""
        number = 0
        for old, some in self._candidates(keys):
            if not self._reader(old)[0].numbers(some):
                continue
            # Whoever comes second waits here, and sees what the first has brought back.
            self.change(old.name, changes=ArchivedPartRow.changes + 1)
            part = next(each for each in self.parts(old.since, old.until) if each.name == old.name)
            reader, gone = self._reader(part)[0], self._recalled(part)
            numbers = {key: n for key, n in reader.numbers(some).items() if n <= part.moved and n not in gone}
            for key, n in numbers.items():
                self.put_back(reader, n, [key])
                self._session.add(RecalledRow(part=part.name, number=n))
            self._session.flush()
            number += len(numbers)
        return number

    def put_back(self, reader: FileReader, number: int, keys: Sequence[Key]) -> None:
        """A row of a file stands in the database again, with what was reported of it."""
        dialect: Any = postgresql if self._session.connection().dialect.name == "postgresql" else sqlite
        for _, plan in reader.portion(number - 1, number):
            self._session.connection().execute(dialect.insert(_PLANS).values(plan).on_conflict_do_nothing())
        for line in reader.lines(keys):
            self._put_line(line, dialect)

    def change(self, name: str, **values: Any) -> None:
        """A file stands otherwise; whoever else would change it waits."""
        query = update(ArchivedPartRow).where(col(ArchivedPartRow.name) == name)
        self._session.connection().execute(query.values(**values))

    def keep(self, part: Part, bulletins: dict[str, UtcMs]) -> None:
        """There is a new file. `bulletins`: until when each was of use, as its rows say."""
        row = {name: getattr(part, name) for name in Part.__struct_fields__}
        self._session.add(ArchivedPartRow(**{**row, "state": part.state.value}))
        self._session.flush()
        self._session.add_all(
            ArchivedBulletinRow(part=part.name, bulletin=bulletin, useful_until=until)
            for bulletin, until in sorted(bulletins.items())
        )
        self._session.flush()

    def recalled(self, part: str, numbers: Iterable[int]) -> None:
        """These rows of a file count in the database."""
        self._session.add_all(RecalledRow(part=part, number=number) for number in numbers)
        self._session.flush()

    def forget(self, part: str) -> None:
        """All rows of a file are back."""
        for row in (RecalledRow, ArchivedBulletinRow):
            self._session.connection().execute(delete(row).where(col(row.part) == part))
        self._session.connection().execute(delete(ArchivedPartRow).where(col(ArchivedPartRow.name) == part))

    def used(self) -> dict[str, UtcMs]:
        """Until when each bulletin of the archive was of use."""
        until = func.max(ArchivedBulletinRow.useful_until)
        query = select(ArchivedBulletinRow.bulletin, until).group_by(col(ArchivedBulletinRow.bulletin))
        return dict(self._session.exec(query).all())

    def reader(self, part: Part) -> FileReader:
        """A file as it was written, with all its rows. Raises `ArchiveMissing`; the caller closes it."""
        return FileReader(self._path(part))

    def gone(self, part: Part) -> frozenset[int]:
        """The rows of a file that count in the database, though their number has been passed."""
        return frozenset(self._recalled(part))

    def _candidates(self, keys: Iterable[Key]) -> list[tuple[Part, list[Key]]]:
        # What a file holds was to start before its month ended: so the reports of today ask no file.
        parts = self.parts()
        given = sorted(set(keys)) if parts else []
        some = ((part, [key for key in given if start_of(key[1]) < part.until]) for part in parts)
        return [(part, each) for part, each in some if each]

    def _asked(self, part: Part, ask: Callable[[Session], _Answer], *, lent: bool) -> _Answer:
        reader, session = self._reader(part)
        if lent and not session.info.get("lent"):
            self._lend(part, reader)
            session.info["lent"] = True
        return ask(session)

    def _lend(self, part: Part, reader: FileReader) -> None:
        areas = self._session.exec(select(AreaRow.id, AreaRow.path, AreaRow.level)).all()
        names = ("id", "path", "level")
        reader.lend("area", names, [dict(zip(names, row, strict=True)) for row in areas])
        topics = select(BulletinRow.id, BulletinRow.topic).where(
            BulletinRow.id == ArchivedBulletinRow.bulletin, ArchivedBulletinRow.part == part.name
        )
        rows = [{"id": id_, "topic": topic} for id_, topic in self._session.exec(topics)]
        reader.lend("bulletin", ("id", "topic"), rows)

    def _recalled(self, part: Part) -> set[int]:
        return set(self._session.exec(select(RecalledRow.number).where(RecalledRow.part == part.name)))

    def _reader(self, part: Part) -> tuple[FileReader, Session]:
        known = self._open.get(part.name)
        if known is not None and known[0] == part.changes:
            return known[1:]
        if known is not None:
            known[2].close()
            known[1].close()
            del self._open[part.name]
        path = self._path(part)
        try:
            reader = FileReader(path)
            reader.narrow(part.moved, self._recalled(part))
        except DatabaseError as error:
            raise ArchiveMissing(part.file) from error
        session = Session(bind=reader.connection)
        self._open[part.name] = (part.changes, reader, session)
        return reader, session

    def _path(self, part: Part) -> Path:
        path = self._folder / part.file if self._folder is not None else None
        if path is None or not path.is_file():
            raise ArchiveMissing(part.file)
        return path

    def _put_line(self, line: Values, dialect: Any) -> None:
        """What was reported stands here again. A number under which something else was filed in the meantime was that
        of a second box."""
        while True:
            put = dialect.insert(_BOOK).values(line).on_conflict_do_nothing()
            if self._session.connection().execute(put).rowcount == 1:
                return
            key = (line["loudspeaker"], line["journal"], line["sequence"])
            if self._session.get(PlaybackRow, key, populate_existing=True).body == line["body"]:  # type: ignore[union-attr]
                return
            line = {**line, "journal": line["journal"] + _TWIN}


def archives_of(session: Session) -> Archives:
    """Those of a transaction; without any file where it knows no folder."""
    found = session.info.get(_NAME)
    if not isinstance(found, Archives):
        found = session.info[_NAME] = Archives(session, None)
    return found


def with_archives(session: Session, folder: Path | None) -> Archives:
    """This transaction knows the files of a folder."""
    found = session.info[_NAME] = Archives(session, folder)
    return found
