"""Telling: when a loudspeaker says how it is. Pure.

Imported by `loudspeaker` only, which knows what there is to say.
"""

import msgspec

from device_agent.actions import Action, PublishStatus
from schedules.clock import SECOND, DurationMs, MonoMs, Now
from schedules.wire import STATUS_EVERY, Status

STATUS_APART: DurationMs = 5 * SECOND
"""A hundred clips that come one after the other, or a hundred bad messages, are not worth a hundred statuses."""


class Told(msgspec.Struct, frozen=True):
    """`said`: the status published last on this link, None before the first; `said_at`: when; `say_at`: when to say it
    again in any case; `number`: how many this run has published."""

    said: Status | None = None
    said_at: MonoMs = 0
    say_at: MonoMs = 0
    number: int = 0


def linked_again(told: Told, now: Now) -> Told:
    """A fresh link: whatever is remembered of this loudspeaker, its last will may have overwritten it."""
    return msgspec.structs.replace(told, said=None, say_at=now.mono)


def unlinked(told: Told) -> Told:
    """Nothing can be said."""
    return msgspec.structs.replace(told, said=None)


def say(told: Told, status: Status, now: Now) -> tuple[Told, list[Action]]:
    """The status, if it must be published now."""
    fresh, due = _news_of(status), now.mono >= told.say_at
    if not due and told.said == fresh:
        return told, []
    soon = told.said_at + STATUS_APART
    if not due and now.mono < soon and (told.said is None or _without_trifles(told.said) == _without_trifles(fresh)):
        return msgspec.structs.replace(told, say_at=min(told.say_at, soon)), []
    say_at = now.mono + STATUS_EVERY if due else told.say_at
    number = told.number + 1
    told = Told(fresh, now.mono, say_at, number)
    return told, [PublishStatus(msgspec.structs.replace(status, number=number))]


def _news_of(status: Status) -> Status:
    """A status without what changes all the time: a change in these alone is no news. Of refusals, a cause that is
    new is news, and twice as many as were told: who sends a thousand messages must not have them paid for a thousand
    times."""
    refused = {cause: count.bit_length() for cause, count in status.refused.items()}
    vitals = msgspec.structs.replace(status.vitals, temperature=None, battery=None, signal=None)
    status = msgspec.structs.replace(
        status, vitals=vitals, bound_ms=0, disk_free_bytes=0, at=0, number=0, data_today=0, data_month=0
    )
    return msgspec.structs.replace(status, refused=refused)


def _without_trifles(status: Status) -> Status:
    """What can wait a little, because more of it may follow."""
    return msgspec.structs.replace(status, clips_missing=(), refused={})
