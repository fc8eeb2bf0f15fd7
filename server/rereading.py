"""What waits for approval, and would be said otherwise since a place has taught how: spoken anew, one after the other.
A use case; the thread of `fallbacks` does it, woken whenever somebody teaches, and after a start.

Imported by the parts and tests. What is still to be done follows from the database alone, so that nothing of it is lost
with the server.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from audio.language import VIETNAMESE
from audio.refusal import MasteringError
from audio.voice import VoiceError
from schedules.clock import UtcMs
from server import readings
from server.readings import Waiting
from server.refusals import Refused
from server.repositories.store import Stores
from server.studio import Rendered

_log = logging.getLogger("loaban.rereading")


class Speaker(Protocol):
    """What this needs of the studio."""

    def speak(self, words: str, language: str) -> Rendered: ...


def reread(stores: Stores, speaker: Speaker, clock: Callable[[], UtcMs]) -> list[Waiting]:
    """Have them spoken anew; those that are. What no voice can speak just then stays as it was, and is tried again."""
    done = []
    with stores.open() as store:
        wanted = readings.otherwise_everywhere(store, clock())
    for each in wanted:
        try:
            sound = speaker.speak(each.after, VIETNAMESE)
            with stores.open() as store:
                readings.say_again(store, None, each, sound, clock())
        except (VoiceError, MasteringError, Refused) as error:
            _log.warning("%s is not said anew yet: %s", each.broadcast, error)
        else:
            done.append(each)
    return done
