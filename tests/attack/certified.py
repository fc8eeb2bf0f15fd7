"""The certificates of this folder: keys of loudspeakers that are always the same, and what a server's database knows of
certificates, without a database.

Imported by the tests of this folder.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from device_agent.identity import IDENTITY, key_pem, public_bytes, request_for
from schedules import wire
from schedules.clock import UtcMs
from schedules.enrolling import common_name
from server.authority import Authority, Issued

KEYS = {device: ec.derive_private_key(n, ec.SECP256R1()) for n, device in enumerate(("loa-1", "loa-2"), 1)}
FOREIGN_KEY = ec.derive_private_key(99, ec.SECP256R1())


def name_of(device: str, key: ec.EllipticCurvePrivateKey) -> str:
    """Whom a certificate for this key names."""
    return common_name(device, public_bytes(key))


def renewal(device: str = "loa-1") -> wire.Renewal:
    """As this loudspeaker says it."""
    return wire.Renewal(request_for(KEYS[device], name_of(device, KEYS[device])))


def certify(folder: Path, authority: Authority, device: str, at: UtcMs) -> None:
    """What lies on the card of a loudspeaker that was enrolled then."""
    made = authority.device(device, KEYS[device].public_key(), at)
    (folder / IDENTITY).write_bytes(key_pem(KEYS[device]) + made.pem.encode())


class BareStore:
    """Certificates and the trail, as the use case of renewal asks for them."""

    def __init__(self) -> None:
        self.certificates = self.trail = self
        self.issued: list[tuple[str, Issued]] = []
        self.noted: list[str] = []

    def add(self, device: str, made: Issued) -> None:
        self.issued.append((device, made))

    def current(self, device: str, now: UtcMs) -> Issued | None:
        """The newest one of a loudspeaker."""
        found = [made for whose, made in self.issued if whose == device and made.not_before <= now]
        return max(found, key=lambda made: made.not_after, default=None)

    def note(self, at: UtcMs, by: str, act: str, subject: str, **more: str) -> None:
        self.noted.append(act)
