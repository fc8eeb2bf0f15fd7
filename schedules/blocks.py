"""Blocks of a clip, and the sets of them that are there or missing, as ranges.

Anybody may import this room.
"""

from collections.abc import Iterable, Iterator

import msgspec

BLOCK_BYTES = 16 * 1024
"""Measured: on poor links 16 KiB equals HTTP ranges; larger ones lose more with each cut, smaller ones cost headers."""


RUN_BLOCKS = 4
"""Blocks in one message to everybody when a clip is wanted soon: a broker spreads 64 KiB messages to a thousand
loudspeakers three times as fast as 16 KiB ones. The map of what is there stays as fine as before."""


class BlockRange(msgspec.Struct, frozen=True):
    """Blocks `first` to `last`, both included."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


def block_count(size: int) -> int:
    """How many blocks a file of `size` bytes has; an empty file has none."""
    return -(-size // BLOCK_BYTES)


def block_length(size: int, index: int) -> int:
    """The bytes of one block: the last one is what remains."""
    return min(BLOCK_BYTES, size - index * BLOCK_BYTES)


def ranges_of(indices: Iterable[int]) -> tuple[BlockRange, ...]:
    """The smallest ranges that hold exactly these indices."""
    ranges: list[BlockRange] = []
    for index in sorted(set(indices)):
        if ranges and ranges[-1].last == index - 1:
            ranges[-1] = BlockRange(ranges[-1].first, index)
        else:
            ranges.append(BlockRange(index, index))
    return tuple(ranges)


def indices_of(ranges: Iterable[BlockRange], count: int) -> frozenset[int]:
    """The indices in the ranges that a clip of `count` blocks can have; whatever lies outside is left out, so a
    hostile range costs no memory."""
    return frozenset(i for r in ranges for i in range(max(r.first, 0), min(r.last, count - 1) + 1))


def missing_of(there: Iterable[int], size: int) -> tuple[BlockRange, ...]:
    """The ranges that are not there yet of a clip of `size` bytes."""
    return ranges_of(set(range(block_count(size))) - set(there))


def split_run(first: int, content: bytes) -> list[tuple[int, bytes]]:
    """The blocks in a message that begins with block `first`; a last one may be shorter."""
    return [(first + n // BLOCK_BYTES, content[n : n + BLOCK_BYTES]) for n in range(0, len(content), BLOCK_BYTES)]


def runs_of(blocks: Iterable[BlockRange], longest: int) -> Iterator[BlockRange]:
    """The same blocks in runs of at most `longest`."""
    for r in blocks:
        for first in range(r.first, r.last + 1, longest):
            yield BlockRange(first, min(first + longest - 1, r.last))
