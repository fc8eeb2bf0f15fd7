"""`loaban claim | shut-out | enrol`: how a loudspeaker comes to know this server, and how it is parted from it.

A composition root: imported by `server.__main__`.
"""

import argparse
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from schedules.clock import civil
from server import enrolment, system_clock
from server.checkup import is_here
from server.commands.written import Commands
from server.console import Console
from server.mqtt_line import TLS
from server.parts import assemble, unheard
from server.refusals import NotFound
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("claim", "shut-out", "enrol")


def describe(commands: Commands) -> None:
    """How they are written."""
    claim = commands.add_parser("claim", help="DEVICE [--server https://…]: a code for `loaban-agent enrol`")
    claim.add_argument("device")
    claim.add_argument("--server", default="")
    shut = commands.add_parser("shut-out", help="DEVICE: its certificate opens no door any more")
    shut.add_argument("device")
    enrol = commands.add_parser("enrol", help="DEVICE --broker mqtt://… --out FILE: without certificates, for a trial")
    enrol.add_argument("device")
    enrol.add_argument("--broker", required=True)
    enrol.add_argument("--out", type=Path, required=True)


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it; the exit status."""
    try:
        match given.command:
            case "claim":
                return _claim(given.device, given.server, console)
            case "shut-out":
                return _shut_out(given.device, console)
            case _:
                return _enrol(given.device, given.broker, given.out, console)
    except (NotFound, ValueError):
        console.warn(N_("There is no loudspeaker “%(device)s”."), device=given.device)
        return 2


def _claim(device: str, server: str, console: Console) -> int:
    parts, now = assemble(Settings(), unheard), system_clock.utc_ms()
    with parts.stores.open() as store:
        code = enrolment.make_code(store, "", device, parts.office, system_clock.new_key(), now)
    until = civil(now + enrolment.CODE_LASTS).strftime("%H:%M")
    console.say(N_("On the loudspeaker, before %(until)s (the code is shown only this once):"), until=until)
    console.say("  sudo loaban-agent enrol %(code)s %(server)s", code=code, server=server or "https://…")
    return 0


def _shut_out(device: str, console: Console) -> int:
    parts, now = assemble(Settings(), unheard), system_clock.utc_ms()
    with parts.stores.open() as store:
        ended = enrolment.shut_out(store, "", device, now)
        parts.office.authority.keep_revoked(store.certificates.revoked(), now)
    console.say(
        N_("Certificates that hold no more: %(ended)d. A running server tells the broker within seconds."), ended=ended
    )
    return 0


def _enrol(device: str, broker: str, out: Path, console: Console) -> int:
    url = urlsplit(broker)
    if url.scheme == TLS:
        console.warn(
            N_("A broker with TLS knows loudspeakers by their certificates: use `loaban claim %(device)s`."),
            device=device,
        )
        return 2
    parts = assemble(Settings(), unheard)
    with parts.stores.open() as store:
        if not store.fleet.is_known(device):
            raise NotFound
        store.fleet.enrolled(device, system_clock.utc_ms())
    signing = parts.keyring.current()
    enrolled = {"device": device, "broker": broker, "signing_keys": signing.holding, "keys_revision": signing.revision}
    out.write_bytes(msgspec.json.encode(enrolled))
    if not is_here(url.hostname or ""):
        console.warn(N_("This loudspeaker will talk to the broker without TLS: for a trial only."))
    console.say(N_("Written: %(file)s. Copy it to the loudspeaker as /etc/loaban/enrolment.json."), file=out)
    return 0
