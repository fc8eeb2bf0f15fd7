"""`loaban demo | serve | person | hamlet | loudspeaker | quiet | data-budget | alert-lead | reports | enrol |
doctor`: the server's command line.

A composition root: started by the launcher.
"""

import argparse
import logging
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from schedules.wire import Report
from server import administration, demo, seed, system_clock
from server.console import Console, ui_language
from server.parts import assemble
from server.settings import Settings
from server.web.words import N_

_HERE = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit status."""
    console = Console(ui_language())
    parser = argparse.ArgumentParser(prog="loaban")
    commands = parser.add_subparsers(dest="command", required=True)
    demonstration = commands.add_parser("demo")
    demonstration.add_argument("--port", type=int, default=8000)
    demonstration.add_argument("--fresh", action="store_true")
    demonstration.add_argument("--data", type=Path)
    serve = commands.add_parser("serve")
    serve.add_argument("--broker", default="")
    serve.add_argument("--port", type=int, default=0)
    reports = commands.add_parser("reports")
    reports.add_argument("--broker", required=True)
    reports.add_argument("--name", required=True)
    enrol = commands.add_parser("enrol")
    enrol.add_argument("device")
    enrol.add_argument("--broker", required=True)
    enrol.add_argument("--out", type=Path, required=True)
    _describe_setting_up(commands)
    commands.add_parser("doctor")
    given = parser.parse_args(arguments)
    level = logging.WARNING if given.command == "demo" else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    match given.command:
        case "demo":
            return _demo(given.port, given.data or _HERE / "demo-data" / str(given.port), console, fresh=given.fresh)
        case "serve":
            return _serve(given.broker, given.port, console)
        case "reports":
            return _reports(given.broker, given.name, console)
        case "enrol":
            return _enrol(given.device, given.broker, given.out, console)
        case "person" | "hamlet" | "loudspeaker" | "quiet" | "data-budget" | "alert-lead":
            return _set_up(given, console)
        case _:
            return _doctor(console)


def _demo(port: int, folder: Path, console: Console, *, fresh: bool) -> int:
    try:
        demo.run(port, folder, console, fresh=fresh)
    except demo.PortTaken as error:
        text = N_("Port %(port)s is taken by another program (another demonstration?). Choose another with --port N.")
        console.warn(text, port=error)
        return 2
    except KeyboardInterrupt:
        console.say(N_("Stopping …"))
    return 0


def _serve(broker: str, port: int, console: Console) -> int:
    chosen = {name: value for name, value in (("broker", broker), ("port", port)) if value}
    settings = Settings(**chosen)  # type: ignore[arg-type]
    signal.signal(signal.SIGTERM, demo.interrupt)
    parts = assemble(settings, lambda _device, _report: None)
    with parts.stores.open() as store:
        seed.seed_province(store)
    if parts.broker is not None:
        console.say(N_("Embedded broker: for trying out. It knows no accounts and forgets everything when it stops."))
        parts.broker.start()
    parts.start()
    said = N_("Pages on http://%(host)s:%(port)s")
    try:
        demo.serve_pages(parts, lambda: console.say(said, host=settings.host, port=settings.port))
    finally:
        parts.stop()
        if parts.broker is not None:
            parts.broker.stop()
    return 0


def _reports(broker: str, name: str, console: Console) -> int:
    """One more process that files reports, beside the server, on the same database."""
    parts = assemble(Settings(broker=broker, gateway=name), _ignore)
    parts.reports.start()
    console.say(N_("Filing reports from %(broker)s. Stop with Ctrl-C."), broker=broker)
    signal.signal(signal.SIGTERM, demo.interrupt)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        console.say(N_("Stopping …"))
    finally:
        parts.reports.stop()
    return 0


def _enrol(device: str, broker: str, out: Path, console: Console) -> int:
    parts = assemble(Settings(), _ignore)
    with parts.stores.open() as store:
        if not store.fleet.is_known(device):
            console.warn(N_("There is no loudspeaker “%(device)s”."), device=device)
            return 2
        store.fleet.enrolled(device, system_clock.utc_ms())
    enrolment = {"device": device, "broker": broker, "signing_keys": [parts.key.public]}
    out.write_bytes(msgspec.json.encode(enrolment))
    console.say(N_("Written: %(file)s. Copy it to the loudspeaker as /etc/loaban/enrolment.json."), file=out)
    return 0


def _describe_setting_up(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    person = commands.add_parser("person", help="USERNAME NAME ROLE AREA")
    for name in ("username", "name", "role", "area"):
        person.add_argument(name)
    hamlet = commands.add_parser("hamlet", help="NAME COMMUNE LANGUAGES (vi,mww)")
    for name in ("name", "area", "languages"):
        hamlet.add_argument(name)
    loudspeaker = commands.add_parser("loudspeaker", help="NAME HAMLET")
    for name in ("name", "area"):
        loudspeaker.add_argument(name)
    loudspeaker.add_argument("--serial", default="")
    loudspeaker.add_argument("--place", default="")
    quiet = commands.add_parser("quiet", help="AREA 22:00-05:00 | off | inherit")
    for name in ("area", "window"):
        quiet.add_argument(name)
    budget = commands.add_parser("data-budget", help="AREA DAILY_MB MONTHLY_MB (0 = no limit) | inherit inherit")
    for name in ("area", "daily_mb", "monthly_mb"):
        budget.add_argument(name)
    lead = commands.add_parser("alert-lead", help="AREA MILLISECONDS (0 = at once) | inherit")
    for name in ("area", "lead_ms"):
        lead.add_argument(name)


def _set_up(given: argparse.Namespace, console: Console) -> int:
    """People, hamlets, loudspeakers, and what an area sets. A running server takes it up within five minutes."""
    parts, now = assemble(Settings(), _ignore), system_clock.utc_ms()
    try:
        with parts.stores.open() as store:
            seed.seed_province(store)
            match given.command:
                case "person":
                    password = system_clock.new_password()
                    what = (given.username, given.name, given.role, given.area)
                    if administration.add_person(store, *what, parts.hasher, password, now):
                        console.say(N_("Password (shown only this once): %(password)s"), password=password)
                case "hamlet":
                    tags = tuple(given.languages.split(","))
                    made = administration.add_hamlet(store, given.name, given.area, tags, now)
                    console.say(N_("Made: %(name)s"), name=made.id)
                case "loudspeaker":
                    details = (given.name, given.area, given.serial, given.place)
                    console.say(N_("Made: %(name)s"), name=administration.add_loudspeaker(store, *details, now).id)
                case "data-budget":
                    administration.set_allowance(store, given.area, given.daily_mb, given.monthly_mb, now)
                case "alert-lead":
                    administration.set_alert_lead(store, given.area, given.lead_ms, now)
                case _:
                    administration.set_quiet_hours(store, given.area, given.window, now)
    except administration.Unfit as error:
        console.warn(N_("“%(about)s” cannot be so, or is not known here."), about=error.about)
        return 2
    return 0


def _ignore(_device: str, _report: Report) -> None:
    """Nobody reports while a file is made."""


def _doctor(console: Console) -> int:
    missing = [tool for tool in ("ffmpeg", "ffprobe", "espeak-ng") if shutil.which(tool) is None]
    for tool in missing:
        console.warn(
            N_("Missing: %(tool)s. Install it with: sudo apt-get install %(package)s"),
            tool=tool,
            package="ffmpeg" if tool == "ffprobe" else tool,
        )
    congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control")
    if congestion.exists() and congestion.read_text().strip() != "bbr":
        console.say(N_("On the broker's machine, BBR saves a quarter of the time on bad links (see deploy/)."))
    if not missing:
        console.say(N_("Nothing is missing."))
    return 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
