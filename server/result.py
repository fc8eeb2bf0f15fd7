"""What became of an occurrence at the loudspeakers that were to sound it: a verdict on each, and totals. Pure.

Imported by the use cases of results and repeats, the repositories and the web.
"""

import enum
from collections.abc import Collection, Mapping, Sequence

import msgspec

from schedules.clock import UtcMs
from schedules.playback import Outcome, Playback, Reason
from server.area import Area
from server.ledger import SILENT_AFTER

SOUNDED = frozenset({Outcome.played.value, Outcome.late.value})
PARTLY = frozenset({Outcome.cut.value})
WITHDRAWN = "withdrawn"
"""Beside the outcomes: a row without a report that is in no programme any more."""
HELPLESS = frozenset({Reason.no_language, Reason.too_long, Reason.withdrawn})
"""Who was silent for one of these would be silent again."""


class Verdict(enum.Enum):
    """What is told of one loudspeaker, the gravest of it first."""

    silent = "silent"
    partly = "partly"
    unreported = "unreported"  # its report should have come long ago; it may have sounded all the same
    waiting = "waiting"
    sounded = "sounded"
    withdrawn = "withdrawn"


FAILED = (Verdict.silent, Verdict.partly, Verdict.unreported)
"""What somebody must look at."""


class Tally(msgspec.Struct, frozen=True):
    """How many loudspeakers an occurrence has of each verdict."""

    silent: int = 0
    partly: int = 0
    unreported: int = 0
    waiting: int = 0
    sounded: int = 0
    withdrawn: int = 0

    @property
    def total(self) -> int:
        """All that were to sound."""
        return self.silent + self.partly + self.unreported + self.waiting + self.sounded

    @property
    def failed(self) -> int:
        """All that somebody must look at."""
        return self.silent + self.partly + self.unreported


def verdict_of(outcome: str, useful_until: UtcMs, now: UtcMs) -> Verdict:
    """The verdict on a row: its outcome (empty without a report, `WITHDRAWN` if there will be none)."""
    if outcome == WITHDRAWN:
        return Verdict.withdrawn
    if outcome in SOUNDED:
        return Verdict.sounded
    if outcome in PARTLY:
        return Verdict.partly
    if outcome:
        return Verdict.silent
    return Verdict.unreported if now > useful_until + SILENT_AFTER else Verdict.waiting


def tally_of(counts: Mapping[str, int], useful_until: UtcMs, now: UtcMs) -> Tally:
    """The totals of an occurrence, from how many rows it has of each outcome."""
    found = dict.fromkeys(Verdict, 0)
    for outcome, count in counts.items():
        found[verdict_of(outcome, useful_until, now)] += count
    return Tally(**{verdict.value: count for verdict, count in found.items()})


def may_help(playback: Playback | None) -> bool:
    """Whether saying it again can help a loudspeaker that reported this."""
    return playback is None or playback.reason not in HELPLESS


def gathered(chosen: Collection[str], loudspeakers: Sequence[Area]) -> tuple[str, ...]:
    """Areas that hold exactly the chosen ones of these loudspeakers: where all on and below an area are chosen, and
    they are several, the area itself, so that a province's thousands are not each a place of its own. `loudspeakers`:
    all that lie below any area which could be named."""
    below: dict[str, int] = {}
    wanted: dict[str, int] = {}
    for each in loudspeakers:
        for area in each.ids[:-1]:
            below[area] = below.get(area, 0) + 1
            wanted[area] = wanted.get(area, 0) + (each.id in chosen)
    whole = {area for area, count in below.items() if 1 < count == wanted[area]}
    return tuple(sorted({_highest(each, whole) for each in loudspeakers if each.id in chosen}))


def _highest(loudspeaker: Area, whole: Collection[str]) -> str:
    return next((area for area in loudspeaker.ids[:-1] if area in whole), loudspeaker.id)
