"""A small town for fault tests: a broker, a server and loudspeakers, each a real process that can be killed.

Imported by the fault tests.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from audio.clip import Clip
from audio.narrator import narrator_of
from audio.quality import Loudness
from audio.voice import Provenance
from audio.voices.espeak_voice import EspeakVoice
from schedules.clock import SECOND, DurationMs, UtcMs
from schedules.playback import Playback
from schedules.programme import BroadcastClass, Programme, occurrence_name, start_of
from schedules.recurrence import Once
from schedules.signing import SigningKey
from schedules.wire import Status
from server import bulletins, seed, system_clock
from server.access import Person, Role
from server.area import AreaSettings
from server.bulletin import RECORDING
from server.clip_archive import ClipArchive
from server.compose_form import Mode
from server.composing import Draft, DraftVariant
from server.embedded_broker import EmbeddedBroker
from server.keyring import signing_key
from server.migrations import bring_to_newest
from server.originals import Originals
from server.repositories.store import Stores, engine_of
from server.studio import Rendered, Studio
from tests.broker.mosquitto import Mosquitto
from tests.fault.machine import Machine, shim
from tests.fault.ports import free_ports
from tests.fault.tones import Tone, hertz_of, record, tones
from tests.heard import Stretch, heard
from tests.lossy_network import LossyNetwork
from tests.waiting import eventually

NOW: UtcMs = 0
STAFF = ("bientap", "pheduyet")
PROVINCE_STAFF = ("tinhbientap", "tinhduyet")
PLAIN = AreaSettings(quiet_hours_off=True, chime=False, emergency_times=1)
"""No chime, nothing twice: what sounds in a town is told by its tones."""
NO_HARM: Mapping[str, Callable[[Path], object]] = {}
LOUDSPEAKERS = tuple(f"loa-mau-{n}" for n in range(1, 7))


class Order(NamedTuple):
    """A broadcast of tones as staff approved it: length and pitch by language; whether it was withdrawn again."""

    start: UtcMs
    targets: tuple[str, ...]
    broadcast_class: BroadcastClass
    lengths_ms: dict[str, DurationMs]
    pitches: dict[str, int]
    withdrawn: bool = False


class PlainHasher:
    """Stands in for argon2 where nobody signs in."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password: str, hash: str) -> bool:
        return hash == f"plain:{password}"


class Town:
    """Everything in `folder`; `close` ends every process. Each loudspeaker and the server stand on a machine of their
    own, whose clock, power and disk fail on order. `leapt_ms`: how far all their clocks are ahead of this one's."""

    def __init__(self, folder: Path, broker: EmbeddedBroker | Mosquitto | None = None) -> None:
        self.folder, self.leapt_ms = folder, 0
        self._leaps: list[tuple[int, DurationMs]] = [(0, 0)]
        self._to_utc_ns = time.time_ns() - time.monotonic_ns()
        self.ordered: dict[str, Order] = {}
        """What staff have approved, by occurrence: the first of the three witnesses."""
        self.machines: dict[str, Machine] = {}
        self.roads: dict[str, str] = {}
        """Another address of the broker for some loudspeakers: that of a bad link."""
        self.inside: dict[str, LossyNetwork] = {}
        """Loudspeakers in a network of their own."""
        self.power_cuts: list[tuple[str, UtcMs]] = []
        """Which loudspeaker lost its power, and when."""
        self._tones = itertools.count()
        self.chimes = False
        self.chimes = False  # whether the server has any for its loudspeakers to fetch
        self.data = folder / "server"
        self.broker = broker or EmbeddedBroker(free_ports(1)[0], folder / "broker")
        self.port = int(self.broker.url.rpartition(":")[2])
        engine = engine_of(f"sqlite:///{self._made(self.data) / 'loaban.db'}")
        bring_to_newest(engine)
        self.stores = Stores(engine)
        self.archive = ClipArchive(self.data / "clips")
        narrator = narrator_of([EspeakVoice()], self.data / "sentences")
        self.studio = Studio(narrator, self.archive, Originals(self.data / "originals"))
        self.key: SigningKey = signing_key(self.data, system_clock.new_key)
        self.server: subprocess.Popen[str] | None = None
        self.agents: dict[str, subprocess.Popen[bytes]] = {}
        with self.stores.open() as store:
            areas = seed.seed_province(store)
            seed.seed_sample(store, areas, PlainHasher(), lambda: "secret", self.now())
            for name, role in zip(PROVINCE_STAFF, (Role.editor, Role.approver), strict=True):
                store.staff.add(name, name, name, "")
                store.staff.grant(name, seed.PROVINCE, role)
        self.set_area(seed.PROVINCE, PLAIN)

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
        command += ["alone"] if isinstance(self.broker, EmbeddedBroker) else []
        command += ["chimes"] if self.chimes else []
        self.server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self._environment("server")
        )
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
        """Tell the server that something has been committed; one that is not there will see for itself."""
        if self.server is not None and self.server.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.server.stdin.write("\n")
                self.server.stdin.flush()

    def start(self, device: str, identity: str = "") -> None:
        """A loudspeaker on a simulated card; with the identity of another, if that is given."""
        folder = self._made(self.folder / device)
        road = self.roads.get(device, self.broker.url)
        enrolment = {"device": identity or device, "broker": road, "signing_keys": [self.key.public]}
        (folder / "enrolment.json").write_bytes(msgspec.json.encode(enrolment))
        command = [sys.executable, "-m", "device_agent", "--enrolment", str(folder / "enrolment.json")]
        command += ["--folder", str(folder), "--sound-card", f"file:{self.card(device)}", "--log-level", "ERROR"]
        command += ["--step-log", str(folder / "steps")]
        if device in self.inside:
            command = [*self.inside[device].command(*command)]
        with (folder / "errors.txt").open("ab") as errors:
            self.agents[device] = subprocess.Popen(command, stderr=errors, env=self._environment(device))

    def machine(self, name: str) -> Machine:
        """That of a loudspeaker, or of the `server`."""
        if name not in self.machines:
            machine = Machine(self._made(self.folder / "machines" / name), shim(self._made(self.folder / "machines")))
            machine.clock_off_by(self.leapt_ms)
            self.machines[name] = machine
        return self.machines[name]

    def now(self) -> UtcMs:
        """The time in this town."""
        return system_clock.utc_ms() + self.leapt_ms

    def leap(self, ms: DurationMs) -> None:
        """So much time passes for everybody, all power being off meanwhile; then whoever was there is there again."""
        there = tuple(self.agents)
        served = self.server is not None
        for device in there:
            self.kill(device)
        self.kill_server()
        self.leapt_ms += ms
        self._leaps.append((time.monotonic_ns(), self.leapt_ms))
        for machine in self.machines.values():
            machine.clock_off_by(self.leapt_ms)
        if served:
            self.start_server()
        for device in there:
            self.start(device)

    def utc_ns_of(self, line: dict[str, Any]) -> int:
        """When a line of a card's log was written, by the clock of the town, whatever that machine's own clock said."""
        mono_ns = int(line["mono_ns"])
        leapt = [ms for since, ms in self._leaps if since <= mono_ns][-1]
        return mono_ns + self._to_utc_ns + leapt * 1_000_000

    def tones(self, device: str) -> list[Tone]:
        """What the loudspeaker's card sounded, by the clock of the town."""
        return tones(self.card(device), self.utc_ns_of)

    def _environment(self, name: str) -> dict[str, str]:
        return {**os.environ, **self.machine(name).environment}

    def kill(self, device: str) -> None:
        """A loudspeaker loses its power."""
        process = self.agents.pop(device)
        process.kill()
        self.power_cuts.append((device, self.now()))
        process.wait()

    def dead(self) -> list[str]:
        """The loudspeakers that have lost their power by themselves."""
        return [device for device, process in self.agents.items() if process.poll() is not None]

    def in_seconds(self, seconds: float) -> UtcMs:
        """So many seconds from now in this town, on a whole second."""
        return round(self.now() / SECOND + seconds) * SECOND

    def programme(self, area: str) -> Programme:
        """The newest programme of an area."""
        with self.stores.open() as store:
            return store.fleet.programmes([area])[area]

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
        by: tuple[str, str] = STAFF,
    ) -> str:
        """An approved broadcast of these clips by language."""
        variants = tuple(DraftVariant(tag, "Thử", "", sound.clip.sha256) for tag, sound in sounds.items())
        when = (Mode.once, Once(start)) if start else (Mode.now, None)
        draft = Draft("Thử", "an-ninh", broadcast_class, variants, targets, *when)
        now = self.now()
        with self.stores.open() as store:
            editor, approver = (self._person(store, name) for name in by)
            broadcast = bulletins.compose(store, editor, draft, sounds, now, system_clock.new_id)
            seal = bulletins.page(store, approver, broadcast).seal
            bulletins.approve(store, approver, broadcast, seal, now, by_text=sounds)
            found = store.broadcasts.find(broadcast)
        self.ring()
        assert found is not None
        assert isinstance(found.recurrence, Once)
        return occurrence_name(broadcast, found.recurrence.at)

    def air_tones(
        self,
        start: UtcMs,
        lengths_ms: dict[str, DurationMs],
        targets: tuple[str, ...] = LOUDSPEAKERS,
        broadcast_class: BroadcastClass = BroadcastClass.ordinary,
        *,
        kbits: int = 24,
        harm: Mapping[str, Callable[[Path], object]] = NO_HARM,
        by: tuple[str, str] = STAFF,
        like: str = "",
    ) -> str:
        """An approved broadcast of one tone for each language, so long; no other occurrence has the same, but for the one
        that it is to be `like`. `harm` is done to the archive's files by language. A start of `NOW` is a moment after
        the approval."""
        fresh = {language: hertz_of(next(self._tones)) for language in lengths_ms}
        pitches = self.ordered[like].pitches if like else fresh
        sounds = {
            language: made_up(record(self.archive.folder, pitches[language], ms, language, kbits))
            for language, ms in lengths_ms.items()
        }
        for language, done in harm.items():
            done(self.archive.folder / f"{sounds[language].clip.sha256}.opus")
        occurrence = self.air_sounds(start, sounds, targets, broadcast_class, by)
        self.ordered[occurrence] = Order(start_of(occurrence), targets, broadcast_class, lengths_ms, pitches)
        return occurrence

    def withdraw(self, occurrence: str) -> None:
        """It is not to air."""
        with self.stores.open() as store:
            editor = self._person(store, "bientap")
            bulletins.withdraw(store, editor, occurrence.partition("@")[0], self.now())
        if occurrence in self.ordered:
            self.ordered[occurrence] = self.ordered[occurrence]._replace(withdrawn=True)
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
            found = store.fleet.heard([device], self.now()).get(device)
        return found.status if found else None

    def holds(self, device: str, revision: int) -> bool:
        """Whether a loudspeaker has said that it holds this revision of its own programme."""
        status = self.status(device)
        return status is not None and status.programmes.get(device) == revision

    def ready(self, occurrence: str, *devices: str) -> None:
        """Wait until these loudspeakers hold this occurrence and all of its own sound; chimes are waited for by nobody."""

        def all_ready() -> bool:
            with self.stores.open() as store:
                every = store.fleet.programmes().items()
            named = {a: (p.revision, s) for a, p in every for s in p.slots if s.occurrence == occurrence}
            needed = {clip.sha256 for _, slot in named.values() for clip in slot.sounds}
            found = [self.status(device) for device in devices]
            return bool(named) and all(
                s is not None
                and not needed & set(s.clips_missing)
                and any(s.programmes.get(area, 0) >= revision for area, (revision, _) in named.items())
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
        return self._made(self.folder / "cards") / f"{device}.raw"

    def unplug(self, device: str) -> None:
        """The sound card of a loudspeaker is away."""
        self._plug_of(device).touch()

    def plug(self, device: str) -> None:
        """It is back."""
        self._plug_of(device).unlink()

    def _plug_of(self, device: str) -> Path:
        card = self.card(device)
        return card.with_name(card.name + ".unplugged")

    def _person(self, store: object, username: str) -> Person:
        person = store.staff.person(username, system_clock.utc_ms())  # type: ignore[attr-defined]
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
