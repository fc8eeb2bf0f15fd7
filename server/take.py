"""A take: what somebody records in a browser, and how much of that the server takes in. Pure.

Imported by the use case, the repository, the room for takes, the web and tests.
"""

import enum
import re

import msgspec

from audio.pieces import Pieces
from audio.sound_file import LARGEST_UPLOAD
from schedules.clock import DAY, DurationMs, UtcMs

KEPT_FOR: DurationMs = 7 * DAY
"""What was recorded and never used is offered again for so long."""
LARGEST_CHUNK = 1024 * 1024
LARGEST_TAKE = LARGEST_UPLOAD
MOST_CHUNKS = 8_000
"""One a second, for an hour, twice over."""
MOST_OF_ONE = 400
LARGEST_OF_ONE = 200 * 1024 * 1024
"""Takes that one person may have lying here, and bytes of them all."""
MOST_VERSIONS = 50
UPLOADED = "upload"
"""The subject of a take that came as one file."""
_ID = re.compile(r"[0-9a-f]{32}")


class Purpose(enum.Enum):
    """What is recorded for."""

    bulletin = "bulletin"
    bank = "bank"


class Take(msgspec.Struct, frozen=True):
    """A take, as `server.tables.takes` keeps it. `subject`: what it is for, within its purpose."""

    id: str
    staff: str
    purpose: Purpose
    language: str
    began_at: UtcMs
    subject: str = ""
    music: bool = False
    versions: tuple[Pieces, ...] = ()
    clip: str = ""
    length_ms: int = 0

    @property
    def pieces(self) -> Pieces:
        """What it is made of now; nothing while it is being recorded."""
        return self.versions[-1] if self.versions else ()


class ChunkFault(enum.Enum):
    """Why a chunk is not taken in."""

    too_large = "too_large"
    other = "other"  # another one of this number is here already
    no_room = "no_room"


def is_take(name: str) -> bool:
    """Whether this can be the name of a take: browsers choose them by chance, so that one can begin without a link."""
    return _ID.fullmatch(name) is not None


def fits(size: int, taken: int, of_one: int) -> bool:
    """Whether a chunk of this size may come to a take of so many bytes, of somebody who has so many in all."""
    return 0 < size <= LARGEST_CHUNK and taken + size <= LARGEST_TAKE and of_one + size <= LARGEST_OF_ONE


def whole(there: set[int]) -> int:
    """How many chunks follow on one another from the first: what lies behind a gap has lost its beginning."""
    count = 0
    while count in there:
        count += 1
    return count
