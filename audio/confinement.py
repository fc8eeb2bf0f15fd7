"""Running a program that is not to be trusted with more than it needs: a decoder on a file that anybody may have made,
a voice engine on a text. Shut in, counted, and ended with all its children. A shell.

Imported by `audio.decoding`, the voices, the server's `doctor` and tests. The walls are bubblewrap's: namespaces of its
own (no network, no processes, no files but the system's programs and the one file to be read), nothing of our
environment, no privileges to gain. Where a machine allows no namespaces, only the limits are left, and `loaban doctor`
says so.
"""

import enum
import functools
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

_CHUNK = 64 * 1024
_TRY_S = 10
_INSIDE = "/sound"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ROOM = (
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--cap-drop",
    "ALL",
    *("--ro-bind", "/usr", "/usr"),
    *("--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"),
    *("--ro-bind-try", "/etc/alternatives", "/etc/alternatives"),
    *("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"),
    *("--chdir", "/"),
)
_FOR_THE_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl", "/etc/ca-certificates")


class Walls(enum.Enum):
    """What this machine lets us shut a decoder in with."""

    namespaces = "namespaces"
    limits = "limits"  # memory, time and size alone: it could open files and connections


class Limits(msgspec.Struct, frozen=True):
    """What a run may use: bytes of address space, seconds of processor, seconds by the clock on the wall, and bytes
    that it may give."""

    memory: int
    processor_s: int
    wall_s: int
    output: int


class Doors(msgspec.Struct, frozen=True):
    """What a program may have besides its source. `readable`: files and folders, at their own paths; `writable`: one
    folder, and no file in it larger than the output may be; `fed`: it gets the source on standard input, and not as a
    file."""

    readable: tuple[Path, ...] = ()
    writable: Path | None = None
    network: bool = False
    fed: bool = False


NO_DOORS = Doors()


class End(enum.Enum):
    """How a run ended."""

    done = "done"
    failed = "failed"
    overflowed = "overflowed"  # it gave more than it may; what it gave until then was taken
    timed_out = "timed_out"


@functools.cache
def walls() -> Walls:
    """Tried once: whether a program can be shut in here."""
    if shutil.which("bwrap") is None:
        return Walls.limits
    command = ["bwrap", *_ROOM, "--", "/usr/bin/true"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TRY_S, check=False, env={"PATH": _PATH})
    except (OSError, subprocess.TimeoutExpired):
        return Walls.limits
    return Walls.limits if done.returncode else Walls.namespaces


def run(
    command: Callable[[str], Sequence[str]],
    source: Path,
    take: Callable[[bytes], object],
    limits: Limits,
    within: Walls | None = None,
    doors: Doors = NO_DOORS,
) -> End:
    """Run `command(path of the source as the program sees it)`; `take` gets what it gives, piece by piece. Nothing of
    it is left when this returns. Raises FileNotFoundError where the system lacks `prlimit`."""
    shut_in = (within or walls()) is Walls.namespaces
    room = ["bwrap", *_ROOM, *_opened(doors, source), "--"] if shut_in else []
    program = command(_INSIDE if shut_in else str(source.resolve()))
    largest = limits.output if doors.writable else 0
    caps = [f"--as={limits.memory}", f"--cpu={limits.processor_s}", f"--fsize={largest}", "--core=0", "--nofile=64"]
    with Path(source if doors.fed else os.devnull).open("rb") as given:
        process = subprocess.Popen(
            ["prlimit", *caps, "--", *room, *program],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": _PATH, "LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )
    expired = threading.Event()
    alarm = threading.Timer(limits.wall_s, _expire, (process, expired))
    alarm.start()
    try:
        whole = _taken(process, take, limits.output)
    finally:
        alarm.cancel()
        _end(process)
    if expired.is_set():
        return End.timed_out
    if not whole:
        return End.overflowed
    if process.returncode in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
        return End.timed_out
    return End.failed if process.returncode else End.done


def _opened(doors: Doors, source: Path) -> list[str]:
    """The doors, as bubblewrap is told of them."""
    told = [] if doors.fed else ["--ro-bind", str(source.resolve()), _INSIDE]
    for path in doors.readable:
        told += ["--ro-bind", str(path), str(path)]
    if doors.writable is not None:
        told += ["--bind", str(doors.writable), str(doors.writable)]
    if doors.network:
        told += ["--share-net"]
        for name in _FOR_THE_NETWORK:
            told += ["--ro-bind-try", name, name]
    # `--clearenv` leaves nothing: an engine that reads text must know that it is UTF-8.
    return [*told, "--setenv", "LC_ALL", "C.UTF-8", "--setenv", "PATH", _PATH]


def _taken(process: "subprocess.Popen[bytes]", take: Callable[[bytes], object], most: int) -> bool:
    """Hand on all that it gives; False if that is more than it may. Afterwards it has ended."""
    assert process.stdout is not None  # noqa: S101
    with process.stdout as given:
        while piece := given.read1(_CHUNK):  # type: ignore[attr-defined]
            most -= len(piece)
            if most < 0:
                return False
            take(piece)
    process.wait()
    return True


def _expire(process: "subprocess.Popen[bytes]", expired: threading.Event) -> None:
    expired.set()
    _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """It and its children are gone."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
