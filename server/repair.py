"""Repair: a ticket of a loudspeaker that somebody looks after. It silences nothing: whatever is wrong is told as
before. Pure.

Imported by the use cases, the repositories and the web.
"""

import msgspec

from schedules.clock import UtcMs
from server.cause import Owner

OWNERS = (Owner.hamlet_head, Owner.commune, Owner.technician, Owner.operator)
"""Who can act next at a repair."""


class Repair(msgspec.Struct, frozen=True):
    """`owner`: who acts next; `found`: what was wrong, once it is closed. People by their id."""

    id: str
    device: str
    trouble: str
    owner: Owner
    opened_by: str
    opened_at: UtcMs
    closed_by: str | None = None
    closed_at: UtcMs | None = None
    found: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody still looks after it."""
        return self.closed_at is None


class Note(msgspec.Struct, frozen=True):
    """What was done or said at a repair. `owner`: who acts next from then on; `parts`: spare parts that were used."""

    repair: str
    number: int
    at: UtcMs
    by: str
    words: str
    owner: Owner
    parts: str = ""
