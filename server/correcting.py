"""Correcting the log: a person says how a play really ended, as a new line against the one that counted. A use case.

Imported by the web and tests. What a loudspeaker has reported is never touched.
"""

from collections.abc import Mapping

import msgspec

from schedules.clock import UtcMs
from schedules.playback import Outcome
from server.access import Act, Person, may_at
from server.ledger import Correction, Counted, Line, counted
from server.oversight import LogRow, rows_of
from server.refusals import Changed, NoReason, NotAllowed, NotFound
from server.repositories.store import Store

LONGEST = 1_000
OUTCOMES = tuple(outcome for outcome in Outcome if outcome is not Outcome.unknown)
"""What may be said: nobody corrects a row to "unknown"."""


class RowPage(msgspec.Struct, frozen=True):
    """All that is known of one row. `lines`: what the loudspeaker has told, as it was filed; `corrections`: what people
    have said, each by a name of `people`; `counts`: what counts of it; `may_correct`: whether this person may say
    otherwise now."""

    row: LogRow
    lines: tuple[Line, ...]
    corrections: tuple[Correction, ...]
    counts: Counted
    people: Mapping[str, str]
    may_correct: bool


def row_page(store: Store, person: Person, loudspeaker: str, occurrence: str, now: UtcMs) -> RowPage:
    """One row of the log. Raises `NotFound` for who may not see where it stood."""
    key = (loudspeaker, occurrence)
    line = store.logbook.line(*key)
    area = store.areas.find(loudspeaker)
    if line is None or area is None:
        raise NotFound
    where = (f"{line.place}{loudspeaker}/", area.path)
    if not may_at(person.grants, Act.see, *where):
        raise NotFound
    lines = tuple(store.logbook.told([key]).get(key, ()))
    corrections = tuple(store.logbook.corrections([key]).get(key, ()))
    [row] = rows_of(store, [line], now)
    over = line.planned.planned <= now
    return RowPage(
        row,
        lines,
        corrections,
        counted(lines, corrections),
        store.staff.names() if corrections else {},
        over and may_at(person.grants, Act.correct, *where),
    )


def correct(
    store: Store,
    person: Person,
    loudspeaker: str,
    occurrence: str,
    names: str,
    outcome: str,
    why: str,
    now: UtcMs,
) -> Correction:
    """Say how it really ended. `names`: the line that counted when the person looked. Raises `Changed` where another
    one counts by now, or already says so; `NoReason` without one."""
    page = row_page(store, person, loudspeaker, occurrence, now)
    if not page.may_correct:
        raise NotAllowed
    said = next((each for each in OUTCOMES if each.value == outcome), None)
    if said is None or not why.strip():
        raise NoReason
    if page.counts.name != names or page.counts.outcome is said:
        raise Changed
    wanted = Correction(0, loudspeaker, occurrence, names, said, why.strip()[:LONGEST], person.id, now)
    kept = store.logbook.correct(wanted)
    if kept is None:
        raise Changed
    before = page.counts.outcome.value if page.counts.outcome else ""
    subject = f"{loudspeaker} {occurrence}"
    store.trail.note(
        now, person, "correct", subject, area=loudspeaker, before=before, after=f"{said.value} {kept.name} {names}"
    )
    return kept
