"""Tests of the memory card when the power goes at any write, and takes with it what had not been flushed.

Nobody imports this module, but for the process that it starts.
"""

import random
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.clip import Clip, name_of
from device_agent.clip_store import ClipFault, ClipStore
from device_agent.journal import Journal
from schedules.blocks import BLOCK_BYTES, block_count, indices_of
from schedules.playback import Outcome, Playback
from tests.fault.machine import AFTER, BEFORE, WITHIN
from tests.unit.agent.doomed import Doomed

CHECKPOINT_PAGES = 1_000
"""SQLite brings its log into the file once it has so many."""
CONTENT = random.Random(1).randbytes(9 * BLOCK_BYTES + 1_000)
CLIP = Clip(name_of([CONTENT]), "vi", 2_000, len(CONTENT))
BLOCKS = [CONTENT[n : n + BLOCK_BYTES] for n in range(0, len(CONTENT), BLOCK_BYTES)]
_numbers = count(1)


def decoded(source: Path, target: Path, _expected_ms: int) -> None:
    """Twice as long, in several writes."""
    content = source.read_bytes()
    with target.open("wb", buffering=0) as file:
        for at in range(0, len(content), 50_000):
            file.write(content[at : at + 50_000] * 2)


def missing(store: ClipStore) -> list[int]:
    """The blocks that are to be fetched."""
    there = indices_of(store.partial().get(CLIP.sha256, ()), block_count(CLIP.size))
    return [index for index in range(len(BLOCKS)) if index not in there]


def fetch(folder: Path) -> None:
    """What an agent does from a start on until it has the clip."""
    store = ClipStore(folder, decoded)
    if store.whole():
        return
    for index in missing(store):
        store.write_block(CLIP, index, BLOCKS[index])
    store.finish(CLIP)


@pytest.fixture(scope="module")
def fetching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doomed]:
    doomed = Doomed(tmp_path_factory.mktemp("fetching"), "tests.unit.agent.test_power.fetch")
    yield doomed
    doomed.close()


_places = st.sampled_from([BEFORE, WITHIN, AFTER])
_cuts = st.lists(st.tuples(st.integers(1, 32), _places, st.integers(1, 2**62)), min_size=1, max_size=4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=_cuts)
def test_whatever_the_power_took_only_that_is_fetched_again(
    tmp_path: Path, fetching: Doomed, cuts: list[tuple[int, int, int]]
) -> None:
    folder = tmp_path / f"card-{next(_numbers)}"
    folder.mkdir()
    for number, when, luck in cuts:
        fetching.does(folder, number, when, luck)
        sound_as_found(folder)
    assert fetching.does(folder, 0)
    store = ClipStore(folder, decoded)
    assert sorted(p.suffix for p in folder.iterdir()) == [".sum", ".wav"]
    assert [store.scrub() for _ in range(4)] == [None] * 4
    assert store.whole() == (CLIP.sha256,)
    shutil.rmtree(folder)


def sound_as_found(folder: Path) -> None:
    """After a start: what is said to be there is there, byte for byte, and is never thrown away."""
    store = ClipStore(folder, decoded)
    for index in set(range(len(BLOCKS))) - set(missing(store)):
        content = (folder / f"{CLIP.sha256}.part").read_bytes()
        assert content[index * BLOCK_BYTES :][: len(BLOCKS[index])] == BLOCKS[index]
    if store.whole():
        whole = b"".join(CONTENT[at : at + 50_000] * 2 for at in range(0, len(CONTENT), 50_000))
        assert store.sound_of(CLIP.sha256).read_bytes() == whole
        assert [store.scrub() for _ in range(2)] == [None, None]
        assert store.whole() == (CLIP.sha256,)


def test_a_process_that_is_killed_loses_no_block_but_the_one_it_was_writing(tmp_path: Path, fetching: Doomed) -> None:
    """Two writes for each block: itself, and its mark."""
    for number in range(1, 2 * len(BLOCKS) + 1):
        folder = tmp_path / f"cut-{number}"
        folder.mkdir()
        assert not fetching.does(folder, number, AFTER)
        assert missing(ClipStore(folder, decoded)) == list(range(number // 2, len(BLOCKS)))


def test_a_power_cut_in_a_download_of_many_blocks_costs_only_those_that_were_lost(tmp_path: Path) -> None:
    """Half of a page is not on the card, and with it one block."""
    store = ClipStore(tmp_path, decoded)
    for index, block in enumerate(BLOCKS[:8]):
        store.write_block(CLIP, index, block)
    with (tmp_path / f"{CLIP.sha256}.part").open("r+b") as file:
        file.seek(3 * BLOCK_BYTES + 5_000)
        file.write(bytes(2_000))
    assert missing(ClipStore(tmp_path, decoded)) == [3, 8, 9]


def test_blocks_that_go_while_the_agent_runs_are_told_apart_from_the_others(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, decoded)
    for index, block in enumerate(BLOCKS):
        store.write_block(CLIP, index, block)
    with (tmp_path / f"{CLIP.sha256}.part").open("r+b") as file:
        file.seek(3 * BLOCK_BYTES + 5_000)
        file.write(bytes(2_000))
    with pytest.raises(ClipFault) as refused:
        store.finish(CLIP)
    assert refused.value.cause == "blocks_lost"
    assert indices_of(refused.value.left, 99) == frozenset(range(len(BLOCKS))) - {3}
    assert missing(store) == missing(ClipStore(tmp_path, decoded)) == [3]
    store.write_block(CLIP, 3, BLOCKS[3])
    store.finish(CLIP)
    assert store.whole() == (CLIP.sha256,)


def test_with_every_block_as_it_came_and_a_wrong_whole_all_of_it_is_fetched_again(tmp_path: Path) -> None:
    """One of them was wrong when it came, and nobody knows which."""
    store = ClipStore(tmp_path, decoded)
    for index, block in enumerate(BLOCKS):
        store.write_block(CLIP, index, block if index != 3 else block[::-1])
    with pytest.raises(ClipFault, match="hash_differs") as refused:
        store.finish(CLIP)
    assert refused.value.left == ()
    assert list(tmp_path.iterdir()) == []


def playback(number: int) -> Playback:
    return Playback(number, f"b1@{number}", "b1", "bulletin", number, Outcome.played)


def opened(folder: Path) -> Journal:
    return Journal(folder / "journal.db", lambda: "j")


def close_more(folder: Path) -> None:
    """Some more plays are closed; what has returned is noted where no power cut reaches it."""
    journal = opened(folder)
    with folder.with_name(f"{folder.name}.noted").open("a", buffering=1) as noted:
        for number in range(journal.next_sequence, journal.next_sequence + 4):
            journal.close(playback(number))
            noted.write(f"{number}\n")


@pytest.fixture(scope="module")
def nearly_full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal whose log is two pages short of being brought into the file, as a power cut leaves it."""
    folder, left = tmp_path_factory.mktemp("journal"), tmp_path_factory.mktemp("left")
    journal = opened(folder)
    wal = folder / "journal.db-wal"
    while wal.stat().st_size < (CHECKPOINT_PAGES - 8) * 4_120:
        journal.close(playback(journal.next_sequence))
    for suffix in ("", "-wal"):
        shutil.copy(folder / f"journal.db{suffix}", left)
    journal.shut()
    return left


@pytest.fixture(scope="module")
def closing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doomed]:
    doomed = Doomed(tmp_path_factory.mktemp("closing"), "tests.unit.agent.test_power.close_more")
    yield doomed
    doomed.close()


@pytest.mark.parametrize("when", [BEFORE, WITHIN, AFTER])
def test_a_power_cut_at_any_write_while_the_log_is_brought_into_the_file_loses_nothing(
    tmp_path: Path, nearly_full: Path, closing: Doomed, when: int
) -> None:
    """At every single write and flush of the closes around it, with what had not been flushed lost here and there."""
    number, brought = 0, False
    done = False
    while not done:
        number += 1
        folder = tmp_path / f"journal-{number}-{when}"
        shutil.copytree(nearly_full, folder)
        noted = tmp_path / f"{folder.name}.noted"
        noted.touch()
        before = (folder / "journal.db").stat().st_size
        done = closing.does(folder, number, when, luck=number)
        brought |= (folder / "journal.db").stat().st_size > before
        journal = opened(folder)
        kept = [p.sequence for p in journal.unacknowledged]
        assert kept == list(range(1, len(kept) + 1))
        assert journal.name == "j"
        assert len(kept) >= max(map(int, noted.read_text().split()), default=1)
        assert len(journal.settled) == len(kept) == journal.next_sequence - 1
        journal.shut()
        assert not list(folder.glob("*.broken*"))
        shutil.rmtree(folder)
    assert brought, "the log was never brought into the file"
    assert number > 40
