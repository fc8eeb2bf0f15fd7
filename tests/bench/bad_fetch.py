"""What a clip costs on a link that loses and is cut, in bytes and time, beside curl that resumes by range.

Imported by the bench command; `python -m tests.bench.bad_fetch [SECONDS_OF_SOUND CUTS]` prints the table.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from schedules.blocks import block_count
from schedules.clock import SECOND
from tests.bad_link import BadLink, Conditions, Cuts
from tests.bench.crowd import PUBLISH, head_of
from tests.bench.fan_out import Nginx
from tests.bench.figures import Figure, table
from tests.broker.mosquitto import Mosquitto
from tests.fault.ports import free_ports
from tests.fault.town import Town
from tests.waiting import eventually

DEVICE = "loa-mau-1"
LINK = Conditions(bytes_per_s=512_000 / 8, delay_s=0.1, loss=0.1)
SEED, KBITS = 5, 64
SPOKEN_S, CUTS = 1_800, 100
BYTES_PERCENT, TIMES_CURL = 105, 1.3
LONGEST_S = 1_700


class Fetched(NamedTuple):
    """Seconds it took, bytes over the wire, those of them in messages that a cut left unfinished, and cuts."""

    seconds: float
    carried: int
    unfinished: int
    cuts: int


class Messages:
    """Follows the MQTT packets of each connection: what has begun and is not whole was in flight."""

    def __init__(self) -> None:
        self._heads: dict[int, bytes] = {}
        self._left: dict[int, int] = {}
        self._begun: dict[int, int] = {}
        self.published = 0

    def __call__(self, link: int, piece: bytes) -> None:
        """More of a connection."""
        at = 0
        while at < len(piece):
            if not self._left.get(link):
                before = self._heads.get(link, b"")
                start = before + piece[at : at + 300]
                head = head_of(start)
                if head is None:
                    self._heads[link] = start
                    self._begun[link] = len(start)
                    return
                self._heads[link], self._left[link], self._begun[link] = b"", head.rest, head.length
                at += head.length - len(before)
                self.published += head.rest if head.kind == PUBLISH else 0
            taken = min(self._left[link], len(piece) - at)
            self._left[link] -= taken
            self._begun[link] = self._begun[link] + taken if self._left[link] else 0
            at += taken

    @property
    def unfinished(self) -> int:
        """Bytes of all messages that were never finished."""
        return sum(self._begun.values())


def measure(spoken_s: int = SPOKEN_S, cuts: int = CUTS) -> Iterator[Figure]:
    """A real agent of a real server behind Mosquitto, and curl from nginx, over links of the same kind that are cut
    after the same numbers of bytes. Neither pauses after a cut."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or shutil.which("curl") is None:
        print("without the fetching beside curl: apt-get install nginx-light curl", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="bad-fetch-", dir="/tmp") as folder:
        place = Path(folder)
        place.chmod(0o755)
        clip = place / "nginx" / "clip"
        clip.parent.mkdir()
        agent = _by_agent(place / "town", clip, spoken_s, cuts)
        curl = _by_curl(place / "fetched", clip, program, cuts)
        size = clip.stat().st_size
    whole = agent.carried - agent.unfinished
    yield Figure("bytes over the wire, of the clip", whole / size * 100, "%", curl.carried / size * 100, BYTES_PERCENT)
    yield Figure("and in flight at the cuts, of the clip", agent.unfinished / size * 100, "%")
    name = f"{size / 1e6:.1f} MB over {agent.cuts} cuts"
    yield Figure(name, agent.seconds, "s", curl.seconds, TIMES_CURL * curl.seconds)


def _by_agent(folder: Path, copy: Path, spoken_s: int, cuts: int) -> Fetched:
    """Let the agent fetch a clip, and leave a copy of it."""
    town, messages = Town(folder, Mosquitto(free_ports(1)[0], folder / "mosquitto")), Messages()
    agent: subprocess.Popen[bytes] | None = None
    try:
        town.open()
        size = round(spoken_s * KBITS * 1000 / 8)
        with BadLink(("127.0.0.1", town.port), LINK, _cuts(size, cuts), seed=SEED, tap=messages) as link:
            agent = _started(folder / "agent", link, town)
            eventually(lambda: town.status(DEVICE), 60, "the agent is online")
            before, began = link.carried.from_target, time.monotonic()
            occurrence = town.air_tones(town.in_seconds(LONGEST_S), {"vi": spoken_s * SECOND}, (DEVICE,), kbits=KBITS)
            name = _clip_of(town, occurrence)
            clips, blocks = (
                folder / "agent" / "clips",
                block_count((town.archive.folder / f"{name}.opus").stat().st_size),
            )
            eventually(lambda: _holds(clips, name, blocks), LONGEST_S, "the clip is whole")
            took = time.monotonic() - began
            shutil.copy(town.archive.folder / f"{name}.opus", copy)
            return Fetched(took, link.carried.from_target - before, messages.unfinished, link.cut_count)
    finally:
        if agent is not None:
            agent.kill()
            agent.wait()
        town.close()


def _clip_of(town: Town, occurrence: str) -> str:
    """The name of its clip, once the server has composed the programme."""
    found: set[str] = set()

    def composed() -> bool:
        with town.stores.open() as store:
            programme = store.fleet.programmes([DEVICE]).get(DEVICE)
        slots = programme.slots if programme is not None else ()
        found.update(clip.sha256 for slot in slots if slot.occurrence == occurrence for clip in slot.clips)
        return bool(found)

    eventually(composed, 30, "the programme is composed")
    return found.pop()


def _holds(clips: Path, name: str, blocks: int) -> bool:
    """Whether all blocks of a clip are there, be it decoded already or not."""
    have = clips / f"{name}.have"
    return (clips / f"{name}.wav").exists() or (have.exists() and have.read_bytes() == b"\1" * blocks)


def _started(folder: Path, link: BadLink, town: Town) -> "subprocess.Popen[bytes]":
    folder.mkdir(parents=True)
    enrolment = {"device": DEVICE, "broker": link.url, "signing_keys": [town.key.public]}
    (folder / "enrolment.json").write_bytes(msgspec.json.encode(enrolment))
    command = [sys.executable, "-m", "tests.bench.lucky_agent", "--enrolment", str(folder / "enrolment.json")]
    command += ["--folder", str(folder), "--sound-card", f"file:{folder / 'card.raw'}", "--log-level", "ERROR"]
    return subprocess.Popen(command)


def _by_curl(fetched: Path, clip: Path, program: str, cuts: int) -> Fetched:
    """Let curl fetch it, and go on where it was after every cut."""
    size = clip.stat().st_size
    with (
        Nginx(program, free_ports(1)[0], clip.parent) as nginx,
        BadLink(("127.0.0.1", nginx.port), LINK, _cuts(size, cuts), seed=SEED) as link,
    ):
        began, until = time.monotonic(), time.monotonic() + LONGEST_S
        command = ["curl", "-s", "-C", "-", "-o", str(fetched), f"http://127.0.0.1:{link.port}/clip"]
        while not fetched.exists() or fetched.stat().st_size < size:
            if time.monotonic() > until:
                raise TimeoutError("curl has not come to the end")
            subprocess.run(command, check=False)
        return Fetched(time.monotonic() - began, link.carried.from_target, 0, link.cut_count)


def _cuts(size: int, times: int) -> Cuts:
    return Cuts(SEED, times, mean_bytes=size / max(times, 1))


if __name__ == "__main__":
    print(table(measure(*map(int, sys.argv[1:]))))
