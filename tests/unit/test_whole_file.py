"""Tests of writing whole files, in the server and in the agent: whole or not at all, and a secret from the first byte.

Nobody imports this module.
"""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import device_agent.whole_file
import server.whole_file

BOTH = pytest.mark.parametrize(
    "write", [server.whole_file.write_whole, device_agent.whole_file.write_whole], ids=["server", "agent"]
)
ROOT = Path(__file__).resolve().parents[2]
Write = Callable[[Path, bytes], None]


@BOTH
def test_a_secret_is_for_its_owner_alone_whatever_stood_there(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    (tmp_path / "signing.key.new").write_bytes(b"left behind by a power cut")
    (tmp_path / "signing.key.new").chmod(0o666)
    before = os.umask(0)
    try:
        write(path, b"secret")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["signing.key"]


def test_what_others_must_read_they_can(tmp_path: Path) -> None:
    server.whole_file.write_whole(tmp_path / "ca.crt", b"pem", server.whole_file.OPEN)
    assert (tmp_path / "ca.crt").stat().st_mode & 0o777 == 0o644


@BOTH
def test_where_it_cannot_be_written_the_old_file_stays(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "identity.pem"
    write(path, b"old")
    (tmp_path / "identity.pem.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        write(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("room", ["server", "device_agent"])
def test_a_disk_that_is_full_in_the_middle_leaves_the_old_file_and_nothing_beside_it(room: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(b"old")
    program = f"import sys, pathlib; from {room}.whole_file import write_whole as w; w(pathlib.Path(sys.argv[1]), b'x' * 9000)"

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))

    done = subprocess.run(
        [sys.executable, "-B", "-c", program, str(path)],
        check=False,
        cwd=ROOT,
        preexec_fn=small,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1, done.stderr
    assert "File too large" in done.stderr
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]
