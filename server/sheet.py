"""A table as it is written to a file or shown on a page: columns with a kind, and rows of cells. Pure.

Imported by the words of reports, the writers of files and the pages.
"""

import enum
from collections.abc import Iterable
from datetime import datetime

import msgspec

Cell = str | int | float | datetime | None
"""An instant is civil time without a zone, as spreadsheets know it."""


class Kind(enum.Enum):
    """What a column holds."""

    text = "text"
    number = "number"
    decimal = "decimal"  # shown with two places
    share = "share"  # per cent, shown with one place
    instant = "instant"


class Column(msgspec.Struct, frozen=True):
    """`width`: in letters."""

    head: str
    kind: Kind = Kind.text
    width: int = 18


class Sheet(msgspec.Struct, frozen=True):
    """`name`: short, as on the tab of a spreadsheet; `title`: over the table. `rows` may come one at a time, once."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]


def said(cell: Cell, kind: Kind, point: str = ",") -> str:
    """A cell for people, and for files of text."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y %H:%M:%S")
    if kind is Kind.decimal and isinstance(cell, float):
        return f"{cell:.2f}".replace(".", point)
    if kind is Kind.share and isinstance(cell, float):
        return f"{cell:.1f}".replace(".", point)
    return str(cell).replace(".", point) if isinstance(cell, float) else str(cell)


def in_parts(sheet: Sheet, most: int) -> list[Sheet]:
    """The same table in parts with at most so many columns behind the first, for paper; its rows must be a list."""
    rows, first, rest = list(sheet.rows), sheet.columns[0], sheet.columns[1:]
    if len(rest) <= most:
        return [msgspec.structs.replace(sheet, rows=rows)]
    return [
        msgspec.structs.replace(
            sheet,
            columns=(first, *rest[at : at + most]),
            rows=[(row[0], *row[1 + at : 1 + at + most]) for row in rows],
        )
        for at in range(0, len(rest), most)
    ]
