"""`loaban demo`: everything on one machine: broker, server, six loudspeakers on simulated cards, sample data.

A composition root: started by the command line.
"""

import contextlib
import ctypes
import gc
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import uvicorn

from schedules.clock import SECOND, DurationMs
from schedules.wire import Report
from server import seed, system_clock
from server.app import build
from server.console import Console
from server.parts import Parts, assemble
from server.sample_bank import seed_bank
from server.settings import Settings
from server.web.frame import Desk
from server.web.words import N_

FIRST_AFTER: DurationMs = 25 * SECOND
"""From the start of the loudspeakers to the first bulletin."""
STOP_S = 3.0
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


class PortTaken(Exception):
    """Another program listens there."""


class RealPeople(Exception):
    """This is no demonstration's folder: real people have accounts in it."""


def run(port: int, folder: Path, console: Console, *, fresh: bool) -> None:
    """Run until Ctrl-C. Raises `PortTaken`, `RealPeople`."""
    _must_be_free(port, port + 10, port + 11)
    signal.signal(signal.SIGTERM, interrupt)
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    console.say(N_("Preparing the database in %(folder)s …"), folder=folder)
    parts: list[Parts] = []

    def filed(device: str, report: Report) -> None:
        _tell(parts[0], console, device, report)

    with contextlib.ExitStack() as stack:
        demo = assemble(settings_of(folder, port), filed)
        parts.append(demo)
        passwords = _seed(demo)
        console.say(N_("Rendering the sample bulletin in three languages …"))
        draft, rendered = seed.first_variants(demo.studio, demo.studio.narrator)
        if demo.broker is None:
            raise PortTaken("LOABAN_BROKER")
        console.say(N_("Starting the broker and six loudspeakers …"))
        demo.broker.start()
        stack.callback(demo.broker.stop)
        demo.start()
        stack.callback(demo.stop)
        stack.enter_context(loudspeakers(demo, folder))
        start = system_clock.utc_ms() + FIRST_AFTER
        with demo.stores.open() as store:
            seed.first_broadcast(store, draft, rendered, start, system_clock.utc_ms(), system_clock.new_id)
        demo.bell.ring("programmes")
        serve_pages(demo, lambda: _greet(console, port, passwords, folder))
        console.say(N_("Stopping …"))


def settings_of(folder: Path, port: int) -> Settings:
    """Of a demonstration: whatever the environment says, its database is its own. Here, and nowhere else, the second
    factor is switched off."""
    return Settings(data_folder=folder, database="", port=port, demo=True)


class _Announced(uvicorn.Server):
    """Says so when it listens, and not before."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            # What is there now stays to the end: the collector need not look at it again, which stops a page for 0.2 s.
            gc.collect()
            gc.freeze()
            self._announce()


def serve_pages(parts: Parts, announce: Callable[[], None]) -> None:
    """Serve the pages until somebody stops the program; `announce()` is called when they can be opened."""
    desk = Desk(
        settings=parts.settings,
        stores=parts.stores,
        studio=parts.studio,
        narrations=parts.narrations,
        masterings=parts.masterings,
        archive=parts.archive,
        originals=parts.originals,
        takes=parts.takes,
        take_room=parts.take_room,
        bell=parts.bell,
        hasher=parts.hasher,
        vault=parts.vault,
        provider=parts.provider,
        clock=system_clock.utc_ms,
        new_id=system_clock.new_id,
        new_token=system_clock.new_token,
        new_password=system_clock.new_password,
        ready=lambda: parts.gateway.linked,
        office=parts.office,
        exports=parts.exports,
        reread=parts.renewal.wake,
        push_key=parts.push_key,
        post=parts.messenger.wake,
        counting=parts.metrics,
    )
    config = uvicorn.Config(
        build(desk),
        host=parts.settings.host,
        port=parts.settings.port,
        log_level="warning",
        timeout_graceful_shutdown=2,
        server_header=False,
        ssl_certfile=parts.settings.tls_certificate or None,
        ssl_keyfile=parts.settings.tls_key or None,
    )
    with contextlib.suppress(KeyboardInterrupt):
        _Announced(config, announce).run()


@contextlib.contextmanager
def loudspeakers(parts: Parts, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A process for each loudspeaker of the sample, each on a simulated card; all are gone afterwards."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        with parts.stores.open() as store:
            devices = sorted(store.fleet.assignments()) or [f"loa-mau-{n}" for n in range(1, 7)]
        for device in devices:
            running.append(start_loudspeaker(parts, folder / "loudspeakers" / device, device))
        yield running
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start_loudspeaker(parts: Parts, folder: Path, device: str) -> "subprocess.Popen[bytes]":
    """One loudspeaker in a process of its own; it ends with this one, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    signing = parts.keyring.current()
    enrolment = {
        "device": device,
        "broker": parts.gateway.broker,
        "signing_keys": signing.holding,
        "keys_revision": signing.revision,
    }
    (folder / "enrolment.json").write_bytes(msgspec.json.encode(enrolment))
    command = [sys.executable, "-m", "device_agent", "--enrolment", str(folder / "enrolment.json")]
    command += ["--folder", str(folder), "--sound-card", f"file:{folder / 'card.raw'}"]
    command += ["--step-log", str(folder / "steps"), "--log-level", "WARNING"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent)  # noqa: PLW1509


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGTERM)


def interrupt(_number: int, _frame: object) -> None:
    """A signal that ends the program as Ctrl-C does."""
    raise KeyboardInterrupt


def _must_be_free(*ports: int) -> None:
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise PortTaken(str(port)) from error


def _seed(parts: Parts) -> dict[str, str]:
    """The sample, and passwords that are printed once: every start without known ones sets none anew. Raises
    `RealPeople`."""
    with parts.stores.open() as store:
        if store.staff.anybody_but(username for username, *_ in seed.PEOPLE):
            raise RealPeople(parts.settings.data_folder)
        areas, now = seed.seed_province(store), system_clock.utc_ms()
        passwords = seed.seed_sample(store, areas, parts.hasher, system_clock.new_password, now)
        writer, approver = seed.sample_person(store, "bientap", now), seed.sample_person(store, "pheduyet", now)
        seed_bank(store, parts.takes, writer, approver, now, system_clock.new_id)
        return passwords


def _greet(console: Console, port: int, passwords: dict[str, str], folder: Path) -> None:
    console.say(N_("Ready: open http://127.0.0.1:%(port)s in a browser. Ctrl-C stops everything."), port=port)
    if passwords:
        console.say(N_("Sign in with one of these (shown only this once):"))
        for username, password in passwords.items():
            console.say("  %(username)-12s %(password)s", username=username, password=password)
    else:
        console.say(N_("The people and passwords of the first start still hold; --fresh begins anew."))
    console.say(N_("What each simulated loudspeaker heard lies in %(folder)s."), folder=folder / "loudspeakers")
    console.say(N_("The first bulletin sounds in less than half a minute …"))


def _tell(parts: Parts, console: Console, device: str, report: Report) -> None:
    with parts.stores.open() as store:
        area = store.areas.find(device)
        chain = store.areas.chain(area) if area else []
        titles = store.broadcasts.bulletins(p.bulletin for p in report.playbacks)
    place = ", ".join(a.name for a in reversed(chain[-3:]))
    for playback in report.playbacks:
        bulletin = titles.get(playback.bulletin)
        console.playback(place, bulletin.title if bulletin else playback.occurrence, playback)
