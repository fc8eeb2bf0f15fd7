"""Questions about a log of millions of rows are answered by an index, as SQLite itself says how it would go about them.

Nobody imports this module.
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from schedules.clock import DAY, HOUR, civil_midnight
from server.repositories.logbook import LogFilter
from server.repositories.store import Store, Stores
from tests.store.stage import NOW, on_air

TODAY = civil_midnight(NOW)
QUARTER = LogFilter(("/",), TODAY - 90 * DAY, TODAY + DAY)


def plan(stores: Stores, ask: Callable[[Store], object]) -> str:
    """How the database answers, a line for each table that it looks at."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        asked.append((statement, given))

    engine = stores._engine
    event.listen(engine, "before_cursor_execute", note)
    with stores.open() as store:
        ask(store)
    event.remove(engine, "before_cursor_execute", note)
    assert asked
    with engine.connect() as connection:
        rows = [connection.exec_driver_sql(f"explain query plan {each}", given).all() for each, given in asked]
    return "\n".join(str(row[-1]) for some in rows for row in some)


QUESTIONS: tuple[tuple[Callable[[Store], object], str], ...] = (
    (lambda store: store.concerns.unreported(NOW - 7 * DAY, NOW), "ix_planned_play_open"),
    (lambda store: store.concerns.sounded(TODAY - DAY, TODAY), "ix_planned_play_time"),
    (lambda store: store.logbook.count(_wanted(language="vi", missing="mww")), "ix_planned_play_missing"),
    (lambda store: store.logbook.lines(_wanted(language="vi", missing="mww")), "ix_planned_play_missing"),
    (lambda store: store.logbook.count(QUARTER), "COVERING INDEX ix_daily_play_day"),
    (lambda store: store.logbook.count(_wanted(language="vi")), "COVERING INDEX ix_daily_language_language"),
    (lambda store: store.airings.sounded(_commune(store), NOW - 30 * DAY, NOW, 9), "ix_planned_play_commune"),
    (lambda store: store.airings.first(_commune(store), NOW), "ix_planned_play_commune"),
    (lambda store: store.airings.titles(_commune(store), NOW - 30 * DAY, NOW), "SEARCH daily_sound"),
    (lambda store: store.logbook.awaited([f"ps@{NOW}"], ["/"]), "ix_planned_play_time"),
    (lambda store: store.logbook.next_due(["/"], NOW, NOW + DAY, 5), "ix_planned_play_time"),
    (lambda store: store.reporting.tallies(["/"], TODAY - 30 * DAY, TODAY, NOW), "ix_planned_play_open"),
    (lambda store: store.reporting.sounds(["/"], TODAY - 30 * DAY, TODAY), "ix_daily_sound_day"),
)
"""Each with the index that answers it."""


@pytest.mark.parametrize(("ask", "index"), QUESTIONS)
def test_a_question_about_the_log_is_answered_by_an_index(
    stores: Stores, ask: Callable[[Store], object], index: str
) -> None:
    on_air(stores, NOW + HOUR)
    found = plan(stores, ask)
    assert index in found
    assert "SCAN planned_play" not in found
    assert "SCAN daily_" not in found


def _wanted(**more: str) -> LogFilter:
    return LogFilter(QUARTER.paths, QUARTER.since, QUARTER.until, **more)


def _commune(store: Store) -> str:
    return next(iter(store.places.communes().values()))
