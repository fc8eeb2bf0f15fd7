"""Which stretches of which takes make up a recording, and what cutting and replacing make of them. Pure.

Imported by the server and tests. Nothing is ever cut in a take itself: a recording is a list of stretches, and an
earlier list brings back what was cut.
"""

from collections.abc import Iterable

import msgspec

SHORTEST_PIECE_MS = 20
"""What a cut would leave of a stretch and nobody could hear."""


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a take: from one millisecond of it to another."""

    take: str
    begins_ms: int
    ends_ms: int

    @property
    def length_ms(self) -> int:
        """How long it is."""
        return self.ends_ms - self.begins_ms


Pieces = tuple[Piece, ...]


def length_ms(pieces: Iterable[Piece]) -> int:
    """Of all of them together."""
    return sum(piece.length_ms for piece in pieces)


def kept(pieces: Pieces, begins_ms: int, ends_ms: int) -> Pieces:
    """What lies between two instants of the recording."""
    found, at = [], 0
    for piece in pieces:
        begins = piece.begins_ms + max(0, begins_ms - at)
        ends = piece.ends_ms - max(0, at + piece.length_ms - ends_ms)
        if ends - begins >= SHORTEST_PIECE_MS:
            found.append(Piece(piece.take, begins, ends))
        at += piece.length_ms
    return tuple(found)


def replaced(pieces: Pieces, begins_ms: int, ends_ms: int, by: Pieces) -> Pieces:
    """With what lies between two instants said anew."""
    whole = length_ms(pieces)
    return (*kept(pieces, 0, begins_ms), *by, *kept(pieces, ends_ms, whole))
