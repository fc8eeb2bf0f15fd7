"""Tests that attack from within: what a program that is shut in cannot do.

Nobody imports this module.
"""

import os
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from audio.confinement import End, Limits, Walls, run, walls
from tests.waiting import eventually

SMALL = Limits(memory=512 * 1024 * 1024, processor_s=5, wall_s=20, output=1_000_000)
shut_in = pytest.mark.skipif(walls() is not Walls.namespaces, reason="this machine gives no namespaces")
BOTH = [pytest.param(Walls.namespaces, marks=shut_in), Walls.limits]


def attempt(
    source: Path, *command: str, limits: Limits = SMALL, within: Walls | None = None, last: str = ""
) -> tuple[End, str]:
    """How it ended and what it gave; `{}` in `last` is the source as it sees it."""
    said = bytearray()

    def line(path: str) -> Sequence[str]:
        return [*command, last.replace("{}", path)] if last else command

    return run(line, source, said.extend, limits, within), said.decode(errors="replace")


def script(source: Path, text: str, limits: Limits = SMALL, within: Walls | None = None) -> tuple[End, str]:
    return attempt(source, "/bin/bash", "-c", limits=limits, within=within, last=text)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tệp ghi âm"
    path.write_text("the sound")
    return path


@pytest.mark.parametrize("within", BOTH)
def test_it_reads_its_source(source: Path, within: Walls) -> None:
    assert script(source, "cat '{}'", within=within) == (End.done, "the sound")


@shut_in
def test_it_reads_nothing_else(source: Path) -> None:
    beside = source.with_name("key")
    beside.write_text("secret")
    for path in (beside, Path("/etc/passwd"), Path("/proc/1/environ"), Path(__file__)):
        assert path.exists()
        end, said = script(source, f"cat '{path}'")
        assert (end, said) == (End.failed, "")


@pytest.mark.parametrize("within", BOTH)
def test_it_writes_nothing(source: Path, tmp_path: Path, within: Walls) -> None:
    for path in (tmp_path / "new", source):
        assert script(source, f"echo overwritten > '{path}'", within=within)[0] is End.failed
    assert source.read_text() in ("the sound", "")  # without walls it can be emptied, but nothing is written
    assert not (tmp_path / "new").exists() or not (tmp_path / "new").read_text()
    if within is Walls.namespaces:
        assert source.read_text() == "the sound"


@shut_in
def test_it_reaches_no_network(source: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        connect = f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo reached"
        assert script(source, connect, within=Walls.limits)[1] == "reached\n"  # the attack works without walls
        assert script(source, connect) == (End.failed, "")


@pytest.mark.parametrize("within", BOTH)
def test_it_knows_nothing_of_our_environment(source: Path, within: Walls) -> None:
    os.environ["LOABAN_SECRET_OF_A_TEST"] = "x"
    try:
        assert "SECRET" not in attempt(source, "/usr/bin/env", within=within)[1]
    finally:
        del os.environ["LOABAN_SECRET_OF_A_TEST"]


@pytest.mark.parametrize("within", BOTH)
def test_it_cannot_take_all_memory(source: Path, within: Walls) -> None:
    eat = "x=x; while :; do x=$x$x; done"
    assert script(source, eat, within=within)[0] is End.failed


@pytest.mark.parametrize("within", BOTH)
def test_it_cannot_take_the_processor_for_ever(source: Path, within: Walls) -> None:
    limits = Limits(SMALL.memory, processor_s=1, wall_s=60, output=10)
    assert script(source, "while :; do :; done", limits, within)[0] is not End.done


@pytest.mark.parametrize("within", BOTH)
def test_it_cannot_linger_nor_its_children(source: Path, within: Walls) -> None:
    """A child that holds the pipe open would hold us as well."""
    limits = Limits(SMALL.memory, processor_s=5, wall_s=1, output=1_000)
    asleep = f"sleep {'600' if within is Walls.limits else '700'}.{os.getpid()}"
    assert script(source, f"{asleep} & {asleep}; {asleep}", limits, within)[0] is End.timed_out
    eventually(lambda: not [line for line in processes() if asleep in line], what="the end of all its children")


def processes() -> list[str]:
    """The command lines of everything that runs."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:  # it has ended meanwhile
            continue
    return found


@pytest.mark.parametrize("within", BOTH)
def test_it_cannot_give_more_than_it_may(source: Path, within: Walls) -> None:
    end, said = script(source, "yes", within=within)
    assert end is End.overflowed
    assert len(said) <= SMALL.output


@shut_in
def test_it_gains_no_privileges_and_sees_no_other_process(source: Path) -> None:
    said = script(source, "mount -t tmpfs none /usr || echo refused; ls /proc /home /root /tmp /etc/shadow")[1]
    assert said == "refused\n"
