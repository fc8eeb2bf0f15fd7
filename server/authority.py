"""The server's own certificate authority: its key, and the keys of what the server itself says at the broker; in files
that only the server's user may read. A shell around `certificates`.

Imported by composition roots and, as what issues, by the use cases. The key is made when it is first needed.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from schedules.claim_code import seal_of
from schedules.clock import UtcMs
from schedules.enrolling import common_name
from server import certificates
from server.certificates import Issuer, Purpose, instant, public_bytes, renew_at
from server.whole_file import OPEN, SECRET, write_whole

FOLDER, MACHINE = "authority", ".machine.crt"
"""Where everything lies, and how the certificates end that were made for other machines."""


class Issued(msgspec.Struct, frozen=True):
    """A certificate, and what is kept of it: its number (hex), the common name, the key (hex of DER), from when until
    when it holds."""

    pem: str
    serial: str
    name: str
    public_key: str
    not_before: UtcMs
    not_after: UtcMs


class Credentials(msgspec.Struct, frozen=True):
    """With what a line of the server's meets the broker. `file`: its key and its certificate; `authority`: the file
    with the authority's."""

    name: str
    file: Path
    authority: Path


class Authority:
    """In `folder`/authority. Raises ValueError if a file is damaged or one of two is gone: a new authority would shut
    out every loudspeaker, so that is for a person to decide."""

    def __init__(self, folder: Path, new_serial: Callable[[], int] = x509.random_serial_number) -> None:
        self._folder = folder / FOLDER
        self._new_serial = new_serial
        self._issuer: Issuer | None = None
        self._seal = ""

    @property
    def file(self) -> Path:
        """The authority's certificate, for whoever must know it."""
        return self._folder / "ca.crt"

    @property
    def revoked_file(self) -> Path:
        """The list of certificates that hold no more, for brokers that take one."""
        return self._folder / "revoked.crl"

    def pem(self, now: UtcMs) -> str:
        """The authority's certificate."""
        return _pem(self._by(now).certificate)

    def seal(self, now: UtcMs) -> str:
        """What names this authority in a claim code."""
        if not self._seal:
            self._seal = seal_of(self._by(now).certificate.public_bytes(Encoding.DER))
        return self._seal

    def device(self, device: str, key: EllipticCurvePublicKey, now: UtcMs) -> Issued:
        """A certificate for a loudspeaker that has this key."""
        return self.client(common_name(device, public_bytes(key)), key, now)

    def client(self, name: str, key: EllipticCurvePublicKey, now: UtcMs) -> Issued:
        """A certificate to be let in at the broker under this name."""
        made = certificates.issued(self._by(now), name, key, Purpose.client, self._new_serial(), now)
        return _issued(made, name)

    def server(self, hosts: Iterable[str], now: UtcMs, what: str = "") -> tuple[str, str]:
        """A key and its certificate (PEM) for a machine that answers to these names or addresses. `what`: under which
        name its certificate is remembered here, for whoever warns before its end."""
        hosts, key = tuple(hosts), ec.generate_private_key(ec.SECP256R1())
        found = certificates.issued(
            self._by(now), hosts[0][:64], key.public_key(), Purpose.server, self._new_serial(), now, hosts
        )
        if what:
            write_whole(self._folder / f"{what}{MACHINE}", _pem(found).encode(), OPEN)
        return _key_pem(key), _pem(found)

    def own(self, name: str, now: UtcMs) -> Credentials:
        """What a line of this server's needs at the broker; made anew when two thirds of its life are over."""
        file = self._folder / f"{name}.pem"
        if not file.exists() or _is_old(x509.load_pem_x509_certificate(file.read_bytes()), now):
            key = ec.generate_private_key(ec.SECP256R1())
            made = self.client(name, key.public_key(), now)
            write_whole(file, (_key_pem(key) + made.pem).encode(), SECRET)
        return Credentials(name, file, self.file)

    def keep_revoked(self, serials: Iterable[tuple[str, UtcMs]], now: UtcMs) -> None:
        """Write the list of what holds no more (numbers in hex, since when)."""
        found = certificates.revoked(self._by(now), ((int(s, 16), since) for s, since in serials), now)
        write_whole(self.revoked_file, found.public_bytes(Encoding.PEM), OPEN)

    def _by(self, now: UtcMs) -> Issuer:
        if self._issuer is None:
            key_file = self._folder / "ca.key"
            if not key_file.exists() and not self.file.exists():
                self._make(key_file, now)
            self._issuer = _read(key_file, self.file)
        return self._issuer

    def _make(self, key_file: Path, now: UtcMs) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        made = certificates.authority(key, self._new_serial(), now)
        # The certificate lies in the key's file as well: who is killed in between has lost nothing.
        write_whole(key_file, (_key_pem(key) + _pem(made)).encode(), SECRET)
        write_whole(self.file, _pem(made).encode(), OPEN)


def ends_at(path: Path) -> UtcMs:
    """When the certificate in a file is over."""
    return instant(x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc)


def issued_of(credentials: Credentials) -> Issued:
    """What is kept of the certificate of a line of the server's own."""
    return _issued(x509.load_pem_x509_certificate(credentials.file.read_bytes()), credentials.name)


def _read(key_file: Path, certificate_file: Path) -> Issuer:
    try:
        content = key_file.read_bytes()
        key = load_pem_private_key(content, None)
        if not certificate_file.exists():
            write_whole(certificate_file, _pem(x509.load_pem_x509_certificate(content)).encode(), OPEN)
        found = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except OSError as error:
        raise ValueError(f"{key_file}: {error.strerror}") from error
    if not isinstance(key, EllipticCurvePrivateKey) or found.public_key() != key.public_key():
        raise ValueError(f"{key_file} and {certificate_file} do not belong together")
    return Issuer(found, key)


def _is_old(found: x509.Certificate, now: UtcMs) -> bool:
    return now >= renew_at(instant(found.not_valid_before_utc), instant(found.not_valid_after_utc))


def _issued(made: x509.Certificate, name: str) -> Issued:
    key = made.public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise TypeError("only keys on curves are issued for")
    return Issued(
        _pem(made),
        f"{made.serial_number:x}",
        name,
        public_bytes(key).hex(),
        instant(made.not_valid_before_utc),
        instant(made.not_valid_after_utc),
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _key_pem(key: EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
