"""One simulated loudspeaker: the real core, a journal and a horn in memory, and everything that can happen to it.

Imported by the world.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from audio.clip import Clip
from device_agent import actions as do
from device_agent import events
from device_agent.intake import programme_known
from device_agent.spending import Spending
from device_agent.state import State, Step, blank
from schedules.blocks import ranges_of
from schedules.clock import ClockTrust, MonoMs, Now, UtcMs, may_start_by_clock
from schedules.guards import Aired
from schedules.playback import Playback
from schedules.programme import BroadcastClass, Slot
from schedules.trial import slots_of
from schedules.wire import Status, decode, encode
from server.delivery import StatusHeard
from tests.village.home import KEY
from tests.village.scenario import RIGHT, device_of
from tests.village.thin_link import ThinLink
from tests.village.weather import Dice

Core = Callable[[State, events.Event, Now], Step]


class Sounded(NamedTuple):
    """What a horn really did: from when to when (true time), and which clips began; `skew`: what its clock was wrong
    by when the sound was placed, `told`: when it began by that clock; `volume`: in per cent."""

    occurrence: str
    start: UtcMs
    end: UtcMs
    clips: tuple[str, ...]
    skew: int
    told: UtcMs
    volume: int = 100


class Journal:
    """A journal in memory that survives power cuts; each write is durable when it returns."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.next_sequence = 1
        self.remembered: UtcMs = 0
        self.assignment = b""
        self.programmes: dict[str, bytes] = {}
        self.alerts: dict[str, bytes] = {}
        self.spending = Spending()
        self.aired: tuple[Aired, ...] = ()
        self.open: dict[str, Playback] = {}
        self.settled: dict[str, None] = {}
        self.closed: dict[int, Playback] = {}

    def write(self, action: do.Action) -> None:
        """What a journal keeps of an action."""
        match action:
            case do.KeepAssignment():
                self.assignment = action.payload
            case do.KeepProgramme():
                self.programmes[action.area] = action.payload
            case do.KeepAlert():
                self.alerts[action.area] = action.envelope
            case do.KeepSpending():
                self.spending = action.spending
            case do.KeepAired():
                self.aired = action.aired
            case do.OpenPlayback():
                self.open[action.playback.occurrence] = action.playback
            case do.ClosePlayback():
                self.open.pop(action.playback.occurrence, None)
                self.settled[action.playback.occurrence] = None
                self.closed[action.playback.sequence] = action.playback
                self.next_sequence = action.playback.sequence + 1
            case do.ForgetReports():
                self.closed = {n: p for n, p in self.closed.items() if n > action.up_to}


class Household:
    """A loudspeaker with its power, link and clock. `horn`: what really sounded; `listed`: every slot of a programme
    that it ever kept; `withdrawn`: when it learnt of that; `faults`: broken promises that only an eyewitness can see;
    `offline`: when it had no link or no power, from and to; `arrived`: how many blocks came in all, `stored`: how many
    of them were new, `whole`: when each clip was; `spent`: bytes of clips by day, but for emergencies; `fuse`: in how many actions the power goes; `watch`: called with every step."""

    def __init__(self, seed: int, number: int, core: Core) -> None:
        self.number, self.device = number, device_of(number)
        self.dice = Dice(f"{seed}/{self.device}")
        self.journal = Journal(f"j-{self.device}")
        self.state = blank(self.device)
        self.core = core
        self.powered = False
        self.linked = False
        self.thin_link = ThinLink(0, lambda _ms, _what: None)
        self.clock = self.next_clock = RIGHT
        self.switched_on: UtcMs = 0
        self.offline: list[tuple[UtcMs, UtcMs]] = []
        self.offline_since: UtcMs = 0
        self.fuse: int | None = None
        self.dark_for = 0
        self.next_clip_is_rotten = self.card_will_go = self.next_sound_is_rotten = False
        self.arrived = self.stored = 0
        self.spent: Counter[date] = Counter()
        self.began: UtcMs | None = None
        self.there: set[str] = set()
        self.whole: dict[str, UtcMs] = {}
        self.partial: dict[str, set[int]] = {}
        self.clips: dict[str, Clip] = {}
        self.horn: list[Sounded] = []
        self.sounding: tuple[do.PlaceSound, UtcMs] | None = None
        self.listed: dict[str, Slot] = {}
        self.withdrawn: dict[str, UtcMs] = {}
        self.cancelled: Counter[str] = Counter()
        self.failed: dict[str, UtcMs] = {}
        """The emergencies that the card or the file failed, and when they did so last: each is made up."""
        self.faults: list[str] = []
        self.watch: Callable[[events.Event, Now, Step], None] = _nobody_watches
        self.placed_by = 0
        self.timer = 0
        self.boots = 0
        self.steps = 0
        self._kept: dict[str, dict[str, Slot]] = {}

    def now(self, true: UtcMs) -> Now:
        """What this loudspeaker thinks that it is; its steady clock begins anew with each boot."""
        mono: MonoMs = true - self.switched_on
        trust, skew = self.clock
        if skew is None:
            return Now(mono, mono, trust, 0)
        return Now(true + skew, mono, trust, 20 if trust is ClockTrust.server or trust is ClockTrust.ntp else 10_000)

    @property
    def skew(self) -> int:
        """What its clock is wrong by."""
        return self.clock.skew or 0

    def booted(self) -> events.Booted:
        """What the core is told at a start."""
        journal = self.journal
        return events.Booted(
            device=self.device,
            keys=(KEY.public,),
            journal=journal.name,
            next_sequence=journal.next_sequence,
            assignment=journal.assignment,
            programmes=tuple((a, p) for a, p in journal.programmes.items() if p),
            open_playbacks=tuple(journal.open.values()),
            settled=tuple(journal.settled),
            unacknowledged=tuple(journal.closed[n] for n in sorted(journal.closed)),
            clips=tuple(sorted(self.there)),
            partial={name: ranges_of(blocks) for name, blocks in self.partial.items()},
            run=str(self.boots),
            spending=journal.spending,
            aired=journal.aired,
            alerts=tuple((area, envelope) for area, envelope in journal.alerts.items() if envelope),
            remembered=journal.remembered,
        )

    def advance(self, event: events.Event, true: UtcMs) -> Step:
        """One step of the real core."""
        now = self.now(true)
        step = self.core(self.state, event, now)
        self.state = step.state
        self.journal.remembered = step.state.held.past
        self.steps += 1
        self.watch(event, now, step)
        return step

    def keep(self, action: do.Action, true: UtcMs) -> None:
        """The journal writes what it must; a programme that is kept is known from then on."""
        self.journal.write(action)
        if isinstance(action, do.KeepProgramme | do.KeepAlert):
            self._learn(action.area, true)
        elif isinstance(action, do.KeepAssignment) and self.state.held.assignment is not None:
            self.listed.update((slot.occurrence, slot) for slot in slots_of(self.state.held.assignment.trial))

    def heard(self, status: Status) -> StatusHeard:
        """What the server makes of a status."""
        if status.link % 16 == 1:  # all are alike: some of them are enough
            assert status == decode(Status, encode(status))
        return StatusHeard(self.device, status.online, frozenset(status.clips_missing), f"{status.run}/{status.link}")

    def place(self, sound: do.PlaceSound, true: UtcMs) -> UtcMs:
        """A sound is handed to the card; when it will really start."""
        start = max(sound.start - self.skew, true) if sound.start else true
        if self.sounding is not None:
            self.faults.append(f"{sound.occurrence} was placed over {self.sounding[0].occurrence}")
        if not may_start_by_clock(self.clock.trust) and not sound.urgent:
            self.faults.append(f"{sound.occurrence} was placed by a clock that is not trusted")
        if sound.occurrence in self.journal.settled:
            self.faults.append(f"{sound.occurrence} was placed after its outcome")
        if sound.occurrence not in self.journal.open:
            self.faults.append(f"{sound.occurrence} was placed before it was opened in the journal")
        if sound.occurrence in self.withdrawn:
            self.faults.append(f"{sound.occurrence} was placed after it had been withdrawn")
        if any(name not in self.there and name not in self.state.clips.heads for name, _ in sound.pieces):
            self.faults.append(f"{sound.occurrence} was placed without its sound")
        self.sounding, self.placed_by, self.began = (sound, start), self.skew, None
        return start

    def emergencies_open(self) -> list[str]:
        """The emergencies that have begun, and whose outcome is not written down."""
        emergency = BroadcastClass.emergency
        return [name for name in self.journal.open if (s := self.listed.get(name)) and s.broadcast_class is emergency]

    def hush(self, true: UtcMs) -> int:
        """What sounds stops now; for how long it sounded."""
        if self.sounding is None:
            return 0
        sound, start = self.sounding
        self.sounding = None
        sounded = max(0, min(true, start + self.length(sound, start)) - start)
        if sounded or self.journal.open[sound.occurrence].started is not None:
            names = tuple(name for name, offset in sound.pieces if offset < sounded)
            told = self.began if self.began is not None else start + self.placed_by
            self.horn.append(
                Sounded(sound.occurrence, start, start + sounded, names, self.placed_by, told, sound.volume_percent)
            )
        return sounded

    def length(self, sound: do.PlaceSound, start: UtcMs) -> int:
        """How long a sound lasts that really starts at `start`: who joins the others leaves out what they have had."""
        whole = max((offset + self.clips[name].duration_ms for name, offset in sound.pieces), default=0)
        return whole - (start + self.placed_by - sound.start) if sound.joins else whole

    def _learn(self, area: str, true: UtcMs) -> None:
        programme = programme_known(self.state.held, area)
        fresh = {slot.occurrence: slot for slot in programme.slots} if programme else {}
        for name, slot in self._kept.get(area, {}).items():
            if name not in fresh and programme is not None and slot.start >= programme.since:
                self.withdrawn[name] = true
        self._kept[area] = fresh
        self.listed.update(fresh)


def _nobody_watches(_event: events.Event, _now: Now, _step: Step) -> None:
    """Most households are not watched."""
