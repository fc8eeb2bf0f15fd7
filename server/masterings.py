"""Recordings that are being mastered, and who waits for them: an hour of speech takes minutes, and no page waits for
so long. A shell.

Imported by composition roots, the recordings, the pages and tests. Nothing is lost with the server: the file lies in
the room for takes, and what was mastered is remembered by what it was made of.
"""

import logging
import threading
from typing import Protocol

from audio.refusal import MasteringError, MasteringFault
from server.originals import Originals, Upload
from server.studio import Rendered

PATIENCE_S = 20.0
"""A page that brings a recording waits so long: less than any proxy does; most are done by then."""
REMEMBERED = 100
"""Recordings that came to nothing, and that nobody has asked for again."""

_log = logging.getLogger("loaban.masterings")


class Master(Protocol):
    """What this needs of the studio."""

    def take(self, upload: Upload, language: str, *, music: bool = False) -> Rendered: ...


class _Going:
    """One recording, and whoever waits for it."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.rendered: Rendered | None = None
        self.fault: MasteringError | None = None


class Masterings:
    """`studio` masters; who asks waits for `patience_s`."""

    def __init__(self, studio: Master, originals: Originals, patience_s: float = PATIENCE_S) -> None:
        self._studio, self._originals, self._patience_s = studio, originals, patience_s
        self._lock = threading.Lock()
        self._going: dict[tuple[str, str, bool], _Going] = {}

    def take(self, upload: Upload, language: str, *, music: bool = False) -> Rendered:
        """What somebody recorded or uploaded, as a clip. Raises `MasteringError` with the reason why there is none:
        `going_on` where it is not ready yet; then the same bytes are to be brought again later."""
        if upload.fault is not None:
            raise MasteringError(upload.fault, f"{upload.size} bytes")
        key = (upload.sha256, language, music)
        with self._lock:
            going = self._going.get(key)
            if going is None:
                going = self._going[key] = _Going()
                self._forget()
                own = self._originals.taken(upload.path)  # what was sent goes with its request
                threading.Thread(target=self._work, args=(going, own, language, music), daemon=True).start()
        if not going.over.wait(self._patience_s):
            raise MasteringError(MasteringFault.going_on)
        with self._lock:
            self._going.pop(key, None)
        if going.rendered is None:
            raise going.fault or MasteringError(MasteringFault.not_sound)
        return going.rendered

    def _work(self, going: _Going, own: Upload, language: str, music: bool) -> None:
        try:
            going.rendered = self._studio.take(own, language, music=music)
        except MasteringError as error:
            going.fault = error
        except Exception as error:  # noqa: BLE001 - whatever it is, a page waits to be told
            _log.exception("a recording could not be mastered")
            going.fault = MasteringError(MasteringFault.not_sound, str(error))
        finally:
            own.discard()
            going.over.set()

    def _forget(self) -> None:
        ended = [key for key, going in self._going.items() if going.over.is_set()]
        for key in ended[: max(0, len(ended) - REMEMBERED)]:
            del self._going[key]
