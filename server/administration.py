"""Setting up a server: people, hamlets, loudspeakers, what an area sets. The use cases of the administrator's command
line.

Imported by the command line and tests.
"""

import re
from collections.abc import Callable

import msgspec

from schedules.assignment import Allowance, QuietHours
from schedules.clock import MINUTE, UtcMs
from schedules.guards import LONGEST_GAP
from schedules.wire import is_identifier
from server import guarding
from server.access import Person, Role
from server.area import COMMUNE, HAMLET, LOUDSPEAKER, Area, search_key
from server.guard_form import MOST_MINUTES, ceiling_of, quiet_hours_of
from server.hamlet import Wrong, checked, pairs_of, spoken_by
from server.proposal import Proposal
from server.repositories.store import Store
from server.staff import Hasher

_LONGEST_NAME = 40
INHERIT = "inherit"
MEGABYTE = 1_000_000
_MOST_MEGABYTES = 1_000_000
LONGEST_LEAD = 10_000
"""Milliseconds: an emergency is not kept waiting longer than that for the sake of a common start."""


class Unfit(Exception):
    """What was given cannot be so; `about` names what."""

    def __init__(self, about: str) -> None:
        super().__init__(about)
        self.about = about


def add_person(
    store: Store, username: str, display_name: str, role: str, area: str, hasher: Hasher, password: str, now: UtcMs
) -> bool:
    """Give somebody a role on an area; True if they are new and have this password. Raises `Unfit`."""
    username = username.strip().lower()
    if not is_identifier(username):
        raise Unfit(username)
    if role not in {r.value for r in Role}:
        raise Unfit(role)
    found = _area(store, area)
    known = store.staff.find(username)
    if known is None:
        name = display_name.strip() or username
        store.staff.add(username, username, name, hasher.hash(password), home=found.id, must_change=True)
    store.staff.grant(known.id if known else username, found.id, Role(role))
    store.trail.note(now, "", "grant", username, area=found.id, after=role)
    return known is None


def set_first_password(store: Store, staff: str, hasher: Hasher, password: str, now: UtcMs) -> None:
    """A new first password for somebody: every session ends, and they choose their own when they sign in next."""
    store.staff.set_password(staff, hasher.hash(password), must_change=True)
    store.sessions.end_of(staff)
    store.trail.note(now, "", "first_password", staff)


def add_hamlet(store: Store, name: str, commune: str, languages: str, now: UtcMs) -> Area:
    """A hamlet of a commune, with its languages in order and their shares of households: `vi:60,ium:40`, or `vi,ium`
    where nobody has counted. Raises `Unfit`."""
    parent = _area(store, commune)
    if parent.level != COMMUNE:
        raise Unfit(parent.name)
    known = {tag for tag, language in store.areas.languages().items() if not language.retired}
    spoken = checked(pairs_of(languages), "", known)
    if isinstance(spoken, Wrong) or not spoken.languages:
        raise Unfit(spoken.about if isinstance(spoken, Wrong) else languages)
    made = _below(store, parent, name, HAMLET, now)
    store.areas.keep(spoken_by(made, spoken))
    return made


def add_loudspeaker(
    store: Store, name: str, hamlet: str, serial: str, place: str, now: UtcMs, by: Person | str = ""
) -> Area:
    """A loudspeaker of a hamlet, or of a commune as a whole; `by`: who is signed in. Raises `Unfit`."""
    parent = _area(store, hamlet)
    if parent.level not in (COMMUNE, HAMLET):
        raise Unfit(parent.name)
    area = _below(store, parent, name, LOUDSPEAKER, now, by=by)
    store.fleet.keep(area, serial, place)
    return area


def set_quiet_hours(store: Store, area: str, window: str, now: UtcMs) -> Proposal | None:
    """`22:00-05:00`, `off`, or `inherit`; the proposal, if it loosens and must wait. Raises `Unfit`."""
    found = _area(store, area)
    settings = msgspec.structs.replace(found.settings, quiet_hours=None, quiet_hours_off=None)
    if window == "off":
        settings = msgspec.structs.replace(settings, quiet_hours_off=True)
    elif window != INHERIT:
        settings = msgspec.structs.replace(settings, quiet_hours=quiet_hours(window), quiet_hours_off=False)
    return guarding.wish_at_terminal(store, found, settings, now)


def set_guard(store: Store, area: str, guard: str, value: str, now: UtcMs) -> Proposal | None:
    """`ceiling 00:00=60,06:00=100,21:00=60`, or `longest`, `rest` or `daily` in minutes (0: no limit); or `inherit`.
    The proposal, if it loosens and must wait. Raises `Unfit`."""
    found = _area(store, area)
    known = {"ceiling": ("ceiling", _ceiling), "longest": ("longest_ms", _minutes(MOST_MINUTES))}
    known |= {"rest": ("gap_ms", _minutes(LONGEST_GAP // MINUTE)), "daily": ("daily_ms", _minutes(MOST_MINUTES))}
    if guard not in known:
        raise Unfit(guard)
    field, read = known[guard]
    wished = {field: None if value == INHERIT else read(value)}
    return guarding.wish_at_terminal(store, found, msgspec.structs.replace(found.settings, **wished), now)


def _minutes(most: int) -> Callable[[str], object]:
    return lambda text: _whole(text, most) * MINUTE


def _ceiling(text: str) -> object:
    found = ceiling_of(part.partition("=")[::2] for part in text.split(","))
    if found is None:
        raise Unfit(text)
    return found


def _shown(area: Area) -> str:
    """What an area sets, for the audit."""
    return msgspec.json.encode(area.settings).decode()


def quiet_hours(window: str) -> QuietHours:
    """Quiet hours from `hours:minutes-hours:minutes`. Raises `Unfit`."""
    found = quiet_hours_of(*window.strip().partition("-")[::2])
    if found is None:
        raise Unfit(window)
    return found


def set_allowance(store: Store, area: str, daily_mb: str, monthly_mb: str, now: UtcMs) -> Area:
    """What each loudspeaker of an area may fetch over its SIM, in whole megabytes a day and a month, 0 for no limit;
    or `inherit` for both. Raises `Unfit`."""
    found = _area(store, area)
    allowance = None if (daily_mb, monthly_mb) == (INHERIT, INHERIT) else allowance_of(daily_mb, monthly_mb)
    settings = msgspec.structs.replace(found.settings, allowance=allowance)
    store.areas.keep(msgspec.structs.replace(found, settings=settings))
    store.trail.note(
        now, "", "allowance", found.id, area=found.id, before=_shown(found), after=f"{daily_mb} {monthly_mb}"
    )
    return found


def allowance_of(daily_mb: str, monthly_mb: str) -> Allowance:
    """An allowance from megabytes (of 1,000,000 bytes). Raises `Unfit`, also where a day may cost more than its
    month: then the two were given the wrong way round."""
    daily, monthly = _whole(daily_mb, _MOST_MEGABYTES), _whole(monthly_mb, _MOST_MEGABYTES)
    if monthly and daily > monthly:
        raise Unfit(f"{daily_mb} > {monthly_mb}")
    return Allowance(daily * MEGABYTE, monthly * MEGABYTE)


def set_alert_lead(store: Store, area: str, lead_ms: str, now: UtcMs) -> Area:
    """From the order of an emergency to its common start, in milliseconds, 0 for at once; or `inherit`. Raises
    `Unfit`."""
    found = _area(store, area)
    lead = None if lead_ms == INHERIT else _whole(lead_ms, LONGEST_LEAD)
    store.areas.keep(
        msgspec.structs.replace(found, settings=msgspec.structs.replace(found.settings, alert_lead_ms=lead))
    )
    store.trail.note(now, "", "alert_lead", found.id, area=found.id, before=_shown(found), after=lead_ms)
    return found


def _whole(text: str, largest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(largest)) and int(text) <= largest):
        raise Unfit(text)
    return int(text)


def name_as_id(prefix: str, name: str, is_free: Callable[[str], bool]) -> str:
    """An identifier that a person recognises, and that nothing else has."""
    plain = re.sub(r"[^a-z0-9]+", "-", search_key(name)).strip("-")[:_LONGEST_NAME] or "x"
    candidates = (f"{prefix}-{plain}", *(f"{prefix}-{plain}-{n}" for n in range(2, 10_000)))
    return next(candidate for candidate in candidates if is_free(candidate))


def _area(store: Store, area: str) -> Area:
    """An area by its id, or by its name if only one has it."""
    found = store.areas.find(area)
    if found is not None:
        return found
    named = [a for a in store.areas.below(["/"]) if a.name == area.strip()]
    if len(named) != 1:
        raise Unfit(area)
    return named[0]


def _below(
    store: Store,
    parent: Area,
    name: str,
    level: str,
    now: UtcMs,
    *,
    by: Person | str = "",
) -> Area:
    name = " ".join(name.split())
    if not name:
        raise Unfit(name)
    prefix = "thon" if level == HAMLET else "loa"
    id_ = name_as_id(prefix, f"{name} {parent.name}", lambda candidate: store.areas.find(candidate) is None)
    area = Area(id_, parent.id, f"{parent.path}{id_}/", parent.depth + 1, level, name)
    store.trail.note(now, by, "add", area.id, area=parent.id, after=name)
    return area
