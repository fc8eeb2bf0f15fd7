"""The project's own files: locks, settings, translations, vendored files, and what must never be committed.

Nobody imports this module.
"""

import hashlib
import io
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from packaging.requirements import Requirement

from device_agent.settings import Settings as AgentSettings
from server.settings import Settings as ServerSettings
from tests.contract.house import ROOT

LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
INDEX = re.compile(r"--(extra-)?index-url|--find-links|files\.python" r"hosted\.org|registry\.npm" r"js")
OWN_PATHS = re.compile(r"(^|[\s\"'=(])/(root|home/\w+|work)/")


def committed() -> list[str]:
    """The files that git keeps."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def test_there_are_five_locks() -> None:
    names = ["agent", "proof", "test", "voices"]
    assert [*(f"requirements-{name}.lock" for name in names), "requirements.lock"] == LOCKS


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not INDEX.search(text)
    pins = re.findall(r"^(\S+)==(\S+).*\\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n?)+)", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\w", text, re.MULTILINE)) >= 5


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("requirements-agent.lock", "requirements-proof.lock"),
        ("requirements-proof.lock", "requirements-test.lock"),
        ("requirements-agent.lock", "requirements.lock"),
        ("requirements.lock", "requirements-voices.lock"),
        ("requirements-voices.lock", "requirements-test.lock"),
    ],
)
def test_a_larger_lock_holds_all_of_the_smaller(smaller: str, larger: str) -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins(smaller) <= pins(larger)


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements-agent.lock", {"agent"}),
        ("requirements-proof.lock", {"agent", "proof"}),
        ("requirements.lock", {"agent", "server"}),
        ("requirements-voices.lock", {"agent", "server", "piper", "asr"}),
        ("requirements-test.lock", {"agent", "server", "piper", "asr", "samples", "test", "proof"}),
    ],
)
def test_a_lock_satisfies_what_the_project_asks_for(lock: str, extras: set[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    pins = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE))
    for line in wanted:
        asked = Requirement(line)
        assert asked.specifier.contains(pins.get(asked.name.lower(), "0")), f"{lock}: {line}"


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    readme = (ROOT / "README.md").read_text()
    fields = {f"LOABAN_{name.upper()}": field.default for name, field in ServerSettings.model_fields.items()}
    fields |= {f"LOABAN_AGENT_{f.name.upper()}": f.default for f in msgspec.structs.fields(AgentSettings)}
    for name, default in fields.items():
        row = next((line for line in readme.splitlines() if line.startswith(f"| `{name}` |")), None)
        assert row, f"{name} is not in the README"
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        assert f"| `{shown}` |" in row or (not shown and "| |" in row), f"{name}: the README has another default: {row}"


@pytest.mark.parametrize("name", ["README.md", *sorted(f"deploy/{path.name}" for path in (ROOT / "deploy").iterdir())])
def test_only_settings_that_exist_are_spoken_of(name: str) -> None:
    known = {f"LOABAN_{field.upper()}" for field in ServerSettings.model_fields} | {"LOABAN_LANG"}
    known |= {f"LOABAN_AGENT_{field.name.upper()}" for field in msgspec.structs.fields(AgentSettings)}
    assert set(re.findall(r"LOABAN_[A-Z_]+[A-Z]", (ROOT / name).read_text())) - known == set()


@pytest.mark.parametrize("script", ["deploy/install-agent.sh", ".ci/run"])
def test_scripts_can_be_read_by_the_shell(script: str) -> None:
    subprocess.run(["bash", "-n", ROOT / script], check=True)


def messages() -> set[str]:
    """Every text that is marked for translation."""
    keywords = {"_": None, "N_": None, "gettext": None, "_gettext": None, "ngettext": (1, 2)}
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    found = extract_from_dir(ROOT / "server", methods, {}, keywords)
    texts = {message for _, _, message, _, _ in found}
    return {text[0] if isinstance(text, tuple) else text for text in texts}


def test_every_text_has_its_vietnamese_words() -> None:
    with (ROOT / "server/web/locale/vi/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue: Catalog = read_po(file)
    missing = []
    for text in sorted(messages() - {""}):
        message = catalogue.get(text)
        words = message.string if message else ""
        if not words or not all(words if isinstance(words, tuple) else (words,)) or (message and message.fuzzy):
            missing.append(text)
    assert not missing


def test_a_translation_keeps_every_placeholder() -> None:
    with (ROOT / "server/web/locale/vi/LC_MESSAGES/messages.po").open("rb") as file:
        for message in read_po(file):
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            words = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = set(re.findall(r"%\(\w+\)[-\w]", ids[0]))
            assert not message.id or all(set(re.findall(r"%\(\w+\)[-\w]", w)) == wanted for w in words), message.id


def test_no_translation_is_left_over() -> None:
    with (ROOT / "server/web/locale/vi/LC_MESSAGES/messages.po").open("rb") as file:
        ids = {m.id[0] if isinstance(m.id, tuple) else m.id for m in read_po(file)}
    assert ids - messages() - {""} == set()


@pytest.mark.parametrize("folder", ["server/web/static/vendor", "tests/browser/vendor"])
def test_vendored_files_are_as_they_came(folder: str) -> None:
    note = ROOT / folder / "VENDOR.toml"
    if not note.exists():
        pytest.fail(f"{folder} has no VENDOR.toml")
    entries = {entry["name"]: entry for entry in tomllib.loads(note.read_text())["file"]}
    there = {path.name for path in (ROOT / folder).iterdir()} - {"VENDOR.toml"}
    assert there == entries.keys()
    for name, entry in entries.items():
        assert hashlib.sha256((ROOT / folder / name).read_bytes()).hexdigest() == entry["sha256"], name
        assert {"package", "version", "licence"} <= entry.keys()


def test_nothing_is_committed_that_must_not_be() -> None:
    faults = []
    for name in committed():
        if re.search(r"(^|/)(uv\.lock|pylock\.toml|\.env)$|\.(onnx|pem|key|sqlite3?|db)$", name):
            faults.append(name)
        if (ROOT / name).stat().st_size > 900_000:
            faults.append(f"{name} is large")
        if name.startswith("tests/contract/") or "vendor" in name:
            continue
        text = (ROOT / name).read_bytes().decode("utf-8", errors="replace")
        for what, pattern in (
            ("a private key", SECRET),
            ("an index address", INDEX),
            ("a path of a machine", OWN_PATHS),
        ):
            if pattern.search(text):
                faults.append(f"{name} holds {what}")
    assert not faults


@pytest.mark.parametrize("command", ["--help", "dance"])
def test_the_launcher_speaks_both_languages(command: str) -> None:
    for language, word in (("vi", "Cách dùng"), ("en", "Usage")):
        done = subprocess.run(
            [sys.executable, ROOT / "loaban", command],
            capture_output=True,
            text=True,
            check=False,
            env={"LOABAN_LANG": language, "PATH": "/usr/bin:/bin"},
        )
        assert word in done.stderr
        assert done.returncode == (0 if command == "--help" else 2)


def test_the_launcher_says_what_the_system_lacks_with_the_line_that_installs_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "loaban", "demo"],
        capture_output=True,
        text=True,
        check=False,
        env={"LOABAN_LANG": "vi", "PATH": str(tmp_path)},
    )
    assert done.returncode == 2
    assert "apt-get install -y --no-install-recommends" in done.stderr
    assert "espeak-ng ffmpeg" in done.stderr


def test_the_launcher_asks_for_nothing_that_is_there(tmp_path: Path) -> None:
    for tool in ("espeak-ng", "ffmpeg"):
        (tmp_path / tool).write_text("#!/bin/sh\n")
        (tmp_path / tool).chmod(0o755)
    line = [sys.executable, ROOT / "loaban", "speak"]
    nothing = {"LOABAN_LANG": "en", "PATH": str(tmp_path)}
    done = subprocess.run(line, input="", capture_output=True, text=True, check=False, env=nothing)
    assert "lacks" not in done.stderr


@pytest.mark.parametrize(
    "check",
    [["ruff", "check", ".", "loaban"], ["ruff", "format", "--check", ".", "loaban"], ["mypy"]],
    ids=["ruff", "format", "mypy"],
)
def test_lint_and_types(check: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *check], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_a_private_key_would_be_found() -> None:
    assert SECRET.search(io.StringIO("-----BEGIN PRIVATE KEY-----").getvalue())
    assert OWN_PATHS.search('path = "' + "/".join(["", "root", "x"]))
    assert INDEX.search("-".join(["-", "index", "url"]))
