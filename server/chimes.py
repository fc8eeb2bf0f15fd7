"""The chimes that come with the program: made once, and known to the database. A use case.

Imported by the composition roots and tests.
"""

import logging
from typing import Protocol

from audio.chime import CHIMES
from audio.refusal import MasteringError
from schedules.clock import UtcMs
from server.repositories.store import Stores
from server.studio import Rendered

_log = logging.getLogger("loaban.chimes")


class Maker(Protocol):
    """What this needs of the studio."""

    def chime(self, name: str) -> Rendered: ...


def install(stores: Stores, maker: Maker, now: UtcMs) -> None:
    """Have them there, before any loudspeaker is told of them. Where they cannot be made, bulletins sound without."""
    try:
        made = {name: maker.chime(name) for name in CHIMES}
    except MasteringError as error:
        _log.warning("no chimes: %s", error)
        return
    with stores.open() as store:
        known = store.library.built_in()
        for name, sound in made.items():
            if known.get(name) != sound.clip:
                store.broadcasts.keep_clip(sound.clip, sound.provenance, sound.loudness, now)
                store.library.keep_built_in(name, sound.clip.sha256)
