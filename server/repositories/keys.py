"""Asking for many rows by their keys in one question.

Imported by the other repositories. SQLAlchemy's own `in_` writes the question anew each time; for the reports of a
province that costs more than the answer.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ClauseElement, Dialect, text
from sqlalchemy.sql.compiler import Compiled, SQLCompiler
from sqlmodel import Session

PORTION = 500
"""So many keys of three parts are asked for at a time: databases take no endless question."""
_Part = TypeVar("_Part")


def there(
    session: Session,
    table: str,
    columns: Sequence[str],
    keys: Collection[tuple[object, ...]],
    also: Sequence[str] = (),
) -> set[tuple[object, ...]]:
    """Which of these keys there are in a table, each with what `also` asks for of its row. `table`, `columns` and
    `also` are names in this program, never input."""
    if not keys:
        return set()
    connection = session.connection()
    question = _question(connection.dialect, table, tuple(columns), len(keys), tuple(also))
    given = itertools.chain.from_iterable(keys)
    if question.positiontup is not None:  # in the order in which they stand: sorting them by name costs half of it
        rows = connection.exec_driver_sql(str(question), tuple(given)).all()
    else:
        rows = connection.exec_driver_sql(str(question), {f"k{n}": part for n, part in enumerate(given)}).all()
    return {tuple(row) for row in rows}


def write_all(session: Session, statement: ClauseElement, rows: Sequence[dict[str, object]]) -> int:
    """Execute an insert or update with bound names once for each row; how many rows of the table it has touched."""
    connection = session.connection()
    compiled = _compiled(statement, connection.dialect, tuple(rows[0]))
    names = compiled.positiontup
    given = [tuple(map(row.__getitem__, names)) for row in rows] if names is not None else list(rows)
    return connection.exec_driver_sql(str(compiled), given).rowcount


def change_all(
    session: Session, statement: str, columns: Sequence[str], rows: Collection[tuple[object, ...]]
) -> list[tuple[Any, ...]]:
    """Execute one statement about many rows at once, which it finds as the table `given` with these columns; what it
    returns. All three are names and words in this program, never input."""
    if not rows:
        return []
    connection = session.connection()
    compiled = _with_given(connection.dialect, statement, tuple(columns), len(rows))
    given = itertools.chain.from_iterable(rows)
    if compiled.positiontup is not None:
        found = connection.exec_driver_sql(str(compiled), tuple(given)).all()
    else:
        found = connection.exec_driver_sql(str(compiled), {f"k{n}": part for n, part in enumerate(given)}).all()
    return [tuple(row) for row in found]


@lru_cache(64)
def _with_given(dialect: Dialect, statement: str, columns: tuple[str, ...], rows: int) -> SQLCompiler:
    width = len(columns)
    values = (f"({', '.join(f':k{n}' for n in range(i, i + width))})" for i in range(0, width * rows, width))
    whole = text(f"with given ({', '.join(columns)}) as (values {', '.join(values)}) {statement}")
    return _as_sql(whole.compile(dialect=dialect))


@lru_cache(16)
def _compiled(statement: ClauseElement, dialect: Dialect, names: tuple[str, ...]) -> SQLCompiler:
    return _as_sql(statement.compile(dialect=dialect, column_keys=list(names)))


def _as_sql(compiled: Compiled) -> SQLCompiler:
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("only statements about rows are written")
    return compiled


@lru_cache(64)
def _question(dialect: Dialect, table: str, columns: tuple[str, ...], keys: int, also: tuple[str, ...]) -> SQLCompiler:
    width = len(columns)
    rows = (f"({', '.join(f':k{n}' for n in range(i, i + width))})" for i in range(0, width * keys, width))
    wanted = ", ".join(f"{table}.{name}" for name in (*columns, *also))
    same = " and ".join(f"{table}.{name} = given.{name}" for name in columns)
    # A join, for `(a, b) in (values …)` reads the whole table on SQLite, however large it has become.
    given = f"with given ({', '.join(columns)}) as (values {', '.join(rows)})"
    question = text(f"{given} select {wanted} from given join {table} on {same}")  # noqa: S608
    return _as_sql(question.compile(dialect=dialect))


def portions(whole: Iterable[_Part]) -> Iterator[list[_Part]]:
    """So many at a time as a database takes in one question."""
    rest = iter(whole)
    while some := list(itertools.islice(rest, PORTION)):
        yield some
