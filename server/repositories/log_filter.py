"""Which rows of the log are asked for, and what that is in the words of the database.

Imported by the other repositories.
"""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement
from sqlmodel import and_, col, false, or_

from schedules.clock import UtcMs
from server.ledger import WITHDRAWN, outcomes_in
from server.repositories.log_rows import NOTHING
from server.repositories.places import Reach
from server.repositories.summary import day_of, midnight
from server.tables.logbook import PlannedRow


class LogFilter(msgspec.Struct, frozen=True):
    """Which rows: below these paths, planned in [since, until), with this outcome ("" for any) or group of them
    (`server.ledger.outcomes_in`), of this bulletin; after this row (planned instant, occurrence, loudspeaker), newest
    first; at one loudspeaker; of a class; that were to sound in a language, or in which one was missing; that
    stood in this commune then (`station`, the id of an area), wherever that is now."""

    paths: tuple[str, ...]
    since: UtcMs
    until: UtcMs
    outcome: str = ""
    bulletin: str = ""
    after: tuple[UtcMs, str, str] | None = None
    loudspeaker: str = ""
    broadcast_class: str = ""
    language: str = ""
    missing: str = ""
    station: str = ""


def conditions(wanted: LogFilter, reach: Reach) -> list[Any]:
    """What a row must be, to be one of these."""
    found: list[Any] = [PlannedRow.planned >= wanted.since, PlannedRow.planned < wanted.until]
    if not reach.everything:
        found.append(reached(reach))
    if wanted.outcome:
        found.append(_ended(wanted.outcome))
    if wanted.bulletin:
        found.append(PlannedRow.bulletin == wanted.bulletin)
    if wanted.loudspeaker:
        found.append(PlannedRow.loudspeaker == wanted.loudspeaker)
    if wanted.broadcast_class:
        found.append(PlannedRow.broadcast_class == wanted.broadcast_class)
    if wanted.language:
        tag = wanted.language
        found.append(or_(_names(col(PlannedRow.languages), tag), _names(col(PlannedRow.missing), tag)))
    if wanted.missing:
        # Said so that the index of the rows in which any language was missing may be used.
        found += [col(PlannedRow.missing) != NOTHING, _names(col(PlannedRow.missing), wanted.missing)]
    return found


def is_summed(wanted: LogFilter) -> bool:
    """Whether the daily summary can tell how many rows these are: whole days, and nothing that it does not know."""
    days = all(midnight(day_of(at)) == at for at in (wanted.since, wanted.until))
    return days and not (wanted.bulletin or wanted.loudspeaker or (wanted.language and wanted.missing))


def shown(by_outcome: dict[str, int], wanted: str) -> dict[str, int]:
    """Those of a filter, as the log counts them: the withdrawn are among those without an outcome, but for the filter
    of what was to sound."""
    found: dict[str, int] = {}
    for outcome, number in by_outcome.items():
        if not wanted or outcome in outcomes_in(wanted):
            shown = "" if outcome == WITHDRAWN else outcome
            found[shown] = found.get(shown, 0) + number
    return found


def _ended(wanted: str) -> ColumnElement[bool]:
    outcomes = outcomes_in(wanted)
    ended = col(PlannedRow.outcome).in_(sorted(outcomes - {"", WITHDRAWN}))
    open_ = outcomes & {"", WITHDRAWN}
    if not open_:
        return ended
    untold = col(PlannedRow.outcome) == ""
    given_up = col(PlannedRow.withdrawn).is_(WITHDRAWN in open_)
    return or_(ended, untold if len(open_) > 1 else and_(untold, given_up))


def reached(reach: Reach) -> ColumnElement[bool]:
    """What stood in places that these cover."""
    some: list[ColumnElement[bool]] = []
    if len(reach.communes) == 1:
        some.append(col(PlannedRow.commune) == reach.communes[0])
    elif reach.communes:
        # Not by the index of communes, which would have to sort what it finds: by time, most of it is wanted anyway.
        some.append((col(PlannedRow.commune) + 0).in_(reach.communes))
    for commune, places in reach.partly:
        some.append(and_(col(PlannedRow.commune) == commune, col(PlannedRow.place).in_(places)))
    if reach.loudspeakers:
        some.append(col(PlannedRow.loudspeaker).in_(reach.loudspeakers))
    return or_(false(), *some) if len(some) != 1 else some[0]


def _names(column: Any, tag: str) -> Any:
    return column.contains(f" {tag} ", autoescape=True)
