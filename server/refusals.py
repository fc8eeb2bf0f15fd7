"""What a use case refuses, and why. Pure.

Imported by the use cases and the web, which says it in words.
"""


class Refused(Exception):
    """Not done; nothing has changed. `code` is a word of the web's dictionary."""

    code = "refused"


class NotFound(Refused):
    """There is no such thing, or the person may not see it: both look the same."""

    code = "not_found"


class NotAllowed(Refused):
    """The person may see it, but may not do this."""

    code = "not_allowed"


class OwnWork(Refused):
    """Nobody approves what they wrote."""

    code = "own_work"


class Changed(Refused):
    """It is no longer what the person looked at."""

    code = "changed"
