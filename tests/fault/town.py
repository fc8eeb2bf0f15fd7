"""A small town for fault tests: a broker, a server and loudspeakers, each a real process that can be killed.

Imported by the fault tests.
"""

import itertools
import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec

from audio.clip import Clip
from audio.quality import Loudness
from audio.voice import Provenance
from audio.voices.espeak_voice import EspeakVoice
from schedules.clock import SECOND, UtcMs
from schedules.playback import Playback
from schedules.programme import BroadcastClass
from schedules.recurrence import Once
from schedules.signing import SigningKey
from schedules.wire import Status
from server import bulletins, seed, system_clock
from server.access import Person
from server.area import AreaSettings
from server.bulletin import RECORDING
from server.clip_archive import ClipArchive
from server.composing import Draft, DraftVariant, Mode
from server.embedded_broker import EmbeddedBroker
from server.keyring import signing_key
from server.migrations import bring_to_newest
from server.repositories.store import Stores, engine_of
from server.studio import Rendered, Studio
from tests.broker.mosquitto import Mosquitto
from tests.heard import Stretch, heard
from tests.waiting import eventually

LOUDSPEAKERS = tuple(f"loa-mau-{n}" for n in range(1, 7))


class PlainHasher:
    """Stands in for argon2 where nobody signs in."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password: str, hash: str) -> bool:
        return hash == f"plain:{password}"


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on, each with the eleven after it: what a demonstration takes."""
    # Below those that the system hands out for outgoing connections, and begun elsewhere in each process: tests
    # that run beside each other would take one another's between the look and the use.
    found: list[int] = []
    while len(found) < count:
        first = 10_000 + (os.getpid() * 61 + next(_turn)) % 1_800 * 12
        if all(_is_free(port) for port in range(first, first + 12)):
            found.append(first)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_turn = itertools.count()


class Town:
    """Everything in `folder`; `close` ends every process."""

    def __init__(self, folder: Path, broker: EmbeddedBroker | Mosquitto | None = None) -> None:
        self.folder = folder
        self.data = folder / "server"
        self.broker = broker or EmbeddedBroker(free_ports(1)[0], folder / "broker")
        self.port = int(self.broker.url.rpartition(":")[2])
        engine = engine_of(f"sqlite:///{self._made(self.data) / 'loaban.db'}")
        bring_to_newest(engine)
        self.stores = Stores(engine)
        self.archive = ClipArchive(self.data / "clips")
        self.studio = Studio(EspeakVoice(), self.archive)
        self.key: SigningKey = signing_key(self.data, system_clock.new_key)
        self.server: subprocess.Popen[str] | None = None
        self.agents: dict[str, subprocess.Popen[bytes]] = {}
        with self.stores.open() as store:
            areas = seed.seed_province(store)
            seed.seed_sample(store, areas, PlainHasher(), lambda: "secret", system_clock.utc_ms())

    def open(self, *devices: str) -> None:
        """Start the broker, the server and some loudspeakers, and wait until all have met."""
        self.broker.start()
        self.start_server()
        for device in devices:
            self.start(device)
        eventually(lambda: all(self.status(d) and self.status(d).online for d in devices), 30, "all online")

    def close(self) -> None:
        """End every process."""
        for process in self.agents.values():
            process.kill()
            process.wait()
        self.kill_server()
        self.broker.stop()

    def start_server(self) -> None:
        """A server, without pages."""
        command = [sys.executable, "-W", "ignore", "-m", "tests.fault.headquarters", str(self.data), self.broker.url]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.server.stdout is not None
        assert self.server.stdout.readline() == "ready\n"

    def kill_server(self) -> None:
        """The server is gone between two instructions."""
        if self.server is not None:
            self.server.kill()
            self.server.wait()
            self.server = None

    def kill_broker(self) -> None:
        """The broker is gone, with all that it held."""
        process = self.broker.process
        assert process is not None
        process.kill()
        process.wait()
        self.broker.stop()

    def ring(self) -> None:
        """Tell the server that something has been committed."""
        assert self.server is not None
        assert self.server.stdin is not None
        self.server.stdin.write("\n")
        self.server.stdin.flush()

    def start(self, device: str) -> None:
        """A loudspeaker on a simulated card."""
        folder = self._made(self.folder / device)
        enrolment = {"device": device, "broker": self.broker.url, "signing_keys": [self.key.public]}
        (folder / "enrolment.json").write_bytes(msgspec.json.encode(enrolment))
        command = [sys.executable, "-m", "device_agent", "--enrolment", str(folder / "enrolment.json")]
        command += ["--folder", str(folder), "--sound-card", f"file:{self.card(device)}", "--log-level", "ERROR"]
        self.agents[device] = subprocess.Popen([*command, "--step-log", str(folder / "steps")])

    def kill(self, device: str) -> None:
        """A loudspeaker loses its power."""
        process = self.agents.pop(device)
        process.kill()
        process.wait()

    def air(
        self,
        start: UtcMs,
        words: str = "Xin chào bà con.",
        targets: tuple[str, ...] = LOUDSPEAKERS,
        broadcast_class: BroadcastClass = BroadcastClass.ordinary,
    ) -> str:
        """An approved Vietnamese broadcast; the name of its occurrence."""
        sound = self.studio.speak(words, "vi")
        return self.air_sounds(start, {"vi": sound}, targets, broadcast_class)

    def air_sounds(
        self,
        start: UtcMs,
        sounds: dict[str, Rendered],
        targets: tuple[str, ...] = LOUDSPEAKERS,
        broadcast_class: BroadcastClass = BroadcastClass.ordinary,
    ) -> str:
        """An approved broadcast of these clips by language."""
        variants = tuple(DraftVariant(tag, "", "", sound.clip.sha256) for tag, sound in sounds.items())
        draft = Draft("Thử", "an-ninh", broadcast_class, variants, targets, Mode.once, Once(start))
        now = system_clock.utc_ms()
        with self.stores.open() as store:
            editor, approver = self._person(store, "bientap"), self._person(store, "pheduyet")
            broadcast = bulletins.compose(store, editor, draft, sounds, now, system_clock.new_id)
            bulletins.approve(store, approver, broadcast, bulletins.page(store, approver, broadcast).seal, now)
        self.ring()
        return f"{broadcast}@{start}"

    def withdraw(self, occurrence: str) -> None:
        """It is not to air."""
        with self.stores.open() as store:
            editor = self._person(store, "bientap")
            bulletins.withdraw(store, editor, occurrence.partition("@")[0], system_clock.utc_ms())
        self.ring()

    def set_area(self, area: str, settings: AreaSettings) -> None:
        """Settings of an area."""
        with self.stores.open() as store:
            found = store.areas.find(area)
            assert found is not None
            store.areas.keep(msgspec.structs.replace(found, settings=settings))
        self.ring()

    def status(self, device: str) -> Status | None:
        """What the server last heard of a loudspeaker."""
        with self.stores.open() as store:
            found = store.fleet.heard([device]).get(device)
        return found.status if found else None

    def ready(self, occurrence: str, *devices: str) -> None:
        """Wait until these loudspeakers hold this occurrence and all of its sound."""

        def all_ready() -> bool:
            with self.stores.open() as store:
                programmes = {
                    a: p.revision
                    for a, p in store.fleet.programmes().items()
                    if any(s.occurrence == occurrence for s in p.slots)
                }
            found = [self.status(device) for device in devices]
            return bool(programmes) and all(
                s is not None
                and not s.clips_missing
                and any(s.programmes.get(area, 0) >= revision for area, revision in programmes.items())
                for s in found
            )

        eventually(all_ready, 30, f"{devices} ready for {occurrence}")

    def told(self, device: str, occurrence: str) -> list[Playback]:
        """Every playback that was filed of an occurrence at a loudspeaker."""
        with self.stores.open() as store:
            return store.logbook.reported(device, occurrence)

    def reported(self, device: str, occurrence: str, timeout: float = 60) -> Playback:
        """The one playback of an occurrence at a loudspeaker, when it has been filed."""
        eventually(lambda: self.told(device, occurrence), timeout, f"{device} reports {occurrence}")
        [playback] = self.told(device, occurrence)
        return playback

    def heard(self, device: str) -> list[Stretch]:
        """What the loudspeaker's card has heard."""
        return heard(self.card(device), quiet_ms=900)

    def card(self, device: str) -> Path:
        """The simulated card of a loudspeaker."""
        return self._made(self.folder / device) / "card.raw"

    def _person(self, store: object, username: str) -> Person:
        person = store.staff.person(username)  # type: ignore[attr-defined]
        assert person is not None
        return person

    def _made(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def in_seconds(seconds: float) -> UtcMs:
    """So many seconds from now, on a whole second."""
    return round(system_clock.utc_ms() / SECOND + seconds) * SECOND


def made_up(clip: Clip) -> Rendered:
    """A clip that nobody mastered."""
    return Rendered(clip, Provenance(RECORDING), Loudness(-16, -2))
