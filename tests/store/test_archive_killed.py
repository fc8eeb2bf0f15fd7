"""Who moves months of the log is killed at any moment: each row counts in exactly one place, and the next run goes on.

Imported by `test_postgres`, which runs these again there.
"""

import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from server.archive import Fault, PartState
from server.archiving import Archivist
from server.repositories.store import Stores, engine_of
from tests.store.stage import playback
from tests.store.test_archive import LATER, all_of, archivist, house, in_database

__all__ = ["house"]
STEP = 11
"""Statements and commits between two kills: the whole move is about three hundred of them."""


def killed(stores: Stores, after: int, act: Callable[[Archivist], object]) -> bool:
    """Do this in a process that is killed at its `after`th word to a database; whether it was killed."""
    stores._engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            _die_at(stores, after, act)
        finally:
            os._exit(9)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def _die_at(stores: Stores, after: int, act: Callable[[Archivist], object]) -> None:
    engine = engine_of(stores._engine.url.render_as_string(hide_password=False))
    said = itertools.count(1)

    def speak(*_: object) -> None:
        if next(said) == after:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(engine, name, speak)
    act(archivist(Stores(engine, stores.archive), portion=20))
    os._exit(0)


def test_killed_at_any_moment_nothing_is_lost_or_doubled(house: Stores) -> None:
    before, there = all_of(house), in_database(house)
    kills = 0
    # Each run is killed a little later than the one before it, measured from where that one has come to.
    for after in itertools.count(5, STEP):
        if not killed(house, after, lambda archivist: archivist.archive(3)):
            break
        kills += 1
        assert all_of(house) == before, after
    assert kills > 5
    assert in_database(house) == 0
    assert {fault for _, fault in archivist(house).verify()} == {None}
    with house.open() as store:
        parts = store.archive.parts()
        assert {part.state for part in parts} == {PartState.moved}
        assert sum(part.rows for part in parts) == there
    for after in itertools.count(5, STEP):
        if not killed(house, after, lambda archivist: [archivist.restore(part.month) for part in parts]):
            break
        assert all_of(house) == before, after
    assert (in_database(house), all_of(house)) == (there, before)


def test_what_comes_late_between_two_portions_is_told(house: Stores) -> None:
    """The file holds all rows of its month already, and counts for some of them only."""
    for first in (60, 5):  # until the file is there, then until the first rows have left
        for after in itertools.count(first, 3):
            assert killed(house, after, lambda archivist: archivist.archive(3))
            if _moving(house, begun=first == 5):
                break
    with Stores(house._engine).open() as store:
        rows = [(row["loudspeaker"], row["occurrence"]) for row, _ in store.archive.rows(0, LATER, None, 5)]
    with house.open() as store:
        loudspeaker, occurrence = next(key for key in rows if store.logbook.reported(*key))
        told = len(store.logbook.reported(loudspeaker, occurrence))
        store.logbook.file(loudspeaker, "j", playback(occurrence, 900), LATER)
    with house.open() as store:
        assert len(store.logbook.reported(loudspeaker, occurrence)) == told + 1
    archivist(house).archive(3)
    with house.open() as store:
        assert len(store.logbook.reported(loudspeaker, occurrence)) == told + 1
        assert store.summary.recount() == []


def _moving(stores: Stores, *, begun: bool) -> bool:
    """There is a whole file; `begun`: some of its rows count there, and others still in the database."""
    with stores.open() as store:
        return any(part.state is PartState.moving and (part.moved > 0) >= begun for part in store.archive.parts())


@pytest.mark.parametrize("half", [b"", b"half a file"])
def test_a_file_that_nobody_knows_of_is_left_over(house: Stores, half: bytes) -> None:
    before = all_of(house)
    assert house.archive is not None
    house.archive.mkdir()
    (house.archive / "2026-11.db").write_bytes(half)
    (house.archive / "2026-11.db.new").write_bytes(half)
    archivist(house).archive(3)
    assert all_of(house) == before
    assert Fault.changed not in {fault for _, fault in Archivist(house, Path(house.archive), lambda: LATER).verify()}
