"""The templates of bulletins that come with the program: a file of data, read once. A shell.

Imported by the use cases, composition roots and tests. A template is the same everywhere; what a commune writes itself
is its editions.
"""

import functools
from pathlib import Path

import msgspec

from audio.phrase_template import Template

_FILE = Path(__file__).parent / "seed" / "phrase-templates.json"


@functools.cache
def templates() -> tuple[Template, ...]:
    """All of them, in the order of the menu."""
    return msgspec.json.decode(_FILE.read_bytes(), type=tuple[Template, ...])


def template(id_: str) -> Template | None:
    """One of them."""
    return next((each for each in templates() if each.id == id_), None)
