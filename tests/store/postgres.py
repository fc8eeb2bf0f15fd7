"""A PostgreSQL of our own for tests: a private cluster in a folder, on a socket there, that ends with the tests.

Imported by the tests of this folder and the bench.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

BINARIES = "/usr/lib/postgresql"
_NEEDS = ("initdb", "pg_ctl")
_UNPRIVILEGED = ("postgres", "nobody")
"""PostgreSQL does not run as root."""


class Cluster:
    """A running cluster. `url(name)`: of one of its databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql+psycopg://loaban@/{name}?host={self._folder}"

    def create(self, name: str, template: str = "template1") -> str:
        """A new database, as a copy of another that nobody uses; its address."""
        self._say(f"create database {name} template {template}")
        return self.url(name)

    def drop(self, name: str) -> None:
        """It is needed no more."""
        self._say(f"drop database {name} with (force)")

    def _say(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def is_there() -> bool:
    """Whether PostgreSQL is installed here."""
    return _binaries() is not None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Begin one, and end it. Nothing in it outlives a power cut."""
    binaries = _binaries()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL is missing: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="loaban-pg-"))
    user = _user()
    try:
        if user is not None:
            shutil.chown(folder, user)
        _run(
            binaries,
            user,
            "initdb",
            "-D",
            f"{folder}/data",
            "-U",
            "loaban",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--locale=C",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
        start = ("-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-t", "60", "-o", options, "start")
        _run(binaries, user, "pg_ctl", *start)
        try:
            yield Cluster(folder)
        finally:
            _run(binaries, user, "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path | None:
    versions = sorted(Path(BINARIES).glob("*/bin"), key=lambda path: path.parent.name)
    return next((path for path in reversed(versions) if all((path / name).exists() for name in _NEEDS)), None)


def _user() -> str | None:
    """Somebody else where this is root."""
    if os.geteuid() != 0:
        return None
    there = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _UNPRIVILEGED if name in there)


def _run(binaries: Path, user: str | None, program: str, *arguments: str) -> None:
    # Its output goes to a file: a server that goes on in the background would keep a pipe open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [binaries / program, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            user=user,
            cwd="/",
        )
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{program}: {said.read().decode(errors='replace')}")
