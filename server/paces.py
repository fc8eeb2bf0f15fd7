"""How often each token of the JSON API has come lately, in this process's memory.

Imported by the web and tests. Safe from any thread.
"""

import threading

from schedules.clock import DurationMs, UtcMs
from server.api_token import Bucket, drawn

MOST_TOKENS = 10_000
"""More than these are forgotten at once: memory is bounded, and who is forgotten begins with a full measure."""


class Paces:
    """A measure for each token, that each request draws from and that fills with time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def wait_ms(self, token: str, per_minute: int, now: UtcMs) -> DurationMs:
        """A request of this token comes now: how long it must wait before it is answered; 0 for not at all."""
        with self._lock:
            after, wait = drawn(self._buckets.get(token), per_minute, now)
            if len(self._buckets) >= MOST_TOKENS:
                self._buckets.clear()
            self._buckets[token] = after
        return wait
