"""`loaban archive [--older-than N | --verify | --list | --restore YYYY-MM]`: old months of the log move to files, are
looked over, and come back.

A composition root: imported by `server.__main__`.
"""

import argparse
import threading

from schedules.clock import SECOND
from server import system_clock
from server.archive import FEWEST_MONTHS, Fault, Part
from server.archiving import Archivist, Busy, Unsound, archive_in
from server.commands.written import Commands
from server.console import Console
from server.parts import assemble, unheard
from server.period import period_of
from server.settings import Settings
from server.web.words import N_

LONGEST_REST = 1 * SECOND
NAMES: tuple[str, ...] = ("archive",)
BROKEN = 3
FAULTS = {
    Fault.missing: N_("%(file)s: not in the folder of the archive. Bring it back from a copy of the data folder."),
    Fault.changed: N_("%(file)s: changed since it was written. Bring it back from a copy of the data folder."),
    Fault.unreadable: N_("%(file)s: cannot be read to its end. Bring it back from a copy of the data folder."),
    Fault.not_in_audit: N_("%(file)s: no line of the audit names its digest."),
}


def describe(commands: Commands) -> None:
    """How it is written."""
    parser = commands.add_parser("archive", help="[--older-than MONTHS | --verify | --list | --restore YYYY-MM]")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--older-than", type=int, metavar="MONTHS", help="instead of LOABAN_ARCHIVE_MONTHS")
    how.add_argument("--verify", action="store_true", help="whether every file is as it was written")
    how.add_argument("--list", action="store_true", help="what is in the archive")
    how.add_argument("--restore", metavar="YYYY-MM", default="", help="bring a month back into the database")


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status: 2 for what cannot be done, 3 for a file that is not as it was written."""
    settings = Settings()
    stores, pace = assemble(settings, unheard).stores, Pace(console)
    archivist = Archivist(stores, archive_in(settings.data_folder), system_clock.utc_ms, pace.told, pace.rest)
    if given.verify or given.list:
        return _looked_over(archivist, console, verify=given.verify)
    try:
        if given.restore:
            return _restored(archivist, given.restore, console)
        months = settings.archive_months if given.older_than is None else given.older_than
        if months < FEWEST_MONTHS:
            console.warn(N_("The newest %(number)s months stay in the database."), number=FEWEST_MONTHS)
            return 2
        return _archived(archivist.archive(months), months, console)
    except Busy:
        console.warn(N_("Another “loaban archive” is at work. Please wait until it is done."))
        return 2
    except Unsound as error:
        console.warn(N_("%(what)s. Nothing of it was moved; “loaban archive --verify” says more."), what=error)
        return BROKEN


class Pace:
    """Tells how far it is, and leaves others as much time as it takes itself: the server goes on meanwhile."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._since = system_clock.mono_ms()
        self._shown = ""

    def told(self, part: str, done: int, rows: int) -> None:
        """A tenth more of a file has moved."""
        shown = f"{part} {10 * done // max(rows, 1)}"
        if shown != self._shown:
            self._shown = shown
            self._console.say(N_("%(part)s: %(done)s of %(rows)s rows"), part=part, done=done, rows=rows)

    def rest(self) -> None:
        """Others get their turn."""
        threading.Event().wait(min(system_clock.mono_ms() - self._since, LONGEST_REST) / SECOND)
        self._since = system_clock.mono_ms()


def _archived(parts: list[Part], months: int, console: Console) -> int:
    for part in parts:
        console.say(
            N_("Month %(month)s: %(rows)s rows and %(told)s reports are in archive/%(file)s (SHA-256 %(sha256)s)."),
            month=part.month,
            rows=part.rows,
            told=part.playbacks,
            file=part.file,
            sha256=part.sha256,
        )
    if parts:
        console.say(N_("They are read as before. Keep a copy of the folder “archive” with those of the database."))
    else:
        console.say(N_("Nothing to move: no row is older than %(months)s whole months and may leave."), months=months)
    return 0


def _restored(archivist: Archivist, month: str, console: Console) -> int:
    period = period_of(month)
    parts = archivist.restore(period.text) if period is not None else []
    if not parts:
        console.warn(N_("“%(month)s” is not in the archive. “loaban archive --list” says what is."), month=month)
        return 2
    rows = sum(part.rows for part in parts)
    console.say(N_("Month %(month)s is in the database again: %(rows)s rows."), month=month, rows=rows)
    return 0


def _looked_over(archivist: Archivist, console: Console, *, verify: bool) -> int:
    status, number = 0, 0
    for part, fault in archivist.verify():
        number += 1
        if fault is not None and verify:
            console.warn(FAULTS[fault], file=part.file)
            status = BROKEN
        else:
            print(f"{part.file}  {part.month}  {part.state.value}  {part.moved}/{part.rows}  {part.sha256}", flush=True)
    if not number:
        console.say(N_("The archive is empty."))
    elif status == 0 and verify:
        console.say(N_("All %(number)s files of the archive are as they were written."), number=number)
    return status
