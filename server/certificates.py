"""What the certificates of this server's authority say, and which requests for one are refused. Pure: instants and
serial numbers are arguments.

Imported by `server.authority` and tests.
"""

import enum
import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from schedules.clock import DAY, HOUR, DurationMs, UtcMs
from schedules.enrolling import LARGEST_REQUEST

AUTHORITY_LASTS: DurationMs = 20 * 365 * DAY
BROKER_LASTS: DurationMs = 5 * 365 * DAY
DEVICE_LASTS: DurationMs = 2 * 365 * DAY
"""Renewed after two thirds, so eight months are left for a loudspeaker that nobody can reach. A shorter life would gain
little: who is shut out is shut out at once."""
BEFORE: DurationMs = 1 * HOUR
"""A broker's clock may be behind the server's."""
_SINCE_EVER: DurationMs = 1 * DAY
_URN = "urn:loaban:"


class Purpose(enum.Enum):
    """What somebody may do with a certificate."""

    client = "client"
    server = "server"


class Fault(enum.Enum):
    """Why a request is refused."""

    too_large = "too_large"
    malformed = "malformed"
    bad_signature = "bad_signature"
    wrong_key = "wrong_key"
    wrong_name = "wrong_name"


class Issuer(msgspec.Struct, frozen=True):
    """The authority: its certificate and its key."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey


def request_of(pem: bytes, name: str = "") -> EllipticCurvePublicKey | Fault:
    """The public key for which somebody who holds its private key asks for a certificate. `name`: the common name that
    the request must bear; empty: it names nobody, as a loudspeaker does before it has been told who it is."""
    if len(pem) > LARGEST_REQUEST:
        return Fault.too_large
    try:
        request = x509.load_pem_x509_csr(pem)
        key, signed = request.public_key(), request.is_signature_valid
        names = [str(a.value) for a in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except (ValueError, TypeError, InvalidSignature, x509.InvalidVersion, NotImplementedError):
        return Fault.malformed
    except Exception as error:  # noqa: BLE001
        # The parser has kinds of its own for what it does not know; none of them is worth a certificate.
        return Fault.wrong_key if "nsupported" in type(error).__name__ else Fault.malformed
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        return Fault.wrong_key
    if not signed:
        return Fault.bad_signature
    return key if names == ([name] if name else []) else Fault.wrong_name


def authority(key: EllipticCurvePrivateKey, serial: int, now: UtcMs) -> x509.Certificate:
    """The certificate of a new authority, by its own word."""
    name = _named(f"Loa Ban {serial:040x}"[:20])
    found = _begun(name, name, key.public_key(), serial, now - _SINCE_EVER, now + AUTHORITY_LASTS)
    found = found.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    found = found.add_extension(_usage(signs=True), critical=True)
    found = found.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return found.sign(key, hashes.SHA256())


def issued(
    by: Issuer,
    name: str,
    key: EllipticCurvePublicKey,
    purpose: Purpose,
    serial: int,
    now: UtcMs,
    hosts: Iterable[str] = (),
) -> x509.Certificate:
    """A certificate for whoever holds this key. `hosts`: names or addresses of a server's machine."""
    lasts = DEVICE_LASTS if purpose is Purpose.client else BROKER_LASTS
    kind = ExtendedKeyUsageOID.CLIENT_AUTH if purpose is Purpose.client else ExtendedKeyUsageOID.SERVER_AUTH
    names = [_host(host) for host in hosts] or [x509.UniformResourceIdentifier(_URN + name)]
    found = _begun(_named(name), by.certificate.subject, key, serial, now - BEFORE, now + lasts)
    found = found.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    found = found.add_extension(_usage(signs=False), critical=True)
    found = found.add_extension(x509.ExtendedKeyUsage([kind]), critical=False)
    found = found.add_extension(x509.SubjectAlternativeName(names), critical=False)
    found = found.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
    return found.add_extension(above, critical=False).sign(by.key, hashes.SHA256())


def revoked(by: Issuer, serials: Iterable[tuple[int, UtcMs]], now: UtcMs) -> x509.CertificateRevocationList:
    """The list of what holds no more (serial numbers and since when). It says no early end of itself: a broker whose
    list has ended lets nobody in."""
    found = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject)
    found = found.last_update(_at(now - BEFORE)).next_update(_at(now + AUTHORITY_LASTS))
    for serial, since in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_at(since))
        found = found.add_revoked_certificate(entry.build())
    return found.sign(by.key, hashes.SHA256())


def public_bytes(key: EllipticCurvePublicKey) -> bytes:
    """A public key (DER), as `schedules.enrolling.common_name` wants it."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def instant(at: datetime) -> UtcMs:
    """An instant of a certificate."""
    return int(at.timestamp()) * 1000


def renew_at(not_before: UtcMs, not_after: UtcMs) -> UtcMs:
    """When two thirds of a life are over."""
    return not_before + (not_after - not_before) * 2 // 3


def _begun(
    name: x509.Name, by: x509.Name, key: EllipticCurvePublicKey, serial: int, since: UtcMs, until: UtcMs
) -> x509.CertificateBuilder:
    found = x509.CertificateBuilder().subject_name(name).issuer_name(by).public_key(key).serial_number(serial)
    return found.not_valid_before(_at(since)).not_valid_after(_at(until))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _at(utc: UtcMs) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=utc // 1000 * 1000)
