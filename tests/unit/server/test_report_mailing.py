"""When a report that is sent by e-mail is due, and what was typed.

Imported by pytest alone.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import DAY, HOUR, at_civil
from server.export import Format
from server.period import Every, Period
from server.report_mailing import AT_MINUTE, MailingFault, ReportMailing, due, leaves_at, next_after, understood


def mailing(every: Every = Every.month, day: int = 5, made: date = date(2026, 1, 10)) -> ReportMailing:
    return ReportMailing("bc-1", "xa", every, (Format.pdf,), day, ("a@b.vn",), "vi", "quantri", at_civil(made, 0))


@pytest.mark.parametrize(
    ("every", "at", "period"),
    [
        (Every.month, date(2026, 2, 4), None),  # what ended before it was ordered, is not sent for now
        (Every.month, date(2026, 2, 6), "2026-01"),
        (Every.month, date(2026, 3, 4), "2026-01"),
        (Every.month, date(2027, 1, 6), "2026-12"),
        (Every.quarter, date(2026, 4, 4), None),
        (Every.quarter, date(2026, 4, 6), "2026-Q1"),
        (Every.quarter, date(2026, 7, 4), "2026-Q1"),
        (Every.quarter, date(2027, 1, 6), "2026-Q4"),
    ],
)
def test_the_period_that_has_ended_is_due_on_its_day(every: Every, at: date, period: str | None) -> None:
    found = due(mailing(every), at_civil(at, 12 * 60))
    assert (found.text if found else None) == period


def test_it_leaves_in_the_morning_and_not_before() -> None:
    leaves = leaves_at(mailing(), Period(2026, 1))
    assert leaves == at_civil(date(2026, 2, 5), AT_MINUTE)
    assert due(mailing(), leaves - 1) is None
    assert due(mailing(), leaves) == Period(2026, 1)


@given(st.sampled_from(Every), st.integers(1, 28), st.integers(0, 2_000), st.integers(0, 23))
def test_what_is_due_has_left_and_what_is_next_has_not(every: Every, day: int, days: int, hours: int) -> None:
    wanted, now = mailing(every, day), at_civil(date(2026, 1, 10), 0) + days * DAY + hours * HOUR
    coming, found = next_after(wanted, now), due(wanted, now)
    assert leaves_at(wanted, coming) > now
    assert leaves_at(wanted, coming.last) <= now
    assert found in (None, coming.last)
    assert found is not None or leaves_at(wanted, coming.last) < wanted.made_at


def test_what_was_typed_is_understood_or_named() -> None:
    order = understood("quarter", ["csv", "pdf", "exe"], " 28 ", "a@b.vn, c@d.vn\n a@b.vn;e@f.vn")
    assert (order.every, order.formats, order.day) == (Every.quarter, (Format.pdf, Format.csv), 28)
    assert (order.addresses, order.faults) == (("a@b.vn", "c@d.vn", "e@f.vn"), frozenset())
    wrong = understood("", [], "29", "a@b.vn nobody x@y\r\nBcc:z@z.vn")
    assert wrong.faults == {MailingFault.no_address, MailingFault.no_day, MailingFault.no_format}
    assert "nobody" in wrong.wrong
    many = understood("month", ["pdf"], "1", " ".join(f"a{n}@b.vn" for n in range(21)))
    assert many.faults == {MailingFault.too_many}
    assert understood("month", ["pdf"], "1", "").faults == {MailingFault.no_address}
