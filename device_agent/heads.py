"""Heads: the first seconds of clips that came inside an alert, in memory until the clips are whole. A shell.

Imported by the runner and the composition root.
"""

import threading
from collections.abc import Iterable

from audio.clip import Clip
from device_agent.sound.pcm import RATE


class Heads:
    """Held by name; used by several threads."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, bytes]] = {}
        self._lock = threading.Lock()

    def hold(self, clip: Clip, content: bytes) -> None:
        """The first bytes of a clip, whose hash has been checked."""
        with self._lock:
            self._held[clip.sha256] = (clip.duration_ms * RATE // 1000, content)

    def of(self, name: str) -> tuple[int, bytes] | None:
        """How many frames the whole clip has, and its first bytes; None where nothing is held."""
        with self._lock:
            return self._held.get(name)

    def discard(self, names: Iterable[str]) -> None:
        """They are not needed any more, or their clips are whole. What sounds goes on: it has its own hold."""
        with self._lock:
            for name in names:
                self._held.pop(name, None)
