"""The bell: tells whoever waits that something has changed, after it was committed.

Imported by the desk, the gateway and the web. It carries no content: who hears it looks for themselves.
"""

import threading
from collections.abc import Callable

CERTIFICATES = "certificates"
"""Rung when one was issued or revoked."""
NOTICES = "notices"
"""Rung when somebody has been told something, or has read it."""


class Bell:
    """Safe to ring from any thread; listeners are called in the ringer's thread and must be quick. `rings` counts them,
    so that who looked before listening can tell whether something was missed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.rings = 0
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Be called at each ring, with its topic; calling what is returned ends that."""
        with self._lock:
            self._listeners.append(listener)

        def leave() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return leave

    def ring(self, topic: str) -> None:
        """Something of this topic has changed: `programmes`, `log`, `fleet`, `CERTIFICATES` or `NOTICES`."""
        with self._lock:
            self.rings += 1
            listeners = list(self._listeners)
        for listener in listeners:
            listener(topic)
