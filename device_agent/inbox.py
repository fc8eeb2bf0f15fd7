"""The inbox: what waits for the runner. A shell.

Imported by the runner. What comes over the link waits at the door while too much of it lies here: who holds the broker
can send faster than a small processor reads, and must not fill its memory. Nothing is thrown away: the link is read no
faster than its messages are dealt with.
"""

import queue
import threading
from typing import Generic, TypeVar

_Thing = TypeVar("_Thing")

ROOM_BYTES = 4 * 1024 * 1024
"""Two of the largest messages."""
_PIECE = 200
"""A message costs so many bytes besides its own."""


class Inbox(Generic[_Thing]):
    """Used by any number of threads; one of them reads."""

    def __init__(self) -> None:
        self._things: queue.SimpleQueue[tuple[_Thing, int]] = queue.SimpleQueue()
        self._waiting = 0
        self._room = threading.Condition()
        self._shut = False

    def put(self, thing: _Thing) -> None:
        """Something from this machine; it never waits."""
        self._things.put((thing, 0))

    def admit(self, thing: _Thing, size: int) -> None:
        """A message of so many bytes; the caller waits until there is room for it."""
        size += _PIECE
        with self._room:
            self._room.wait_for(lambda: self._shut or self._waiting < ROOM_BYTES)
            self._waiting += size
        self._things.put((thing, size))

    def get(self, timeout: float) -> _Thing:
        """The next thing; raises `queue.Empty` after so many seconds."""
        thing, size = self._things.get(timeout=timeout)
        if size:
            with self._room:
                self._waiting -= size
                self._room.notify_all()
        return thing

    def shut(self) -> None:
        """Nobody reads any more: let everybody in, so that no thread waits for ever."""
        with self._room:
            self._shut = True
            self._room.notify_all()
