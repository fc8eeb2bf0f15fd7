"""What a report says, for who may see it: use cases.

Imported by the pages, by what writes exports and by what sends them.
"""

import msgspec

from audio.language import Language
from schedules.clock import UtcMs
from server.access import Act, Person, may, scope
from server.area import LOUDSPEAKER, Area
from server.ledger import SILENT_AFTER
from server.period import Period
from server.refusals import NotFound
from server.report import Report, summed
from server.repositories.logbook import LogFilter
from server.repositories.store import Store


class Told(msgspec.Struct, frozen=True):
    """A report with the names of all that it speaks of, by id."""

    area: Area
    report: Report
    communes: dict[str, str]
    topics: dict[str, str]
    languages: dict[str, Language]


def areas(store: Store, person: Person) -> list[Area]:
    """Those that there may be a report of, for this person."""
    found = store.areas.below(scope(person.grants, Act.see))
    return [area for area in found if area.level != LOUDSPEAKER]


def area_of(store: Store, person: Person, area: str) -> Area:
    """The area that is asked for, or the highest that the person sees. Raises `NotFound`, also for who sees none."""
    if not area:
        roots = store.areas.by_path(scope(person.grants, Act.see))
        if not roots:
            raise NotFound
        return roots[0]
    found = store.areas.find(area)
    if found is None or found.level == LOUDSPEAKER or not may(person.grants, Act.see, found.path):
        raise NotFound
    return found


def told(store: Store, area: Area, period: Period, now: UtcMs) -> Told:
    """The report of an area."""
    tallies = store.reporting.tallies([area.path], period.since, period.until, now - SILENT_AFTER)
    sounds = store.reporting.sounds([area.path], period.since, period.until)
    report = summed(period, tallies, sounds, store.reporting.lengths(sound.bulletin for sound in sounds))
    named = store.areas.named(commune for commune in report.lines if commune)
    communes = {area.id: area.name for area in named.values()}
    return Told(area, report, communes, store.areas.topics(), store.areas.languages())


def filter_of(area: Area, period: Period) -> LogFilter:
    """The rows of the log that a report is about."""
    return LogFilter((area.path,), period.since, period.until)
