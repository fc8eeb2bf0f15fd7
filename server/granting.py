"""What a form that gives a role says: which role, from when until when, and what cannot be so. Pure.

Imported by the use cases of administrators, the words and tests.
"""

import enum
import re
from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from schedules.clock import UtcMs, at_civil, civil_day
from server.access import Given, Role
from server.area import Area

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_USERNAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,39}")
LONGEST_NAME = 80


class PersonnelFault(enum.Enum):
    """What is wrong with a field of such a form."""

    bad_username = "bad_username"
    taken = "taken"
    no_name = "no_name"
    no_role = "no_role"
    no_area = "no_area"
    area_ended = "area_ended"
    no_such_date = "no_such_date"
    past = "past"
    ends_before_it_begins = "ends_before_it_begins"
    held_already = "held_already"


Faults = dict[str, PersonnelFault]
"""By the name of the field."""


class GrantForm(msgspec.Struct, frozen=True):
    """As it was typed: a role, the id of an area, the first and the last day as day/month/year; `since` empty: from now
    on, `until` empty: until somebody ends it."""

    role: str = ""
    area: str = ""
    since: str = ""
    until: str = ""


class Term(msgspec.Struct, frozen=True):
    """From this instant until before that one; None: until somebody ends it."""

    begins: UtcMs
    ends: UtcMs | None


def role_of(typed: str) -> Role | None:
    """The role of this name."""
    return next((role for role in Role if role.value == typed), None)


def term_of(form: GrantForm, now: UtcMs) -> Term | Faults:
    """When it begins and ends. The last day counts whole."""
    faults: Faults = {}
    today = civil_day(now)
    first, last = _day("since", form.since, faults), _day("until", form.until, faults)
    if faults:
        return faults
    if first is not None and first < today:
        return {"since": PersonnelFault.past}
    if last is not None and last < (first or today):
        return {"until": PersonnelFault.ends_before_it_begins if first else PersonnelFault.past}
    begins = now if first is None or first == today else at_civil(first, 0)
    return Term(begins, at_civil(last + timedelta(days=1), 0) if last else None)


def fault_of_grant(role: Role, area: Area, held: Iterable[Given], term: Term, now: UtcMs) -> Faults:
    """What stands against giving this: the area has ended (then one only looks), or it is held already."""
    if area.valid_to and area.valid_to < civil_day(now).isoformat() and role is not Role.overseer:
        return {"area": PersonnelFault.area_ended}
    same = (given for given in held if given.role is role and given.area == area.id and not given.over(now))
    if any(_covers(given, term) for given in same):
        return {"role": PersonnelFault.held_already}
    return {}


def fault_of_name(username: str, display_name: str) -> Faults:
    """What is wrong with the names of somebody new."""
    faults: Faults = {}
    if not _USERNAME.fullmatch(username):
        faults["username"] = PersonnelFault.bad_username
    if not display_name.strip() or len(display_name) > LONGEST_NAME or not display_name.isprintable():
        faults["display_name"] = PersonnelFault.no_name
    return faults


def _covers(given: Given, term: Term) -> bool:
    return given.begins <= term.begins and (given.ends is None or (term.ends is not None and term.ends <= given.ends))


def _day(field: str, typed: str, faults: Faults) -> date | None:
    found = _DATE.fullmatch(typed.strip())
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass  # the thirty-first of February
    if typed.strip():
        faults[field] = PersonnelFault.no_such_date
    return None
