"""Whole lives of a loudspeaker, told by hypothesis: clocks that leap, power that goes, programmes that change, cards
that fail, in any order; and what must hold after every step of them.

Nobody imports this module.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from device_agent import actions as do
from device_agent import events, loudspeaker
from device_agent.playout import JOIN_WITHIN
from device_agent.state import blank
from schedules import wire
from schedules.assignment import Assignment, Guards, QuietHours, VolumePreset, is_quiet
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust, Now, may_start_by_clock
from schedules.playback import Outcome, Playback, Reason
from schedules.programme import BroadcastClass, Programme, Slot, occurrence_name
from tests.unit.device.stage import KEY, PATH, SEAL, SIX, clip
from tests.village.household import Journal

CLIPS = [clip(f"{name}-{language}", language) for name in "abcd" for language in ("vi", "mww")]
AREAS = PATH[:3]
QUIET = QuietHours(8 * 60, 9 * 60)
GUARDS = [
    Guards(),
    Guards((VolumePreset(0, 50),), gap_ms=MINUTE),
    Guards((), gap_ms=4 * MINUTE, daily_ms=2 * MINUTE),
    Guards(longest_ms=30 * SECOND, daily_ms=10 * MINUTE),
]

spans = st.sampled_from([100, SECOND, 5 * SECOND, 20 * SECOND, MINUTE, 8 * MINUTE, HOUR, 7 * HOUR])
starts = st.integers(-2, 40).map(lambda n: n * 15 * SECOND)
slots = st.builds(
    lambda name, ahead, klass, useful, clips: (name, ahead, klass, useful, tuple(clips)),
    st.sampled_from("abcdef"),
    starts,
    st.sampled_from(BroadcastClass),
    st.sampled_from([0, 10 * SECOND, 2 * MINUTE, 15 * MINUTE]),
    st.lists(st.sampled_from(CLIPS), max_size=2, unique_by=lambda c: c.language),
)


class Life(RuleBasedStateMachine):
    """One loudspeaker; the server's clock is the true one."""

    def __init__(self) -> None:
        super().__init__()
        self.true, self.mono, self.skew = SIX, 5_000, 0
        self.trust = ClockTrust.server
        self.journal = Journal("j1")
        self.state = blank("loa-1")
        self.wake_at: int | None = None
        self.revision = 0
        self.programmes: dict[str, dict[str, Slot]] = {area: {} for area in AREAS}
        self.there: set[str] = set()
        self.placed: do.PlaceSound | None = None
        self.started = False
        self.to_stop = False
        self.outcomes: dict[str, Playback] = {}
        self.assignment: Assignment | None = None
        self.quiet_since: int | None = None
        self.trusted_since_start = False

    @property
    def now(self) -> Now:
        return Now(max(self.true + self.skew, 0), self.mono, self.trust, 5)

    @initialize()
    def begin(self) -> None:
        self.boot()
        self.assign(("vi", "mww"), quiet=True)

    def happen(self, event: events.Event) -> None:
        step = loudspeaker.advance(self.state, event, self.now)
        self.state, self.wake_at = step.state, step.wake_at
        for action in step.actions:
            self.check(action)
            self.journal.write(action)
        assert self.wake_at is None or self.wake_at >= self.mono

    def check(self, action: do.Action) -> None:
        match action:
            case do.PlaceSound():
                self.check_placed(action)
                self.placed, self.started, self.to_stop = action, False, False
            case do.CancelSound():
                assert self.placed is not None, "nothing sounds that could be cancelled"
                assert action.occurrence == self.placed.occurrence
                assert not self.to_stop, "told to stop twice"
                self.to_stop = True
                self.quiet_since = None  # what cuts it may follow at once
            case do.ClosePlayback():
                playback = action.playback
                assert playback.occurrence not in self.outcomes, "an outcome twice"
                assert playback.sequence == self.journal.next_sequence
                assert playback.outcome is not Outcome.unknown
                assert playback.outcome is not Outcome.cut or playback.sounded_ms is None or playback.sounded_ms > 0
                self.outcomes[playback.occurrence] = playback
            case do.DiscardClips():
                self.there -= set(action.clips)
                placed = {name for name, _ in self.placed.pieces} if self.placed else set()
                assert not placed & set(action.clips), "a sound that plays is thrown away"

    def check_placed(self, place: do.PlaceSound) -> None:
        assert self.placed is None, "one sound over another"
        assert place.occurrence not in self.outcomes, "sounds after its outcome"
        assert place.occurrence in self.journal.open, "sounds before it is written down"
        assert {name for name, _ in place.pieces} <= self.there, "sounds without its sound"
        assert self.assignment is not None
        slot = next(s for held in self.programmes.values() for s in held.values() if s.occurrence == place.occurrence)
        if slot.broadcast_class is not BroadcastClass.emergency:
            assert may_start_by_clock(self.trust), "starts by a clock that is not trusted"
            assert not is_quiet(self.assignment.quiet_hours, place.start), "wakes people"
            self.check_guarded(place)
        if place.joins:
            assert slot.broadcast_class is BroadcastClass.emergency
            assert place.start == slot.start < self.now.utc <= slot.start + JOIN_WITHIN, "joins what is not there"
        elif may_start_by_clock(self.trust):
            assert max(slot.start, self.now.utc) <= place.start <= slot.useful_until, "starts at a wrong hour"
        assert place.urgent == (slot.broadcast_class is BroadcastClass.emergency)
        spoken = [c.language for name, _ in place.pieces for c in CLIPS if c.sha256 == name]
        assert spoken == [tag for tag in self.assignment.languages if tag in spoken], "in another order"

    def check_guarded(self, place: do.PlaceSound) -> None:
        assert self.assignment is not None
        guards = self.assignment.guards
        assert place.volume_percent <= max([p.percent for p in guards.ceiling], default=100), "too loud"
        lasts = max(offset + c.duration_ms for name, offset in place.pieces for c in CLIPS if c.sha256 == name)
        assert not 0 < guards.longest_ms < lasts, "too long"
        if self.quiet_since is not None:
            assert place.start - self.quiet_since >= guards.gap_ms, "without a rest"

    def falls_silent(self) -> None:
        """By a clock that is right it is known since when."""
        urgent = self.placed is not None and self.placed.urgent
        if self.placed is not None and self.started and not self.to_stop and not urgent:
            self.quiet_since = self.true if self.trusted_since_start and self.skew == 0 else None

    # time and power

    @rule(span=spans)
    def time_passes(self, span: int) -> None:
        end, rings = self.mono + span, 0
        while self.wake_at is not None and self.wake_at <= end and self.placed is None:
            self.pass_(self.wake_at - self.mono)
            self.happen(events.TimePassed())
            rings += 1
            assert rings < 5_000, "a timer that never rests"
        self.pass_(max(end - self.mono, 0))
        self.happen(events.TimePassed())

    @rule(span=spans, event=st.sampled_from([events.Linked(), events.Unlinked(), events.HealthMeasured(1, "")]))
    def oversleeps(self, span: int, event: events.Event) -> None:
        """Time passes without the timer: the machine was busy."""
        self.pass_(span)
        self.happen(event)

    @rule(trust=st.sampled_from(ClockTrust), skew=st.sampled_from([0, 0, -SIX, DAY, -2 * HOUR, -DAY, 5 * MINUTE]))
    def clock_leaps(self, trust: ClockTrust, skew: int) -> None:
        self.trust = trust
        self.skew = skew if not may_start_by_clock(trust) else 0
        self.happen(events.TimePassed())

    @rule()
    def power_goes_and_comes(self) -> None:
        self.falls_silent()
        self.placed = None
        self.mono = 3_000
        self.boot()

    def boot(self) -> None:
        journal = self.journal
        self.state = blank("loa-1")
        self.happen(
            events.Booted(
                "loa-1",
                (KEY.public,),
                journal.name,
                journal.next_sequence,
                journal.assignment,
                tuple((a, p) for a, p in journal.programmes.items() if p),
                tuple(journal.open.values()),
                tuple(journal.settled),
                tuple(journal.closed.values()),
                tuple(self.there),
                aired=journal.aired,
            )
        )

    def pass_(self, span: int) -> None:
        self.true += span
        self.mono += span

    # what the server says

    @rule(
        languages=st.sampled_from([("vi",), ("vi", "mww"), ("mww", "vi"), ("hni",)]),
        quiet=st.booleans(),
        guards=st.sampled_from(GUARDS),
    )
    def assign(self, languages: tuple[str, ...], quiet: bool, guards: Guards = GUARDS[0]) -> None:
        self.revision += 1
        hours = QUIET if quiet else None
        self.assignment = Assignment(
            "loa-1", self.revision, self.true, self.true + DAY, PATH, languages, hours, guards=guards
        )
        sealed = wire.seal_message(self.assignment, KEY)
        self.happen(events.MessageArrived(wire.ASSIGNMENT.topic("loa-1"), sealed))

    @rule(area=st.sampled_from(AREAS), fresh=slots)
    def broadcast_is_approved(self, area: str, fresh: tuple) -> None:
        name, ahead, klass, useful, clips = fresh
        start = (self.true + ahead) // SECOND * SECOND
        made = Slot(occurrence_name(name, start), name, name, name, klass, 1, start, start + useful, clips, SEAL)
        if not any(made.occurrence in held for held in self.programmes.values()):
            self.programmes[area][made.occurrence] = made
            self.publish(area, 0)

    @rule(area=st.sampled_from(AREAS), number=st.integers(0, 5))
    def broadcast_is_withdrawn(self, area: str, number: int) -> None:
        names = sorted(self.programmes[area])
        if names:
            del self.programmes[area][names[number % len(names)]]
            self.publish(area, 0)

    @rule(area=st.sampled_from(AREAS))
    def the_past_rolls_off(self, area: str) -> None:
        since = self.true - HOUR
        self.programmes[area] = {n: s for n, s in self.programmes[area].items() if s.start >= since}
        self.publish(area, since)

    def publish(self, area: str, since: int) -> None:
        self.revision += 1
        slots = tuple(sorted(self.programmes[area].values(), key=lambda s: (s.start, s.occurrence)))
        programme = Programme(area, self.revision, self.true, self.true + 16 * DAY, slots, since)
        sealed = wire.seal_message(programme, KEY)
        self.happen(events.MessageArrived(wire.PROGRAMME.topic(area), sealed))

    # what the cards do

    @rule(found=st.sampled_from(CLIPS))
    def clip_comes(self, found: object) -> None:
        self.there.add(found.sha256)  # type: ignore[attr-defined]
        self.happen(events.ClipStored(found.sha256))  # type: ignore[attr-defined]

    @precondition(lambda self: self.placed is not None and not self.started)
    @rule(lag=st.sampled_from([0, 0, 1_500, 30 * SECOND]))
    def sound_begins(self, lag: int) -> None:
        assert self.placed is not None
        self.pass_(max(self.placed.start - self.now.utc, 0) * may_start_by_clock(self.trust) + lag)
        self.started = True
        self.trusted_since_start = self.skew == 0 and may_start_by_clock(self.trust)
        self.happen(events.SoundStarted(self.placed.occurrence, self.now.utc))

    @precondition(lambda self: self.placed is not None)
    @rule(lag=spans, ending=st.sampled_from(["whole", "whole", "lost", "unreadable"]))
    def sound_ends(self, lag: int, ending: str) -> None:
        assert self.placed is not None
        self.pass_(lag)
        self.falls_silent()
        name, self.placed = self.placed.occurrence, None
        sounded = lag if self.started else 0
        if self.to_stop:
            self.happen(events.SoundEnded(name, self.now.utc, sounded, False))
        elif ending == "whole" and self.started:
            self.happen(events.SoundEnded(name, self.now.utc, sounded, True))
        else:
            reason = Reason.card_lost if ending == "lost" else Reason.file_unreadable
            self.happen(events.SoundFailed(name, self.now.utc, sounded, reason))

    def teardown(self) -> None:
        """In the end the clock is right, the power stays, and everything that was held gets its outcome."""
        if self.assignment is None:
            return
        self.trust, self.skew = ClockTrust.server, 0
        held = {s.occurrence for p in self.state.held.programmes.values() for s in p.slots}
        for _ in range(200):
            self.time_passes(20 * MINUTE)
            if self.placed is not None:
                self.started = True
                self.sound_ends(SECOND, "whole")
            elif held <= self.outcomes.keys():
                break
        missing = held - self.outcomes.keys()
        assert not missing, f"no outcome: {missing}"
        opened = set(self.journal.open)
        assert opened <= {n for n in opened if self.journal.open[n].started is None}, "sounded, and was never told"


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLives = Life.TestCase
