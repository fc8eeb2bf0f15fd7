"""Tests of the signing keys on the memory card: whatever becomes of the card, an old key does not come back.

Nobody imports this module.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_agent.key_ring import KeyRing

OLD, NEW = (b"o" * 32,), (b"n" * 32, b"o" * 32)


def test_what_is_kept_is_held_after_a_restart(tmp_path: Path) -> None:
    assert KeyRing(tmp_path).held() == (-1, ())
    KeyRing(tmp_path).keep(5, NEW)
    assert KeyRing(tmp_path).held() == (5, NEW)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(which=st.sampled_from(["keys.json", "keys-copy.json"]), rot=st.binary(max_size=120))
def test_either_copy_may_rot(tmp_path: Path, which: str, rot: bytes) -> None:
    KeyRing(tmp_path).keep(5, NEW)
    (tmp_path / which).write_bytes(rot)
    assert KeyRing(tmp_path).held() == (5, NEW)


def test_a_power_cut_between_the_two_copies_leaves_the_newer_word(tmp_path: Path) -> None:
    KeyRing(tmp_path).keep(5, OLD)
    older = (tmp_path / "keys-copy.json").read_bytes()
    KeyRing(tmp_path).keep(6, NEW)
    (tmp_path / "keys-copy.json").write_bytes(older)
    (tmp_path / "keys.new").write_bytes(b"half")
    assert KeyRing(tmp_path).held() == (6, NEW)


def test_a_card_that_cannot_be_written_is_told_and_written_later(tmp_path: Path) -> None:
    folder = tmp_path / "card"
    ring = KeyRing(folder)
    ring.keep(5, NEW)
    assert ring.fault
    folder.mkdir()
    ring.retry()
    assert not ring.fault
    assert KeyRing(folder).held() == (5, NEW)


@pytest.mark.parametrize("keys", [(), (b"short",), (b"n" * 32, b"")])
def test_what_are_no_keys_is_not_held(tmp_path: Path, keys: tuple[bytes, ...]) -> None:
    KeyRing(tmp_path).keep(9, keys)
    assert KeyRing(tmp_path).held() == (-1, ())
