"""A loudspeaker, told coarsely: no core runs in it; it says what a real one in its state says, when that would. That it
does is shown beside real cores (`test_cores`).

Imported by the month and its tests.
"""

from schedules.clock import DAY, HOUR, MINUTE, ClockTrust, DurationMs, UtcMs, civil_minute
from schedules.playback import Evidence, Outcome, Playback, Reason
from schedules.vitals import Vitals
from schedules.wire import STATUS_EVERY, Report, Status
from tests.month.fault import CUT_OFF, POWER, Fault, Kind, Traits
from tests.village.weather import Dice

BUDGET = 50_000_000
"""Bytes a day."""
FREE, RESERVE = 20_000_000_000, 67_000_000
SOUND_MS = 60_000
NIGHT = (22 * 60, 7 * 60)
"""In which a weak battery behind a panel is empty, from civil minute to minute."""
_DARK = frozenset({Kind.dead_box})


class Box:
    """`faults`: those that last; `powered`, `linked`: as they are now; `spoke_at`: when it said how it is for the last
    time, and so when it will say it again; `silences`: from when to when it had no link."""

    def __init__(self, seed: int, traits: Traits, start: UtcMs) -> None:
        self.traits = traits
        self.faults: set[Fault] = set()
        self.dice = Dice(f"{seed}/{traits.number}/box")
        self.capacity: DurationMs = self.dice.between(4 * HOUR, 24 * HOUR)
        self.powered = self.linked = False
        self.run = self.link = self.number = self.unheard = self.told_unheard = self.sequence = 0
        self.spoke_at = self.off_mains_since = start
        self.fetching_until: UtcMs = 0
        self.twin_speaks = False
        self.retained: tuple[UtcMs, Status] | None = None
        self.untold: list[Playback] = []
        self.silent_since: UtcMs = 0
        self.silences: list[tuple[UtcMs, UtcMs]] = []

    def has(self, *kinds: Kind) -> bool:
        """Whether one of these lasts."""
        return any(fault.kind in kinds for fault in self.faults)

    def has_power(self, now: UtcMs) -> bool:
        """By its mains, or what is left in its battery."""
        if self.has(*_DARK):
            return False
        if self.traits.solar:
            weak_for = max((now - f.begins for f in self.faults if f.kind is Kind.solar_weak), default=0)
            return weak_for < DAY // 2 or not _at_night(now)
        return not self.has(*POWER) or (self.traits.battery and now < self.off_mains_since + self.capacity)

    def has_link(self) -> bool:
        """Its network is there, and lets it in."""
        return not self.has(*CUT_OFF)

    def boot(self) -> None:
        """A new run of its program."""
        self.powered, self.linked = True, False
        self.run, self.link, self.number, self.unheard = self.run + 1, 0, 0, 0

    def leave(self, now: UtcMs) -> None:
        """Its link is gone."""
        self.linked = False
        self.silent_since = self.silent_since or now

    def go_on(self, now: UtcMs) -> None:
        """A new link."""
        self.linked, self.link = True, self.link + 1
        if self.silent_since:
            self.silences.append((self.silent_since, now))
            self.silent_since = 0

    def status(self, now: UtcMs) -> Status:
        """What it says of itself, and says again in a quarter of an hour."""
        self.number, self.spoke_at = self.number + 1, now
        return self.state(now)

    def state(self, now: UtcMs) -> Status:
        """The same, without saying it."""
        held = 3 if self.has(Kind.card_full) else 2 if self.has(Kind.data_spent) else 0
        lacks = held or int(self.has(Kind.weak_link) or now < self.fetching_until)
        return Status(
            online=True,
            journal=f"j-{self.traits.number}",
            version="1",
            assignment=1,
            clips_missing=tuple(f"{n:064x}" for n in range(lacks)),
            trust=ClockTrust.guessed if self.has(Kind.clock) else ClockTrust.server,
            bound_ms=20,
            refused={"bad_signature": 3} if self.has(Kind.forged) else {},
            disk_free_bytes=RESERVE if self.has(Kind.card_full) else FREE,
            sound_card="no such card" if self.has(Kind.sound_card) else "",
            memory_card="read-only" if self.has(Kind.memory_card) else "",
            at=now,
            run=f"{self.traits.number}-{self.run}{'b' * self.twin_speaks}",
            link=self.link,
            number=self.number,
            data_today=BUDGET if self.has(Kind.data_spent) else 1_000_000,
            data_month=10_000_000,
            held_back=held,
            vitals=self.vitals(now),
            unheard=self.unheard,
        )

    def vitals(self, now: UtcMs) -> Vitals:
        """What its box measures of itself."""
        traits, off = self.traits, self.has(*POWER)
        hot = self.dice.between(81, 92) if self.has(Kind.hot) else self.dice.between(38, 72)
        charge = None
        if traits.solar:
            charge = self.dice.between(4, 20) if self.has(Kind.solar_weak) else self.dice.between(45, 100)
        elif traits.battery:
            charge = max(100 - 100 * (now - self.off_mains_since) // self.capacity, 0) if off else 100
        return Vitals(hot, charge, (not off) if traits.battery else None, self.has(Kind.weak_supply))

    def will(self) -> Status:
        """What the broker says for it when its link is gone."""
        return Status(online=False, run=f"{self.traits.number}-{self.run}", link=self.link)

    def beat(self, now: UtcMs) -> tuple[UtcMs, Status] | None:
        """The last of the statuses that it has said by now because a quarter of an hour had passed; None: none."""
        beats = (now - self.spoke_at) // STATUS_EVERY if self.linked else 0
        if beats <= 0:
            return None
        at = self.spoke_at + beats * STATUS_EVERY
        self.number += beats - 1
        return at, self.status(at)

    def play(self, occurrence: str, broadcast: str, start: UtcMs) -> None:
        """A slot is due."""
        self.sequence += 1
        outcome, reason = self._fares()
        sounds = outcome is Outcome.played
        if sounds and self.traits.ear:
            self.unheard = self.unheard + 1 if self.has(Kind.amplifier) else 0
        heard = self.traits.ear and not self.has(Kind.amplifier)
        self.untold.append(
            Playback(
                self.sequence,
                occurrence,
                broadcast,
                broadcast,
                start,
                outcome,
                reason,
                started=start if sounds else None,
                ended=start + SOUND_MS if sounds else None,
                due_ms=SOUND_MS,
                sounded_ms=SOUND_MS if sounds else 0,
                evidence=(Evidence.heard if heard else Evidence.counted) if sounds else Evidence.told,
                trust=ClockTrust.server,
                offline=not self.linked,
            )
        )

    def _fares(self) -> tuple[Outcome, Reason]:
        if not self.powered:
            return Outcome.missed, Reason.not_running
        if self.has(Kind.suspended):
            return Outcome.skipped, Reason.suspended
        if self.has(Kind.clock):
            return Outcome.missed, Reason.clock_untrusted
        if self.has(Kind.sound_card):
            return Outcome.failed, Reason.card_missing
        return Outcome.played, Reason.none

    def report(self) -> Report | None:
        """What it has not told yet, once it has a link."""
        if not self.untold or not self.linked:
            return None
        told, self.untold = tuple(self.untold), []
        return Report(f"j-{self.traits.number}", told, f"{self.traits.number}-{self.run}")


def _at_night(now: UtcMs) -> bool:
    return civil_minute(now) >= NIGHT[0] or civil_minute(now) < NIGHT[1]


def next_turn(now: UtcMs) -> UtcMs:
    """When night or day begins next."""
    midnight = now - civil_minute(now) * MINUTE - now % MINUTE
    turns = (midnight + NIGHT[1] * MINUTE, midnight + NIGHT[0] * MINUTE, midnight + DAY + NIGHT[1] * MINUTE)
    return next(turn for turn in turns if turn > now)
