"""How commands are described: what a family of commands is, and what it adds its commands to.

Imported by the commands and `server.__main__`.
"""

import argparse
from typing import Protocol

from server.console import Console


class Commands(Protocol):
    """What a family adds its commands to."""

    def add_parser(self, name: str, *, help: str | None = None) -> argparse.ArgumentParser:  # noqa: A002
        """A command of this name."""


class Family(Protocol):
    """A module of commands."""

    NAMES: tuple[str, ...]

    def describe(self, commands: Commands) -> None:
        """How they are written."""

    def run(self, given: argparse.Namespace, console: Console) -> int:
        """Do the one that was given; the exit status."""
