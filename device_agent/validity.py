"""From when until when a certificate holds, judged by a clock that may be wrong. Pure.

Imported by the link, the renewal and the enrolment.

A loudspeaker without a clock wakes in 1970, and every certificate "is not valid yet". If it stayed without a link for
that, it would never learn the time. So a clock that may not judge is not asked: what is known to have passed decides
alone, and a certificate that had ended before that is over. What is said over the link is signed end to end anyway:
whoever gets through with an old certificate of the broker's is where who holds the broker is, and can delay and drop.
"""

import enum

import msgspec

from schedules.clock import HOUR, DurationMs, MonoMs, Now, UtcMs, may_judge_by_clock

AHEAD: DurationMs = 1 * HOUR
"""So far may the clock of who made a certificate be before this one."""
ASK_EVERY: DurationMs = 6 * HOUR


class Validity(msgspec.Struct, frozen=True):
    """Of a certificate."""

    not_before: UtcMs
    not_after: UtcMs


class Doubt(enum.Enum):
    """Why a certificate does not hold."""

    over = "over"
    not_yet = "not_yet"


def doubt(validity: Validity, now: Now, past: UtcMs) -> Doubt | None:
    """Whether it holds now. `past`: an instant that has certainly passed."""
    if may_judge_by_clock(now.trust):
        if now.utc + AHEAD < validity.not_before:
            return Doubt.not_yet
        past = max(past, now.utc)
    return Doubt.over if past > validity.not_after else None


def is_due(validity: Validity, now: Now, asked: MonoMs | None) -> bool:
    """Whether to ask for the next certificate: after two thirds of its life, then every few hours."""
    due = now.utc >= validity.not_before + (validity.not_after - validity.not_before) * 2 // 3
    return due and may_judge_by_clock(now.trust) and (asked is None or now.mono - asked >= ASK_EVERY)
