"""`loaban doctor`: what this machine lacks, and what is weak in its set-up.

A composition root: imported by `server.__main__`.
"""

import argparse
import ctypes
import shutil
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from audio.confinement import Walls, walls
from schedules.clock import DurationMs
from server import seed, system_clock
from server.authority import FOLDER, MACHINE, ends_at
from server.checkup import Address, Finding, Kept, Machine, examine, status
from server.commands.written import Commands
from server.console import Console
from server.repositories.examined import Seen, look_into
from server.settings import Settings
from server.web import words
from server.web.words import N_

NAMES: tuple[str, ...] = ("doctor",)
TOOLS = {
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "espeak-ng": "espeak-ng",
    "prlimit": "util-linux",
}
"""What the server runs, and the package that brings it."""
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 256  # larger than struct timex
_DEMONSTRATIONS = Path(__file__).resolve().parents[2] / "demo-data"


def describe(commands: Commands) -> None:
    """How it is written."""
    commands.add_parser("doctor")


def run(_given: argparse.Namespace, console: Console) -> int:
    """Look and tell; the exit status: 2 where the server cannot do its work, 1 where it is weak, else 0."""
    try:
        findings = examine(look(Settings()))
    except PermissionError as error:
        console.warn(N_("%(file)s is not yours to read. Run this as the user of the server."), file=error.filename)
        return 2
    for finding in findings:
        _tell(console, finding)
    congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control")
    if congestion.exists() and congestion.read_text().strip() != "bbr":
        console.say(N_("On the broker's machine, BBR saves a quarter of the time on bad links (see deploy/)."))
    if not findings:
        console.say(N_("Nothing is missing, and nothing is weak."))
    return status(findings)


def look(settings: Settings, demonstrations: Path = _DEMONSTRATIONS) -> Machine:
    """What there is to see of this installation, and of the demonstrations beside it; nothing is changed or made.
    Raises PermissionError where that is not for this user's eyes."""
    folder = settings.data_folder
    disk = shutil.disk_usage(next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists()))
    seen = _database(settings)
    there = seen or Seen()
    return Machine(
        production=not settings.demo,
        host=settings.host,
        behind_tls=settings.behind_tls,
        own_tls=bool(settings.tls_certificate),
        certificates=tuple(_certificates(folder)),
        broker=address_of(settings.loudspeaker_broker or settings.broker),
        database=address_of(settings.database),
        database_readable=seen is not None,
        keys=tuple(_kept(path) for path in _keys(folder)),
        databases=tuple(_kept(path) for path in sorted(folder.glob("*.db*"))),
        shared_keys=tuple(_shared(folder, demonstrations)),
        synchronised=_synchronised(),
        loud_areas=there.loud_areas,
        sample=there.known,
        without_second_factor=there.single,
        free=disk.free,
        size=disk.total,
        missing_tools=tuple(tool for tool in TOOLS if shutil.which(tool) is None),
        shut_in=walls() is Walls.namespaces,
        voice_abroad=settings.gtts,
        unreviewed=there.unreviewed,
        miscounted=there.miscounted,
    )


def address_of(url: str) -> Address | None:
    """The parts of a URL; what is none is an address that nobody can vouch for."""
    try:
        parts = urlsplit(url)
        return Address(parts.scheme, parts.hostname or "", parts.query) if url else None
    except ValueError:
        return Address("", url)


def _tell(console: Console, finding: Finding) -> None:
    package = TOOLS.get(finding.about, finding.about)
    console.warn(words.WEAKNESSES[finding.weakness], about=finding.about, package=package)


def _keys(folder: Path) -> list[Path]:
    """Files that hold a secret: those of this installation, and of settings that name a password."""
    found = [
        path
        for pattern in ("*.key", "*.pem", "signing.next")
        for path in folder.rglob(pattern)
        if "clips" not in path.parts
    ]
    return sorted([*found, *(path for path in (Path(".env"), Path("/etc/loaban/server.env")) if _is_file(path))])


def _certificates(folder: Path) -> Iterable[tuple[str, DurationMs]]:
    """Those that were made for the machines around, and how long each still holds."""
    now = system_clock.utc_ms()
    for path in sorted(folder.glob(f"{FOLDER}/*{MACHINE}")):
        yield str(path), ends_at(path) - now


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _kept(path: Path) -> Kept:
    return Kept(str(path), path.stat().st_mode & 0o777, path.resolve().parent.stat().st_mode & 0o777)


def _shared(folder: Path, demonstrations: Path) -> Iterable[str]:
    """The demonstrations on this machine that sign with this installation's key."""
    own = {path.read_bytes() for path in (folder / "signing.key", folder / "signing.next") if path.exists()}
    for other in sorted(demonstrations.glob("*/signing.*")):
        if other.parent.resolve() != folder.resolve() and other.read_bytes() in own:
            yield str(other)


def _synchronised() -> bool | None:
    """Whether the kernel takes its clock for synchronised."""
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else answer != _TIME_ERROR


def _database(settings: Settings) -> Seen | None:
    """None if it cannot be read. A server that has never been started has none yet, and that is no fault."""
    if not settings.database and not (settings.data_folder / "loaban.db").exists():
        return Seen()
    return look_into(settings.database_url, (username for username, *_ in seed.PEOPLE), system_clock.utc_ms())
