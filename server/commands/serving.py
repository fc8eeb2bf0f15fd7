"""`loaban demo | serve | reports`: what runs until it is stopped.

A composition root: imported by `server.__main__`.
"""

import argparse
import signal
import threading
from pathlib import Path

from server import demo, seed
from server.commands.written import Commands
from server.console import Console
from server.occupancy import Occupied
from server.parts import assemble, unheard
from server.settings import Settings
from server.web.words import N_

NAMES: tuple[str, ...] = ("demo", "serve", "reports")
_HERE = Path(__file__).resolve().parents[2]


def describe(commands: Commands) -> None:
    """How they are written."""
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


def run(given: argparse.Namespace, console: Console) -> int:
    """Do it until it is stopped; the exit status."""
    match given.command:
        case "demo":
            return _demo(given.port, given.data or _HERE / "demo-data" / str(given.port), console, fresh=given.fresh)
        case "serve":
            return _serve(given.broker, given.port, console)
        case _:
            return _reports(given.broker, given.name, console)


def _demo(port: int, folder: Path, console: Console, *, fresh: bool) -> int:
    try:
        demo.run(port, folder, console, fresh=fresh)
    except demo.RealPeople as error:
        text = N_("%(folder)s belongs to a real server: a demonstration would open it with passwords alone.")
        console.warn(text, folder=error)
        return 2
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
    if settings.demo:
        console.warn(N_("LOABAN_DEMO is on: it takes away the second factor. Take it out, or start: loaban demo"))
        return 2
    signal.signal(signal.SIGTERM, demo.interrupt)
    parts = assemble(settings, unheard)
    try:
        parts.occupancy.begin()
    except Occupied as error:
        taken = N_(
            "Another server already speaks for %(folder)s. Stop it first; for more reports start `loaban reports`."
        )
        console.warn(taken, folder=error)
        return 2
    with parts.stores.open() as store:
        seed.seed_province(store)
    if parts.broker is not None:
        console.say(N_("Embedded broker: for trying out. It knows no accounts and forgets everything when it stops."))
        parts.broker.start()
    if parts.accounts is None and not settings.demo:
        console.warn(
            N_(
                "No TLS between broker and loudspeakers (%(broker)s): anybody on the way can pass for a loudspeaker."
                " For a trial only; see deploy/mosquitto.conf."
            ),
            broker=parts.office.broker,
        )
    parts.start()
    scheme = "https" if settings.tls_certificate else "http"
    said = N_("Pages on %(scheme)s://%(host)s:%(port)s")
    try:
        demo.serve_pages(parts, lambda: console.say(said, scheme=scheme, host=settings.host, port=settings.port))
    finally:
        parts.stop()
        if parts.broker is not None:
            parts.broker.stop()
    return 0


def _reports(broker: str, name: str, console: Console) -> int:
    """One more process that files reports, beside the server, on the same database."""
    parts = assemble(Settings(broker=broker, gateway=name), unheard)
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
