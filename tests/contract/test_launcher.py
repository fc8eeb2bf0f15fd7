"""The launcher makes its environment once, mends it, and hands the command on. With empty locks: nothing is fetched.

Nobody imports this module.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.house import ROOT

# A command that says what it was given, where it stands and how it ends.
COMMAND = "import os, sys\nprint(sys.argv[1:], os.getcwd())\nsys.exit(7)\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("bản sao")  # a name with a space and letters beyond ASCII
    shutil.copy(ROOT / "loaban", folder / "loaban")
    for lock in ("requirements.lock", "requirements-agent.lock", "requirements-voices.lock", "requirements-test.lock"):
        (folder / lock).write_text("")
    (folder / "server").mkdir()
    (folder / "server" / "__init__.py").write_text("")
    (folder / "server" / "__main__.py").write_text(COMMAND)
    yield folder
    shutil.rmtree(folder)


def begin(project: Path, *arguments: str, cwd: Path | None = None) -> "subprocess.Popen[str]":
    """The launcher, as a person starts it with the system's own Python."""
    environment = {**os.environ, "LOABAN_LANG": "en"}
    pipe = subprocess.PIPE
    line = [str(project / "loaban"), *arguments]
    return subprocess.Popen(line, cwd=cwd or project, env=environment, stdout=pipe, stderr=pipe, text=True)


def start(project: Path, *arguments: str, cwd: Path | None = None) -> tuple[int, str, str]:
    """Its exit status, its words and its messages."""
    running = begin(project, *arguments, cwd=cwd)
    out, err = running.communicate(timeout=60)
    return running.returncode, out, err


MAKING = "Making the Python environment"


def test_two_first_starts_at_once_make_one_environment(project: Path) -> None:
    shutil.rmtree(project / ".venv", ignore_errors=True)
    both = [begin(project, "doctor") for _ in range(2)]
    said = [one.communicate(timeout=60) for one in both]
    assert [one.returncode for one in both] == [7, 7], said
    assert sum(MAKING in err for _, err in said) == 1, said
    assert "waiting" in "".join(err for _, err in said)


def test_a_later_start_makes_nothing_and_hands_everything_on(project: Path, tmp_path: Path) -> None:
    start(project, "doctor")
    status, out, err = start(project, "doctor", "--port", "8010", "tên có dấu", cwd=tmp_path)
    assert (status, err) == (7, "")
    assert out == f"['doctor', '--port', '8010', 'tên có dấu'] {tmp_path}\n"


def test_what_a_killed_installation_left_is_made_anew(project: Path) -> None:
    start(project, "doctor")
    (project / ".venv" / "unfinished").touch()
    left = project / ".venv" / "left"
    left.touch()
    status, _, err = start(project, "doctor")
    assert status == 7
    assert MAKING in err
    assert not left.exists()


def test_another_lock_is_installed_into_the_environment_that_is_there(project: Path) -> None:
    start(project, "doctor")
    (project / "requirements.lock").write_text("# one more\n")
    status, _, err = start(project, "doctor")
    assert status == 7
    assert MAKING not in err
    assert "Installing the Python packages of requirements.lock" in err


def test_a_failed_installation_says_so_and_spares_the_environment(project: Path) -> None:
    start(project, "doctor")
    (project / "requirements.lock").write_text("loaban-without-hash==1\n")
    status, out, err = start(project, "doctor")
    assert (status, out) == (2, "")
    assert "could not be installed" in err
    (project / "requirements.lock").write_text("")
    assert start(project, "doctor")[0] == 7
