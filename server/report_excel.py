"""Tables as an Excel file, a row at a time. A shell.

Imported by the use cases of exports.
"""

from pathlib import Path

import xlsxwriter

from server.sheet import Cell, Kind, Sheet

MOST_ROWS = 1_048_575
"""Of a sheet, below its heads."""
_FORMATS = {Kind.decimal: "#,##0.00", Kind.share: "0.0", Kind.instant: "dd/mm/yyyy hh:mm:ss", Kind.number: "#,##0"}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": _FORMATS[Kind.instant],
}


class TooManyRows(Exception):
    """A sheet cannot hold them; CSV can."""


def write(path: Path, sheets: list[Sheet], most: int = MOST_ROWS) -> None:
    """One file with these tables. Memory does not grow with the rows: each goes to a temporary file beside `path`.
    Raises `TooManyRows`, and OSError where the disk is full."""
    with xlsxwriter.Workbook(path, {**_OPTIONS, "tmpdir": str(path.parent)}) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
        formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        for sheet in sheets:
            _sheet(book.add_worksheet(sheet.name[:31]), sheet, head, formats, most)


def _sheet(
    page: "xlsxwriter.worksheet.Worksheet", sheet: Sheet, head: object, formats: dict[Kind, object], most: int
) -> None:
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    for n, column in enumerate(sheet.columns):
        page.set_column(n, n, column.width)
        page.write_string(0, n, column.head, head)
    for number, row in enumerate(sheet.rows, start=1):
        if number > most:
            raise TooManyRows
        for n, (cell, column) in enumerate(zip(row, sheet.columns, strict=True)):
            _cell(page, number, n, cell, formats.get(column.kind))


def _cell(page: "xlsxwriter.worksheet.Worksheet", row: int, column: int, cell: Cell, given: object) -> None:
    if isinstance(cell, str):
        page.write_string(row, column, cell)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell, given)
    elif cell is not None:
        page.write_datetime(row, column, cell, given)
