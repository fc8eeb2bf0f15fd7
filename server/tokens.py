"""Making and ending tokens of the JSON API, and letting in who brings one: use cases.

Imported by the web and tests. A token acts in the name of an account of its own, with one role on one node: what it may
do is decided where it is decided for people.
"""

from collections.abc import Callable

import msgspec

from schedules.clock import DAY, MINUTE, DurationMs, UtcMs
from server.access import Act, Person, may_anywhere, may_give, scope
from server.api_token import Faults, Token, TokenForm, checked
from server.area import LOUDSPEAKER, Area
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store
from server.staff import hashed

_USED_EVERY: DurationMs = 1 * MINUTE
ANSWERS_KEPT: DurationMs = 7 * DAY
"""So long the same key gets the same answer."""


class Caller(msgspec.Struct, frozen=True):
    """Who came with a token."""

    token: Token
    person: Person


class Held(msgspec.Struct, frozen=True):
    """A token for its page: where it is held, who made it."""

    token: Token
    area: Area
    by: str


def make(
    store: Store, keeper: Person, form: TokenForm, secret: str, now: UtcMs, new_id: Callable[[str], str]
) -> Token | Faults:
    """A token; what is wrong with the form otherwise. Only the hash of the secret is kept. Raises `NotAllowed`, and
    `NotFound` for a place that the keeper does not administer."""
    if not may_anywhere(keeper.grants, Act.manage_staff):
        raise NotAllowed
    ends = checked(form, now)
    if isinstance(ends, dict):
        return ends
    area = store.areas.find(form.area)
    if area is None or not may_give(keeper, "", area.path) or area.level == LOUDSPEAKER:
        raise NotFound
    name = " ".join(form.name.split())
    token = Token(new_id("may"), name, area.id, form.scope == "write", keeper.id, now, ends)
    store.tokens.add(token, hashed(secret))
    store.staff.grant(token.staff, area.id, token.role, now, ends)
    store.trail.note(now, keeper, "make_token", token.staff, area=area.id, after=f"{form.scope} –{ends} {name}")
    return token


def held(store: Store, keeper: Person) -> list[Held]:
    """The tokens in the areas that somebody administers. Raises `NotAllowed` for who administers none."""
    if not may_anywhere(keeper.grants, Act.manage_staff):
        raise NotAllowed
    found = store.tokens.below(scope(keeper.grants, Act.manage_staff))
    areas, names = store.areas.named(token.area for token in found), store.staff.names()
    return [Held(token, areas[token.area], names.get(token.made_by, "")) for token in found]


def revoke(store: Store, keeper: Person, staff: str, now: UtcMs) -> None:
    """It opens nothing from now on. What it sent stays. Raises `NotFound`."""
    found = next((each for each in held(store, keeper) if each.token.staff == staff), None)
    if found is None:
        raise NotFound
    if found.token.revoked_at:
        return
    store.tokens.revoke(staff, now)
    for given in store.staff.given([staff]):
        if not given.over(now):
            store.staff.end_grant(given.id, now)
    store.trail.note(now, keeper, "revoke_token", staff, area=found.area.id, before=found.token.name)


def caller(store: Store, secret: str, now: UtcMs) -> Caller | None:
    """Who brings this secret; None where it opens nothing."""
    token = store.tokens.opened_by(hashed(secret)) if secret else None
    if token is None or not token.opens(now):
        return None
    person = store.staff.person(token.staff, now)
    if person is None:
        return None
    if now - token.used_at > _USED_EVERY:
        store.tokens.used(token.staff, now)
    return Caller(token, person)
