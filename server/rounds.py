"""Work that is done now and then, and when it is woken, in a thread of its own. A shell.

Imported by the parts and tests.
"""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger("loaban.rounds")


class Rounds:
    """From `start` to `stop`. `work()`: whether there may be more to do at once."""

    def __init__(self, name: str, work: Callable[[], bool], every_s: float) -> None:
        self._work, self._every_s = work, every_s
        self._stopping, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, with a round at once."""
        self._thread.start()

    def stop(self) -> None:
        """No further round; the one that goes on may be cut."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(2)

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                more = self._work()
            except Exception as error:  # noqa: BLE001 - the next time it may be better
                _log.warning("%s: %s", self._thread.name, error)
                more = False
            if not more:
                self._woken.wait(self._every_s)
            self._woken.clear()
