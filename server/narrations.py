"""What is being read out now, how far it is, and who asked: so that a page can show it and no page waits for it. A
shell.

Imported by composition roots, the pages and tests. Each text is spoken in a thread of its own that waits for the
process that speaks; so many at once, the others in turn. Nothing is lost with the server: sentences that were spoken
lie in the cache.
"""

import contextlib
import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

import msgspec

from audio.refusal import MasteringError, MasteringFault
from audio.voice import Progress, VoiceError
from server.studio import Rendered

AT_ONCE, MOST_WAITING = 1, 20
PATIENCE_S = 6.0
"""A page that is asked for a sound waits so long before it shows how far it is: most texts are done by then."""
REMEMBERED = 200
"""Narrations that have ended, for pages that still ask."""

_log = logging.getLogger("loaban.narrations")


class Speaker(Protocol):
    """What a narration needs of the studio."""

    def speak(self, words: str, language: str, progress: Progress, *, urgent: bool = False) -> Rendered: ...
    def check(self, rendered: Rendered, words: str) -> Rendered: ...
    def find(self, name: str) -> Rendered | None: ...


class Ask(msgspec.Struct, frozen=True):
    """These words by a machine; or the clip of a recording that should say them, to be listened to again. `urgent`: it
    waits for no other's turn, and for no slow engine."""

    words: str
    language: str
    recording: str = ""
    urgent: bool = False

    @property
    def key(self) -> str:
        """A name that nobody guesses who does not know the words."""
        haste = ("urgent",) if self.urgent else ()  # it does not wait for the same words that are read at leisure
        return hashlib.sha256("\0".join((self.words, self.language, self.recording, *haste)).encode()).hexdigest()


class Narration(msgspec.Struct, frozen=True):
    """How far it is: `done` of `total` sentences are spoken. It has ended when there is `rendered`, or the `fault` that
    kept it from being rendered."""

    done: int = 0
    total: int = 0
    rendered: Rendered | None = None
    fault: VoiceError | MasteringError | None = None

    @property
    def ended(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.rendered is not None or self.fault is not None


class _Going:
    """One ask, and everybody who asked it."""

    def __init__(self) -> None:
        self.narration, self.people, self.over = Narration(), set[str](), threading.Event()


class Narrations:
    """`speaker` speaks and listens; `at_once` asks are worked on; a page waits for `patience_s`."""

    def __init__(
        self,
        speaker: Speaker,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._speaker, self._most, self.patience_s = speaker, at_once + most_waiting, patience_s
        self._turn = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, _Going] = OrderedDict()

    def begin(self, ask: Ask, person: str, *, afresh: bool = False) -> str:
        """Have it read, unless it is being read; the key to look at it by. What has failed is tried again; `afresh`:
        also what a lesser voice has read, for the better one may be back."""
        with self._lock:
            going = self._asked.get(ask.key)
            if going is None or _again(going.narration, afresh=afresh):
                going_on = sum(not other.narration.ended for other in self._asked.values())
                busy = going_on >= self._most and not ask.urgent
                going = self._asked[ask.key] = _Going()
                if busy:
                    going.narration = Narration(fault=MasteringError(MasteringFault.busy))
                    going.over.set()
                else:
                    threading.Thread(target=self._read, args=(ask, going), daemon=True).start()
            going.people.add(person)
            self._asked.move_to_end(ask.key)
            self._forget()
        return ask.key

    def look(self, key: str, person: str, wait_s: float = 0) -> Narration | None:
        """How far it is, after at most so many seconds; None for who has not asked for it."""
        with self._lock:
            going = self._asked.get(key)
        if going is None or person not in going.people:
            return None
        going.over.wait(wait_s)
        return going.narration

    def _read(self, ask: Ask, going: _Going) -> None:
        def progress(done: int, total: int) -> None:
            going.narration = Narration(done, total)

        with contextlib.nullcontext() if ask.urgent else self._turn, _told(going):
            if ask.recording:
                found = self._speaker.find(ask.recording)
                rendered = self._speaker.check(found, ask.words) if found else None
            else:
                rendered = self._speaker.speak(ask.words, ask.language, progress, urgent=ask.urgent)
            if rendered is None:
                raise MasteringError(MasteringFault.not_sound, ask.recording)
            going.narration = Narration(going.narration.total, going.narration.total, rendered)

    def _forget(self) -> None:
        ended = [key for key, going in self._asked.items() if going.narration.ended]
        for key in ended[: max(0, len(ended) - REMEMBERED)]:
            del self._asked[key]


def _again(narration: Narration, *, afresh: bool) -> bool:
    stood_in = narration.rendered is not None and narration.rendered.provenance.fallback
    return narration.fault is not None or (afresh and stood_in)


@contextlib.contextmanager
def _told(going: _Going) -> Iterator[None]:
    """Whatever happens, it ends, and who waits is told."""
    try:
        yield
    except (VoiceError, MasteringError) as error:
        going.narration = Narration(fault=error)
    except Exception as error:  # noqa: BLE001 - whatever it is, a page waits to be told
        _log.exception("a text could not be read")
        going.narration = Narration(fault=MasteringError(MasteringFault.not_sound, str(error)))
    finally:
        going.over.set()
