"""What a use case refuses, and why. Pure.

Imported by the use cases and the web, which says it in words.
"""

from schedules.clock import UtcMs


class Refused(Exception):
    """Not done; nothing has changed. `code` is a word of the web's dictionary; `hour`: the instant that it speaks of,
    where it speaks of one."""

    code = "refused"
    hour: UtcMs | None = None


class NotFound(Refused):
    """There is no such thing, or the person may not see it: both look the same."""

    code = "not_found"


class NotAllowed(Refused):
    """The person may see it, but may not do this."""

    code = "not_allowed"


class OwnWork(Refused):
    """Nobody approves what they wrote."""

    code = "own_work"


class OwnProposal(Refused):
    """Nobody confirms what they proposed."""

    code = "own_proposal"


class Changed(Refused):
    """It is no longer what the person looked at."""

    code = "changed"


class TooLate(Refused):
    """The last hour for which it was written has passed: approved now, it would never sound."""

    code = "too_late"
    hour: UtcMs

    def __init__(self, hour: UtcMs) -> None:
        super().__init__(hour)
        self.hour = hour
