"""The calendar of suspensions of an area: what is typed, what holds there, and how it is set and lifted. Use cases.

Imported by the web and tests. Whoever leads or administers a place may want silence there, and may end it again; a
suspension never hinders an emergency.
"""

import hashlib
from datetime import date

import msgspec

from schedules.clock import DAY_MINUTES, DayMinute, UtcMs, civil_day
from schedules.suspension import Suspension, still
from server.access import Act, Person, may
from server.area import Area
from server.compose_form import FieldError, Problem
from server.composing import cleaned
from server.guard_form import minute_of
from server.oversight import visible_area
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store
from server.timing import day_of

LONGEST_NAME = 120
LONGEST_DAYS = 366
MOST = 50
"""Suspensions of one area at a time."""


class SuspensionForm(msgspec.Struct, frozen=True):
    """As typed: days as dd/mm/yyyy; hours may stay empty for whole days."""

    name: str = ""
    first: str = ""
    last: str = ""
    start: str = ""
    end: str = ""
    priority: bool = False


class Held(msgspec.Struct, frozen=True):
    """A suspension, the area that says so, and by what name this person may lift it (empty: they may not)."""

    suspension: Suspension
    area: Area
    lifts: str = ""


def read(form: SuspensionForm, now: UtcMs) -> Suspension | tuple[FieldError, ...]:
    """The suspension that was typed, or what is wrong."""
    errors: list[FieldError] = []
    name = " ".join(cleaned(form.name).split())
    if not name:
        errors.append(FieldError("name", Problem.empty))
    elif len(name) > LONGEST_NAME:
        errors.append(FieldError("name", Problem.too_long, f"{len(name)}/{LONGEST_NAME}"))
    first = day_of("first", form.first, now, errors)
    last = day_of("last", form.last, now, errors) if form.last.strip() else first
    start, end = _hour("start", form.start, 0, errors), _hour("end", form.end, DAY_MINUTES, errors)
    if first and last and last < first:
        errors.append(FieldError("last", Problem.ends_before_it_begins))
    if first and last and (last - first).days > LONGEST_DAYS:
        errors.append(FieldError("last", Problem.too_far))
    if not errors and end <= start:
        errors.append(FieldError("end", Problem.hours_reversed))
    if errors or first is None or last is None:
        return tuple(errors)
    return Suspension(name, first, last, start, end, form.priority)


def of_area(store: Store, person: Person, area: str, now: UtcMs) -> tuple[Area, tuple[Held, ...], bool]:
    """The area, what is or will be suspended there (by itself or by an area above), and whether this person may say
    so. Raises `NotFound`."""
    found = visible_area(store, person, area)
    areas = store.areas.named(found.ids)
    held = []
    for id_ in found.ids:
        at, mine = areas[id_], _may_set(person, areas[id_])
        for each in still(at.settings.suspensions or (), now):
            if each.last >= civil_day(now):
                held.append(Held(each, at, name_of(each) if mine else ""))
    return found, tuple(sorted(held, key=lambda h: (h.suspension.first, h.suspension.start))), _may_set(person, found)


def suspend(store: Store, person: Person, area: str, wanted: Suspension, now: UtcMs) -> None:
    """It holds from now on, here and below. What is over is forgotten; the audit keeps it."""
    found = _to_set(store, person, area)
    kept = tuple(s for s in still(found.settings.suspensions or (), now) if s != wanted)[-MOST + 1 :]
    _keep(store, found, (*kept, wanted))
    store.trail.note(now, person, "suspend", found.id, area=found.id, after=_told(wanted))


def lift(store: Store, person: Person, area: str, name: str, now: UtcMs) -> None:
    """It holds no more. Raises `NotFound` where somebody has lifted it already."""
    found = _to_set(store, person, area)
    every = found.settings.suspensions or ()
    lifted = next((s for s in every if name_of(s) == name), None)
    if lifted is None:
        raise NotFound
    _keep(store, found, tuple(s for s in every if s != lifted))
    store.trail.note(now, person, "lift_suspension", found.id, area=found.id, before=_told(lifted))


def name_of(suspension: Suspension) -> str:
    """What names exactly this one in a form."""
    return hashlib.sha256(msgspec.json.encode(suspension)).hexdigest()[:16]


def _to_set(store: Store, person: Person, area: str) -> Area:
    found = visible_area(store, person, area)
    if not _may_set(person, found):
        raise NotAllowed
    return found


def _may_set(person: Person, area: Area) -> bool:
    return any(may(person.grants, act, area.path) for act in (Act.approve, Act.set_area))


def _keep(store: Store, area: Area, suspensions: tuple[Suspension, ...]) -> None:
    settings = msgspec.structs.replace(area.settings, suspensions=suspensions or None)
    store.areas.keep(msgspec.structs.replace(area, settings=settings))


def _hour(field: str, typed: str, otherwise: DayMinute, errors: list[FieldError]) -> DayMinute:
    if not typed.strip() or typed.strip() in ("24:00", "24h00"):
        return otherwise if not typed.strip() else DAY_MINUTES
    minute = minute_of(typed)
    if minute is None:
        errors.append(FieldError(field, Problem.no_such_time, typed.strip()[:40]))
        return otherwise
    return minute


def _told(suspension: Suspension) -> str:
    days: tuple[date, date] = suspension.first, suspension.last
    return f"{suspension.name} {days[0]}–{days[1]} {suspension.start}–{suspension.end} priority={suspension.priority}"
