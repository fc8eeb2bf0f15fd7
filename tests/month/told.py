"""What people were told in a month: whether every silence that was worth it was raised once and ended, nothing else was,
and how many messages a day that made for one person.

Imported by the command and tests of this folder.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from schedules.clock import DAY, HOUR, MINUTE, DurationMs, UtcMs, civil_day
from server.concern import Concern, ConcernKind, ConcernRules
from server.notice import NoticeKind
from tests.month.box import Box
from tests.month.fault import EVERYBODY
from tests.month.month import Month

RULES = ConcernRules()
SLACK: DurationMs = HOUR
"""From what happens to its status; after an outage of the server also the watcher's patience."""
MOST_LISTED = 1_000_000
_CONCERNS = frozenset({NoticeKind.concern_raised, NoticeKind.concern_escalated, NoticeKind.concern_cleared})
_SILENT_FOR: DurationMs = (RULES.silent_h or 0) * HOUR


class Told(NamedTuple):
    """`missed`: silences that nobody was told of; `doubled`: told of twice; `groundless`: concerns of silence without
    one; `open`: not ended though it was over; `upward`: of those unacknowledged for a day, how many went up, of how
    many; `per_day`: of each person and day on which they were told anything, how many messages."""

    raised: int
    missed: int
    doubled: int
    groundless: int
    open: int
    upward: tuple[int, int]
    per_day: Counter[int]
    busiest: tuple[str, int]

    @classmethod
    def of(cls, month: Month) -> "Told":
        """Of a month that has been lived through."""
        with month.stores.open() as store:
            concerns = [*store.concerns.standing(), *store.concerns.below("/", MOST_LISTED, ended=True)]
            people = [account.id for account in store.staff.accounts()]
            notices = {staff: store.notices.of(staff, MOST_LISTED) for staff in people}
        slack = slack_of(month)
        silent = [concern for concern in concerns if concern.kind is ConcernKind.silent]
        by_place: dict[str, list[Concern]] = {}
        for concern in silent:
            by_place.setdefault(concern.place, []).append(concern)
        missed = doubled = groundless = still = 0
        for box in month.boxes:
            mine = by_place.get(box.traits.device, [])
            spans = _silences(box, month.end)
            for since, until in spans:
                found = [c for c in mine if since <= c.raised_at <= until + slack]
                missed += not found and _must_be_told(since, until, month)
                doubled += len(found) > 1
                still += any(c.ended_at == 0 or c.ended_at > until + slack for c in found) and _may_end(until, month)
            groundless += sum(not any(s <= c.raised_at <= u + slack for s, u in spans) for c in mine)
        old = [
            c for c in silent if (c.ended_at or month.end) - c.raised_at > DAY + 9 * HOUR
        ]  # a night long none goes up
        told = Counter(
            (staff, civil_day(notice.at).isoformat())
            for staff, many in notices.items()
            for notice in many
            if notice.kind in _CONCERNS
        )
        busiest = max(told.items(), key=lambda each: each[1], default=(("nobody", ""), 0))
        return cls(
            len(silent), missed, doubled, groundless, still, (sum(c.level > 0 for c in old), len(old)),
            Counter(told.values()), (" ".join(busiest[0]), busiest[1]),
        )  # fmt: skip

    def table(self) -> Iterable[str]:
        """For a person."""
        yield (
            f"silences raised: {self.raised}; missed {self.missed}, twice {self.doubled}, groundless {self.groundless}, "
            f"not ended {self.open}; told further up {self.upward[0]} of {self.upward[1]}"
        )
        days, messages = self.per_day.total(), sum(number * times for number, times in self.per_day.items())
        yield (
            f"messages about what is wrong: {messages} in all, {messages / max(days, 1):.1f} on a day with any for a person; "
            f"the busiest: {self.busiest[0]}, {self.busiest[1]}"
        )


def slack_of(month: Month) -> DurationMs:
    """The same, and to the watcher's next round."""
    return SLACK + (month.round_every or month.look_every * 3 // 2)


def _silences(box: Box, end: UtcMs) -> list[tuple[UtcMs, UtcMs]]:
    """From when to when it was away; what is back for less than a quarter of an hour has not been seen back."""
    spans = [*box.silences, *([(box.silent_since, end)] if box.silent_since else [])]
    joined: list[tuple[UtcMs, UtcMs]] = []
    for since, until in spans:
        if joined and since - joined[-1][1] < 20 * MINUTE:
            joined[-1] = (joined[-1][0], until)
        else:
            joined.append((since, until))
    return joined


def _must_be_told(since: UtcMs, until: UtcMs, month: Month) -> bool:
    """It lasted for so long into a time that is not quiet, and the server could know."""
    slack = slack_of(month)
    first = since + _SILENT_FOR + slack
    while first < until and (RULES.is_quiet(first) or RULES.is_quiet(first + slack)):
        first += 10 * MINUTE
    deaf = any(f.kind in EVERYBODY and f.begins <= until and since <= f.ends + slack for f in month.faults)
    return first + slack < until and not deaf


def _may_end(until: UtcMs, month: Month) -> bool:
    slack = slack_of(month)
    deaf = any(f.kind in EVERYBODY and f.begins - slack <= until <= f.ends + slack for f in month.faults)
    return until + slack < month.end and not deaf
