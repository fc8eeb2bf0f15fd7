"""What a use case refuses, and why. Pure.

Imported by the use cases and the web, which says it in words.
"""

from schedules.clock import UtcMs


class Refused(Exception):
    """Not done; nothing has changed. `code` is a word of the web's dictionary; `hour`: the instant that it speaks of,
    where it speaks of one; `languages`: likewise, by their tags."""

    code = "refused"
    hour: UtcMs | None = None
    languages: tuple[str, ...] = ()


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


class NotHeard(Refused):
    """Somebody would approve what they have neither heard nor said to judge by its text."""

    code = "not_heard"

    def __init__(self, languages: tuple[str, ...]) -> None:
        super().__init__(languages)
        self.languages = languages


class TooSoon(Refused):
    """A sound is said to have been heard in less time than it lasts."""

    code = "too_soon"


class Stale(Refused):
    """Somebody else has saved or sent a newer one since this person began. `by`: who, by id; `at`: when; `broadcast`:
    what was sent, if it was."""

    code = "stale"

    def __init__(self, by: str, at: UtcMs, broadcast: str = "") -> None:
        super().__init__(by, at, broadcast)
        self.by, self.at, self.broadcast = by, at, broadcast


class NoEmergency(Refused):
    """Only an emergency that is to sound now airs on one signature."""

    code = "no_emergency"


class NoReason(Refused):
    """Somebody says that the log is wrong, and does not say how, or why."""

    code = "no_reason"


class NoName(Refused):
    """Something is to be kept without a name."""

    code = "no_name"


class TooMany(Refused):
    """Somebody has kept as many as they may."""

    code = "too_many"


class TooMuch(Refused):
    """Somebody has more recordings lying here than one person may have."""

    code = "too_much"


class Incomplete(Refused):
    """A part of a recording has not come yet."""

    code = "incomplete"


class TooLongTake(Refused):
    """A recording has become longer than any may be."""

    code = "too_long_take"


class NoRoom(Refused):
    """The disk is nearly full."""

    code = "no_room"


class NotForAir(Refused):
    """A sound in one of these languages may not go on air: a machine speaks a minority language that nobody has
    reviewed, or whoever speaks has withdrawn. `bars`: why, by language."""

    code = "not_for_air"

    def __init__(self, bars: dict[str, str]) -> None:
        super().__init__(bars)
        self.bars, self.languages = bars, tuple(bars)


class ManyExports(Refused):
    """So many files are being written already."""

    code = "many_exports"


class ArchiveMissing(Refused):
    """A file of the archive of the log is not in its folder, or is none: what was asked for is there and nowhere else.
    `file`: its name."""

    code = "archive_missing"

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.file = file
