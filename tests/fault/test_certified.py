"""The whole way of a loudspeaker with certificates: the real server, Mosquitto as deployed, the real command on a machine
whose power fails, and whose clock says 1970.

Nobody imports this module.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from device_agent import identity
from device_agent.settings import ENROLLED
from schedules import wire
from schedules.clock import DAY, ClockTrust
from server import seed, system_clock
from server.authority import Authority
from server.certificates import BROKER_LASTS, DEVICE_LASTS
from server.migrations import bring_to_newest
from server.repositories.store import Stores, engine_of
from tests.broker.deployed import Guest, deployed_in
from tests.fault.machine import AFTER, BEFORE, WITHIN, Machine, shim
from tests.fault.ports import free_ports
from tests.waiting import eventually

pytestmark = pytest.mark.broker
DEVICE = "loa-mau-1"
KILLED = -9


class Plain:
    """Stands in for argon2 where nobody signs in."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password: str, hash: str) -> bool:
        return hash == f"plain:{password}"


class Province:
    """A server with its pages, a broker as deployed, one machine for a loudspeaker."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.pi = folder, folder / "server", folder / "pi"
        self.data.mkdir()
        engine = engine_of(f"sqlite:///{self.data / 'loaban.db'}")
        bring_to_newest(engine)
        self.stores = Stores(engine)
        with self.stores.open() as store:
            seed.seed_sample(store, seed.seed_province(store), Plain(), lambda: "secret", system_clock.utc_ms())
        self.authority = Authority(self.data)
        port, self.port = free_ports(2)
        self.machine = Machine(folder / "machine", shim(folder))
        pages, files = folder / "pages", folder / "broker"
        self.environment = {
            **os.environ,
            "LOABAN_DATA_FOLDER": str(self.data),
            "LOABAN_BROKER": f"mqtts://127.0.0.1:{port}",
            "LOABAN_TLS_CERTIFICATE": str(pages / "server.crt"),
            "LOABAN_TLS_KEY": str(pages / "server.key"),
            "LOABAN_LANG": "en",
        }
        self.command("page-files", "--name", "127.0.0.1", "--out", str(pages))
        self.command("broker-files", "--name", "127.0.0.1", "--out", str(files))
        self.broker = deployed_in(files, port, (files / "mosquitto.conf").read_text())
        self._running: list[subprocess.Popen[str]] = []

    def open(self) -> None:
        """Start broker and server, and wait for the pages."""
        self.broker.start()
        server = self._start("server", "serve", "--port", str(self.port), errors=self.folder / "server.txt")
        assert server.stdout is not None
        assert "Pages on https" in server.stdout.readline()

    def command(self, *words: str) -> str:
        """What a command of the server says."""
        command = [sys.executable, "-m", "server", *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def enrol(self, code: str) -> "subprocess.CompletedProcess[str]":
        """The real command, on the loudspeaker's machine."""
        command = [sys.executable, "-m", "device_agent", "enrol", code, f"https://127.0.0.1:{self.port}"]
        command += ["--folder", str(self.pi)]
        environment = {**self.environment, **self.machine.environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def start_agent(self) -> "subprocess.Popen[str]":
        """The loudspeaker."""
        words = ["--folder", str(self.pi), "--sound-card", f"file:{self.folder / 'card.raw'}", "--log-level", "INFO"]
        return self._start("device_agent", *words, errors=self.folder / "agent.txt", **self.machine.environment)

    def status(self) -> wire.Status | None:
        """What the loudspeaker last said."""
        with self.stores.open() as store:
            heard = store.fleet.heard([DEVICE], system_clock.utc_ms()).get(DEVICE)
        return heard.status if heard else None

    def linked(self) -> bool:
        """Whether the loudspeaker is there and knows what time it is."""
        status = self.status()
        return status is not None and status.online and status.trust is ClockTrust.server

    def agent_says(self) -> str:
        """Its messages so far."""
        return (self.folder / "agent.txt").read_text()

    def close(self) -> None:
        """End every process."""
        for process in reversed(self._running):
            process.terminate()
            process.wait(20)
        self.broker.stop()

    def _start(self, module: str, *words: str, errors: Path, **more: str) -> "subprocess.Popen[str]":
        with errors.open("a") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                env={**self.environment, **more},
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )
        self._running.append(process)
        return process


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    province = Province(tmp_path)
    province.open()
    yield province
    province.close()


def code_in(said: str) -> str:
    return next(word for word in said.split() if word.count("-") == 4)


def test_from_the_code_to_the_link_through_power_cuts_in_1970_to_the_next_certificate_and_out(
    province: Province,
) -> None:
    code = code_in(province.command("claim", DEVICE))
    for word, when in ((identity.PENDING, WITHIN), (identity.IDENTITY, BEFORE), (ENROLLED, WITHIN), (ENROLLED, AFTER)):
        province.machine.power_goes_at_write(1, word, when)
        assert province.enrol(code).returncode == KILLED, word
    province.machine.heal()
    done = province.enrol(code)
    assert done.returncode == 0, done.stderr
    age(province, DEVICE_LASTS * 3 // 4)
    before = (province.pi / identity.IDENTITY).read_text()

    province.machine.clock_off_by(-system_clock.utc_ms())
    province.start_agent()
    eventually(province.linked, 40, "it is linked, though its clock says 1970")
    eventually(lambda: (province.pi / identity.IDENTITY).read_text() != before, 40, "it has its next certificate")
    fresh = x509.load_pem_x509_certificate((province.pi / identity.IDENTITY).read_bytes())
    assert fresh.not_valid_after_utc.timestamp() * 1000 > system_clock.utc_ms() + DEVICE_LASTS - DAY

    province.command("shut-out", DEVICE)
    eventually(lambda: "hear nothing" in province.agent_says(), 40, "it comes again and hears nothing")
    status = province.status()
    assert status is not None
    assert not status.online
    thief = Guest(province.broker.url, province.authority.file, province.pi / identity.IDENTITY)
    assert not thief.may_hear(wire.ASSIGNMENT.topic(DEVICE))
    assert not thief.may_say(wire.REPORT.topic(DEVICE))
    thief.leave()


def age(province: Province, ago: int) -> None:
    """Its certificate was issued so long ago."""
    file = province.pi / identity.IDENTITY
    key = identity.key_in(file.read_bytes())
    now = system_clock.utc_ms()
    with province.stores.open() as store:
        store.certificates.revoke(DEVICE, now)
        made = province.authority.device(DEVICE, key.public_key(), now - ago)
        store.certificates.add(DEVICE, made)
    file.write_bytes(identity.key_pem(key) + made.pem.encode())


def test_a_broker_whose_certificate_had_ended_before_what_the_journal_remembers_is_not_believed(
    province: Province,
) -> None:
    """The clock is not believed, so what has certainly passed decides."""
    assert province.enrol(code_in(province.command("claim", DEVICE))).returncode == 0
    province.machine.clock_off_by(-system_clock.utc_ms())
    past = system_clock.utc_ms() + BROKER_LASTS + DAY
    remember = (
        "import sys; from pathlib import Path; from device_agent.journal import Journal;"
        "j = Journal(Path(sys.argv[1]), lambda: 'a'); j.remember(int(sys.argv[2])); j.shut()"
    )
    subprocess.run([sys.executable, "-c", remember, str(province.pi / "journal.db"), str(past)], check=True)
    province.start_agent()
    eventually(lambda: "certificate is over" in province.agent_says(), 20, "the broker is refused")
    assert not province.linked()
