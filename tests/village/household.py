"""One simulated loudspeaker: the real core, a journal and a horn in memory, and everything that can happen to it.

Imported by the world.
"""

from typing import NamedTuple

import msgspec

from audio.clip import Clip
from device_agent import actions as do
from device_agent import events, loudspeaker
from schedules.blocks import BlockRange, indices_of, ranges_of
from schedules.clock import ClockTrust, MonoMs, Now, UtcMs
from schedules.playback import Playback
from tests.village.home import KEY


class Sounded(NamedTuple):
    """What a horn really did: from when to when (true time), and of which clips each first frame sounded when."""

    occurrence: str
    start: UtcMs
    end: UtcMs
    clips: tuple[str, ...]


class Journal:
    """A journal in memory that survives power cuts; each write is durable when it returns."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.next_sequence = 1
        self.assignment = b""
        self.programmes: dict[str, bytes] = {}
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
    """A loudspeaker with its power, link and clock. `skew`: its clock minus the truth; `trusted`: whether it knows
    what time it is; `horn`: what really sounded."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.journal = Journal(f"j-{device}")
        self.state = loudspeaker.blank(device)
        self.powered = False
        self.linked = False
        self.skew = 0
        self.trusted = True
        self.there: set[str] = set()
        self.partial: dict[str, set[int]] = {}
        self.clips: dict[str, Clip] = {}
        self.horn: list[Sounded] = []
        self.sounding: tuple[do.PlaceSound, UtcMs] | None = None
        self.timer = 0
        self.boots = 0
        self.steps = 0

    def now(self, true: UtcMs) -> Now:
        """What this loudspeaker thinks that it is."""
        mono: MonoMs = true
        trust = ClockTrust.server if self.trusted else ClockTrust.guessed
        return Now(true + (0 if self.trusted else self.skew), mono, trust, 20)

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
        )

    def advance(self, event: events.Event, true: UtcMs) -> loudspeaker.Step:
        """One step of the real core; the journal is written in order."""
        step = loudspeaker.advance(self.state, event, self.now(true))
        self.state = step.state
        self.steps += 1
        for action in step.actions:
            self.journal.write(action)
        return step

    def place(self, sound: do.PlaceSound, true: UtcMs) -> UtcMs:
        """A sound is handed to the card; when it will really start."""
        start = max(sound.start, true) if sound.start else true
        self.sounding = (sound, start)
        return start

    def hush(self, true: UtcMs) -> int:
        """What sounds stops now; for how long it sounded."""
        if self.sounding is None:
            return 0
        sound, start = self.sounding
        self.sounding = None
        sounded = max(0, min(true, start + self.length(sound)) - start)
        if sounded:
            names = tuple(name for name, offset in sound.pieces if offset < sounded)
            self.horn.append(Sounded(sound.occurrence, start, start + sounded, names))
        return sounded

    def length(self, sound: do.PlaceSound) -> int:
        """How long all of a sound is."""
        return max((offset + self.clips[name].duration_ms for name, offset in sound.pieces), default=0)

    def want(self, blocks: tuple[BlockRange, ...], clip: Clip) -> frozenset[int]:
        """The blocks of a range that this clip can have."""
        return indices_of(blocks, 10_000) if clip else frozenset()

    def settled_at(self) -> dict[str, Playback]:
        """Open playbacks, for whoever looks at the end."""
        return dict(self.journal.open)


def last_said(household: Household) -> str:
    """The state in a few words, for a trace."""
    plays = household.state.plays
    return msgspec.json.encode(
        {
            "device": household.device,
            "settled": len(plays.settled),
            "rundown": [(e.slot.occurrence, e.plays, e.start) for e in plays.rundown[:4]],
            "waiting": [s.occurrence for s in plays.waiting],
            "airing": plays.airing.entry.slot.occurrence if plays.airing else "",
        }
    ).decode()
