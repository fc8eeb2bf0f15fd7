"""Who a loudspeaker is to the broker and the server: its private key, made here and never leaving this machine, and the
certificate for it; and how it knows the broker. A shell: files, keys, TLS.

Imported by the runner, the link, the enrolment and the composition root.
"""

import logging
import ssl
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from device_agent.validity import Validity, doubt
from device_agent.whole_file import write_whole
from schedules.clock import Now, UtcMs
from schedules.enrolling import common_name

IDENTITY, PENDING = "identity.pem", "identity.key"
_log = logging.getLogger("loaban.identity")
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL: time is judged here, by `validity`."""


class Identity:
    """In `folder`: one file with the key and the certificate. Raises ValueError if it is damaged or not there."""

    def __init__(self, folder: Path, device: str, authority: str) -> None:
        """`authority`: PEM of the certificate with which the server certifies."""
        self.file, self._device = folder / IDENTITY, device
        self._authority = certificate_in(authority.encode())
        try:
            content = self.file.read_bytes()
        except OSError as error:
            raise ValueError(f"{self.file}: {error.strerror}") from error
        self._key = key_in(content)
        self._certificate = certificate_in(content)
        self.fault = ""

    @property
    def validity(self) -> Validity:
        """From when until when the certificate holds."""
        return validity_of(self._certificate)

    def request(self) -> bytes:
        """A request (PEM) for the next certificate, for the same key and in the same name."""
        return request_for(self._key, common_name(self._device, public_bytes(self._key)))

    def take(self, pem: bytes) -> bool:
        """Keep a newer certificate for the same key by the same authority; anything else is refused. Where it cannot be
        written, `fault` says so: the old one holds for a while, and the server gives the new one again."""
        found = certified(pem, self._key, self._device, self._authority)
        if found is None or validity_of(found).not_after <= self.validity.not_after:
            return False
        try:
            write_whole(self.file, key_pem(self._key) + found.public_bytes(Encoding.PEM))
        except OSError as error:
            self.fault = str(error)
            return False
        self._certificate, self.fault = found, ""
        return True


def identity_in(folder: Path, device: str, authority: str) -> Identity | None:
    """The identity in a folder. None, and a word in the log, where it is damaged or gone: a loudspeaker without a link
    still plays what it holds."""
    try:
        return Identity(folder, device, authority)
    except ValueError as error:
        _log.error("no certificate, so no link; enrol this loudspeaker again: %s", error)
        return None


def certified(
    pem: bytes, key: ec.EllipticCurvePrivateKey, device: str, authority: x509.Certificate
) -> x509.Certificate | None:
    """The certificate, if it is this authority's, for this loudspeaker and this key."""
    try:
        found = certificate_in(pem)
        found.verify_directly_issued_by(authority)
        [name] = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return None
    ours = found.public_key() == key.public_key() and name.value == common_name(device, public_bytes(key))
    return found if ours else None


def new_key() -> ec.EllipticCurvePrivateKey:
    """A fresh private key."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate_in(pem: bytes) -> x509.Certificate:
    """The first certificate in what somebody sent or a file holds. Raises ValueError, whatever is wrong with it."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except x509.InvalidVersion as error:  # to the library, that is no ValueError
        raise ValueError(str(error)) from error


def key_in(content: bytes) -> ec.EllipticCurvePrivateKey:
    """The key in a file. Raises ValueError, whatever is wrong with it."""
    try:
        found = load_pem_private_key(content, None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from error
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise ValueError("another kind of key")  # noqa: TRY004 - the file is wrong, not the program
    return found


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A key as it is kept."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Its public half (DER)."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def request_for(key: ec.EllipticCurvePrivateKey, name: str = "") -> bytes:
    """A signing request (PEM); without a name before anybody has said who this is."""
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else []
    found = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names)).sign(key, hashes.SHA256())
    return found.public_bytes(Encoding.PEM)


def validity_of(certificate: x509.Certificate) -> Validity:
    """From when until when a certificate holds."""
    since, until = certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
    return Validity(int(since) * 1000, int(until) * 1000)


def tls(authority: str, identity: Path | None = None, *, public: bool = False) -> ssl.SSLContext:
    """TLS to a server or broker whose certificate the server's own authority (PEM) has issued; or, if `public`, one
    that this system knows. The time is not looked at: `judge` does that afterwards."""
    context = ssl.create_default_context(cadata=authority or None)
    context.verify_flags |= _NO_CHECK_TIME
    if public:
        context.load_default_certs()
    if identity is not None:
        context.load_cert_chain(identity)
    return context


def judge(peer: dict[str, Any] | None, now: Now, past: UtcMs) -> None:
    """Raises `ssl.SSLCertVerificationError` where the certificate of the other side does not hold now."""
    if not peer:
        raise ssl.SSLCertVerificationError("no certificate")
    since, until = (ssl.cert_time_to_seconds(peer[name]) for name in ("notBefore", "notAfter"))
    found = doubt(Validity(since * 1000, until * 1000), now, past)
    if found is not None:
        span = f"{peer['notBefore']} to {peer['notAfter']}"
        raise ssl.SSLCertVerificationError(f"the certificate is {found.value}: {span}")
