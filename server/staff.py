"""Signing in and out: the use cases of people.

Imported by the web.
"""

import enum
import hashlib
from typing import Protocol

import msgspec

from schedules.clock import DAY, HOUR, MINUTE, UtcMs
from server.access import Person
from server.repositories.store import Store

IDLE = 12 * HOUR
LONGEST = 7 * DAY
FAILURES_FOR = 15 * MINUTE
FAILURES_OF_ONE = 5
"""Of one name from one address: a stranger elsewhere cannot lock a person out."""
FAILURES_OF_ADDRESS = 20
_SEEN_EVERY = 5 * MINUTE


class Hasher(Protocol):
    """What hashes passwords (argon2)."""

    def hash(self, password: str) -> str:
        """The hash of a password."""

    def verify(self, password: str, hash: str) -> bool:  # noqa: A002
        """Whether the password has this hash."""


class SignInRefused(enum.Enum):
    """Why somebody was not let in; an unknown name and a wrong password are the same."""

    wrong = "wrong"
    too_many = "too_many"


class SignedIn(msgspec.Struct, frozen=True):
    """Somebody is in; the token is for their browser alone."""

    token: str


def sign_in(
    store: Store, hasher: Hasher, username: str, password: str, address: str, now: UtcMs, token: str
) -> SignedIn | SignInRefused:
    """Let somebody in, or say why not. It takes as long for a name that nobody has."""
    username = username.strip().lower()
    of_one, of_address = store.staff.failures(username, address, now - FAILURES_FOR)
    if of_one >= FAILURES_OF_ONE or of_address >= FAILURES_OF_ADDRESS:
        return SignInRefused.too_many
    found = store.staff.find(username)
    right = hasher.verify(password, found[1] if found else _nobodys_hash(hasher))
    if found is None or not right:
        store.staff.failed(username, address, now)
        return SignInRefused.wrong
    store.staff.forget(now - FAILURES_FOR, now - LONGEST)
    store.staff.begin_session(_hashed(token), found[0], now, address)
    store.trail.note(now, found[0], "sign_in", found[0], after=address)
    return SignedIn(token)


def who(store: Store, token: str, now: UtcMs) -> Person | None:
    """Whose session this is, if it is still good."""
    if not token:
        return None
    found = store.staff.session(_hashed(token))
    if found is None:
        return None
    staff, created_at, seen_at = found
    if now - seen_at > IDLE or now - created_at > LONGEST:
        store.staff.end_session(_hashed(token))
        return None
    if now - seen_at > _SEEN_EVERY:
        store.staff.seen(_hashed(token), now)
    return store.staff.person(staff)


def sign_out(store: Store, token: str) -> None:
    """End a session."""
    store.staff.end_session(_hashed(token))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_NOBODY: dict[int, str] = {}


def _nobodys_hash(hasher: Hasher) -> str:
    """A hash that costs as much to check as a real one."""
    if id(hasher) not in _NOBODY:
        _NOBODY[id(hasher)] = hasher.hash("the password of nobody")
    return _NOBODY[id(hasher)]
