"""A loudspeaker's core on a stage: words from a server, a clock that tests turn, actions that tests read.

Imported by tests of the core.
"""

from typing import TypeVar

import msgspec

from audio.clip import Clip
from device_agent import actions as do
from device_agent import events, loudspeaker
from device_agent.state import blank
from schedules import wire
from schedules.alert import Alert
from schedules.assignment import Allowance, Assignment, Guards, QuietHours, Signals, VolumePreset
from schedules.clock import DAY, HOUR, MINUTE, SECOND, ClockTrust, Now, UtcMs, may_judge_by_clock
from schedules.playback import Playback
from schedules.programme import BroadcastClass, Programme, Slot, occurrence_name
from schedules.signing import SigningKey, seal
from schedules.trial import Trial
from tests.unit.schedules.shapes import MIDNIGHT

KEY = SigningKey(b"stage-stage-stage-stage-stage-st")
SIX = MIDNIGHT + 6 * HOUR
PATH = ("tinh", "xa-1", "thon-1", "loa-1")
SEAL = "5ea1" * 16
_Action = TypeVar("_Action")


def clip(name: str, language: str = "vi", seconds: int = 20) -> Clip:
    return Clip(name.encode().hex().rjust(64, "0")[-64:], language, seconds * SECOND, 30_000)


def slot(
    name: str,
    start: UtcMs = SIX,
    klass: BroadcastClass = BroadcastClass.ordinary,
    clips: tuple[Clip, ...] = (),
    useful: int = 15 * MINUTE,
) -> Slot:
    clips = clips or (clip(name),)
    return Slot(occurrence_name(name, start), name, name, name, klass, 1, start, start + useful, clips, SEAL)


class Stage:
    """`now` moves only when a test says so; every action is kept in `done`."""

    def __init__(self, now: UtcMs = SIX - HOUR, trust: ClockTrust = ClockTrust.server) -> None:
        self.utc, self.mono, self.trust = now, 1_000_000, trust
        self.state = blank("loa-1")
        self.done: list[do.Action] = []
        self.wake_at: int | None = None
        self.revision = 0
        self.kept: dict[str, bytes] = {}
        self.assignment = b""
        self.alerts: dict[str, bytes] = {}

    def boot(self, **more: object) -> None:
        self.happen(events.Booted("loa-1", (KEY.public,), "j1", **{"remembered": SIX - DAY, **more}))  # type: ignore[arg-type]

    def ready(self, *slots: Slot, quiet: QuietHours | None = None, languages: tuple[str, ...] = ("vi",)) -> None:
        """Booted, assigned, with a programme of the commune and all of its clips."""
        self.boot()
        self.assign(quiet=quiet, languages=languages)
        self.programme(*slots)
        for wanted in {c.sha256 for s in slots for c in s.clips if c.language in languages}:
            self.happen(events.ClipStored(wanted))

    def assign(
        self, quiet: QuietHours | None = None, languages: tuple[str, ...] = ("vi",), path: tuple[str, ...] = PATH
    ) -> None:
        self.revision += 1
        issued = self.server_utc
        assignment = Assignment(
            "loa-1",
            self.revision,
            issued,
            issued + 400 * DAY,
            path,
            languages,
            quiet,
            self.volume,
            allowance=self.allowance,
            guards=self.guards,
            signals=self.signals,
            trial=self.trial,
        )
        self.assignment = wire.seal_message(assignment, KEY)
        self.happen(events.MessageArrived(wire.ASSIGNMENT.topic("loa-1"), self.assignment))

    @property
    def server_utc(self) -> UtcMs:
        """The server knows the time, whatever this loudspeaker believes."""
        return self.utc if may_judge_by_clock(self.trust) else max(self.utc, SIX - HOUR)

    def programme(self, *slots: Slot, area: str = "xa-1", since: UtcMs = MIDNIGHT - DAY, issued: UtcMs = 0) -> None:
        self.revision += 1
        issued = issued or self.server_utc
        programme = Programme(area, self.revision, issued, max(issued, self.utc) + 16 * DAY, slots, since)
        self.kept[area] = wire.seal_message(programme, KEY)
        self.happen(events.MessageArrived(wire.PROGRAMME.topic(area), self.kept[area]))

    def alert(
        self, *slots: Slot, area: str = "xa-1", withdrawn: tuple[str, ...] = (), heads: bool = True, revision: int = 0
    ) -> list[do.Action]:
        """An alert that is taken from the next revision, with the beginning of its clips inside."""
        self.revision = revision or self.revision + 1
        issued = self.server_utc
        alert = Alert(area, self.revision, issued, issued + 2 * HOUR, slots, withdrawn)
        self.alerts[area] = seal("Alert", wire.encode(alert), KEY)
        inside = tuple(c.sha256 for s in slots for c in s.clips) if heads else ()
        return self.happen(events.AlertArrived(area, self.alerts[area], inside, 1_000 * len(inside)))

    def happen(self, event: events.Event) -> list[do.Action]:
        step = loudspeaker.advance(self.state, event, self.now)
        self.state, self.wake_at = step.state, step.wake_at
        self.done += step.actions
        return list(step.actions)

    @property
    def now(self) -> Now:
        return Now(self.utc, self.mono, self.trust, 10)

    def until(self, utc: UtcMs) -> None:
        """Let time pass, waking the core whenever it asked for that."""
        while self.wake_at is not None and self.utc + self.wake_at - self.mono <= utc:
            self.pass_(max(self.wake_at - self.mono, 0))
            before = self.wake_at
            self.happen(events.TimePassed())
            assert self.wake_at is None or self.wake_at > min(before, self.mono) or self.wake_at > self.mono, (
                "busy loop"
            )
        self.pass_(utc - self.utc)
        self.happen(events.TimePassed())

    def pass_(self, ms: int) -> None:
        self.utc += ms
        self.mono += ms

    def sound(self, name: str, ms: int | None = None, *, whole: bool = True) -> None:
        """What was placed sounds, to its end or for so long."""
        placed = [a for a in self.done if isinstance(a, do.PlaceSound) and a.occurrence.startswith(f"{name}@")][-1]
        if placed.start > self.utc:
            self.pass_(placed.start - self.utc)
        self.happen(events.SoundStarted(placed.occurrence, self.utc))
        length = ms if ms is not None else 20 * SECOND
        self.pass_(length)
        self.happen(events.SoundEnded(placed.occurrence, self.utc, length, whole))

    def store(self, name: str) -> None:
        """The clip of this name has come."""
        self.happen(events.ClipStored(clip(name).sha256))

    def sound_begins(self, placed: do.PlaceSound) -> None:
        """Its first frame, now."""
        self.happen(events.SoundStarted(placed.occurrence, self.utc))

    def sound_is_cut(self, placed: do.PlaceSound, ms: int) -> None:
        """The card has stopped it, now, after so long."""
        self.happen(events.SoundEnded(placed.occurrence, self.utc, ms, False))

    def acked(self, up_to: int = 0) -> list[do.Action]:
        """The server has committed the report that was sent last."""
        report = self.actions(do.SendReport)[-1].report
        up_to = up_to or report.playbacks[-1].sequence
        ack = wire.Ack(report.journal, up_to, report.run, "loa-1", wire.digest_of(wire.encode(report)))
        return self.happen(events.MessageArrived(wire.ACK.topic("loa-1"), wire.seal_message(ack, KEY)))

    def reboot(self) -> None:
        """Power lost and back: only what the actions kept is still known."""
        opened: dict[str, Playback] = {}
        closed: dict[int, Playback] = {}
        for action in self.done:
            if isinstance(action, do.OpenPlayback):
                opened[action.playback.occurrence] = action.playback
            if isinstance(action, do.ClosePlayback):
                opened.pop(action.playback.occurrence, None)
                closed[action.playback.sequence] = action.playback
        self.state = blank("loa-1")
        self.boot(
            next_sequence=max(closed, default=0) + 1,
            assignment=self.assignment,
            programmes=tuple(self.kept.items()),
            alerts=tuple(self.alerts.items()),
            open_playbacks=tuple(opened.values()),
            settled=tuple(p.occurrence for p in closed.values()),
            unacknowledged=tuple(closed.values()),
            clips=tuple(self.state.clips.there) or tuple(self.there),
            aired=next((a.aired for a in reversed(self.done) if isinstance(a, do.KeepAired)), ()),
        )

    there: tuple[str, ...] = ()
    allowance: Allowance | None = None
    guards: Guards = Guards()
    signals: Signals = Signals()
    trial: Trial | None = None
    volume: tuple[VolumePreset, ...] = ()

    def actions(self, kind: type[_Action]) -> list[_Action]:
        return [action for action in self.done if isinstance(action, kind)]

    def placed(self) -> list[str]:
        return [action.occurrence.partition("@")[0] for action in self.actions(do.PlaceSound)]

    def closed(self) -> dict[str, Playback]:
        found = {}
        for action in self.actions(do.ClosePlayback):
            assert action.playback.occurrence not in found, f"{action.playback.occurrence} closed twice"
            found[action.playback.occurrence] = action.playback
        return {name.partition("@")[0]: playback for name, playback in found.items()}


def changed(message: Programme, **fields: object) -> Programme:
    return msgspec.structs.replace(message, **fields)
