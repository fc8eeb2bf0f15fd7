"""`loaban report verify FILE`: whether a report is whole, and who signed it.

A composition root: imported by `server.__main__`.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import msgspec

from server import auditing, report_files
from server.audit import AuditLine
from server.commands.written import Commands
from server.console import Console
from server.manifest import SUFFIX, Signed, Verdict, key_of, read, verdict
from server.web.report_words import VERDICTS
from server.web.words import N_

NAMES: tuple[str, ...] = ("report",)
BROKEN = 3


def describe(commands: Commands) -> None:
    """How they are written."""
    report = commands.add_parser("report", help="verify FILE [--key ID] [--audit FILE]")
    report.add_argument("act", choices=("verify",))
    report.add_argument("file", type=Path)
    report.add_argument("--key", default="", help="the id of the key that must have signed it")
    report.add_argument("--audit", type=Path, help="an export of the audit that must know of it")


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status: 2 for what cannot be done, 3 for a file that is not as it was signed."""
    beside = given.file.with_name(given.file.name + SUFFIX)
    try:
        signed = read(beside.read_bytes())
        size, sha256 = given.file.stat().st_size, report_files.digest(given.file)
        audit = None if given.audit is None else _audit(given.audit)
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        console.warn(N_("“%(file)s” cannot be verified: %(error)s"), file=given.file, error=error)
        return 2
    found = verdict(signed, size, sha256, _expected(given.key), audit)
    if found is not Verdict.whole:
        console.warn(VERDICTS[found], file=given.file.name, key=key_of(signed))
        return BROKEN
    console.say(VERDICTS[found], file=given.file.name, key=key_of(signed))
    _tell(signed, console, known=bool(given.key))
    return 0


def _tell(signed: Signed, console: Console, *, known: bool) -> None:
    manifest = signed.manifest
    console.say(
        N_("%(area)s; %(rows)s plays; line %(line)s of the audit, %(head)s."),
        area=manifest.area_name,
        rows=manifest.rows,
        line=manifest.line,
        head=manifest.head,
    )
    if not known:
        console.say(N_("Ask the province which key is its own (`loaban keys show`), or give it with --key."))


def _expected(key: str) -> frozenset[str]:
    return frozenset({key.strip().lower()}) if key.strip() else frozenset()


def _audit(path: Path) -> Mapping[int, AuditLine]:
    """The lines of an export of the audit. Raises ValueError where that is broken itself."""
    with path.open("rb") as file:
        lines = list(file)
    if (broken := auditing.verify_export(lines)) is not None:
        raise ValueError(f"{path}: {broken.fault.value} {broken.number}")
    return auditing.lines_of(lines)
