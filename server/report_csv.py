"""Tables as CSV for spreadsheets: UTF-8 with its mark, `;` between the cells. A shell.

Imported by the use cases of exports and the pages.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from server.sheet import Cell, Kind, Sheet, said

MARK = "\ufeff"
"""Without it, spreadsheets guess the letters wrong."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def lines(sheet: Sheet) -> Iterator[str]:
    """The file of one table, a line at a time."""
    yield MARK + line(column.head for column in sheet.columns)
    kinds = [column.kind for column in sheet.columns]
    for row in sheet.rows:
        yield line(_guarded(cell, kind) for cell, kind in zip(row, kinds, strict=True))


def line(cells: Iterable[str]) -> str:
    """A line of texts."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow(cells)
    return out.getvalue()


def _guarded(cell: Cell, kind: Kind) -> str:
    """A text that begins like a formula is given an apostrophe; a number below nothing is none."""
    text = said(cell, kind)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA) else text
