"""Writing the files of reports: their words, tables, rows and signature.

A composition root: imported by the commands, by what sends reports, and by tests. It may run in a process of its own,
beside the server: what is asked and what comes of it lies in the folder of the export.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from schedules.clock import UtcMs, civil_day
from schedules.signing import SigningKey
from server import oversight, report_csv, report_excel, report_pdf, reporting
from server.area import COMMUNE, Area
from server.export import Ask, Fault, Format, Made, file_name
from server.export_folder import Cancelled, ExportFolder
from server.manifest import EXPORT, SUFFIX, Manifest, signed
from server.period import Period, period_of
from server.refusals import NotFound
from server.report_excel import MOST_ROWS, TooManyRows
from server.repositories.logbook import LogFilter
from server.repositories.store import Store, Stores
from server.sheet import Sheet
from server.web.frame import translations
from server.web.log_table import log_sheet
from server.web.report_words import NO_FEEDBACK, Say, figures, period_name, sheets, title
from server.whole_file import OPEN, write_whole

STEP = 500
"""Rows between two looks at whether anybody still wants it."""
_OFFICIAL = "vi"
_BLOCK = 1 << 20
_Row = TypeVar("_Row")
_log = logging.getLogger("loaban.exports")


def write(folder: ExportFolder, stores: Stores, key: Callable[[], SigningKey], clock: Callable[[], UtcMs]) -> None:
    """Write what was asked for in this folder; whatever happens is told there."""
    ask = folder.ask
    try:
        folder.end(made(folder, ask, stores, key(), clock()))
    except Cancelled:
        return
    except NotFound:
        folder.end(Fault.not_allowed)
    except TooManyRows:
        folder.end(Fault.too_many_rows)
    except OSError:
        _log.exception("an export could not be written")
        folder.end(Fault.no_room)


def made(folder: ExportFolder, ask: Ask, stores: Stores, key: SigningKey, now: UtcMs) -> Made:
    """The file and its manifest, in this folder. Raises `NotFound` where this person may not see the area (any more),
    `TooManyRows`, `Cancelled`, and OSError where the disk is full."""
    with stores.open() as store:
        person, period = store.staff.person(ask.staff, now), period_of(ask.period)
        if person is None or period is None:
            raise NotFound
        area = reporting.area_of(store, person, ask.area)
        path = folder.path / file_name(msgspec.structs.replace(ask, area=area.id))
        rows = _content(path, folder, ask, store, area, period, now)
    folder.tell(rows, rows)
    size, sha256 = path.stat().st_size, digest(path)
    with stores.open() as store:
        # The line of the audit names the file, and the manifest the line: each is found by the other.
        store.trail.note(now, person, EXPORT, path.name, area=area.id, after=sha256)
        line, head = store.trail.end()
    manifest = Manifest(path.name, size, sha256, area.id, area.name, period.since, period.until, rows, now, line, head)
    write_whole(path.with_name(path.name + SUFFIX), signed(manifest, key), OPEN)
    return Made(path.name, size, sha256, rows, key.key_id.hex())


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex, a block at a time."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _content(path: Path, folder: ExportFolder, ask: Ask, store: Store, area: Area, period: Period, now: UtcMs) -> int:
    """Write the file; how many plays it tells of."""
    say: Say = translations(_OFFICIAL if ask.format is Format.pdf else ask.language).gettext
    wanted = reporting.filter_of(area, period)
    total = sum(store.logbook.count(wanted).values())
    folder.tell(0, total)
    if ask.format is Format.excel and total > MOST_ROWS:
        raise TooManyRows
    if ask.format is Format.log:
        _text(path, report_csv.lines(_log_of(say, folder, store, wanted, total, now)))
        return total
    told = reporting.told(store, area, period, now)
    if ask.format is Format.csv:
        _text(path, report_csv.lines(figures(say, told)))
        return total
    tables = sheets(say, told)
    if ask.format is Format.pdf:
        heading = f"{title(say)} {period_name(say, period)}"
        organisation = _organisation(store, area)
        if organisation.id != area.id:
            heading = f"{heading} – {area.name}"
        report_pdf.write(path, organisation, heading, tables, [say(NO_FEEDBACK)], civil_day(now))
        return total
    if ask.format is Format.excel:
        tables.append(_log_of(say, folder, store, wanted, total, now))
    report_excel.write(path, tables)
    return total


def _log_of(say: Say, folder: ExportFolder, store: Store, wanted: LogFilter, total: int, now: UtcMs) -> Sheet:
    rows = _told(oversight.log_rows(store, wanted, now), folder, total)
    return log_sheet(say, rows, store.areas.languages(), store)


def _told(rows: Iterable[_Row], folder: ExportFolder, total: int) -> Iterator[_Row]:
    """The rows, telling how far they are."""
    for number, row in enumerate(rows):
        if number % STEP == 0:
            folder.tell(number, max(total, number))
        yield row


def _text(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def _organisation(store: Store, area: Area) -> Area:
    """Whose People's Committee reports: a hamlet has none, nor has a former district."""
    chain = store.areas.chain(area)
    return next((each for each in reversed(chain) if each.level == COMMUNE), chain[0])
