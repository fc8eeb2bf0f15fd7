"""The playback: one line of the log, from the loudspeaker that played, or says why it did not.

Anybody may import this room. The words for outcomes and reasons stand at the edge, in the user's language.
"""

import enum

import msgspec

from schedules.clock import SECOND, ClockTrust, DurationMs, UtcMs

LATE_AFTER: DurationMs = 10 * SECOND
"""A start later than this after its planned instant is `late`, not `played`."""


class Outcome(enum.Enum):
    """How a planned play ended. `unknown` is what an overseer sees before a report came, and what an older
    program makes of a word it does not know."""

    played = "played"
    late = "late"
    cut = "cut"
    skipped = "skipped"
    missed = "missed"
    failed = "failed"
    unknown = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "Outcome":
        return cls.unknown


class Reason(enum.Enum):
    """Why. Where another occurrence is the cause, it stands beside the reason, in `other`."""

    none = "none"
    delayed = "delayed"  # another one was sounding, or had the better right to this time
    displaced = "displaced"  # another one took the time, and later would have been too late
    cut_in = "cut_in"  # another one of a higher class came while it sounded
    quiet_hours = "quiet_hours"
    runs_into_quiet_hours = "runs_into_quiet_hours"
    suspended = "suspended"  # a place wants silence on this day: exams, mourning
    too_long = "too_long"  # longer than any play may be here
    rest = "rest"  # there must be a rest between another one and it
    daily_limit = "daily_limit"  # all that may sound here in a day has sounded, or is planned with a better right
    no_language = "no_language"  # no clip in any language of this loudspeaker
    language_missing = "language_missing"  # sounded, but not in all languages of this loudspeaker
    clip_incomplete = "clip_incomplete"
    clock_untrusted = "clock_untrusted"
    not_running = "not_running"  # no power, or the agent was stopped
    restarted = "restarted"  # the agent stopped in mid-play
    arrived_late = "arrived_late"  # the programme or a clip came after the planned start
    withdrawn = "withdrawn"
    card_missing = "card_missing"
    card_lost = "card_lost"
    file_unreadable = "file_unreadable"
    unknown = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "Reason":
        return cls.unknown


class Evidence(enum.Enum):
    """The evidence ladder: the highest rung that the loudspeaker can prove, lowest first."""

    nothing = "nothing"
    told = "told"
    stored = "stored"
    decoded = "decoded"
    counted = "counted"
    level = "level"
    heard = "heard"
    unknown = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "Evidence":
        return cls.unknown


_LADDER = tuple(Evidence)


def higher(one: Evidence, other: Evidence) -> Evidence:
    """The higher of two rungs; what is unknown proves nothing."""
    return max((one, other), key=lambda rung: -1 if rung is Evidence.unknown else _LADDER.index(rung))


class Playback(msgspec.Struct, frozen=True):
    """One planned play at one loudspeaker. `sequence` numbers the closed ones in the journal (0 while open).
    `due_ms` is how long all its sound is, `sounded_ms` how much of it left the card (None: not known, as after
    a power cut); `missing` lists the loudspeaker's languages that did not sound; `trust` and `bound_ms` say
    how far `started` and `ended` can be believed; `offline` is true when it ended with no link to the server.
    `volume`: per cent at which it sounded (0: not told); `lowered_from`: what was asked for, where the ceiling of
    the hour was lower (0: it was not); `seal`: of the approval that it sounded by, or was to; `without`: clips that
    were to sound before or behind the words, and did not."""

    sequence: int
    occurrence: str
    broadcast: str
    bulletin: str
    planned: UtcMs
    outcome: Outcome
    reason: Reason = Reason.none
    other: str = ""
    started: UtcMs | None = None
    ended: UtcMs | None = None
    due_ms: DurationMs = 0
    sounded_ms: DurationMs | None = 0
    clips: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    evidence: Evidence = Evidence.told
    trust: ClockTrust = ClockTrust.unknown
    bound_ms: DurationMs = 0
    offline: bool = False
    volume: int = 0
    lowered_from: int = 0
    seal: str = ""
    without: tuple[str, ...] = ()
