"""Who has which draft open now, in this process's memory: known while their page listens, forgotten when it leaves.
Nothing is locked.

Imported by the web and tests. Safe from any thread; listeners are called in the thread of whoever tells and must be
quick.
"""

import threading
from collections.abc import Callable

import msgspec

from schedules.clock import UtcMs


class Opening(msgspec.Struct, frozen=True):
    """A page on which somebody (`staff`, by id) has a draft open."""

    staff: str
    name: str
    since: UtcMs


class Openings:
    """The open pages of all drafts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, dict[int, tuple[Opening, Callable[[], None]]]] = {}
        self._count = 0

    def enter(self, draft: str, opening: Opening, listener: Callable[[], None]) -> Callable[[], None]:
        """A page opens a draft, and is told from now on when something changes there: who comes and goes, and what is
        saved. Calling what is returned leaves."""
        with self._lock:
            self._count += 1
            own = self._count
            self._open.setdefault(draft, {})[own] = opening, listener
        self.tell(draft)

        def leave() -> None:
            with self._lock:
                there = self._open.get(draft, {})
                there.pop(own, None)
                if not there:
                    self._open.pop(draft, None)
            self.tell(draft)

        return leave

    def of(self, draft: str) -> list[Opening]:
        """The pages on which it is open, the earliest first."""
        with self._lock:
            return [opening for opening, _ in self._open.get(draft, {}).values()]

    def tell(self, draft: str) -> None:
        """Something has changed about this draft."""
        with self._lock:
            listeners = [listener for _, listener in self._open.get(draft, {}).values()]
        for listener in listeners:
            listener()
