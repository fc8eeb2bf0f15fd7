"""Tests of `device_agent.clip_store`: a clip that is not exactly what its name says never gets a name.

Nobody imports this module.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.clip import Clip, name_of
from device_agent.clip_store import ClipFault, ClipStore
from schedules.blocks import BLOCK_BYTES, BlockRange, block_count

CONTENT = bytes(range(256)) * 160
CLIP = Clip(name_of([CONTENT]), "vi", 2_000, len(CONTENT))


def copied(source: Path, target: Path, _expected_ms: int) -> None:
    target.write_bytes(source.read_bytes())


def undecodable(_source: Path, _target: Path, _expected_ms: int) -> None:
    raise ClipFault("undecodable")


def blocks_of(content: bytes) -> list[bytes]:
    return [content[n : n + BLOCK_BYTES] for n in range(0, len(content), BLOCK_BYTES)]


def filled(store: ClipStore, content: bytes = CONTENT) -> ClipStore:
    for index, block in enumerate(blocks_of(content)):
        assert store.write_block(CLIP, index, block)
    return store


def test_blocks_in_any_order_become_the_clip(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, copied)
    for index in reversed(range(block_count(CLIP.size))):
        assert store.write_block(CLIP, index, blocks_of(CONTENT)[index])
    store.finish(CLIP)
    assert store.whole() == (CLIP.sha256,)
    assert store.sound_of(CLIP.sha256).read_bytes() == CONTENT
    assert store.partial() == {}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(CONTENT) - 1), bit=st.integers(0, 7))
def test_one_flipped_bit_is_refused_and_all_is_fetched_again(tmp_path: Path, at: int, bit: int) -> None:
    wrong = bytearray(CONTENT)
    wrong[at] ^= 1 << bit
    store = filled(ClipStore(tmp_path, copied), bytes(wrong))
    with pytest.raises(ClipFault) as refused:
        store.finish(CLIP)
    assert refused.value.cause == "hash_differs"
    assert store.whole() == ()
    assert store.partial() == {}


def test_what_cannot_be_decoded_is_refused(tmp_path: Path) -> None:
    store = filled(ClipStore(tmp_path, undecodable))
    with pytest.raises(ClipFault, match="undecodable"):
        store.finish(CLIP)
    assert store.whole() == ()


@pytest.mark.parametrize(
    ("index", "content"), [(-1, b"x" * BLOCK_BYTES), (99, b"x"), (0, b"short"), (2, b"x" * BLOCK_BYTES), (0, b"")]
)
def test_a_block_that_cannot_be_one_of_this_clip_is_not_written(tmp_path: Path, index: int, content: bytes) -> None:
    assert not ClipStore(tmp_path, copied).write_block(CLIP, index, content)
    assert list(tmp_path.iterdir()) == []


def test_blocks_are_remembered_over_a_restart(tmp_path: Path) -> None:
    ClipStore(tmp_path, copied).write_block(CLIP, 1, blocks_of(CONTENT)[1])
    assert ClipStore(tmp_path, copied).partial() == {CLIP.sha256: (BlockRange(1, 1),)}


def test_discarded_clips_and_parts_are_gone(tmp_path: Path) -> None:
    store = filled(ClipStore(tmp_path, copied))
    store.finish(CLIP)
    store.discard([CLIP.sha256, "0" * 64])
    assert list(tmp_path.iterdir()) == []
