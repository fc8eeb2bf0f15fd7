"""People, as their administrators see and keep them: the use cases of accounts and grants.

Imported by the web and tests. Nobody does any of it for themselves, and nobody beyond the areas that they administer.
"""

from collections.abc import Iterable

import msgspec

from schedules.clock import UtcMs
from server.access import Act, Given, Person, Role, governs, may, may_anywhere, may_give, scope
from server.area import Area
from server.granting import (
    Faults,
    GrantForm,
    PersonnelFault,
    Term,
    fault_of_grant,
    fault_of_name,
    role_of,
    term_of,
)
from server.refusals import NotAllowed, NotFound
from server.repositories.sessions import Kept
from server.repositories.staff import Account
from server.repositories.store import Store
from server.staff import Hasher, sessions_of


class Held(msgspec.Struct, frozen=True):
    """A grant, and the area where it holds."""

    given: Given
    area: Area


class Member(msgspec.Struct, frozen=True):
    """Somebody, as far as an administrator may see: their grants in areas of his or hers. `governed`: the whole account
    is theirs to keep; `home`: the area that keeps it, if the administrator may see that."""

    account: Account
    held: tuple[Held, ...]
    governed: bool
    own: bool
    home: Area | None = None


class Newcomer(msgspec.Struct, frozen=True):
    """Who gets an account, as it was typed."""

    username: str = ""
    display_name: str = ""


def members(store: Store, keeper: Person, now: UtcMs) -> list[Member]:
    """Everybody in the areas that somebody administers, by name. Raises `NotAllowed` for who administers none."""
    if not may_anywhere(keeper.grants, Act.manage_staff):
        raise NotAllowed
    return _members(store, keeper, store.staff.accounts(), store.staff.given(), now)


def member(store: Store, keeper: Person, staff: str, now: UtcMs) -> Member:
    """One of them. Raises `NotFound`, also for who is somewhere else."""
    account = store.staff.account(staff)
    found = _members(store, keeper, [account], store.staff.given([staff]), now) if account else []
    if not found:
        raise NotFound
    return found[0]


def sessions(store: Store, found: Member, now: UtcMs) -> list[Kept]:
    """Where somebody whose account is theirs to keep is signed in."""
    return sessions_of(store, found.account.id, now) if found.governed else []


def places(store: Store, keeper: Person) -> list[Area]:
    """Where somebody may give roles."""
    return store.areas.below(scope(keeper.grants, Act.manage_staff))


def make(
    store: Store, keeper: Person, who: Newcomer, form: GrantForm, hasher: Hasher, password: str, now: UtcMs
) -> str | Faults:
    """An account with its first role; the id, or what is wrong. The password has to be changed at the first sign-in."""
    if not may_anywhere(keeper.grants, Act.manage_staff):
        raise NotAllowed
    username = who.username.strip().lower()
    faults = fault_of_name(username, who.display_name)
    if "username" not in faults and store.staff.find(username) is not None:
        faults["username"] = PersonnelFault.taken
    wanted = _wanted(store, keeper, "", form, now)
    if isinstance(wanted, dict) or faults:
        return {**faults, **(wanted if isinstance(wanted, dict) else {})}
    role, area, term = wanted
    name = " ".join(who.display_name.split())
    store.staff.add(username, username, name, hasher.hash(password), home=area.id, must_change=True)
    store.trail.note(now, keeper, "account", username, area=area.id, after=name)
    _give(store, keeper, username, role, area, term, now)
    return username


def give(store: Store, keeper: Person, staff: str, form: GrantForm, now: UtcMs) -> Faults:
    """A role for somebody; what is wrong, nothing if it is given. Raises `NotFound`, and `NotAllowed` for oneself."""
    found = member(store, keeper, staff, now)
    if found.own:
        raise NotAllowed
    wanted = _wanted(store, keeper, staff, form, now)
    if isinstance(wanted, dict):
        return wanted
    _give(store, keeper, staff, *wanted, now)
    return {}


def end(store: Store, keeper: Person, staff: str, grant: str, now: UtcMs) -> None:
    """A role of somebody ends now. Raises `NotFound`, and `NotAllowed` for one's own."""
    found = member(store, keeper, staff, now)
    held = next((held for held in found.held if str(held.given.id) == grant and not held.given.over(now)), None)
    if held is None:
        raise NotFound
    if not may_give(keeper, staff, held.given.area_path):
        raise NotAllowed
    store.staff.end_grant(held.given.id, now)
    before = _told(held.given.role, Term(held.given.begins, held.given.ends))
    store.trail.note(now, keeper, "end_grant", staff, area=held.area.id, before=before, after=f"ended {now}")


def set_password(store: Store, keeper: Person, staff: str, hasher: Hasher, password: str, now: UtcMs) -> None:
    """A new first password, for who has forgotten theirs; every session ends. The second factor stays: who gave the
    password still cannot get in with it. Raises `NotFound`, `NotAllowed`."""
    found = _governed(store, keeper, staff, now)
    store.staff.set_password(staff, hasher.hash(password), must_change=True)
    store.sessions.end_of(staff)
    store.trail.note(now, keeper, "first_password", staff, area=found.account.home)


def switch(store: Store, keeper: Person, staff: str, now: UtcMs, *, on: bool) -> None:
    """Let somebody sign in no more, or again. Nobody is deleted: what they did stays under their name."""
    found = _governed(store, keeper, staff, now)
    before = "disabled" if found.account.disabled_at else "enabled"
    store.staff.set_disabled(staff, 0 if on else now)
    if not on:
        store.sessions.end_of(staff)
    after = "enabled" if on else "disabled"
    store.trail.note(now, keeper, "account", staff, area=found.account.home, before=before, after=after)


def sign_out(store: Store, keeper: Person, staff: str, now: UtcMs) -> None:
    """End every session of somebody."""
    found = _governed(store, keeper, staff, now)
    ended = store.sessions.end_of(staff)
    store.trail.note(now, keeper, "end_session", staff, area=found.account.home, before=f"{ended} sessions")


def _governed(store: Store, keeper: Person, staff: str, now: UtcMs) -> Member:
    found = member(store, keeper, staff, now)
    if not found.governed:
        raise NotAllowed
    return found


def _wanted(store: Store, keeper: Person, staff: str, form: GrantForm, now: UtcMs) -> tuple[Role, Area, Term] | Faults:
    role, term = role_of(form.role), term_of(form, now)
    faults: Faults = term if isinstance(term, dict) else {}
    area = store.areas.find(form.area) if form.area else None
    if area is not None and not may_give(keeper, staff, area.path):
        raise NotFound
    if form.area and area is None:
        raise NotFound
    if role is None:
        faults = {**faults, "role": PersonnelFault.no_role}
    if area is None:
        faults = {**faults, "area": PersonnelFault.no_area}
    if role is None or area is None or isinstance(term, dict):
        return faults
    return fault_of_grant(role, area, store.staff.given([staff]), term, now) or (role, area, term)


def _give(store: Store, keeper: Person, staff: str, role: Role, area: Area, term: Term, now: UtcMs) -> None:
    store.staff.grant(staff, area.id, role, term.begins, term.ends)
    store.trail.note(now, keeper, "grant", staff, area=area.id, after=_told(role, term))


def _told(role: Role, term: Term) -> str:
    """A grant for the audit."""
    return f"{role.value} {term.begins}–{'' if term.ends is None else term.ends}"


def _members(
    store: Store, keeper: Person, accounts: Iterable[Account], given: Iterable[Given], now: UtcMs
) -> list[Member]:
    by_staff: dict[str, list[Given]] = {}
    for each in given:
        by_staff.setdefault(each.staff, []).append(each)
    wanted = {account.id: account for account in accounts}
    homes = {account.home for account in wanted.values() if account.home}
    areas = store.areas.named(homes.union(each.area for held in by_staff.values() for each in held))
    found = (_member(keeper, account, by_staff.get(account.id, []), areas, now) for account in wanted.values())
    return [each for each in found if each is not None]


def _member(keeper: Person, account: Account, held: list[Given], areas: dict[str, Area], now: UtcMs) -> Member | None:
    home = areas.get(account.home)
    seen = [each for each in held if may(keeper.grants, Act.manage_staff, each.area_path)]
    at_home = home is not None and may(keeper.grants, Act.manage_staff, home.path)
    if not seen and not at_home:
        return None
    governed = governs(keeper, account.id, home.path if home else "", held, now)
    shown = tuple(Held(each, areas[each.area]) for each in sorted(seen, key=lambda each: each.over(now)))
    return Member(account, shown, governed, keeper.id == account.id, home if at_home else None)
