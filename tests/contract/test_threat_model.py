"""The threat model is held to its word: every test that it names exists, and no "cannot" stands without one.

Nobody imports this module.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.house import ROOT

PAGE = ROOT / "deploy" / "threat-model.md"
LONGEST = 130
"""Lines of one page."""
ATTACKERS = (
    "stranger", "stolen a phone", "dishonest editor", "file to be uploaded", "dishonest administrator", "broker",
    "mobile operator", "Raspberry Pi", "database",
)  # fmt: skip
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def points(text: str) -> list[str]:
    """The points of a page, each with its lines joined."""
    return [" ".join(point.split()) for point in re.split(r"^- ", text, flags=re.MULTILINE)[1:]]


def faults(text: str, root: Path) -> Iterator[str]:
    """What the page promises without showing it, and what it shows that is not there."""
    for point in points(text):
        if point.startswith("**cannot**") and not _NAMED.search(point.split("## ")[0]):
            yield f"shown by no test: {point[:80]}"
        if not point.startswith(("**can**", "**cannot**")):
            yield f"neither can nor cannot: {point[:80]}"
    for path, name in _NAMED.findall(text):
        if not name:
            yield f"{path}: which test of it?"
        elif name not in _tests(root / path):
            yield f"there is no {path}::{name}"


def _tests(path: Path) -> set[str]:
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_test_that_the_threat_model_names_is_there() -> None:
    assert list(faults(PAGE.read_text(encoding="utf-8"), ROOT)) == []


def test_it_speaks_of_every_attacker_on_one_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert len(text.splitlines()) <= LONGEST
    for attacker in ATTACKERS:
        assert any(attacker in head for head in heads), attacker


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("- **cannot** fly.", "shown by no test"),
        ("- **cannot** fly: `tests/contract/test_threat_model.py::test_renamed`.", "there is no"),
        ("- **cannot** fly: `tests/no_such_file.py::test_it`.", "there is no"),
        ("- **cannot** fly: `tests/contract/test_threat_model.py`.", "which test"),
        ("- may fly.", "neither"),
        ("- **cannot** fly.\n\n## Next `tests/contract/test_threat_model.py::test_it`", "shown by no test"),
    ],
)
def test_a_promise_that_nothing_shows_would_be_found(line: str, fault: str) -> None:
    assert any(found.startswith(fault) or fault in found for found in faults(line, ROOT))


def test_one_that_is_shown_is_no_fault() -> None:
    line = "- **cannot** fly: `tests/contract/test_threat_model.py::test_one_that_is_shown_is_no_fault`."
    assert list(faults(line, ROOT)) == []
