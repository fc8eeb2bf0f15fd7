"""The bell ringer: what other processes have done – a command, a second server for reports – is taken up within a
second. A shell.

Imported by the parts. The bell itself is heard in one process alone; every act, whoever does it, stands in the audit.
"""

import logging
import threading
from collections.abc import Callable

from server.bell import Bell

EVERY_S = 1.0

_log = logging.getLogger("loaban.bell")


class BellRinger:
    """From `start` to `stop`. `newest()`: the number of the newest act."""

    def __init__(self, bell: Bell, newest: Callable[[], int], every_s: float = EVERY_S) -> None:
        self._bell, self._newest, self._every_s = bell, newest, every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bell ringer", daemon=True)
        self._seen = 0

    def start(self) -> None:
        """Begin; what was done before is known."""
        self._seen = self._newest()
        self._thread.start()

    def stop(self) -> None:
        """Ring no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                newest = self._newest()
            except Exception as error:  # noqa: BLE001
                _log.warning("cannot see what was done: %s", error)
                continue
            if newest != self._seen:
                self._seen = newest
                self._bell.ring("programmes")
