"""What an e-mail takes along besides its words. Pure.

Imported by the way of e-mail and by who packs parcels.
"""

from typing import Protocol

import msgspec

from server.letter import Letter


class Enclosed(msgspec.Struct, frozen=True):
    """A file as it travels. `kind`: its media type."""

    name: str
    kind: str
    content: bytes


class Parcel(msgspec.Struct, frozen=True):
    """To which address, in which language, with which files."""

    to: str
    language: str
    files: tuple[Enclosed, ...] = ()


class Gone(Exception):
    """What a letter should take along is not there any more."""


class Packing(Protocol):
    """Who packs parcels."""

    def __call__(self, letter: Letter) -> Parcel | None:
        """What goes with a letter; None for one that is for a person, and takes nothing along. Raises `Gone`."""
