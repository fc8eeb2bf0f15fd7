"""How the server is: what it needs to do its work and does not have, and figures for who watches over it. A use case.

Imported by the web, the metrics and tests.
"""

import enum
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from schedules.clock import DAY, UtcMs
from server.ledger import SILENT_AFTER
from server.repositories.store import Stores
from server.repositories.tallies import Plays

LEAST_FREE = 200_000_000
"""Bytes: below, recordings and reports may soon find no room."""


class Want(enum.Enum):
    """What keeps the server from its work."""

    database = "database"
    broker = "broker"
    disk = "disk"


class Figures(msgspec.Struct, frozen=True):
    """As of one moment. `plays`: of the last day; `source_at`: when the source-information system last answered, 0 for
    never, `source_well`: whether it did so the last time."""

    loudspeakers: dict[str, int]
    plays: Plays
    waiting: int
    source_at: UtcMs
    source_well: bool


def wants(stores: Stores, linked: Callable[[], bool], folder: Path) -> tuple[Want, ...]:
    """What is missing, in order; nothing: it is ready."""
    found = []
    try:
        with stores.open() as store:
            store.tallies.answers()
    except Exception:  # noqa: BLE001 - each database has faults of its own
        found.append(Want.database)
    if not linked():
        found.append(Want.broker)
    if free_bytes(folder) < LEAST_FREE:
        found.append(Want.disk)
    return tuple(found)


def free_bytes(folder: Path) -> int:
    """Of the disk with the data; 0 where nobody can say."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def figures(stores: Stores, now: UtcMs) -> Figures:
    """Counted now."""
    with stores.open() as store:
        standing = store.sources.standing()
        return Figures(
            store.tallies.loudspeakers(now),
            store.tallies.plays(now - DAY, now, now - SILENT_AFTER),
            store.tallies.waiting(now),
            standing.done_at,
            not standing.fault,
        )
