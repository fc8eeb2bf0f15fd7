"""Tests of what people uploaded, as files: taken in, kept by content, forgotten.

Nobody imports this module.
"""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.refusal import MasteringFault
from audio.sound_file import LARGEST_UPLOAD
from schedules.clock import DAY
from server.originals import LEFT_FOR, Originals
from server.turns import Busy, Turns
from tests.store.stage import NOW


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    return Originals(tmp_path / "originals")


@given(st.lists(st.binary(max_size=2_000), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_a_file_is_what_came_in_whatever_pieces(originals: Originals, pieces: list[bytes]) -> None:
    incoming = originals.begin()
    for piece in pieces:
        incoming.write(piece)
    upload = incoming.finish()
    whole = b"".join(pieces)
    assert (upload.size, upload.fault) == (len(whole), None)
    assert upload.sha256 == hashlib.sha256(whole).hexdigest()
    originals.keep(upload)
    kept = originals.folder / upload.sha256
    assert kept.read_bytes() == whole
    assert (kept.stat().st_mode & 0o777, originals.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    upload.discard()
    assert kept.exists()


def test_what_is_beyond_the_limit_takes_no_room(originals: Originals) -> None:
    incoming = originals.begin()
    for _ in range(27):
        incoming.write(bytes(1024 * 1024))
    upload = incoming.finish()
    assert (upload.fault, upload.size) == (MasteringFault.too_large, LARGEST_UPLOAD + 2 * 1024 * 1024)
    assert upload.path.stat().st_size == 0


def test_what_was_left_half_received_is_forgotten_and_what_was_kept_is_not(originals: Originals) -> None:
    incoming = originals.begin()
    incoming.write(b"old")
    upload = incoming.finish()
    originals.keep(upload)
    os.utime(originals.folder / upload.sha256, ns=(0, 0))
    left = originals.begin().finish().path
    os.utime(left, ns=(0, (NOW - LEFT_FOR - DAY) * 1_000_000))
    assert originals.forget(NOW) == 1
    assert not left.exists()
    assert originals.has(upload.sha256), "its time is judged by what became of it"
    originals.remove("../" + upload.sha256)
    originals.remove(upload.sha256)
    assert not originals.has(upload.sha256)


def test_who_comes_while_enough_are_served_waits_and_not_for_ever() -> None:
    turns = Turns(at_once=2, waiting=1, wait_s=0.01)
    with turns.mine(), turns.mine(), pytest.raises(Busy), turns.mine():
        pytest.fail("a third was served")
    with turns.mine():
        pass


def test_where_the_line_is_full_one_is_told_at_once() -> None:
    turns = Turns(at_once=1, waiting=0, wait_s=3_600)
    with turns.mine(), pytest.raises(Busy), turns.mine():
        pytest.fail("a second was served")
