"""Reports that go out by e-mail on a day of the month: what somebody has ordered, and when which period is due. Pure.

Imported by the repositories, the use cases, the pages and tests.
"""

import enum

import msgspec

from schedules.clock import MINUTE, DurationMs, UtcMs, at_civil
from server.export import Fault, Format
from server.letter import LetterState
from server.notice_choice import is_address
from server.period import Every, Period, current

MOST_ADDRESSES = 20
LAST_DAY = 28
"""Every month has it."""
AT_MINUTE = 7 * 60
FORMATS = (Format.pdf, Format.tables, Format.csv, Format.excel, Format.log)
KEPT: DurationMs = 92 * 24 * 60 * MINUTE
"""So long the files of a sending lie here, for who comes by a link."""


class ReportMailing(msgspec.Struct, frozen=True):
    """The report of an area goes to these addresses each month or quarter, on a day of the month that follows.
    `language`: of the message and of what is no PDF; `made_by`: who ordered it, by whose rights it is written."""

    id: str
    area: str
    every: Every
    formats: tuple[Format, ...]
    day: int
    addresses: tuple[str, ...]
    language: str
    made_by: str
    made_at: UtcMs
    ended_at: UtcMs = 0


class Dispatch(msgspec.Struct, frozen=True):
    """A report of a period to one address. `letter`: the id of what takes it there; `fault`: why there is none;
    `state`, `why`: of that letter."""

    mailing: str
    period: str
    address: str
    letter: str
    fault: str
    at: UtcMs
    state: LetterState | None = None
    why: str = ""

    @property
    def failed(self) -> bool:
        """Whether it will not arrive by itself."""
        return bool(self.fault) or self.state is LetterState.given_up

    @property
    def reason(self) -> Fault | None:
        """Why its files could not be written."""
        return next((each for each in Fault if each.value == self.fault), None)


class MailingFault(enum.Enum):
    """What is wrong with what was typed."""

    no_address = "no_address"
    too_many = "too_many"
    no_day = "no_day"
    no_format = "no_format"


class Order(msgspec.Struct, frozen=True):
    """What was typed, and understood of it."""

    every: Every
    formats: tuple[Format, ...]
    day: int
    addresses: tuple[str, ...]
    faults: frozenset[MailingFault] = frozenset()
    wrong: tuple[str, ...] = ()


def understood(every: str, formats: list[str], day: str, addresses: str) -> Order:
    """The order that was typed; `wrong`: what is no address."""
    typed = tuple(dict.fromkeys(addresses.replace(",", " ").replace(";", " ").split()))
    wrong = tuple(each for each in typed if not is_address(each))
    chosen = tuple(each for each in FORMATS if each.value in formats)
    number = int(day) if day.strip().isdecimal() and len(day.strip()) < 3 else 0
    faults = {
        MailingFault.no_address: bool(wrong) or not typed,
        MailingFault.too_many: len(typed) > MOST_ADDRESSES,
        MailingFault.no_day: not 1 <= number <= LAST_DAY,
        MailingFault.no_format: not chosen,
    }
    wanted = Every.quarter if every == Every.quarter.value else Every.month
    return Order(wanted, chosen, number, typed, frozenset(each for each, is_so in faults.items() if is_so), wrong)


def leaves_at(mailing: ReportMailing, period: Period) -> UtcMs:
    """When the report of a period is sent: on its day of the month that follows."""
    return at_civil(period.next.first.replace(day=mailing.day), AT_MINUTE)


def next_after(mailing: ReportMailing, now: UtcMs) -> Period:
    """The period whose report is sent next."""
    period = current(now, mailing.every).last
    return period if leaves_at(mailing, period) > now else period.next


def due(mailing: ReportMailing, now: UtcMs) -> Period | None:
    """The newest period whose report should have left by now; None where none has since it was ordered: a server that
    was away sends the last one, and not a pile."""
    if mailing.ended_at:
        return None
    period = next_after(mailing, now).last
    return period if leaves_at(mailing, period) >= mailing.made_at else None
