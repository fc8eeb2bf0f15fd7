"""A thin link, and what the broker holds for it: how a message of QoS 0 overtakes, and how a queue grows.

Imported by the world. A broker sends a message of QoS 0 at once, and of the others no more than the loudspeaker allows
to be on their way; all that is on its way goes through in order, at the link's own speed. Who is linked anew begins
with nothing.
"""

from collections import deque
from collections.abc import Callable

from device_agent.mqtt_link import RECEIVE_MAXIMUM
from schedules.clock import DurationMs

Message = tuple[int, int, Callable[[], None]]
"""Bytes, QoS, and what to do when it has arrived."""


class ThinLink:
    """From one link of a loudspeaker to its end. `after(ms, what)` does something later."""

    def __init__(self, kbits: int, after: Callable[[DurationMs, Callable[[], None]], None]) -> None:
        self._kbits, self._after = kbits, after
        self._held_back: deque[Message] = deque()
        self._on_its_way: deque[Message] = deque()
        self._unacknowledged = 0
        self._is_busy = self._is_cut = False

    def carry(self, size: int, qos: int, arrive: Callable[[], None]) -> None:
        """The broker has a message for the loudspeaker."""
        if qos and self._unacknowledged >= RECEIVE_MAXIMUM:
            self._held_back.append((size, qos, arrive))
            return
        self._unacknowledged += qos
        self._on_its_way.append((size, qos, arrive))
        self._go_on()

    def cut(self) -> None:
        """Whatever had not arrived is lost."""
        self._is_cut = True

    def _go_on(self) -> None:
        if not self._is_busy and self._on_its_way:
            self._is_busy = True
            message = self._on_its_way.popleft()
            self._after(message[0] * 8 // self._kbits, lambda: self._is_through(message))

    def _is_through(self, message: Message) -> None:
        if self._is_cut:
            return
        _size, qos, arrive = message
        self._is_busy = False
        self._unacknowledged -= qos
        if qos and self._held_back:
            self.carry(*self._held_back.popleft())
        self._go_on()
        arrive()
