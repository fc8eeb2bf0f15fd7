"""Occupancy: one server at a time speaks for a data folder. A shell.

Imported by the parts. Two servers with one name at the broker would throw each other out for ever, and with two names
each would say everything a second time. The lock ends with its process, however that ends.
"""

import fcntl
import os
from pathlib import Path


class Occupied(Exception):
    """Another server speaks for this folder already."""


class Occupancy:
    """From `begin` to `end`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "serving.lock"
        self._file: int | None = None

    def begin(self) -> None:
        """Raises `Occupied`. Who has begun has begun."""
        if self._file is not None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(file)
            raise Occupied(str(self._path.parent)) from error
        self._file = file

    def end(self) -> None:
        """Another may begin."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
