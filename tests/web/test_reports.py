"""Reports on the page and as files: opened again and compared cell by cell, signed, and for who asked alone.

Imported by pytest alone.
"""

import argparse
import csv
import io
import threading
import zipfile
from datetime import datetime
from pathlib import Path

import msgspec
import pypdf
import pytest
import python_calamine
from starlette.testclient import TestClient

from schedules.clock import DAY, HOUR, MINUTE
from schedules.playback import Outcome, Reason
from server import auditing, report_excel, report_files
from server.commands import reporting as command
from server.console import Console
from server.export import Ask, Export, Fault, Format
from server.export_folder import ExportFolder
from server.export_process import ExportProcess
from server.exports import MOST_OF_ONE, Exports
from server.keyring import Keyring
from server.manifest import SUFFIX
from server.refusals import ManyExports
from server.sheet import Column, Kind, Sheet
from server.web import report_words
from server.web.frame import translations
from tests.waiting import eventually
from tests.web.stage import House, text_of

EVIL = '=HYPERLINK("http://x.test")'


@pytest.fixture
def filled(house: House) -> House:
    """A month with one play that sounded, one that failed, one whose bulletin is called like a formula."""
    for title, minutes in ((EVIL, 60), ("Họp thôn", 90)):
        broadcast = house.write(title, at=house.clock.now + minutes * MINUTE, targets=("thon-mau-ta-chai",))
        house.approve(broadcast)
    house.clock.now += 3 * HOUR
    house.report("loa-mau-6", house.expected("loa-mau-6", house.broadcasts()[1]))
    failed = house.expected("loa-mau-6", house.broadcasts()[0])
    failed = msgspec.structs.replace(
        failed, sequence=2, outcome=Outcome.failed, reason=Reason.card_missing, started=None, sounded_ms=0
    )
    house.report("loa-mau-6", failed)
    return house


def export(house: House, browser: TestClient, form: str, area: str = "xa-03013") -> str:
    """The page of a file that has been asked for, when it is done."""
    sent = {"area": area, "period": "2026-12", "format": form}
    answer = browser.post("/bao-cao/xuat", data=sent)
    assert answer.status_code == 303
    page = answer.headers["location"]
    eventually(lambda: "hx-trigger" not in browser.get(page).text.partition('id="file"')[2][:200])
    return page


def saved(house: House, browser: TestClient, form: str, folder: Path, area: str = "xa-03013") -> Path:
    """The file and its signature, as a person saves them."""
    page = export(house, browser, form, area)
    answer = browser.get(f"{page}/tai")
    assert answer.status_code == 200, text_of(browser.get(page).text)
    name = answer.headers["content-disposition"].partition('filename="')[2].rstrip('"')
    (folder / name).write_bytes(answer.content)
    (folder / f"{name}{SUFFIX}").write_bytes(browser.get(f"{page}/chu-ky").content)
    return folder / name


def shown_tables(page: str) -> list[list[list[str]]]:
    """The tables of a page: heads, then rows."""
    found = []
    for table in page.split("<table")[1:]:
        rows = table.partition("</table>")[0].split("<tr>")[1:]
        found.append([[text_of(cell.partition(">")[2]) for cell in _cells(row)] for row in rows])
    return found


def _cells(row: str) -> list[str]:
    return [part.partition("</t")[0] for part in row.replace("<th", "<td").split("<td")[1:]]


def test_the_page_tells_what_sounded_and_why_not(filled: House) -> None:
    page = filled.somebody("tinh").get("/bao-cao?khu_vuc=tinh-lao-cai&ky=2026-12").text
    summary, *_, causes = shown_tables(page)
    assert summary[1] == ["Xã Tả Phìn", "2", "1", "0", "0", "0", "0", "1", "0", "0", "50,0", "0,00"]
    assert causes[1:] == [["Xã Tả Phìn", "Hỏng", "không thấy bộ phát âm thanh", "1"]]
    assert "chưa lưu phản ánh" in text_of(page)
    quarter = filled.somebody("tinh").get("/bao-cao?ky=2026-Q4").text
    assert shown_tables(quarter)[0][1][:2] == ["Xã Tả Phìn", "2"]
    assert shown_tables(filled.somebody("tinh").get("/bao-cao?ky=2026-11").text)[0][1:] == [
        ["Cộng", *["0"] * 9, "", "0,00"]
    ]


def test_a_month_that_there_is_not_is_told(filled: House) -> None:
    assert "Không có tháng hoặc quý như vậy" in text_of(filled.somebody("tinh").get("/bao-cao?ky=2026-13").text)


def test_excel_opened_again_says_what_the_page_and_the_log_say(filled: House, tmp_path: Path) -> None:
    editor = filled.somebody("bientap")
    path = saved(filled, editor, "excel", tmp_path)
    book = python_calamine.CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["Tổng hợp", "Theo loại", "Theo lĩnh vực", "Theo tiếng", "Các nguyên nhân", "Nhật ký"]
    page = shown_tables(editor.get("/bao-cao?khu_vuc=xa-03013&ky=2026-12").text)
    for name, table in zip(book.sheet_names, page, strict=False):
        rows = book.get_sheet_by_name(name).to_python()
        assert [[_shown(cell) for cell in row] for row in rows] == [[_plain(cell) for cell in row] for row in table], (
            name
        )
    log = book.get_sheet_by_name("Nhật ký").to_python()
    told = {row[3]: row for row in log[1:]}
    assert set(told) == {EVIL, "Họp thôn"}, "text stays text"
    assert all(isinstance(row[5], datetime) for row in log[1:]), "dates are dates"
    lines = list(csv.reader(io.StringIO(editor.get("/nhat-ky.csv").text.removeprefix("\ufeff")), delimiter=";"))
    assert [row[:5] for row in log[1:]] == [[cell.removeprefix("'") for cell in row[:5]] for row in lines[1:]]


def _shown(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def _plain(cell: str) -> str:
    number = cell.replace(",", ".")
    try:
        return f"{float(number):g}"
    except ValueError:
        return cell


def test_heads_stay_in_sight_and_no_cell_is_a_formula(filled: House, tmp_path: Path) -> None:
    path = saved(filled, filled.somebody("bientap"), "tables", tmp_path)
    with zipfile.ZipFile(path) as parts:
        pages = [parts.read(name).decode() for name in parts.namelist() if "worksheets/" in name]
    assert len(pages) == 5
    for page in pages:
        assert 'state="frozen"' in page
        assert "<f>" not in page


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "http://x.test", "1e5", "\t=1", "00123"])
def test_a_text_is_never_taken_for_anything_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.xlsx"
    report_excel.write(path, [Sheet("Một", "Một", (Column("Chữ"), Column("Số", Kind.number)), [(text, 7)])])
    [[_, _], [cell, number]] = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert (cell, number) == (text, 7)


def test_more_rows_than_a_sheet_holds_are_refused_with_the_way_out(tmp_path: Path, filled: House) -> None:
    table = Sheet("x", "x", (Column("x"),), [("x",)] * 4)
    report_excel.write(tmp_path / "x.xlsx", [table], most=4)
    with pytest.raises(report_excel.TooManyRows):
        report_excel.write(tmp_path / "x.xlsx", [table], most=3)
    assert report_excel.MOST_ROWS + 1 == 2**20, "rows of a sheet, one of them with the heads"
    fault = translations("vi").gettext(report_words.FAULTS[Fault.too_many_rows])
    assert "CSV nhật ký phát" in fault
    assert "CSV nhật ký phát" in text_of(filled.somebody("tinh").get("/bao-cao").text)


def test_csv_of_the_figures_says_what_the_page_says(filled: House, tmp_path: Path) -> None:
    editor = filled.somebody("bientap")
    path = saved(filled, editor, "csv", tmp_path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))
    assert lines[0] == ["Bảng", "Xã, phường", "Mục", "Số lượng"]
    assert ["Tổng hợp", "Xã Tả Phìn", "Lượt đã lên lịch", "2"] in lines
    assert ["Các nguyên nhân", "Xã Tả Phìn", "Hỏng: không thấy bộ phát âm thanh", "1"] in lines


def test_csv_of_the_log_guards_against_formulas(filled: House, tmp_path: Path) -> None:
    lines = saved(filled, filled.somebody("bientap"), "log", tmp_path).read_text("utf-8-sig")
    assert {row[3] for row in csv.reader(io.StringIO(lines), delimiter=";")} == {"Bản tin", f"'{EVIL}", "Họp thôn"}


def test_the_pdf_is_an_official_document(filled: House, tmp_path: Path) -> None:
    path = saved(filled, filled.somebody("bientap"), "pdf", tmp_path)
    book = pypdf.PdfReader(path)
    said = " ".join(" ".join(page.extract_text() for page in book.pages).split())
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "XÃ TẢ PHÌN",
        "Tả Phìn, ngày 04 tháng 12 năm 2026",
        "BÁO CÁO",
        "tháng 12/2026",
        "không thấy bộ phát âm thanh",
        "CHỦ TỊCH",
        "Nơi nhận:",
    ):
        assert part in said, part
    box = book.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842), "A4"
    assert book.trailer["/Root"]["/MarkInfo"]["/Marked"], "tagged, for who has it read out"
    fonts = {font["/BaseFont"] for page in book.pages for font in page["/Resources"]["/Font"].values()}
    assert all("NotoSerif" in font for font in map(str, fonts)), fonts


def verify(path: Path, capsys: pytest.CaptureFixture[str], **given: object) -> tuple[int, str]:
    arguments = {"act": "verify", "file": path, "key": "", "audit": None, **given}
    status = command.run(argparse.Namespace(**arguments), Console("vi"))
    said = capsys.readouterr()
    return status, said.out + said.err


@pytest.mark.parametrize("form", ["pdf", "csv"])
def test_a_recipient_can_tell_whether_a_file_was_changed(
    filled: House, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(filled, filled.somebody("bientap"), form, tmp_path)
    key = filled._keyring.current().key.key_id.hex()
    status, said = verify(path, capsys)
    assert (status, "NGUYÊN VẸN" in said, key in said) == (0, True, True)
    assert verify(path, capsys, key=key)[0] == 0
    assert "KHÓA KHÁC" in verify(path, capsys, key="00" * 8)[1]
    audit = tmp_path / "audit"
    with filled.stores.open() as store:
        audit.write_bytes(b"".join(auditing.exported(store)))
    assert verify(path, capsys, audit=audit)[0] == 0
    path.write_bytes(path.read_bytes().replace(b"2", b"3", 1))
    status, said = verify(path, capsys)
    assert (status, "ĐÃ BỊ SỬA" in said) == (command.BROKEN, True)
    path.with_name(path.name + SUFFIX).write_text("{}")
    assert verify(path, capsys)[0] == 2


def test_a_file_is_for_who_asked_for_it_and_for_a_day(filled: House) -> None:
    editor, other = filled.somebody("bientap"), filled.somebody("pheduyet")
    page = export(filled, editor, "csv")
    for path in (page, f"{page}/tai", f"{page}/chu-ky"):
        assert editor.get(path).status_code == 200
        assert other.get(path).status_code == 404
    assert other.post(f"{page}/huy").status_code == 404
    assert page in editor.get("/bao-cao").text
    assert page not in other.get("/bao-cao").text
    filled.clock.now += DAY
    export(filled, filled.somebody("tinh"), "csv")
    assert filled.somebody("bientap").get(f"{page}/tai").status_code == 404


def test_the_audit_names_who_took_what(filled: House) -> None:
    export(filled, filled.somebody("bientap"), "csv")
    with filled.stores.open() as store:
        newest = store.trail.latest(1)[0]
    assert (newest.act, newest.staff, newest.subject) == ("export_report", "bientap", "so-lieu-xa-03013-2026-12.csv")


def test_nobody_has_a_file_of_what_is_not_theirs(filled: House) -> None:
    editor = filled.somebody("bientap")
    sent = {"area": "tinh-lao-cai", "period": "2026-12", "format": "csv"}
    assert editor.post("/bao-cao/xuat", data=sent).status_code == 404
    assert editor.post("/bao-cao/xuat", data={**sent, "area": "xa-03013", "format": "exe"}).status_code == 404
    assert editor.post("/bao-cao/xuat", data={**sent, "area": "xa-03013", "period": "x"}).status_code == 404


def test_who_may_not_see_it_any_more_when_it_is_written_gets_none(filled: House, tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "x")
    folder.begin(Ask("bientap", "tinh-lao-cai", "2026-12", Format.csv, "vi", 1))
    report_files.write(folder, filled.stores, lambda: filled._keyring.current().key, filled.clock)
    assert folder.fault is not None
    assert folder.fault.value == "not_allowed"


def test_a_process_of_its_own_writes_beside_the_server(filled: House, tmp_path: Path) -> None:
    """The real one, with the database of this server and its key."""
    folder = ExportFolder(tmp_path / "tep-1")
    folder.begin(Ask("bientap", "xa-03013", "2026-12", Format.tables, "vi", filled.clock.now))
    ExportProcess(filled.desk.settings)(folder.path)
    assert folder.made is not None, folder.fault
    assert folder.made.key == Keyring(filled.desk.settings.data_folder, lambda: b"").current().key.key_id.hex()
    book = python_calamine.CalamineWorkbook.from_path(folder.path / folder.made.name)
    assert book.sheet_names[0] == "Tổng hợp"


class Held:
    """Writes when it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.stopped = False

    def __call__(self, path: Path) -> None:
        folder = ExportFolder(path)
        folder.tell(1, 10)
        self.let.wait(20)
        try:
            folder.tell(2, 10)
        except Exception:
            self.stopped = True
            raise


def test_one_is_cancelled_and_leaves_nothing(tmp_path: Path) -> None:
    held = Held()
    exports = Exports(tmp_path, held)
    exports.begin("tep-1", Ask("a", "x", "2026-12", Format.csv, "vi", 1))
    eventually(lambda: _state(exports, "tep-1") == "writing")
    found = exports.look("tep-1", "a")
    assert found is not None
    exports.cancel(found)
    held.let.set()
    eventually(lambda: held.stopped and {p.name for p in (tmp_path / "tep-1").iterdir()} == {"ask.json", "cancelled"})
    assert _state(exports, "tep-1") == "cancelled"


def test_one_after_the_other_and_not_too_many_of_one_person(tmp_path: Path) -> None:
    held = Held()
    exports = Exports(tmp_path, held)
    for number in range(MOST_OF_ONE):
        exports.begin(f"tep-{number}", Ask("a", "x", "2026-12", Format.csv, "vi", 1))
    eventually(lambda: sorted(_state(exports, f"tep-{n}") for n in range(3)) == ["waiting", "waiting", "writing"])
    with pytest.raises(ManyExports):
        exports.begin("tep-9", Ask("a", "x", "2026-12", Format.csv, "vi", 1))
    exports.begin("tep-8", Ask("b", "x", "2026-12", Format.csv, "vi", 1))
    held.let.set()
    eventually(lambda: not [e for e in exports.of("a") if e.going])


def test_what_a_stopped_server_was_writing_is_told_as_interrupted(tmp_path: Path) -> None:
    ExportFolder(tmp_path / "tep-1").begin(Ask("a", "x", "2026-12", Format.csv, "vi", 1))
    assert _state(Exports(tmp_path, Held()), "tep-1") == "interrupted"


@pytest.mark.parametrize("id_", ["../x", "", ".", "tep 1", "TEP"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, id_: str) -> None:
    ExportFolder(tmp_path / "x").begin(Ask("a", "x", "2026-12", Format.csv, "vi", 1))
    (tmp_path / "exports").mkdir()
    assert Exports(tmp_path / "exports", Held()).look(id_, "a") is None


def _state(exports: Exports, id_: str) -> str:
    found: Export | None = exports.look(id_, "a")
    return found.state.value if found else ""
