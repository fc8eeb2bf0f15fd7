"""Tests of the server's signing keys: their files, their change, and the command that does it.

Nobody imports this module.
"""

import argparse
import itertools
from pathlib import Path

import msgspec
import pytest

from schedules import wire
from schedules.clock import SECOND
from schedules.signing import key_id_of
from schedules.wire import Status
from server import rotation, seed, system_clock
from server.commands import keeping_keys
from server.console import Console
from server.keyring import Keyring, Signing
from server.parts import Parts, assemble, unheard
from server.readiness import Heard
from server.settings import Settings
from tests.unit.schedules.shapes import MIDNIGHT


class Counted:
    """Keys that a test can tell apart."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self) -> bytes:
        return bytes([next(self._numbers)]) * 32


def test_the_key_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    first = Keyring(tmp_path, Counted()).current()
    assert Keyring(tmp_path, Counted()).current().key.public == first.key.public
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600
    assert first.holding == (first.key.public,)
    assert first.announced is None


def test_a_damaged_key_is_for_a_person_to_decide(tmp_path: Path) -> None:
    Keyring(tmp_path, Counted())
    (tmp_path / "signing.key").write_bytes(b"half")
    with pytest.raises(ValueError, match="32"):
        Keyring(tmp_path, Counted())


def test_a_change_has_two_halves_and_a_running_server_sees_both(tmp_path: Path) -> None:
    running, command = Keyring(tmp_path, Counted()), Keyring(tmp_path, lambda: b"x" * 32)
    old = running.current().key
    began = command.begin(MIDNIGHT)
    assert began.next is not None
    assert began.holding == (began.next.public, old.public)
    assert running.current().key.public == old.public
    assert running.current().announced == began.announced
    assert command.begin(MIDNIGHT + SECOND).announced == began.announced, "begun once"
    ended = command.finish(MIDNIGHT + 2 * SECOND)
    assert (ended.key.public, ended.next, ended.holding) == (began.next.public, None, (began.next.public,))
    assert running.current().key.public == ended.key.public
    assert ended.revision > began.revision
    assert not any(old.private in path.read_bytes() for path in tmp_path.iterdir())
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("lost", ["signing.next", "signing.word"])
def test_a_power_cut_in_the_first_half_has_announced_nothing(tmp_path: Path, lost: str) -> None:
    ring = Keyring(tmp_path, Counted())
    old = ring.current().key.public
    ring.begin(MIDNIGHT)
    (tmp_path / lost).unlink()
    found = Keyring(tmp_path, Counted()).current()
    assert found.key.public == old
    assert found.next is None
    again = Keyring(tmp_path, lambda: b"y" * 32).begin(MIDNIGHT + SECOND)
    assert again.next is not None
    assert again.holding == (again.next.public, old)


def test_a_power_cut_in_the_second_half_is_gone_on_from(tmp_path: Path) -> None:
    ring = Keyring(tmp_path, Counted())
    began = ring.begin(MIDNIGHT)
    assert began.next is not None
    (tmp_path / "signing.next").rename(tmp_path / "signing.key")
    ended = Keyring(tmp_path, Counted()).finish(MIDNIGHT + SECOND)
    assert ended.holding == (began.next.public,)


def test_who_knows_the_newest_key_and_who_would_be_left_behind() -> None:
    new, old = (key_id_of(bytes([n]) * 32).hex() for n in (2, 1))
    heard = {
        "a": Heard(Status(online=True, keys=(new, old)), 5),
        "b": Heard(Status(online=False, keys=(old,)), 6),
        "c": Heard(Status(online=True), 7),
    }
    knowing = rotation.who_knows(["a", "b", "c", "d"], heard)
    assert [each.said_at for each in knowing] == [5, 6, 7, None]
    assert [each.device for each in rotation.left_behind(knowing, b"\2" * 32)] == ["b", "c", "d"]


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """A server with enrolled loudspeakers; commands find the same one."""
    monkeypatch.setenv("LOABAN_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("LOABAN_BROKER", "mqtt://127.0.0.1:9")
    parts = assemble(Settings(), unheard)
    with parts.stores.open() as store:
        areas = seed.seed_province(store)
        seed.seed_sample(store, areas, parts.hasher, lambda: "secret", 0)
    return parts


def keys(act: str, *leave: str) -> int:
    """The command; its exit status."""
    return keeping_keys.run(argparse.Namespace(command="keys", act=act, leave=list(leave)), Console("vi"))


def says(parts: Parts, signing: Signing) -> None:
    """All loudspeakers acknowledge the keys that hold."""
    with parts.stores.open() as store:
        ids = tuple(key_id_of(key).hex() for key in signing.holding)
        number = system_clock.mono_ms()
        for device in store.fleet.in_service():
            store.fleet.hear(device, Status(online=True, run="r", number=number, keys=ids), MIDNIGHT)


def test_the_old_key_goes_when_all_know_the_next(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    says(parts, parts.keyring.current())
    assert keys("finish") == 2
    assert keys("rotate") == 0
    assert keys("finish") == keeping_keys.LEFT
    assert "loa-mau-1" in capsys.readouterr().out
    assert parts.keyring.current().next is not None
    says(parts, parts.keyring.current())
    assert keys("finish") == 0
    assert parts.keyring.current().next is None
    assert keys("show") == 0
    assert "6/6" in capsys.readouterr().out


def test_a_dead_loudspeaker_is_left_behind_by_name(parts: Parts) -> None:
    says(parts, parts.keyring.current())
    keys("rotate")
    with parts.stores.open() as store:
        everyone = store.fleet.in_service()
    assert keys("finish", *everyone[1:]) == keeping_keys.LEFT
    assert keys("finish", *everyone) == 0


def test_the_word_on_the_keys_is_read_as_it_was_written(tmp_path: Path) -> None:
    began = Keyring(tmp_path, Counted()).begin(MIDNIGHT)
    assert began.announced is not None
    assert msgspec.json.decode((tmp_path / "signing.word").read_bytes(), type=wire.Keys) == began.announced
