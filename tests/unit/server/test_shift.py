"""Moving what recurs: from one instant to another, as a whole.

Imported by pytest alone.
"""

from datetime import date

import pytest

from schedules.clock import UtcMs, at_civil
from schedules.lunar import lunar_of
from schedules.recurrence import Again, Daily, EveryDays, Hourly, Lunar, Monthly, Once, Recurrence, Weekly, occurrences
from server.shift import Unmovable, moved

FIRST = date(2026, 12, 1)  # a Tuesday
FIVE, SIX = 5 * 60, 6 * 60


def at(day: int, minute: int = FIVE) -> UtcMs:
    return at_civil(date(2026, 12, day), minute)


MOVES: list[tuple[Recurrence, UtcMs, UtcMs, Recurrence | Unmovable | None]] = [
    (Once(at(4)), at(4), at(6, SIX), Once(at(6, SIX))),
    (Once(at(4)), at(5), at(6), None),
    (Daily(FIVE, FIRST), at(4), at(4, SIX), Daily(SIX, FIRST)),
    (Daily(FIVE, FIRST), at(4), at(5), Unmovable.every_day),
    (Daily(FIVE, FIRST), at(4, SIX), at(4), None),
    (Weekly((1, 3), FIVE, FIRST), at(3), at(4, SIX), Weekly((1, 4), SIX, FIRST)),
    (Weekly((1, 3), FIVE, FIRST), at(3), at(1), Unmovable.taken),
    (Weekly((1, 3), FIVE, FIRST), at(3), at(3, SIX), Weekly((1, 3), SIX, FIRST)),
    (Monthly((10,), FIVE, FIRST), at(10), at(12), Monthly((12,), FIVE, FIRST)),
    (Monthly((31,), FIVE, date(2026, 11, 1)), at_civil(date(2026, 11, 30), FIVE), at(2), Unmovable.no_such_day),
    (EveryDays(6, FIVE, FIRST), at(7), at(8, SIX), EveryDays(6, SIX, date(2026, 12, 2))),
    (Hourly(FIVE, SIX, FIRST, date(2026, 12, 9)), at(4), at(4, SIX), Unmovable.campaign),
    (Again(Once(at(4)), (10, 20)), at(4, FIVE + 10), at(4, SIX + 10), Again(Once(at(4, SIX)), (10, 20))),
    (Again(Daily(FIVE, FIRST), (10,)), at(4), at(4, SIX), Again(Daily(SIX, FIRST), (10,))),
    (Again(Hourly(FIVE, SIX, FIRST, date(2026, 12, 9)), (10,)), at(4), at(4, SIX), Unmovable.campaign),
]


@pytest.mark.parametrize(("rule", "before", "after", "wanted"), MOVES)
def test_what_is_moved_is_due_at_the_new_time_or_says_why_not(
    rule: Recurrence, before: UtcMs, after: UtcMs, wanted: Recurrence | Unmovable | None
) -> None:
    found = moved(rule, before, after)
    assert found == wanted
    if found is not None and not isinstance(found, Unmovable):
        assert occurrences(found, after, after + 1) == (after,)


def test_a_day_of_the_moon_moves_by_the_moon() -> None:
    full = next(day for day in range(1, 31) if lunar_of(date(2026, 12, day)).day == 15)
    rule = Lunar((1, 15), FIVE, FIRST)
    assert moved(rule, at(full), at(full - 1, SIX)) == Lunar((1, 14), SIX, FIRST)
    in_months = Lunar((15,), FIVE, FIRST, months=(lunar_of(date(2026, 12, full)).month,))
    assert moved(in_months, at(full), at(full - 20)) is Unmovable.no_such_day


def test_one_of_several_rules_that_cannot_be_moved_tells_its_own_reason() -> None:
    assert moved(Again(Daily(FIVE, FIRST), (10,)), at(4), at(5)) is Unmovable.every_day
