"""Reading the house: its files, what they import, how long they are.

Imported by the tests of the laws.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("audio", "schedules", "device_agent", "server")


class Room(NamedTuple):
    """One module: its path below the root, its name, its tree and lines."""

    path: str
    name: str
    tree: ast.Module
    lines: list[str]


def room(path: str, source: str) -> Room:
    """A module from its source."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Room(path, name, ast.parse(source), source.splitlines())


@cache
def rooms(*folders: str) -> tuple[Room, ...]:
    """The modules of these folders (all packages and tests without any)."""
    found = []
    for folder in folders or (*PACKAGES, "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            found.append(room(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")))
    return tuple(found)


def imports(given: Room) -> Iterator[tuple[str, int]]:
    """Every module that a module imports, with its line; `from a import b` gives both `a` and `a.b`."""
    for node in ast.walk(given.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def calls(given: Room) -> Iterator[tuple[str, int]]:
    """Every dotted name that is called or merely named as an attribute, with its line."""
    for node in ast.walk(given.tree):
        if isinstance(node, ast.Attribute):
            parts = [node.attr]
            inner = node.value
            while isinstance(inner, ast.Attribute):
                parts.append(inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name):
                yield ".".join([inner.id, *reversed(parts)]), node.lineno
