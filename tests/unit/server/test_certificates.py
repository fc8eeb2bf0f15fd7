"""Tests of the authority: what its certificates say, which requests it refuses, and its files.

Nobody imports this module.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import verification
from cryptography.x509.oid import NameOID

from device_agent.identity import request_for
from schedules.clock import DAY, HOUR
from schedules.enrolling import common_name, device_of
from server import certificates
from server.authority import Authority
from server.certificates import DEVICE_LASTS, Fault, public_bytes, renew_at, request_of

NOW = 1_795_500_000_000
KEY = ec.generate_private_key(ec.SECP256R1())


def at(utc: int) -> datetime:
    return datetime.fromtimestamp(utc / 1000, UTC)


def store_of(authority: Authority) -> verification.Store:
    return verification.Store([x509.load_pem_x509_certificate(authority.pem(NOW).encode())])


def signed_by(key: object, name: str = "", curve: object = None) -> bytes:
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else []
    hashed = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names)).sign(key, hashed)  # type: ignore[arg-type]
    return request.public_bytes(serialization.Encoding.PEM)


def test_a_request_with_a_key_of_ours_is_taken() -> None:
    found = request_of(request_for(KEY))
    assert not isinstance(found, Fault)
    assert public_bytes(found) == public_bytes(KEY.public_key())
    assert not isinstance(request_of(request_for(KEY, "loa-1.x"), "loa-1.x"), Fault)


def test_any_other_request_is_refused_with_its_reason() -> None:
    rsa_key = rsa.generate_private_key(65537, 2048)
    good = request_for(KEY)
    der = bytearray(x509.load_pem_x509_csr(good).public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    broken = x509.load_der_x509_csr(bytes(der)).public_bytes(serialization.Encoding.PEM)
    for request, name, fault in (
        (b"", "", Fault.malformed),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "", Fault.malformed),
        (good + b" " * certificates.LARGEST_REQUEST, "", Fault.too_large),
        (signed_by(rsa_key), "", Fault.wrong_key),
        (signed_by(ed25519.Ed25519PrivateKey.generate()), "", Fault.wrong_key),
        (signed_by(ec.generate_private_key(ec.SECP384R1())), "", Fault.wrong_key),
        (broken, "", Fault.bad_signature),
        (signed_by(KEY, "loa-2.x"), "", Fault.wrong_name),
        (signed_by(KEY, "loa-2.x"), "loa-1.x", Fault.wrong_name),
        (good, "loa-1.x", Fault.wrong_name),
    ):
        assert request_of(request, name) is fault, fault


def test_a_loudspeakers_certificate_lets_it_in_and_makes_it_no_server(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    made = authority.device("loa-1", KEY.public_key(), NOW)
    leaf = x509.load_pem_x509_certificate(made.pem.encode())
    builder = verification.PolicyBuilder().store(store_of(authority)).time(at(NOW + DAY))
    assert builder.build_client_verifier().verify(leaf, [])
    with pytest.raises(verification.VerificationError):
        builder.build_server_verifier(x509.DNSName("loa-1")).verify(leaf, [])
    assert made.name == common_name("loa-1", public_bytes(KEY.public_key()))
    assert device_of(made.name) == "loa-1"
    assert made.not_before <= NOW - HOUR
    assert made.not_after == NOW // 1000 * 1000 + DEVICE_LASTS
    third = (made.not_after - made.not_before) // 3
    assert abs(renew_at(made.not_before, made.not_after) - (made.not_before + 2 * third)) < 10


def test_a_machines_certificate_is_for_its_names_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    _, pem = authority.server(["mqtt.tinh.example", "10.0.0.7"], NOW)
    leaf = x509.load_pem_x509_certificate(pem.encode())
    builder = verification.PolicyBuilder().store(store_of(authority)).time(at(NOW + DAY))
    assert builder.build_server_verifier(x509.DNSName("mqtt.tinh.example")).verify(leaf, [])
    with pytest.raises(verification.VerificationError):
        builder.build_server_verifier(x509.DNSName("other.example")).verify(leaf, [])
    with pytest.raises(verification.VerificationError):
        builder.build_client_verifier().verify(leaf, [])


def test_the_authority_is_made_once_and_its_key_is_for_the_server_alone(tmp_path: Path) -> None:
    before = Authority(tmp_path).pem(NOW)
    assert Authority(tmp_path).pem(NOW + DAY) == before
    assert (tmp_path / "authority" / "ca.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "authority").stat().st_mode & 0o077 == 0
    own = Authority(tmp_path).own("loaban.gateway", NOW)
    assert own.file.stat().st_mode & 0o777 == 0o600


def test_who_dies_between_key_and_certificate_has_lost_nothing(tmp_path: Path) -> None:
    before = Authority(tmp_path).pem(NOW)
    (tmp_path / "authority" / "ca.crt").unlink()
    assert Authority(tmp_path).pem(NOW) == before


def test_a_key_that_is_gone_or_anothers_is_for_a_person_to_mend(tmp_path: Path) -> None:
    Authority(tmp_path / "a").pem(NOW)
    Authority(tmp_path / "b").pem(NOW)
    (tmp_path / "a" / "authority" / "ca.key").write_bytes((tmp_path / "b" / "authority" / "ca.key").read_bytes())
    with pytest.raises(ValueError, match="belong together"):
        Authority(tmp_path / "a").pem(NOW)
    (tmp_path / "a" / "authority" / "ca.key").unlink()
    with pytest.raises(ValueError, match=r"ca\.key"):
        Authority(tmp_path / "a").pem(NOW)


def test_a_lines_own_certificate_is_made_anew_in_good_time(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    first = authority.own("loaban.gateway", NOW).file.read_bytes()
    assert authority.own("loaban.gateway", NOW + DEVICE_LASTS // 2).file.read_bytes() == first
    assert authority.own("loaban.gateway", NOW + DEVICE_LASTS * 3 // 4).file.read_bytes() != first


def test_the_list_of_what_holds_no_more_is_the_authoritys(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    made = authority.device("loa-1", KEY.public_key(), NOW)
    authority.keep_revoked([(made.serial, NOW)], NOW)
    found = x509.load_pem_x509_crl(authority.revoked_file.read_bytes())
    assert found.is_signature_valid(x509.load_pem_x509_certificate(authority.pem(NOW).encode()).public_key())  # type: ignore[arg-type]
    assert [entry.serial_number for entry in found] == [int(made.serial, 16)]
