"""Blocks of a clip, and the sets of them that are there or missing, as ranges.

Anybody may import this room.
"""

from collections.abc import Iterable

import msgspec

BLOCK_BYTES = 16 * 1024
"""Measured: on poor links 16 KiB equals HTTP ranges; larger ones lose more with each cut, smaller ones cost headers."""


class BlockRange(msgspec.Struct, frozen=True):
    """Blocks `first` to `last`, both included."""

    first: int
    last: int


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
