"""The laws: who imports whom, which library lives where, no ambient clock, sizes, names.

Nobody imports this module. Each law has a bad example that it must catch.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable
from functools import cache

import pytest

from tests.contract.house import PACKAGES, ROOT, Room, calls, imports, room, rooms

# room: what it may never import
FORBIDDEN = {
    "audio": ("schedules", "device_agent", "server"),
    "schedules": ("device_agent", "server"),
    "device_agent": ("server",),
    "server": ("device_agent",),
}
# Of `audio`, the light packages know the clip alone.
LIGHT = ("schedules", "device_agent")

FENCES: dict[str, tuple[str, ...]] = {
    "paho": (
        "device_agent/mqtt_link.py",
        "server/mqtt_accounts.py",
        "server/mqtt_gateway.py",
        "server/mqtt_line.py",
        "server/mqtt_reports.py",
    ),
    "pydub": ("audio/mastering.py", "audio/joining.py", "audio/sample_speech.py"),
    "gtts": ("audio/voices/gtts_voice.py",),
    "lunar_vn": ("schedules/lunar.py",),
    "sqlite3": ("device_agent/journal.py",),
    "sqlmodel": ("server/tables/", "server/repositories/", "server/migrations/", "server/app.py"),
    "sqlalchemy": ("server/tables/", "server/repositories/", "server/migrations/", "server/app.py"),
    "fastapi": ("server/app.py", "server/web/"),
    "starlette": ("server/app.py", "server/web/"),
    "uvicorn": ("server/demo.py",),
    "iotcore": ("server/embedded_broker.py",),
    "prometheus_client": ("server/metrics.py",),
    "authlib": ("server/oidc.py",),
    "joserfc": ("server/oidc.py",),
    "requests": ("server/oidc.py",),
    "pyotp": ("server/second_factor.py",),
    "pywebpush": ("server/push_channel.py",),
    "py_vapid": ("server/push_channel.py",),
    "smtplib": ("server/mail_channel.py",),
    "typst": ("server/report_pdf.py",),
    "xlsxwriter": ("server/report_excel.py",),
    "zxcvbn": ("server/passwords.py",),
}

# Pure rooms: no clock, no randomness, no I/O. `pathlib` is a name, not an access, in audio.voice alone.
PURE = re.compile(
    r"schedules/.*|audio/(chime|clip|language|marks|phrase_\w+|preference|preset|quality|refusal|sample_announcer|sentences|sound_file|speech_check"
    r"|spoken_\w+|pieces|traits|voice|waveform|__init__)\.py"
    r"|device_agent/(actions|collecting|events|hearing|intake|loudspeaker|outcomes|playout|plays|replay|reporting|relinking"
    r"|retrying|sounded|spending|state|telling|timekeeping|waiting)\.py"
    r"|device_agent/sound/(placing|pcm)\.py|device_agent/ear/(detection|verdict)\.py"
    r"|server/(access|alerting|api_token|approval|archive|area|area_change|audit|boundary|broker_accounts|bulletin|cause|certificates|checkup|compose_form|composing|concern|concern_form|condition|coverage|delivery|draft|emergency)\.py"
    r"|server/(exercise|export|granting|guard_form|guessing|hamlet|happening|language_form|ledger|letter|lifecycle|loosening|make_up|manifest|neighbours|notice)\.py"
    r"|server/(notice_choice|parcel|period|phrase|place_group|planning|proposal|public_page|readiness|reading|recipient|refusals|repair|report|report_mailing|request)\.py"
    r"|server/(result|retention|settling|sheet|shift|sound_gate|source_system|spreading|subscription|take|timing|tune|upkeep|uptake|voicing|whereabouts|yielding)\.py"
)
IMPURE = {
    "asyncio", "ctypes", "fastapi", "gtts", "http", "io", "jinja2", "logging", "mmap", "multiprocessing", "os",
    "paho", "pydub", "queue", "random", "secrets", "select", "shutil", "signal", "socket", "sqlite3", "sqlmodel",
    "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid", "wave",
}  # fmt: skip

CLOCKS = re.compile(
    r"(time\.(time|time_ns|monotonic|monotonic_ns|sleep|perf_counter|localtime|gmtime)|(datetime\.)?datetime\.(now|utcnow|today)"
    r"|(datetime\.)?date\.today|random\.\w+|uuid\.uuid\d|secrets\.\w+|os\.urandom|os\.getrandom)"
)
# Modules that are imported whole: `time()` alone would hide a clock from the eye and from these laws.
WHOLE = {"time", "random", "uuid", "secrets"}
CLOCK_ROOMS = (
    "device_agent/system_clock.py",
    "server/system_clock.py",
    "device_agent/sound/",  # a sound card is a clock
    "device_agent/ear/__main__.py",  # and so is what records before one
    "audio/voices/gtts_voice.py",  # its clock is an argument; monotonic is only the default
)

ROOM_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "base",
    "shared",
    "manager",
    "core",
    "data",
    "info",
}
NOUNS = {
    "Job", "Task", "Item", "Track", "Node", "Manager", "Handler", "Processor", "Data", "Info", "Client", "Helper",
    "Utils",
}  # fmt: skip
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
LONGER: dict[str, str] = {
    "server/migrations/versions/0001_the_first_tables.py": "written by Alembic: one statement for each table",
}
ROUTES = "the routes of one family: a function of small functions, as FastAPI wants them"


def directions(given: Room) -> Iterable[str]:
    """Imports against the direction of the house."""
    package = given.path.split("/", 1)[0]
    for name, line in imports(given):
        top = name.split(".", 1)[0]
        if top in FORBIDDEN.get(package, ()):
            yield f"{given.path}:{line} imports {name}"
        if package in LIGHT and top == "audio" and name != "audio.clip" and not name.startswith("audio.clip."):
            yield f"{given.path}:{line} imports {name}; of audio it may know the clip alone"


def fences(given: Room) -> Iterable[str]:
    """Libraries outside their rooms."""
    for name, line in imports(given):
        allowed = FENCES.get(name.split(".", 1)[0])
        if allowed is not None and not given.path.startswith(allowed):
            yield f"{given.path}:{line} imports {name}; that belongs in {', '.join(allowed)}"


def impurity(given: Room) -> Iterable[str]:
    """Pure rooms that know the world."""
    if PURE.fullmatch(given.path):
        for name, line in imports(given):
            if name.split(".", 1)[0] in IMPURE:
                yield f"{given.path}:{line} imports {name}, but is a pure room"


def reach(given: Room) -> Iterable[str]:
    """Pure rooms that know the world through another room."""
    if PURE.fullmatch(given.path):
        for name, line in imports(given):
            path = _paths().get(name)
            if path is not None and not PURE.fullmatch(path):
                yield f"{given.path}:{line} imports {name}, which is no pure room"


@cache
def _paths() -> dict[str, str]:
    """Every module of the house but the packages' own, where they are empty."""
    return {each.name: each.path for each in rooms(*PACKAGES) if each.name.count(".") and len(each.tree.body) > 1}


def plain(given: Room) -> Iterable[str]:
    """Imports that the other laws cannot read: relative ones, and functions of a clock without its name."""
    for node in ast.walk(given.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{given.path}:{node.lineno} imports by dots; write the whole name"
        if isinstance(node, ast.ImportFrom) and node.module in WHOLE:
            yield f"{given.path}:{node.lineno} write `import {node.module}`, so that each use shows whose it is"
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if alias.asname and alias.name in {*WHOLE, "datetime", "date", "os", "urandom"}:
                    yield f"{given.path}:{node.lineno} renames {alias.name}"


def ambient(given: Room) -> Iterable[str]:
    """The clock, randomness or a sleep outside the rooms that may."""
    if not given.path.startswith(CLOCK_ROOMS):
        for name, line in calls(given):
            if CLOCKS.fullmatch(name):
                yield f"{given.path}:{line} uses {name}; time and chance are arguments"


def sizes(given: Room) -> Iterable[str]:
    """Rooms and functions that need a split."""
    if given.path in LONGER:
        return
    if len(given.lines) > LONGEST_FILE:
        yield f"{given.path} has {len(given.lines)} lines"
    for node in ast.walk(given.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION and not (node.name == "routes" and given.path.startswith("server/web/")):
                yield f"{given.path}:{node.lineno} {node.name} has {length} lines"


def names(given: Room) -> Iterable[str]:
    """Rooms and classes with words that say nothing."""
    if set(given.path.removesuffix(".py").split("/")) & ROOM_NAMES:
        yield f"{given.path} is no room's name"
    for node in ast.walk(given.tree):
        if isinstance(node, ast.ClassDef):
            bad = set(re.findall(r"[A-Z][a-z]+", node.name)) & NOUNS
            if bad:
                yield f"{given.path}:{node.lineno} class {node.name} says “{', '.join(sorted(bad))}”"


def docstrings(given: Room) -> Iterable[str]:
    """Modules that do not say what lives in them and who may import them."""
    doc = ast.get_docstring(given.tree) or ""
    if len([line for line in doc.split("\n") if line.strip()]) < 2 and "." not in doc[:-1]:
        yield f"{given.path} does not say what lives there and who may import it"


def topics(given: Room) -> Iterable[str]:
    """The wire's root outside the wire."""
    if given.path != "schedules/wire.py":
        for node in ast.walk(given.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "loaban/1" in node.value:
                yield f"{given.path}:{node.lineno} spells a topic; topics live in schedules/wire.py"


def patches(given: Room) -> Iterable[str]:
    """Tests that reach into the product instead of handing it something."""
    for name, line in imports(given):
        if name.split(".")[0] == "unittest":
            yield f"{given.path}:{line} imports {name}"
    for name, line in calls(given):
        if name.startswith("monkeypatch.setattr") or name in ("time.sleep", "mock.patch"):
            yield f"{given.path}:{line} uses {name}"


SMALL = {"msgspec", "cryptography", "lunar_vn", "paho", *sys.stdlib_module_names, *PACKAGES}


# The process that listens runs where the extra `proof` is; the agent itself never imports these two.
EAR = {"device_agent/ear/detection.py": {"numpy"}, "device_agent/ear/__main__.py": {"numpy"}}


def weight(given: Room) -> Iterable[str]:
    """Libraries that a loudspeaker would have to carry."""
    if given.path.startswith(("device_agent/", "schedules/")) or given.path == "audio/clip.py":
        for name, line in imports(given):
            if name.split(".", 1)[0] not in SMALL | EAR.get(given.path, set()):
                yield f"{given.path}:{line} imports {name}; the agent's lock does not hold it"


LAWS: dict[str, tuple[Callable[[Room], Iterable[str]], tuple[str, ...], tuple[str, str]]] = {
    "direction": (directions, PACKAGES, ("schedules/x.py", "from server.access import may")),
    "light": (directions, PACKAGES, ("device_agent/x.py", "from audio import mastering")),
    "fences": (fences, PACKAGES, ("server/oversight.py", "import paho.mqtt.client")),
    "purity": (impurity, PACKAGES, ("schedules/rundown.py", "import time")),
    "reach": (reach, PACKAGES, ("server/planning.py", "from server import tables")),
    "whole names": (plain, (*PACKAGES, "tests"), ("server/x.py", "from time import time")),
    "no dots": (plain, (*PACKAGES, "tests"), ("server/x.py", "from . import tables")),
    "ambient clock": (ambient, PACKAGES, ("server/staff.py", "import time\nnow = time.time()")),
    "sizes": (sizes, PACKAGES, ("server/x.py", "def f():\n" + "    pass\n" * 60)),
    "file size": (sizes, (*PACKAGES, "tests"), ("server/x.py", "x = 1\n" * 401)),
    "room names": (names, (*PACKAGES, "tests"), ("server/utils.py", "x = 1")),
    "nouns": (names, PACKAGES, ("server/x.py", "class ClipManager: pass")),
    "docstrings": (docstrings, (*PACKAGES, "tests"), ("server/x.py", '"""Things."""')),
    "topics": (topics, PACKAGES, ("server/x.py", 'T = "loaban/1/area"')),
    "weight": (weight, PACKAGES, ("device_agent/x.py", "import pydantic")),
    "patches": (patches, ("tests",), ("tests/x.py", "from unittest import mock")),
    "sleeps": (patches, ("tests",), ("tests/x.py", "import time\ntime.sleep(1)")),
}


@pytest.mark.parametrize("law", LAWS)
def test_the_house_keeps_the_law(law: str) -> None:
    check, where, _ = LAWS[law]
    found = [fault for given in rooms(*where) for fault in check(given)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("law", LAWS)
def test_the_law_catches_a_bad_example(law: str) -> None:
    check, _, example = LAWS[law]
    assert list(check(room(*example)))


def test_every_reason_for_a_longer_room_is_still_needed() -> None:
    for path in LONGER:
        given = next(r for r in rooms() if r.path == path)
        long = len(given.lines) > LONGEST_FILE
        functions = [n for n in ast.walk(given.tree) if isinstance(n, ast.FunctionDef)]
        assert long or any((n.end_lineno or 0) - n.lineno + 1 > LONGEST_FUNCTION for n in functions), path


def test_every_pure_room_is_there() -> None:
    """A room that got another name would be free of the law without anybody noticing."""
    for folder, listed in re.findall(r"([\w/]+)/\(([\w|]+)\)", PURE.pattern):
        for name in listed.split("|"):
            assert (ROOT / folder / f"{name}.py").exists(), f"{folder}/{name}.py"


def test_every_fence_has_its_room() -> None:
    for library, places in FENCES.items():
        assert all((ROOT / place).exists() for place in places), library
