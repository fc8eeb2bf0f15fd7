"""Settling: which rows of the log, and which assignments, are to be written so that every loudspeaker is expected to do
what its programmes say. Pure.

Imported by `programmes` and tests. A row that is there and right is not written again: a province has hundreds of
thousands.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from schedules.assignment import Assignment
from schedules.clock import UtcMs
from schedules.programme import Programme, Slot
from schedules.rundown import slots_between
from schedules.trial import slots_of as slots_of_trial
from server.ledger import Planned, planned_at

WRITTEN_TOGETHER = 2_000
"""Rows in one transaction: some hundredths of a second, for which whoever approves may wait."""

_Written = TypeVar("_Written")
Key = tuple[str, str]
"""Loudspeaker and occurrence."""


class Book(msgspec.Struct, frozen=True):
    """What the log has. `said`: of each row its clips, until when it is of use, whether it is withdrawn, and its
    seal; `open`: the rows to come that are neither withdrawn nor reported."""

    said: Mapping[Key, tuple[tuple[str, ...], UtcMs, bool, str]]
    open: frozenset[Key] = frozenset()


class Portion(msgspec.Struct, frozen=True):
    """What is written in one transaction. `changed`: rows that are there and say something else; `withdrawn`: rows that
    stand in no programme any more."""

    assignments: tuple[Assignment, ...] = ()
    fresh: tuple[Planned, ...] = ()
    changed: tuple[Planned, ...] = ()
    withdrawn: tuple[Key, ...] = ()


def expected_of(
    programmes: Mapping[str, Programme], assignments: Iterable[Assignment], since: UtcMs, until: UtcMs
) -> list[Planned]:
    """All plays with a start in [since, until): every slot that reaches a loudspeaker must end in an outcome, be it
    "skipped". Worked out once for all loudspeakers that get the same programmes."""
    slots_of: dict[tuple[str, ...], list[Slot]] = {}
    found: list[Planned] = []
    for assignment in assignments:
        own = tuple(area for area in assignment.area_path if area in programmes)
        if own not in slots_of:
            slots = slots_between([programmes[area] for area in own], since, until)
            slots_of[own] = sorted(slots, key=lambda s: (s.start, s.occurrence))
        found += [planned_at(assignment, slot) for slot in slots_of[own]]
        found += [planned_at(assignment, s) for s in slots_of_trial(assignment.trial) if since <= s.start < until]
    return found


def portions(
    assignments: Sequence[Assignment], gap: Sequence[Planned], plays: Sequence[Planned], book: Book
) -> list[Portion]:
    """What is to be written, in order. `gap`: the plays that came due while the server was away. They are told from the
    last row before them, so that they are written together, or not at all."""
    there = {(play.loudspeaker, play.occurrence) for play in plays}
    withdrawn = [key for key in book.open if key not in there]
    first = _compared(gap, book)
    fresh, changed = _compared(plays, book)
    return [
        *([Portion((), tuple(first[0]), tuple(first[1]))] if any(first) else ()),
        *(Portion(assignments=part) for part in _parts(assignments)),
        *(Portion(fresh=part) for part in _parts(fresh)),
        *(Portion(changed=part) for part in _parts(changed)),
        *(Portion(withdrawn=part) for part in _parts(sorted(withdrawn))),
    ]


def _compared(plays: Iterable[Planned], book: Book) -> tuple[list[Planned], list[Planned]]:
    """Those that are not in the book, and those of which it says something else."""
    fresh: list[Planned] = []
    changed: list[Planned] = []
    for play in plays:
        said = book.said.get((play.loudspeaker, play.occurrence))
        if said is None:
            fresh.append(play)
        elif said != (play.clips, play.useful_until, False, play.seal):
            changed.append(play)
    return fresh, changed


def _parts(whole: Collection[_Written]) -> list[tuple[_Written, ...]]:
    rows = tuple(whole)
    return [rows[n : n + WRITTEN_TOGETHER] for n in range(0, len(rows), WRITTEN_TOGETHER)]
