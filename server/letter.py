"""Letters: messages on their way out of the server, and when one that could not be delivered is tried again. Pure.

Imported by the use cases, the repository and the shells that send. A letter is written in the transaction of what it
tells and stays until it is delivered or given up, so that it may be sent twice, and is never lost; its id stays the
same, so that whoever gets it twice can tell.
"""

import enum

import msgspec

from schedules.clock import DAY, HOUR, SECOND, DurationMs, UtcMs
from server.notice import Event, NoticeKind
from server.notice_choice import Way

FIRST_PAUSE: DurationMs = 30 * SECOND
LONGEST_PAUSE: DurationMs = 1 * HOUR
GIVEN_UP_AFTER: DurationMs = 3 * DAY
LONGEST_REASON = 300


class Fate(enum.Enum):
    """What came of trying to deliver one."""

    delivered = "delivered"
    gone = "gone"  # nobody is there any more, and will not be
    later = "later"
    refused = "refused"  # it will never be taken


class LetterState(enum.Enum):
    """Where a letter is."""

    waiting = "waiting"
    delivered = "delivered"
    given_up = "given_up"
    dropped = "dropped"  # it was read in the page, or switched off, before it left


class Letter(msgspec.Struct, frozen=True):
    """A message to one recipient: a subscription of a browser, a person's address, or a webhook, by its id. `notice`:
    the number of the notice that it tells, 0 for a webhook; `due`: not before then; `tries`: so far; `why`: what went
    wrong the last time."""

    id: str
    way: Way
    to: str
    event: Event
    made_at: UtcMs
    due: UtcMs
    notice: int = 0
    tries: int = 0
    state: LetterState = LetterState.waiting
    ended_at: UtcMs = 0
    why: str = ""

    @property
    def kind(self) -> NoticeKind:
        """What it tells."""
        return self.event.kind


def after_try(letter: Letter, fate: Fate, why: str, now: UtcMs) -> Letter:
    """The letter once it has been tried."""
    tried = msgspec.structs.replace(letter, tries=letter.tries + 1, why=why[:LONGEST_REASON])
    if fate is Fate.delivered:
        return msgspec.structs.replace(tried, state=LetterState.delivered, ended_at=now, why="")
    if fate in (Fate.gone, Fate.refused) or now - letter.made_at >= GIVEN_UP_AFTER:
        return msgspec.structs.replace(tried, state=LetterState.given_up, ended_at=now)
    return msgspec.structs.replace(tried, due=now + pause(letter.tries))


def pause(tries: int) -> DurationMs:
    """How long to wait after so many failures before this one: twice as long each time, up to an hour."""
    return min(FIRST_PAUSE << min(tries, 10), LONGEST_PAUSE)
