"""Whose turn it is: so many at once, so many who wait, and nobody for ever. A shell around two semaphores.

Imported by the studio and tests.
"""

import contextlib
import threading
from collections.abc import Iterator


class Busy(Exception):
    """Too many are being served; come again later."""


class Turns:
    """`at_once` are served; `waiting` more stand in the line, each at most `wait_s` seconds."""

    def __init__(self, at_once: int, waiting: int, wait_s: float) -> None:
        self._served = threading.BoundedSemaphore(at_once)
        self._present = threading.BoundedSemaphore(at_once + waiting)
        self._wait_s = wait_s

    @contextlib.contextmanager
    def mine(self) -> Iterator[None]:
        """Do something when it is one's turn. Raises `Busy`: at once where the line is full, or after the wait."""
        if not self._present.acquire(blocking=False):
            raise Busy
        try:
            if not self._served.acquire(timeout=self._wait_s):
                raise Busy
            try:
                yield
            finally:
                self._served.release()
        finally:
            self._present.release()
