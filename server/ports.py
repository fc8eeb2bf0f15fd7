"""The ports of the gateway: what it needs of the server.

Imported by the gateway; `server.desk` is what composition roots give it.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from schedules.alert import Alert
from schedules.assignment import Assignment
from schedules.clock import UtcMs
from schedules.programme import Programme
from server import delivery
from server.filing import Cabinet


class Desk(Cabinet, Protocol):
    """What the gateway and its filer need of the server."""

    def now(self) -> UtcMs:
        """The server's time."""

    def desired(self) -> delivery.DesiredChanged:
        """What should stand at the broker; quick, whatever the number of loudspeakers."""

    def settle(self) -> bool:
        """Bring up to date what concerns each single loudspeaker, which may take its time; whether there is anything
        new to publish."""

    def alert(self, area: str, named: Iterable[str]) -> Alert | None:
        """What is urgent in an area, and which of these occurrences must not sound any more."""

    def programme(self, area: str) -> Programme | None:
        """The newest programme of an area."""

    def assignments(self, devices: Iterable[str]) -> Mapping[str, Assignment]:
        """The newest assignments of these loudspeakers."""

    def renewed(self, device: str, request: bytes) -> str | None:
        """The certificate that a loudspeaker is to have, if it asks for one with its own key."""
