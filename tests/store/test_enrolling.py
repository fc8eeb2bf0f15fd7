"""Tests of the commands around enrolment, on real files and a real database.

Nobody imports this module.
"""

import argparse
import json
from pathlib import Path

import msgspec
import pytest
from cryptography import x509

from device_agent.identity import IDENTITY, Identity, identity_in, key_pem, new_key
from device_agent.settings import ENROLLED, Enrolment, Settings, enrolment_file, read_enrolment
from schedules import claim_code
from server import seed, system_clock
from server.authority import Authority
from server.broker_accounts import ACCOUNTS, GATEWAY, REPORTS, beginning, desired
from server.commands import certifying, enrolling
from server.console import Console
from server.parts import Parts, assemble, unheard
from server.settings import Settings as ServerSettings
from tests.store.stage import NOW, PlainHasher

DEVICE = "loa-mau-1"
ENGLISH = Console("en")


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    monkeypatch.setenv("LOABAN_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    parts = assemble(ServerSettings(), unheard)
    with parts.stores.open() as store:
        seed.seed_sample(store, seed.seed_province(store), PlainHasher(), lambda: "x", NOW)
    return parts


def run(family: object, *words: str) -> int:
    parser = argparse.ArgumentParser()
    family.describe(parser.add_subparsers(dest="command"))  # type: ignore[attr-defined]
    return int(family.run(parser.parse_args(words), ENGLISH))  # type: ignore[attr-defined]


def test_a_code_is_printed_once_and_is_this_servers(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(enrolling, "claim", DEVICE, "--server", "https://loa.test") == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "loaban-agent enrol" in line)
    code = claim_code.read(line.split()[-2])
    assert code is not None
    assert code.seal == parts.office.authority.seal(system_clock.utc_ms())
    with parts.stores.open() as store:
        assert store.certificates.claim(claim_code.hash_of(code)) is not None
        assert [line.act for line in store.trail.lines()][-1] == "claim_code"


@pytest.mark.parametrize(
    "words",
    [
        ("claim", "loa-none"),
        ("shut-out", "loa-none"),
        ("enrol", "loa-none", "--broker", "mqtt://127.0.0.1", "--out", "x"),
    ],
)
def test_a_loudspeaker_that_is_none_is_told(
    parts: Parts, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(enrolling, *words) == 2
    assert "loa-none" in capsys.readouterr().err


def test_a_file_without_certificate_is_for_trials_and_never_for_a_broker_with_tls(
    parts: Parts, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "enrolment.json"
    assert run(enrolling, "enrol", DEVICE, "--broker", "mqtts://b:8883", "--out", str(out)) == 2
    assert not out.exists()
    assert "loaban claim" in capsys.readouterr().err
    assert run(enrolling, "enrol", DEVICE, "--broker", "mqtt://127.0.0.1:1883", "--out", str(out)) == 0
    assert capsys.readouterr().err == ""
    assert run(enrolling, "enrol", DEVICE, "--broker", "mqtt://10.0.0.7:1883", "--out", str(out)) == 0
    assert "without TLS" in capsys.readouterr().err
    assert read_enrolment(out).signing_keys == parts.keyring.current().holding


def test_a_broker_begins_with_everybody_who_may_come_in(parts: Parts, tmp_path: Path) -> None:
    now = system_clock.utc_ms()
    made = parts.office.authority.device(DEVICE, new_key().public_key(), now)
    with parts.stores.open() as store:
        store.certificates.add(DEVICE, made)
    assert run(certifying, "broker-files", "--name", "mqtt.test", "10.0.0.7", "--out", str(tmp_path / "broker")) == 0
    files = {path.name: path for path in (tmp_path / "broker").iterdir()}
    assert set(files) == {"ca.crt", "server.crt", "server.key", "dynamic-security.json", "mosquitto.conf"}
    assert json.loads(files["dynamic-security.json"].read_bytes()) == beginning(desired({made.name: DEVICE}))
    assert {files[name].stat().st_mode & 0o777 for name in ("server.key", "dynamic-security.json")} == {0o600}
    certificate = x509.load_pem_x509_certificate(files["server.crt"].read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mqtt.test"]


def test_a_host_that_is_none_is_told(parts: Parts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(certifying, "broker-files", "--name", "máy chủ", "--out", str(tmp_path / "broker")) == 2
    assert "máy chủ" in capsys.readouterr().err


def test_each_line_of_the_server_is_somebody_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: Parts
) -> None:
    monkeypatch.setenv("LOABAN_BROKER", "mqtts://b.test:8883")
    assert assemble(ServerSettings(), unheard).accounts is not None
    assemble(ServerSettings(gateway="reports-2"), unheard)
    assemble(ServerSettings(gateway="reports-2"), unheard)
    folder = tmp_path / "data" / "authority"
    names = {path.stem for path in folder.glob("*.pem")}
    assert names == {ACCOUNTS, GATEWAY, REPORTS, f"{REPORTS}.reports-2"}
    with parts.stores.open() as store:
        assert store.certificates.holding(system_clock.utc_ms()) == {f"{REPORTS}.reports-2": ""}
    assert assemble(ServerSettings(broker="mqtt://127.0.0.1:1"), unheard).accounts is None


def test_what_the_command_wrote_goes_before_a_file_that_was_copied(tmp_path: Path) -> None:
    copied, folder = tmp_path / "copied.json", tmp_path / "agent"
    folder.mkdir()
    settings = Settings(enrolment=copied, folder=folder)
    assert enrolment_file(settings) == copied
    (folder / ENROLLED).write_bytes(msgspec.json.encode(Enrolment("loa-1", "mqtts://b:8883", (b"k" * 32,))))
    assert read_enrolment(enrolment_file(settings)).device == "loa-1"


@pytest.mark.parametrize("damage", [b"", b"rotten", None])
def test_a_loudspeaker_whose_certificate_has_rotted_still_starts(tmp_path: Path, damage: bytes | None) -> None:
    authority, now = Authority(tmp_path / "server"), system_clock.utc_ms()
    key = new_key()
    file = tmp_path / IDENTITY
    file.write_bytes(key_pem(key) + authority.device("loa-1", key.public_key(), now).pem.encode())
    assert isinstance(identity_in(tmp_path, "loa-1", authority.pem(now)), Identity)
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    assert identity_in(tmp_path, "loa-1", authority.pem(now)) is None
