"""Reports that go out by e-mail: how they are ordered, tried anew and ended. Use cases.

Imported by the pages and tests; `report_post` sends them.
"""

import msgspec

from schedules.clock import UtcMs
from server.access import Act, Person, may, scope
from server.area import LOUDSPEAKER, Area
from server.oversight import visible_area
from server.period import Period, period_of
from server.refusals import NotAllowed, NotFound
from server.report_mailing import Dispatch, Order, ReportMailing, next_after
from server.repositories.store import Store

SHOWN = 3
"""Periods whose sending a page tells of."""


class Mailed(msgspec.Struct, frozen=True):
    """As the page shows it: with its area, by whom, what is sent next, and what became of the last ones."""

    mailing: ReportMailing
    area: Area
    by: str
    next: Period
    sent: dict[str, tuple[Dispatch, ...]]


def places(store: Store, person: Person) -> list[Area]:
    """The areas whose reports this person may have sent."""
    found = store.areas.below(scope(person.grants, Act.hand_out))
    return [area for area in found if area.level != LOUDSPEAKER]


def listed(store: Store, person: Person, now: UtcMs) -> list[Mailed]:
    """What goes on for the areas whose reports this person may have sent."""
    found = store.report_mailings.standing()
    areas, names = store.areas.named(each.area for each in found), store.staff.names()
    return [
        Mailed(each, areas[each.area], names.get(each.made_by, ""), next_after(each, now), _sent(store, each))
        for each in found
        if may(person.grants, Act.hand_out, areas[each.area].path)
    ]


def order(store: Store, person: Person, area: str, wanted: Order, language: str, id_: str, now: UtcMs) -> ReportMailing:
    """Have it sent from the next period on. `wanted` has no faults."""
    found = visible_area(store, person, area)
    if not may(person.grants, Act.hand_out, found.path):
        raise NotAllowed
    mailing = ReportMailing(
        id_, area, wanted.every, wanted.formats, wanted.day, wanted.addresses, language, person.id, now
    )
    store.report_mailings.keep(mailing)
    store.trail.note(now, person, "mail_report", id_, area=area, after=_said(mailing))
    return mailing


def end(store: Store, person: Person, mailing: str, now: UtcMs) -> None:
    """It is sent no more."""
    found = own(store, person, mailing)
    store.report_mailings.keep(msgspec.structs.replace(found, ended_at=now))
    store.trail.note(now, person, "end_report_mail", found.id, area=found.area, before=_said(found))


def again(store: Store, person: Person, mailing: str, period: str, now: UtcMs) -> None:
    """What did not arrive is made and sent anew, under this person's eyes; what arrived is not."""
    found = own(store, person, mailing)
    failed = [each for each in store.report_mailings.dispatched(found.id, period) if each.failed]
    if not failed or period_of(period) is None:
        raise NotFound
    store.report_mailings.forget(failed)
    to = ", ".join(each.address for each in failed)
    store.trail.note(now, person, "mail_report_again", found.id, area=found.area, after=f"{period} {to}")


def own(store: Store, person: Person, mailing: str) -> ReportMailing:
    """One that this person may change. Raises `NotFound` and `NotAllowed`."""
    found = store.report_mailings.find(mailing)
    area = store.areas.find(found.area) if found is not None and not found.ended_at else None
    if found is None or area is None or not may(person.grants, Act.see, area.path):
        raise NotFound
    if not may(person.grants, Act.hand_out, area.path):
        raise NotAllowed
    return found


def readable(store: Store, person: Person, mailing: str) -> ReportMailing:
    """One whose files this person may fetch by a link: who sees the area may."""
    found = store.report_mailings.find(mailing)
    if found is None:
        raise NotFound
    visible_area(store, person, found.area)
    return found


def _sent(store: Store, mailing: ReportMailing) -> dict[str, tuple[Dispatch, ...]]:
    found: dict[str, tuple[Dispatch, ...]] = {}
    for each in store.report_mailings.dispatches(mailing.id):
        if each.period in found or len(found) < SHOWN:
            found[each.period] = (*found.get(each.period, ()), each)
    return found


def _said(mailing: ReportMailing) -> str:
    formats = ",".join(each.value for each in mailing.formats)
    return f"{mailing.every.value} {mailing.day} {formats} {', '.join(mailing.addresses)}"
