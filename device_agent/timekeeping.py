"""What time it is at a loudspeaker without a clock of its own, and how sure that is. Pure.

Imported by `system_clock` and tests. The rules, best first:
1. The server's signed answer, measured over the link, says what time it is. A system clock that NTP holds and that
   agrees with it is used as it is: it is finer than a round trip. So is one that nobody holds, where it is the same
   anyhow. One that disagrees is not followed, whatever it claims.
2. Without an answer, a system clock that the kernel says is synchronised (NTP), then one set from a clock chip.
3. A system clock that is at least later than the last instant this loudspeaker remembers is a guess.
4. Anything else is no clock at all.
"""

import msgspec

from schedules.clock import HOUR, MINUTE, ClockTrust, DurationMs, MonoMs, Now, UtcMs
from schedules.wire import TimeAnswer

AGREES: DurationMs = 100
"""A system clock that NTP holds, this near to the server's answer (or within its bound), is the same time."""
AGREES_BY_CHANCE: DurationMs = 5
"""The same for one that nobody holds: it runs away like the clock that the answer is kept by, from another instant."""
DRIFT_PPM = 50
"""The worst quartz of a Raspberry Pi between two answers."""
TRUSTED_BOUND: DurationMs = 1 * MINUTE
"""A bound wider than this is a guess: five hundred hours of drift."""
RTC_BOUND: DurationMs = 10_000
ANSWER_AGES: DurationMs = 1 * HOUR
"""After this, a newer answer is taken even if the older one was more exact."""
LONGEST_ROUND_TRIP: DurationMs = 20_000


class Reading(msgspec.Struct, frozen=True):
    """The clocks of this machine in one instant. `synchronised`: the kernel says that NTP holds its clock within
    `bound_ms`; `has_rtc`: the system clock was set from a clock chip at boot."""

    system: UtcMs
    mono: MonoMs
    synchronised: bool = False
    bound_ms: DurationMs = 0
    has_rtc: bool = False


class Timekeeping(msgspec.Struct, frozen=True):
    """`offset`: server time minus monotonic time, measured at `measured` within ± `bound_ms`; None before the
    first answer. `remembered`: an instant that is certainly past. `question` and `asked`: the nonce of the open
    question, and when it was asked: by this loudspeaker's own memory, for who carries a question could change it."""

    remembered: UtcMs = 0
    offset: DurationMs | None = None
    bound_ms: DurationMs = 0
    measured: MonoMs = 0
    question: str = ""
    asked: MonoMs = 0


def asked(keeping: Timekeeping, nonce: str, mono: MonoMs) -> Timekeeping:
    """A question is on its way; an older one will not be heeded any more."""
    return msgspec.structs.replace(keeping, question=nonce, asked=mono)


def learnt(keeping: Timekeeping, answer: TimeAnswer, mono: MonoMs) -> Timekeeping:
    """The server's answer to the open question, received now. It is taken if it is more exact than what is known
    by now, or if that is old."""
    round_trip = mono - keeping.asked
    if not keeping.question or answer.nonce != keeping.question or not 0 <= round_trip <= LONGEST_ROUND_TRIP:
        return keeping
    keeping = msgspec.structs.replace(keeping, question="")
    bound = round_trip // 2 + 1
    fresh = keeping.offset is not None and mono - keeping.measured < ANSWER_AGES
    if fresh and bound > _bound_now(keeping, mono):
        return keeping
    offset = answer.server + round_trip // 2 - mono
    return msgspec.structs.replace(keeping, offset=offset, bound_ms=bound, measured=mono)


def now(keeping: Timekeeping, reading: Reading) -> Now:
    """The time by the rules above."""
    if keeping.offset is not None:
        return _by_server(keeping, keeping.offset, reading)
    if reading.synchronised:
        return Now(reading.system, reading.mono, ClockTrust.ntp, reading.bound_ms)
    if reading.has_rtc and reading.system >= keeping.remembered:
        return Now(reading.system, reading.mono, ClockTrust.rtc, RTC_BOUND)
    trust = ClockTrust.guessed if reading.system >= keeping.remembered > 0 else ClockTrust.none
    return Now(reading.system, reading.mono, trust, 0)


def _by_server(keeping: Timekeeping, offset: DurationMs, reading: Reading) -> Now:
    utc = reading.mono + offset
    bound = _bound_now(keeping, reading.mono)
    difference = abs(reading.system - utc)
    if difference <= (max(bound, AGREES) if reading.synchronised else min(bound, AGREES_BY_CHANCE)):
        utc = reading.system
        bound += difference
    trust = ClockTrust.server if bound <= TRUSTED_BOUND else ClockTrust.guessed
    return Now(utc, reading.mono, trust, bound)


def _bound_now(keeping: Timekeeping, mono: MonoMs) -> DurationMs:
    return keeping.bound_ms + (mono - keeping.measured) * DRIFT_PPM // 1_000_000
