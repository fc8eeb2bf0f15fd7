"""Tests of `device_agent.clip_store`: a clip that is not exactly what its name says never gets a name.

Nobody imports this module.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
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


@pytest.fixture
def small_card(tmp_path: Path) -> Iterator[Path]:
    """A card of its own, which can be filled and made read-only."""
    card = tmp_path / "card"
    card.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", card], check=False).returncode:
        pytest.skip("only root may mount a file system of its own")
    yield card
    subprocess.run(["umount", "-l", card], check=True)


def fill(card: Path) -> None:
    with (card / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


def test_a_full_card_loses_no_block_that_is_there(small_card: Path) -> None:
    store = ClipStore(small_card / "clips", copied)
    store.write_block(CLIP, 0, blocks_of(CONTENT)[0])
    fill(small_card)
    with pytest.raises(OSError, match="No space"):
        store.write_block(CLIP, 1, blocks_of(CONTENT)[1])
    assert "No space" in store.fault
    assert store.partial() == {CLIP.sha256: (BlockRange(0, 0),)}
    assert ClipStore(small_card / "clips", copied).partial() == {CLIP.sha256: (BlockRange(0, 0),)}
    (small_card / "ballast").unlink()
    filled(store)
    store.finish(CLIP)
    assert store.fault == ""
    assert store.whole() == (CLIP.sha256,)


def test_a_card_that_fills_up_while_a_clip_is_decoded_leaves_nothing_half(small_card: Path) -> None:
    def larger(source: Path, target: Path, _expected_ms: int) -> None:
        target.write_bytes(source.read_bytes() * 40)

    store = filled(ClipStore(small_card / "clips", larger))
    with pytest.raises(ClipFault) as refused:
        store.finish(CLIP)
    assert refused.value.cause == "disk"
    assert store.whole() == ()
    assert [p.suffix for p in (small_card / "clips").iterdir() if p.suffix in (".new", ".wav")] == []


def test_a_card_that_can_only_be_read_plays_what_it_has(small_card: Path) -> None:
    store = filled(ClipStore(small_card / "clips", copied))
    store.finish(CLIP)
    subprocess.run(["mount", "-o", "remount,ro", small_card], check=True)
    again = ClipStore(small_card / "clips", copied)
    assert again.whole() == (CLIP.sha256,)
    assert again.sound_of(CLIP.sha256).read_bytes() == CONTENT
    again.discard([CLIP.sha256])
    assert "Read-only" in again.fault
    assert again.whole() == (CLIP.sha256,)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "card").write_text("a file where the folder should be")
    store = ClipStore(tmp_path / "card" / "clips", copied)
    assert store.fault
    assert (store.whole(), store.partial(), store.room_bytes()) == ((), {}, 0)


def test_clips_may_take_what_is_free_but_a_reserve_and_no_more_than_their_quota(small_card: Path) -> None:
    free = ClipStore(small_card / "clips", copied)
    before = free.room_bytes()
    assert 800_000 < before < 1_000_000
    filled(free)
    assert abs(free.room_bytes() - before) < 20_000, "what clips take already is theirs"
    assert ClipStore(small_card / "clips", copied, 100_000).room_bytes() == 100_000


def test_a_clip_that_rots_on_the_card_is_found_and_thrown_away(tmp_path: Path) -> None:
    store = filled(ClipStore(tmp_path, copied))
    store.finish(CLIP)
    other = Clip(name_of([b"other"]), "vi", 100, 5)
    store.write_block(other, 0, b"other")
    store.finish(other)
    assert [store.scrub() for _ in range(6)] == [None] * 6
    with store.sound_of(CLIP.sha256).open("r+b") as file:
        file.seek(20_000)
        file.write(b"\0\1\2")
    assert [store.scrub() for _ in range(3)].count(CLIP.sha256) == 1
    assert store.whole() == (other.sha256,)
    assert [store.scrub() for _ in range(4)] == [None] * 4


@pytest.mark.parametrize("left", [b"", b"\0" * 64, b"0" * 31, b"\xff" * 64, None])
def test_a_sum_that_the_power_took_costs_no_clip(tmp_path: Path, left: bytes | None) -> None:
    """Empty, zeros, half, no text, not there: the clip has its name, so that it is whole; it gets its sum anew, by
    which it is known when it rots after that."""
    store = filled(ClipStore(tmp_path, copied))
    store.finish(CLIP)
    written = tmp_path / f"{CLIP.sha256}.sum"
    written.unlink() if left is None else written.write_bytes(left)
    assert [ClipStore(tmp_path, copied).scrub() for _ in range(2)] == [None, None]
    assert store.whole() == (CLIP.sha256,)
    assert written.read_text() == CLIP.sha256
    store.sound_of(CLIP.sha256).write_bytes(CONTENT[::-1])
    assert store.scrub() == CLIP.sha256
    assert store.whole() == ()


def test_a_sum_of_another_sound_is_believed(tmp_path: Path) -> None:
    """It was on the card before the sound had its name: they can differ only because one of them has rotted, and
    nobody knows which."""
    store = filled(ClipStore(tmp_path, copied))
    store.finish(CLIP)
    (tmp_path / f"{CLIP.sha256}.sum").write_text(name_of([b"another"]))
    assert store.scrub() == CLIP.sha256
    assert list(tmp_path.iterdir()) == []


def test_what_a_power_cut_left_half_is_tidied_up(tmp_path: Path) -> None:
    store = filled(ClipStore(tmp_path, copied))
    store.finish(CLIP)
    kept = sorted(tmp_path.iterdir())
    for number, suffix in enumerate((".new", ".part", ".have", ".sum")):
        (tmp_path / f"{number:064}{suffix}").write_bytes(b"half")
    (tmp_path / f"{CLIP.sha256}.new").write_bytes(b"half")
    assert ClipStore(tmp_path, copied).whole() == (CLIP.sha256,)
    assert sorted(tmp_path.iterdir()) == kept
