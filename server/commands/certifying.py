"""`loaban broker-files | page-files`: certificates by this server's own authority for the machines around it, and what
a Mosquitto needs beside them.

A composition root: imported by `server.__main__`.
"""

import argparse
import json
from pathlib import Path

from server import system_clock
from server.broker_accounts import beginning, desired
from server.commands.written import Commands
from server.console import Console
from server.parts import Parts, assemble, unheard
from server.settings import Settings
from server.web.words import N_
from server.whole_file import OPEN, SECRET, write_whole

NAMES: tuple[str, ...] = ("broker-files", "page-files")
_CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "mosquitto.conf"


def describe(commands: Commands) -> None:
    """How they are written."""
    for name, text in (
        ("broker-files", "--name HOST ... --out FOLDER: what Mosquitto needs"),
        ("page-files", "--name HOST ... --out FOLDER: a certificate for the pages, where there is no public one"),
    ):
        files = commands.add_parser(name, help=text)
        files.add_argument("--name", nargs="+", required=True, metavar="HOST")
        files.add_argument("--out", type=Path, required=True)


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status."""
    parts, now = assemble(Settings(), unheard), system_clock.utc_ms()
    try:
        key, certificate = parts.office.authority.server(given.name, now, given.command)
    except ValueError as error:
        console.warn(N_("“%(about)s” cannot be so, or is not known here."), about=f"{' '.join(given.name)}: {error}")
        return 2
    given.out.mkdir(parents=True, exist_ok=True)
    write_whole(given.out / "ca.crt", parts.office.authority.pem(now).encode(), OPEN)
    write_whole(given.out / "server.crt", certificate.encode(), OPEN)
    write_whole(given.out / "server.key", key.encode(), SECRET)
    with parts.stores.open() as store:
        store.trail.note(now, "", given.command, " ".join(given.name))
    if given.command == "broker-files":
        _for_mosquitto(parts, given.out, now)
        console.say(
            N_(
                "Written to %(folder)s. Copy all of it to /etc/mosquitto/loaban on the broker's machine, as it says at"
                " the top of mosquitto.conf."
            ),
            folder=given.out,
        )
    else:
        console.say(
            N_(
                "Written to %(folder)s. Set LOABAN_TLS_CERTIFICATE to its server.crt and LOABAN_TLS_KEY to its"
                " server.key."
            ),
            folder=given.out,
        )
    return 0


def _for_mosquitto(parts: Parts, folder: Path, now: int) -> None:
    """With everybody who may come in now, so that a broker that is set up anew needs not be told one by one."""
    with parts.stores.open() as store:
        accounts = desired(store.certificates.holding(now))
    write_whole(folder / "dynamic-security.json", json.dumps(beginning(accounts), indent=1).encode(), SECRET)
    write_whole(folder / "mosquitto.conf", _CONFIGURATION.read_bytes(), OPEN)
