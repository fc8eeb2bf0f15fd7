"""The filer: a thread that files what loudspeakers say of themselves, many in one transaction. A shell.

Imported by the gateway, whose own thread stays free for what is urgent: at 05:00 a whole province reports at once, and
each transaction waits for the disk.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from schedules.wire import Ack, Report, Status
from server import log_lines

MOST_WAITING = 64 * 1024 * 1024
"""Bytes that may wait here. What comes beyond them is not filed: loudspeakers say it again, and who floods a line
must not fill the memory of the server."""
MOST = 500
"""So many are filed together; an approval at the desk waits for no more than these."""

_log = logging.getLogger("loaban.filing")


class Cabinet(Protocol):
    """What the filer needs of the server."""

    def file_reports(self, reports: Sequence[tuple[str, Report]]) -> list[Ack | None]:
        """File them in one transaction; None for a device that nobody knows, and for what cannot be true."""

    def file_statuses(self, statuses: Sequence[tuple[str, Status]]) -> None:
        """Keep them, in one transaction."""


class Letter(msgspec.Struct, frozen=True):
    """What a loudspeaker said, and `done(ack)`: called when it has been dealt with, with what it is to be told. None:
    it has not been filed. `size`: bytes that it came in."""

    device: str
    said: Report | Status
    done: Callable[[Ack | None], None]
    size: int = 0


class Filer:
    """From `start` to `stop`."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet
        self._inbox: queue.SimpleQueue[Letter | None] = queue.SimpleQueue()
        self._handed = self._dealt_with = 0
        """Bytes since the start: each is written by one thread, so that neither needs a lock."""
        self._thread = threading.Thread(target=self._run, name="filer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """File what waits, if that takes no longer than a few seconds: loudspeakers send again what is not filed."""
        self._inbox.put(None)
        self._thread.join(5)

    def hand(self, letter: Letter) -> None:
        """File this, soon, after all that was handed in before; from one thread only."""
        if self._handed - self._dealt_with > MOST_WAITING:
            self._say_done(letter, None)
            return
        self._handed += letter.size
        self._inbox.put(letter)

    def _run(self) -> None:
        found: list[Letter | None] = []
        while None not in found:
            found = [self._inbox.get()]
            while len(found) < MOST and not self._inbox.empty():
                found.append(self._inbox.get())
            self._file([letter for letter in found if letter is not None])
            self._dealt_with += sum(letter.size for letter in found if letter is not None)

    def _file(self, letters: Sequence[Letter]) -> None:
        """One that cannot be filed must not keep the others out."""
        try:
            acks = self._filed(letters)
        except Exception as error:  # noqa: BLE001
            if len(letters) == 1:
                with log_lines.hearing(letters[0].device):
                    _log.exception("could not file what %s said", letters[0].device)
                self._say_done(letters[0], None)
            else:
                _log.warning("filing %d letters one by one: %s", len(letters), error)
                for letter in letters:
                    self._file([letter])
        else:
            for letter, ack in zip(letters, acks, strict=True):
                self._say_done(letter, ack)

    def _say_done(self, letter: Letter, ack: Ack | None) -> None:
        with log_lines.hearing(letter.device):
            try:
                letter.done(ack)
            except Exception:  # noqa: BLE001
                _log.exception("could not answer %s", letter.device)

    def _filed(self, letters: Sequence[Letter]) -> list[Ack | None]:
        reports = [(letter.device, letter.said) for letter in letters if isinstance(letter.said, Report)]
        statuses = [(letter.device, letter.said) for letter in letters if isinstance(letter.said, Status)]
        acks = iter(self._cabinet.file_reports(reports) if reports else [])
        if statuses:
            self._cabinet.file_statuses(statuses)
        return [next(acks) if isinstance(letter.said, Report) else None for letter in letters]
