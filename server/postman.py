"""The postman: letters that are due leave by their ways, and what became of them is noted. A shell.

Imported by the parts and tests. A letter that was delivered and not noted, because the process ended in between, is
delivered again with the same id: at most twice, never not at all.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from schedules.clock import UtcMs
from server.letter import Fate, Letter, after_try
from server.notice_choice import Way
from server.noticing import dropped, still_wanted
from server.repositories.store import Stores

AT_ONCE = 50

_log = logging.getLogger("loaban.postman")


class Channel(Protocol):
    """One way out."""

    def deliver(self, letter: Letter, now: UtcMs) -> tuple[Fate, str]: ...


class Postman:
    """`channels`: the ways that are set up; a letter by any other is given up."""

    def __init__(self, stores: Stores, channels: Mapping[Way, Channel], clock: Callable[[], UtcMs]) -> None:
        self._stores, self._channels, self._clock = stores, channels, clock

    def round(self) -> int:
        """Try every letter that is due; how many there were."""
        with self._stores.open() as store:
            letters = store.notices.due(self._clock(), AT_ONCE)
        for letter in letters:
            self._try(letter)
        return len(letters)

    def _try(self, letter: Letter) -> None:
        with self._stores.open() as store:
            if not still_wanted(store, letter):
                store.notices.post(dropped(letter, self._clock()))
                return
        fate, why = self._delivered(letter)
        after = after_try(letter, fate, why, self._clock())
        if fate is not Fate.delivered:
            _log.warning("letter %s by %s: %s (%s)", letter.id, letter.way.value, why, after.state.value)
        with self._stores.open() as store:
            store.notices.post(after)

    def _delivered(self, letter: Letter) -> tuple[Fate, str]:
        channel = self._channels.get(letter.way)
        if channel is None:
            return Fate.refused, "this way is not set up"
        try:
            return channel.deliver(letter, self._clock())
        except Exception as error:  # noqa: BLE001 - one letter must not keep the others waiting
            return Fate.later, f"{type(error).__name__}: {error}"
