"""Signing in and out: the use cases of people at the door.

Imported by the web and tests.
"""

import enum
import hashlib
from typing import Protocol

import msgspec

from schedules.clock import DAY, HOUR, MINUTE, UtcMs
from server import second_factor
from server.access import Person, owes_second_factor
from server.guessing import CODES, KEPT, OF_ACCOUNT, OF_ADDRESS, OF_ONE, held_back
from server.passwords import composed
from server.repositories.sessions import Kept
from server.repositories.staff import Account
from server.repositories.store import Store
from server.vault import Vault

IDLE = 12 * HOUR
LONGEST = 7 * DAY
CODE_WITHIN = 10 * MINUTE
"""From the right password to the code."""
FRESH = 5 * MINUTE
"""How long somebody who has shown who they are need not show it again."""
_SEEN_EVERY = 5 * MINUTE
_BROWSER = "browser:"


class Hasher(Protocol):
    """What hashes passwords (argon2)."""

    def hash(self, password: str) -> str:
        """The hash of a password."""

    def verify(self, password: str, hash: str) -> bool:  # noqa: A002
        """Whether the password has this hash."""


class Door(msgspec.Struct, frozen=True):
    """What it takes to let somebody in. `asks_codes`: second factors count; a demonstration does without them."""

    hasher: Hasher
    vault: Vault
    asks_codes: bool = True


class Visit(msgspec.Struct, frozen=True):
    """Where somebody knocks from: their network address, what their browser says that it is, and the name that it got
    when they signed in with it before, empty for a browser that has never been seen with this person."""

    address: str
    device: str = ""
    known_as: str = ""


class SignInRefused(enum.Enum):
    """Why somebody was not let in; an unknown name, a wrong password and an account that is switched off are the
    same."""

    wrong = "wrong"
    too_many = "too_many"
    wrong_code = "wrong_code"
    unknown_here = "unknown_here"  # the province knows them, and they have no account
    code_too_late = "code_too_late"


class Step(enum.Enum):
    """What somebody has to do before anything else."""

    password = "password"  # choose one's own  # noqa: S105
    second_factor = "second_factor"  # set it up


class SignedIn(msgspec.Struct, frozen=True):
    """The password was right; the token is for their browser alone. `owes_code`: it opens nothing until the code has
    been shown as well."""

    token: str
    username: str
    owes_code: bool = False


class Standing(msgspec.Struct, frozen=True):
    """Somebody who is signed in, and how. `session`: the key that names this session on pages."""

    person: Person
    session: str
    confirmed_at: UtcMs
    step: Step | None = None

    def fresh(self, now: UtcMs) -> bool:
        """Whether they have shown who they are a moment ago."""
        return 0 <= now - self.confirmed_at < FRESH


def sign_in(
    store: Store, door: Door, username: str, password: str, visit: Visit, now: UtcMs, token: str
) -> SignedIn | SignInRefused:
    """Let somebody in who knows the password, or say why not. It takes as long for a name that nobody has."""
    username = username.strip().lower()
    if _held_back(store, username, visit, now):
        return SignInRefused.too_many
    found = store.staff.find(username)
    right = door.hasher.verify(composed(password), found.password_hash if found else _nobodys_hash(door.hasher))
    if found is None or not right or found.disabled_at:
        store.sessions.failed("password", username, _place(visit), now)
        return SignInRefused.wrong
    return admit(store, found, visit, now, token, owes_code=door.asks_codes and found.second_factor)


def admit(
    store: Store,
    found: Account,
    visit: Visit,
    now: UtcMs,
    token: str,
    *,
    owes_code: bool,
    how: str = "password",
    confirmed_at: UtcMs | None = None,
    vouched: bool = False,
) -> SignedIn:
    """Begin the session of somebody who has shown who they are. `how`: for the audit; `confirmed_at`: when they did,
    None for now; `vouched`: somebody else has asked for a second factor, and that counts."""
    for kind, kept in KEPT.items():
        store.sessions.forget(kind, now - kept)
    store.sessions.forget_sessions(now - LONGEST)
    store.sessions.begin(
        hashed(token),
        found.id,
        now,
        visit.address,
        visit.device,
        confirmed_at=now if confirmed_at is None else confirmed_at,
        whole=not owes_code,
        vouched=vouched,
    )
    if not owes_code:
        store.trail.note(now, found.id, "sign_in", found.id, after=how)
    return SignedIn(token, found.username, owes_code)


def show_code(
    store: Store, door: Door, half: str, code: str, visit: Visit, now: UtcMs, token: str
) -> SignedIn | SignInRefused:
    """The second half of signing in: a session of its own, so that nobody has known its token before."""
    found = store.sessions.find(hashed(half))
    if found is None or found.whole or now - found.created_at > CODE_WITHIN:
        return SignInRefused.code_too_late
    account = store.staff.account(found.staff)
    if account is None or account.disabled_at:
        return SignInRefused.code_too_late
    refused = _check_code(store, door, account, code, visit, now)
    if refused is not None:
        return refused
    store.sessions.end(hashed(half))
    return admit(store, account, visit, now, token, owes_code=False, how="password, code")


def _check_code(
    store: Store, door: Door, account: Account, code: str, visit: Visit, now: UtcMs
) -> SignInRefused | None:
    if _codes_held_back(store, account.username, visit, now):
        return SignInRefused.too_many
    if second_factor.right(store, door.vault, account.id, code, now):
        return None
    store.sessions.failed("code", account.username, _place(visit), now)
    store.trail.note(now, account.id, "code_refused", account.id)
    return SignInRefused.wrong_code


def replacing_refused(
    store: Store, door: Door, person: Person, code: str, visit: Visit, now: UtcMs
) -> SignInRefused | None:
    """Whether somebody who has a second factor may not set up another: they show a code of the one that they have, so
    that session and password together do not get round it. None: they may."""
    account = store.staff.account(person.id)
    if account is None or not account.second_factor:
        return None
    return _check_code(store, door, account, code, visit, now)


def owing(store: Store, token: str, now: UtcMs) -> Account | None:
    """Who has shown the password in this browser, and owes the code."""
    found = store.sessions.find(hashed(token)) if token else None
    owes = found is not None and not found.whole and now - found.created_at <= CODE_WITHIN
    return store.staff.account(found.staff) if found and owes else None


def standing(store: Store, token: str, now: UtcMs, *, asks_codes: bool = True) -> Standing | None:
    """Whose session this is, if it is still good, and what they must do first."""
    found = store.sessions.find(hashed(token)) if token else None
    if found is None or not found.whole:
        return None
    account = store.staff.account(found.staff)
    if account is None or account.disabled_at or now - found.seen_at > IDLE or now - found.created_at > LONGEST:
        store.sessions.end(hashed(token))
        return None
    if now - found.seen_at > _SEEN_EVERY:
        store.sessions.seen(hashed(token), now)
    person = store.staff.person(account.id, now)
    return (
        Standing(person, found.key, found.confirmed_at, _step(account, person, asks_codes and not found.vouched))
        if person
        else None
    )


def who(store: Store, token: str, now: UtcMs) -> Person | None:
    """Whose session this is, if it is still good."""
    found = standing(store, token, now)
    return found.person if found else None


def confirm(store: Store, door: Door, token: str, secret: str, visit: Visit, now: UtcMs) -> SignInRefused | None:
    """Somebody who is signed in shows again who they are, by the password or by a code. None: it is so, and holds for
    five minutes. Who has stolen the session guesses no more often than at the door."""
    found = standing(store, token, now)
    account = store.staff.account(found.person.id) if found else None
    if account is None:
        return SignInRefused.code_too_late
    if _held_back(store, account.username, visit, now) or _codes_held_back(store, account.username, visit, now):
        return SignInRefused.too_many
    looks_like_code = second_factor.looks_like_code(secret)
    right = door.hasher.verify(composed(secret), account.password_hash)
    if not right and door.asks_codes and looks_like_code:
        right = second_factor.right(store, door.vault, account.id, secret, now)
    if not right:
        store.sessions.failed("code" if looks_like_code else "password", account.username, _place(visit), now)
        return SignInRefused.wrong
    store.sessions.confirmed(hashed(token), now)
    return None


def sign_out(store: Store, token: str, now: UtcMs) -> None:
    """End a session."""
    found = store.sessions.find(hashed(token))
    if found is not None:
        store.sessions.end(hashed(token))
        store.trail.note(now, found.staff, "sign_out", found.staff)


def sessions_of(store: Store, staff: str, now: UtcMs) -> list[Kept]:
    """Where somebody is signed in now."""
    return [s for s in store.sessions.of(staff) if now - s.seen_at <= IDLE and now - s.created_at <= LONGEST]


def hashed(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def _step(account: Account, person: Person, asks_codes: bool) -> Step | None:
    if account.must_change:
        return Step.password
    owes = asks_codes and not account.second_factor and owes_second_factor(person.grants)
    return Step.second_factor if owes else None


def _place(visit: Visit) -> str:
    """Where failures count: a browser that is known for this person has a count of its own."""
    return f"{_BROWSER}{visit.known_as}" if visit.known_as else visit.address


def _held_back(store: Store, username: str, visit: Visit, now: UtcMs) -> bool:
    since, place = now - KEPT["password"], _place(visit)
    if held_back(OF_ONE, store.sessions.failures("password", since, username=username, place=place), now):
        return True
    if visit.known_as:
        return False
    of_address = store.sessions.failures("password", since, place=place)
    of_account = store.sessions.failures("password", since, username=username, but=_BROWSER)
    return held_back(OF_ADDRESS, of_address, now) or held_back(OF_ACCOUNT, of_account, now)


def _codes_held_back(store: Store, username: str, visit: Visit, now: UtcMs) -> bool:
    since = now - KEPT["code"]
    if visit.known_as:
        return held_back(OF_ONE, store.sessions.failures("code", since, username=username, place=_place(visit)), now)
    return held_back(CODES, store.sessions.failures("code", since, username=username, but=_BROWSER), now)


_NOBODY: dict[int, str] = {}


def _nobodys_hash(hasher: Hasher) -> str:
    """A hash that costs as much to check as a real one."""
    if id(hasher) not in _NOBODY:
        _NOBODY[id(hasher)] = hasher.hash("the password of nobody")
    return _NOBODY[id(hasher)]
