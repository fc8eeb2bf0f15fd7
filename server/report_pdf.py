"""A report as a PDF to be numbered, signed by hand and sent, in the layout of official documents. A shell.

Imported by the use cases of exports. It is in Vietnamese whatever language its reader uses on the pages: that is what
an official document is written in. What stands in it comes as data, never as markup; the typeface is our own.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import typst

from server.area import Area
from server.sheet import Kind, Sheet, in_parts, said

_PAPER = Path(__file__).parent / "paper"
_MOST_COLUMNS = 11
STATE, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
_GROUNDS = "Thực hiện Nghị định số 49/2024/NĐ-CP của Chính phủ quy định hoạt động thông tin cơ sở"
_COMMITTEE = "ỦY BAN NHÂN DÂN"
_KINDS_OF_PLACE = ("Xã", "Phường", "Thị trấn", "Tỉnh", "Thành phố")


def write(
    path: Path, organisation: Area, title: str, sheets: Iterable[Sheet], closing: Sequence[str], today: date
) -> None:
    """The PDF of a report by the People's Committee of an area, of this day. Raises OSError where the disk is full."""
    kind, _, name = organisation.name.partition(" ")
    place = name if kind in _KINDS_OF_PLACE else organisation.name
    told = {
        "organisation": [_COMMITTEE, organisation.name.upper()],
        "number": "Số:         /BC-UBND",
        "state": STATE,
        "motto": MOTTO,
        "place_and_day": f"{place}, ngày {today.day:02d} tháng {today.month:02d} năm {today.year}",
        "kind": "BÁO CÁO",
        "title": title,
        "opening": [f"{_GROUNDS}, Ủy ban nhân dân {_lower_kind(organisation)} báo cáo như sau:"],
        "sheets": [_told(sheet) for sheet in sheets],
        "closing": list(closing),
        "copies_head": "Nơi nhận:",
        "copies": ["- ……………;", "- Lưu: VT."],
        "signer": [f"TM. {_COMMITTEE}", "CHỦ TỊCH"],
    }
    typst.compile(
        _PAPER / "report.typ",
        output=path,
        root=_PAPER,
        font_paths=[_PAPER],
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(told, ensure_ascii=False)},
    )


def _lower_kind(area: Area) -> str:
    """A name within a sentence: xã Y Tý."""
    kind, _, name = area.name.partition(" ")
    return f"{kind.lower()} {name}" if kind in _KINDS_OF_PLACE else area.name


def _told(sheet: Sheet) -> dict[str, object]:
    return {"title": sheet.title, "parts": [_part(part) for part in in_parts(sheet, _MOST_COLUMNS)]}


def _part(sheet: Sheet) -> dict[str, object]:
    kinds = [column.kind for column in sheet.columns]
    return {
        "heads": [column.head for column in sheet.columns],
        "numbers": [kind is not Kind.text for kind in kinds],
        "wide": [kind is Kind.text for kind in kinds[1:]],
        "rows": [[said(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in sheet.rows],
    }
