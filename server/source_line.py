"""The line to the source-information system: asks every few minutes what has come, and tells what was aired, in a
thread of its own. A shell.

Imported by composition roots and tests. An outage, garbage and repetitions are normal weather: a round that fails
leaves everything as it was, and the next one comes later.
"""

import logging
import threading
from collections.abc import Callable

from schedules.clock import UtcMs
from server import sourcing
from server.repositories.store import Stores
from server.source_system import SourceFault, SourceFaultKind, SourceSystem

PAGES = 50
"""Of one round: what is left comes in the next."""
SLOWEST_S = 3600.0
_log = logging.getLogger("loaban.source")


class SourceLine:
    """`source` is asked every `every_s` seconds; after a failure twice as late, and twice again, up to an hour.
    `changed()` is told when something has come."""

    def __init__(
        self,
        source: SourceSystem,
        stores: Stores,
        clock: Callable[[], UtcMs],
        new_id: Callable[[str], str],
        every_s: float,
        changed: Callable[[], None],
    ) -> None:
        self._source, self._stores, self._clock, self._new_id = source, stores, clock, new_id
        self._every_s, self._changed = every_s, changed
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to ask."""
        self._thread = threading.Thread(target=self._run, name="source", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; a question that is under way ends by itself."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(1)

    def round(self) -> SourceFault | None:
        """Take in what has come, and tell what was aired; what stood against it."""
        try:
            self._fetch()
            self._tell()
        except SourceFault as fault:
            found = fault
        except Exception as error:  # noqa: BLE001 - whatever an adapter does wrong, the server goes on
            _log.exception("the source-information system could not be asked")
            found = SourceFault(SourceFaultKind.senseless, type(error).__name__)
        else:
            return None
        with self._stores.open() as store:
            sourcing.failed(store, found, self._clock())
        _log.warning("source-information system: %s (%s)", found.kind.value, found.says)
        return found

    def _fetch(self) -> None:
        for _ in range(PAGES):
            with self._stores.open() as store:
                cursor = store.sources.standing().cursor
            batch = self._source.fetch(cursor)
            with self._stores.open() as store:
                made = sourcing.take_in(store, batch, self._clock(), self._new_id)
            if made:
                self._changed()
            if not batch.more:
                return

    def _tell(self) -> None:
        with self._stores.open() as store:
            aired = sourcing.to_tell(store, self._clock())
        if aired:
            self._source.report(aired)
            with self._stores.open() as store:
                store.sources.told(aired, self._clock())

    def _run(self) -> None:
        failures = 0
        while not self._over.wait(min(self._every_s * 2**failures, SLOWEST_S) if failures else self._every_s):
            failures = min(failures + 1, 10) if self.round() is not None else 0
