"""Choices of the log that somebody keeps for themselves: the use case.

Imported by the web and tests.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from schedules.clock import UtcMs
from server.access import Person
from server.refusals import NoName, NotFound, TooMany
from server.repositories.store import Store

MOST, LONGEST = 30, 60


def keep(store: Store, person: Person, name: str, choice: Mapping[str, str], now: UtcMs) -> None:
    """Under a name; the same name again replaces it. `choice`: fields of the log's own form. Raises `NoName` and
    `TooMany`."""
    name = " ".join(name.split())[:LONGEST]
    if not name:
        raise NoName
    known = {kept for _, kept, _ in store.views.of(person.id)}
    if name not in known and len(known) >= MOST:
        raise TooMany
    query = urlencode({field: value for field, value in choice.items() if value})
    store.views.keep(person.id, name, query, now)
    store.trail.note(now, person, "keep_view", name, after=query)


def forget(store: Store, person: Person, number: int, now: UtcMs) -> None:
    """Raises `NotFound` for what is not theirs."""
    name = store.views.forget(person.id, number)
    if not name:
        raise NotFound
    store.trail.note(now, person, "forget_view", name)
