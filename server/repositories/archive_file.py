"""A file of the archive: rows of one month of the log and what was reported of them, as an SQLite database of its own.

Imported by the other repositories. A file is written once, whole, and only read afterwards; newer versions of this
program read older files, in which columns that came later have the value that they begin with.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    Column,
    Connection,
    DefaultClause,
    Index,
    Integer,
    MetaData,
    NullPool,
    Table,
    create_engine,
    func,
    select,
    text,
)
from sqlalchemy.exc import DatabaseError

from server.tables.logbook import PlannedRow, PlaybackRow

Values = dict[str, Any]
_PLANS, _BOOK = PlannedRow.__table__, PlaybackRow.__table__  # type: ignore[attr-defined]
PLAN_COLUMNS, LINE_COLUMNS = [column.name for column in _PLANS.columns], [column.name for column in _BOOK.columns]
_NUMBER = "number"


def _like(table: Table, *more: "Column[Any]", key: bool = True) -> Table:
    """The same columns and indexes in a file, without what ties them to other tables."""
    columns = [Column(c.name, c.type, primary_key=c.primary_key and key, nullable=False) for c in table.columns]
    made = Table(table.name, MetaData(schema="main"), *more, *columns)
    for index in table.indexes:
        some = index.dialect_options["sqlite"]["where"]
        Index(f"archived_{index.name}", *(made.c[c.name] for c in index.columns), sqlite_where=some)
    return made


PLANS = _like(_PLANS, Column(_NUMBER, Integer, primary_key=True), key=False)
LINES = _like(_BOOK)
Index("archived_play", PLANS.c.loudspeaker, PLANS.c.occurrence, unique=True)


class FileWriter:
    """Writes one, from `begin` to `end`; what lies there from before is written over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows = self.lines = 0

    def begin(self) -> None:
        """An empty file."""
        self._path.unlink(missing_ok=True)
        self._engine = create_engine(f"sqlite:///{self._path}", poolclass=NullPool, hide_parameters=True)
        for table in (PLANS, LINES):
            table.metadata.create_all(self._engine)

    def add(self, plans: Sequence[Values], lines: Sequence[Values]) -> None:
        """Rows in the order in which they are to be numbered, and what was reported of them."""
        with self._engine.begin() as connection:
            if plans:
                numbered = [{**plan, _NUMBER: n} for n, plan in enumerate(plans, self.rows + 1)]
                connection.execute(PLANS.insert(), numbered)
            if lines:
                connection.execute(LINES.insert(), list(lines))
        self.rows, self.lines = self.rows + len(plans), self.lines + len(lines)

    def end(self) -> None:
        """It is whole, and on the disk."""
        self._engine.dispose()
        handle = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class FileReader:
    """An open file. Raises `sqlalchemy.exc.DatabaseError` where it is none."""

    def __init__(self, path: Path) -> None:
        engine = create_engine(f"sqlite:///file:{quote(str(path.resolve()))}?mode=ro&uri=true", poolclass=NullPool)
        self.connection: Connection = engine.connect()

    def close(self) -> None:
        """It is read no more."""
        self.connection.close()

    def narrow(self, moved: int, recalled: Iterable[int]) -> None:
        """From here on, questions about `planned_play` see those rows alone that count in this file: up to a number,
        and without those that were recalled."""
        self._run("create temp table recalled (number integer primary key)")
        numbers = [{"number": number} for number in recalled]
        if numbers:
            self.connection.execute(text("insert into recalled values (:number)"), numbers)
        there = {row[1] for row in self._run("pragma main.table_info(planned_play)")}
        columns = ", ".join(
            c.name if c.name in there else f"{_default(c)} as {c.name}" for c in _PLANS.columns
        )  # fmt: skip
        self._run(
            f"create temp view planned_play as select {columns} from main.planned_play"  # noqa: S608
            f" where {_NUMBER} <= {int(moved)} and {_NUMBER} not in (select number from recalled)"
        )

    def lend(self, name: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
        """Put rows of a table of the database beside, so that questions that join it can be asked here."""
        self._run(f"create temp table {name} ({columns[0]} primary key, {', '.join(columns[1:])})")
        if rows:
            values = ", ".join(f":{column}" for column in columns)
            self.connection.execute(text(f"insert into temp.{name} values ({values})"), list(rows))  # noqa: S608

    def portion(self, after: int, until: int) -> list[tuple[int, Values]]:
        """The rows with these numbers, (after, until], as they were written."""
        number = PLANS.c[_NUMBER]
        query = select(PLANS).where(number > after, number <= until).order_by(number)
        return [(row[_NUMBER], {name: row[name] for name in PLAN_COLUMNS}) for row in self._of_file(query)]

    def numbers(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The numbers of these rows (loudspeaker, occurrence) that are in this file."""
        found = {}
        query = text("select number from main.planned_play where loudspeaker = :who and occurrence = :what")
        for who, what in keys:
            number = self.connection.execute(query, {"who": who, "what": what}).scalar()
            if number is not None:
                found[who, what] = int(number)
        return found

    def lines(self, keys: Iterable[tuple[str, str]]) -> list[Values]:
        """What was reported of these rows."""
        found: list[Values] = []
        for who, what in keys:
            query = select(LINES).where(LINES.c.occurrence == what, LINES.c.loudspeaker == who)
            found += [dict(row) for row in self.connection.execute(query).mappings()]
        return found

    def _of_file(self, query: Any) -> Any:
        return self.connection.execute(query).mappings()

    def _run(self, statement: str) -> Any:
        return self.connection.execute(text(statement))


def holds(path: Path, rows: int, lines: int) -> bool:
    """Whether a file can be read to its end, and holds so much."""
    try:
        reader = FileReader(path)
        try:
            if reader.connection.execute(text("pragma integrity_check")).scalar() != "ok":
                return False
            counts = [reader.connection.execute(select(func.count()).select_from(t)).scalar() for t in (PLANS, LINES)]
        finally:
            reader.close()
    except DatabaseError:
        return False
    return counts == [rows, lines]


def _default(column: "Column[Any]") -> str:
    begins = column.server_default
    value = begins.arg if isinstance(begins, DefaultClause) else ""
    return "'" + str(value).replace("'", "''") + "'"
