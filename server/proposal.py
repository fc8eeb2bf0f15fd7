"""A proposal: what one administrator wants to loosen, and another one must confirm. Pure.

Imported by the use case of guards, the repositories and the pages.
"""

import enum

import msgspec

from schedules.clock import DAY, DurationMs, UtcMs
from server.area import AreaSettings

STANDS_FOR: DurationMs = 7 * DAY
"""So long it waits; then it is as if it had not been made."""


class ProposalState(enum.Enum):
    """What has become of it."""

    waiting = "waiting"
    confirmed = "confirmed"
    refused = "refused"
    taken_back = "taken_back"
    replaced = "replaced"  # what holds in its area has been set anew since


class Proposal(msgspec.Struct, frozen=True):
    """`id`: given by the database. `before`: what the area itself said of guards then, `wish`: what it shall say. `by`:
    the id of who made it, empty for the terminal of the server."""

    id: int
    area: str
    before: AreaSettings
    wish: AreaSettings
    by: str
    at: UtcMs
    state: ProposalState = ProposalState.waiting
    decided_by: str = ""
    decided_at: UtcMs = 0

    @property
    def expires_at(self) -> UtcMs:
        """From then on nobody can confirm it."""
        return self.at + STANDS_FOR

    def waits(self, now: UtcMs) -> bool:
        """Whether it can still be decided."""
        return self.state is ProposalState.waiting and now < self.expires_at
