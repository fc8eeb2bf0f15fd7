"""The server's end of the wire without a broker or a database: the real gateway, the real line of reports and the real
authority, whose words are kept instead of sent.

Imported by the tests of this folder.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from schedules import wire
from schedules.alert import Alert
from schedules.assignment import Assignment
from schedules.clock import DurationMs, UtcMs
from schedules.programme import Programme
from server import delivery, enrolment
from server.authority import Authority
from server.bell import Bell
from server.clip_archive import ClipArchive
from server.filing import Letter
from server.keyring import Keyring
from server.ledger import is_plausible
from server.mqtt_gateway import Arrived, Gateway
from server.mqtt_reports import ReportLine
from tests.attack.certified import BareStore

NOWHERE = "mqtt://127.0.0.1:1"


class BareDesk:
    """A desk with nothing on it but what tests put there."""

    def __init__(self, folder: Path) -> None:
        self.authority, self.store = Authority(folder), BareStore()
        self.programmes: dict[str, Programme] = {}
        self.assigned: dict[str, Assignment] = {}

    def now(self) -> UtcMs:
        return 1_795_474_800_000

    def desired(self) -> delivery.DesiredChanged:
        clips = {clip.sha256: clip.size for p in self.programmes.values() for s in p.slots for clip in s.clips}
        return delivery.DesiredChanged(
            {area: p.revision for area, p in self.programmes.items()},
            {device: a.revision for device, a in self.assigned.items()},
            clips,
        )

    def settle(self) -> bool:
        return False

    def alert(self, area: str, named: Iterable[str]) -> Alert | None:
        return None

    def programme(self, area: str) -> Programme | None:
        return self.programmes.get(area)

    def assignments(self, devices: Iterable[str]) -> dict[str, Assignment]:
        return {device: self.assigned[device] for device in devices if device in self.assigned}

    def enrolled(self, device: str, key: EllipticCurvePublicKey, ago: DurationMs = 0) -> None:
        """It came with this key so long ago."""
        self.store.add(device, self.authority.device(device, key, self.now() - ago))

    def renewed(self, device: str, request: bytes) -> str | None:
        return enrolment.renew(self.store, self.authority, device, request, self.now())  # type: ignore[arg-type]

    def file_reports(self, reports: Sequence[tuple[str, wire.Report]]) -> list[wire.Ack | None]:
        return [None for _ in reports]

    def file_statuses(self, statuses: Sequence[tuple[str, wire.Status]]) -> None:
        return None


class Pigeonhole:
    """Files at once, and remembers the last few letters."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def hand(self, letter: Letter) -> None:
        """Looked at as the log looks at it."""
        if isinstance(letter.said, wire.Report):
            [is_plausible(playback) for playback in letter.said.playbacks]
        self.letters = [*self.letters[-50:], letter]
        letter.done(None)


class QuietGateway(Gateway):
    """The real one; what it would publish is kept."""

    said: tuple[tuple[str, bytes], ...] = ()

    def _publish(self, route: wire.Route, payload: bytes, *parts: object, lives: object = None) -> None:
        topic = route.topic(*parts)
        if route in wire.FROM_SERVER:
            self._said[topic] = wire.digest_of(payload)
        self.said = (*self.said[-200:], (topic, payload))


class Headquarters:
    """Linked to a broker that is not there."""

    def __init__(self, folder: Path, desk: BareDesk | None = None) -> None:
        self.desk, self.pigeonhole = desk or BareDesk(folder), Pigeonhole()
        keyring = Keyring(folder, lambda: b"headquarters-headquarters-headqu")
        self.gateway = QuietGateway(NOWHERE, "attacked", self.desk, keyring, ClipArchive(folder / "clips"), Bell())
        self.gateway._filer = self.pigeonhole  # type: ignore[assignment]
        self.reports = ReportLine(NOWHERE, "attacked-reports", self.desk, keyring)
        self.reports._filer = self.pigeonhole  # type: ignore[assignment]
        self.gateway._take(delivery.BrokerLinked())

    @property
    def unheeded(self) -> int:
        """Messages that nobody could make sense of."""
        return self.gateway._unheeded + self.reports._unheeded

    def passes(self) -> None:
        """A moment of the gateway's own clock."""
        self.gateway._advance(delivery.TimePassed())

    def hear(self, topic: str, payload: bytes) -> None:
        """A message from the broker."""
        if wire.REPORT.parts(topic) is not None:
            message = SimpleNamespace(topic=topic, payload=payload, mid=1, qos=0)
            self.reports._arrived(None, None, message)  # type: ignore[arg-type]
        else:
            self.gateway._take(Arrived(topic, payload, 1, 0))

    def hears(self, route: wire.Route) -> Callable[[bytes], object]:
        """Payloads on the topic of a loudspeaker."""
        return lambda payload: self.hear(route.topic("loa-1"), payload)

    def hears_anywhere(self, payload: bytes) -> object:
        """The payload is the topic too."""
        self.hear(payload.decode("utf-8", "replace"), payload)
        return None
