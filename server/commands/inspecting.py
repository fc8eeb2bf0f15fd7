"""`loaban audit show | verify | export FILE`: what was done, and whether anybody has touched the record of it.

A composition root: imported by `server.__main__`.
"""

import argparse
from pathlib import Path

import msgspec

from schedules.clock import civil
from server import auditing
from server.audit import Break
from server.commands.written import Commands
from server.console import Console
from server.parts import assemble, unheard
from server.settings import Settings
from server.web.words import AUDIT_FAULTS, N_

NAMES: tuple[str, ...] = ("audit",)
BROKEN = 3
_SHOWN = 50


def describe(commands: Commands) -> None:
    """How they are written."""
    audit = commands.add_parser("audit", help="show | verify [FILE] | export FILE")
    audit.add_argument("act", choices=("show", "verify", "export"), nargs="?", default="show")
    audit.add_argument("file", type=Path, nargs="?")


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status: 2 for what cannot be done, 3 for a chain that is broken."""
    if given.act == "verify" and given.file is not None:
        return _verify_file(given.file, console)
    parts = assemble(Settings(), unheard)
    with parts.stores.open() as store:
        if given.act == "verify":
            return _told(auditing.verify(store), console)
        if given.act == "show":
            for line in reversed(store.trail.latest(_SHOWN)):
                at = civil(line.at).strftime("%d/%m/%Y %H:%M:%S")
                who = f"{line.staff or '–'} ({line.role})" if line.role else line.staff or "–"
                print(f"{line.number}  {at}  {who}  {line.address}  {line.act}  {line.subject}  {line.after}")
            return 0
        if given.file is None:
            console.warn(N_("Where to? ./loaban audit export FILE"))
            return 2
        with given.file.open("xb") as file:
            file.writelines(auditing.exported(store))
    console.say(
        N_("Written: %(file)s. `loaban audit verify %(file)s` checks it, without this server too."), file=given.file
    )
    return 0


def _verify_file(path: Path, console: Console) -> int:
    try:
        with path.open("rb") as file:
            found = auditing.verify_export(file)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        console.warn(N_("“%(file)s” is no export of the audit: %(error)s"), file=path, error=error)
        return 2
    return _told(found, console)


def _told(found: Break | None, console: Console) -> int:
    if found is None:
        console.say(N_("The audit is whole."))
        return 0
    console.warn(AUDIT_FAULTS[found.fault], number=found.number, day=found.day or "–")
    return BROKEN
