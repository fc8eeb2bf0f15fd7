"""`loaban enrol`: how a loudspeaker comes to know this server.

A composition root: imported by `server.__main__`.
"""

import argparse
from pathlib import Path

import msgspec

from server import system_clock
from server.commands.written import Commands
from server.console import Console
from server.parts import assemble, unheard
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("enrol",)


def describe(commands: Commands) -> None:
    """How they are written."""
    enrol = commands.add_parser("enrol")
    enrol.add_argument("device")
    enrol.add_argument("--broker", required=True)
    enrol.add_argument("--out", type=Path, required=True)


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status."""
    return _enrol(given.device, given.broker, given.out, console)


def _enrol(device: str, broker: str, out: Path, console: Console) -> int:
    parts = assemble(Settings(), unheard)
    with parts.stores.open() as store:
        if not store.fleet.is_known(device):
            console.warn(N_("There is no loudspeaker “%(device)s”."), device=device)
            return 2
        store.fleet.enrolled(device, system_clock.utc_ms())
    signing = parts.keyring.current()
    enrolment = {"device": device, "broker": broker, "signing_keys": signing.holding, "keys_revision": signing.revision}
    out.write_bytes(msgspec.json.encode(enrolment))
    console.say(N_("Written: %(file)s. Copy it to the loudspeaker as /etc/loaban/enrolment.json."), file=out)
    return 0
