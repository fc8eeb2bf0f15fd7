"""What a lesser voice has spoken while a better one did not answer, and nobody has approved yet: spoken again once the
better one is back. A use case, and the thread that looks whether it is.

Imported by the parts and tests.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from audio.refusal import MasteringError
from audio.voice import VoiceError
from schedules.clock import UtcMs
from server import bulletins
from server.bulletin import VOICE, state_of
from server.lifecycle import BroadcastState
from server.repositories.store import Store, Stores
from server.studio import Rendered

EVERY_S = 300.0
UNDECIDED = (BroadcastState.submitted, BroadcastState.returned)
"""What was approved stays as it was heard; what was withdrawn or superseded sounds no more."""

_log = logging.getLogger("loaban.fallbacks")


class Speaker(Protocol):
    """What this needs of the studio."""

    def speak(self, words: str, language: str) -> Rendered: ...


class StoodIn(msgspec.Struct, frozen=True):
    """A variant that a lesser voice has spoken; `instead_of`: the engine that did not answer."""

    bulletin: str
    language: str
    spoken: str
    clip: str
    instead_of: str


def candidates(store: Store) -> list[StoodIn]:
    """All that might be spoken again."""
    found = []
    for bulletin in store.broadcasts.bulletins(store.broadcasts.stood_in()).values():
        broadcasts = store.broadcasts.of_bulletin(bulletin.id)
        if not broadcasts or any(state_of(bulletin, each) not in UNDECIDED for each in broadcasts):
            continue
        for variant in bulletin.variants:
            instead_of = variant.provenance.fallback_from
            if variant.source == VOICE and instead_of:
                found.append(StoodIn(bulletin.id, variant.language, variant.spoken, variant.clip.sha256, instead_of))
    return found


def renew(stores: Stores, speaker: Speaker, clock: Callable[[], UtcMs]) -> list[StoodIn]:
    """Have them spoken again; those that have the better voice now. Who approves in that moment approves what they
    heard: it is looked at again in the transaction that changes the sound."""
    renewed = []
    with stores.open() as store:
        wanted = candidates(store)
    for each in wanted:
        try:
            sound = speaker.speak(each.spoken, each.language)
        except (VoiceError, MasteringError) as error:
            _log.warning("%s is not spoken again yet: %s", each.bulletin, error)
            continue
        if sound.provenance.fallback:
            continue
        with stores.open() as store:
            if each in candidates(store):
                bulletins.render_again(store, each.bulletin, each.language, sound, clock())
                renewed.append(each)
    return renewed


class Renewal:
    """From `start` to `stop`, now and then, and when it is woken. `work()` renews, and says what; `told()` is called
    when there was any."""

    def __init__(
        self, work: Callable[[], Sequence[object]], told: Callable[[], None], every_s: float = EVERY_S
    ) -> None:
        self._work, self._told, self._every_s = work, told, every_s
        self._stopping, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="renewal", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Renew no more; what is being spoken may be cut."""
        self._stopping.set()
        self._woken.set()

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    def _run(self) -> None:
        while self._woken.wait(self._every_s) is not None and not self._stopping.is_set():
            self._woken.clear()
            try:
                if self._work():
                    self._told()
            except Exception as error:  # noqa: BLE001 - the next time it may be better
                _log.warning("what a lesser voice has spoken could not be looked at: %s", error)
