"""The loudspeaker's voice: the core's orders in civil terms, the engine's in frames. A shell.

Imported by the composition root.
"""

import threading
from collections.abc import Callable
from pathlib import Path

from device_agent import events
from device_agent.actions import AT_ONCE, PlaceSound
from device_agent.ear.ear import Ear
from device_agent.ear.verdict import Verdict
from device_agent.heads import Heads
from device_agent.sound.alsa import AlsaCard
from device_agent.sound.engine import Engine, Listener
from device_agent.sound.file_card import FileCard
from device_agent.sound.pcm import Pcm
from device_agent.sound.placing import ms_of
from device_agent.sound.source import Begun, SourceError, open_source
from schedules.clock import DurationMs, UtcMs
from schedules.playback import Reason

_MILLION = 1_000_000
FOLLOWED_NS = 200 * _MILLION
"""A clock that moves by more has stepped, which must change nothing that sounds; by less, it knows better."""
WORTH_NS = 3 * _MILLION
"""The time is known in whole milliseconds: less is none."""


class EngineSpeaker:
    """`utc_and_mono_ns()` gives one instant on both clocks; an instant is converted once, when it is placed, so that
    a clock that steps later moves nothing. But the clock that sounds go by runs away from that of the neighbours, some
    ten milliseconds in five minutes: when `follow` is called and a little is off, they are moved slowly."""

    def __init__(
        self,
        open_card: Callable[[], Pcm],
        sound_of: Callable[[str], Path | Begun],
        utc_and_mono_ns: Callable[[], tuple[int, int]],
        engine_of: Callable[[Callable[[], Pcm], Listener], Engine] = Engine,
        ear: Ear | None = None,
    ) -> None:
        self._engine = engine_of(open_card, self)
        self._sound_of, self._clock, self._ear = sound_of, utc_and_mono_ns, ear
        self._announce: Callable[[events.Event], None] = _nobody
        self._placed: dict[str, tuple[int, int]] = {}
        """What is to sound or sounds: UTC minus monotonic time when it was placed, and as followed since."""
        self._left_out: dict[str, tuple[str, ...]] = {}
        """What could not be read of what is to sound, or sounds, around its words."""
        self._sought: dict[str, tuple[tuple[tuple[str, DurationMs], ...], DurationMs]] = {}
        """Where the ear finds what is to sound, or sounds, and how long that is."""
        self._lock = threading.Lock()

    def start(self, announce: Callable[[events.Event], None]) -> None:
        """Begin; every sound is announced from now on."""
        self._announce = announce
        self._engine.start()

    def stop(self) -> None:
        """Silence, and leave the card."""
        self._engine.stop()

    def place(self, sound: PlaceSound) -> None:
        """Let this sound."""
        utc, mono = self._clock()
        left_out = tuple(clip for clip in sound.optional if not self._can_be_read(clip))
        pieces = [piece for piece in sound.pieces if piece[0] not in left_out]
        # Who joins is where the others are; anybody else lets the words wait for nothing.
        pieces = pieces if sound.joins else _closed_up(pieces)
        with self._lock:
            self._placed[sound.occurrence] = (utc - mono, utc - mono)
            self._left_out[sound.occurrence] = left_out
        sought = self._files(pieces) if self._ear is not None else None
        if sought is not None:
            with self._lock:
                self._sought[sound.occurrence] = sought
        start = mono if sound.start == AT_ONCE else mono + sound.start * _MILLION - utc
        self._engine.place(
            sound.occurrence,
            start,
            [(self._sound_of(clip), offset) for clip, offset in pieces],
            sound.volume_percent,
            lead_in_ms=sound.lead_in_ms,
            urgent=sound.urgent,
            joins=sound.joins,
        )

    def cancel(self, occurrence: str) -> None:
        """Stop this."""
        self._engine.cancel(occurrence)

    def follow(self) -> None:
        """What sounds follows the clock, if that has come to know the time a little better."""
        utc, mono = self._clock()
        with self._lock:
            for name, (first, last) in self._placed.items():
                if WORTH_NS <= abs(utc - mono - last) <= FOLLOWED_NS:
                    self._placed[name] = (first, utc - mono)
                    self._engine.shift(name, first - (utc - mono))

    def fault(self) -> str:
        """What is wrong with the card; empty while it is well."""
        return self._engine.fault

    def started(self, name: str, mono_ns: int) -> None:
        """From the engine."""
        with self._lock:
            left_out = self._left_out.get(name, ())
            sought = self._sought.get(name)
        self._announce(events.SoundStarted(name, self._utc(mono_ns), left_out))
        for clip in left_out:
            self._announce(events.ClipRotten(clip))
        ear = self._ear
        if ear is not None and sought is not None:

            def tell(verdict: Verdict) -> None:
                if verdict.found:
                    self._announce(events.SoundFound(name, ear.place.proves))
                elif verdict.judged_ms:
                    self._announce(events.SoundMissed(name))

            ear.listen(name, sought[0], mono_ns, sought[1], tell)

    def ended(self, name: str, mono_ns: int, sounded_ms: int, whole: bool) -> None:
        """From the engine."""
        self._leave(name)
        self._announce(events.SoundEnded(name, self._utc(mono_ns), sounded_ms, whole))

    def failed(self, name: str, mono_ns: int, sounded_ms: int, cause: str) -> None:
        """From the engine."""
        self._leave(name)
        self._announce(events.SoundFailed(name, self._utc(mono_ns), sounded_ms, Reason(cause)))

    def _leave(self, name: str) -> None:
        with self._lock:
            self._placed.pop(name, None)
            self._left_out.pop(name, None)
            self._sought.pop(name, None)
        if self._ear is not None:
            self._ear.leave(name)

    def _files(
        self, pieces: list[tuple[str, DurationMs]]
    ) -> tuple[tuple[tuple[str, DurationMs], ...], DurationMs] | None:
        """Where the pieces lie on the card, and how long they are in all; None where one of them is still coming."""
        files, ends = [], 0
        for clip, offset in pieces:
            where = self._sound_of(clip)
            if not isinstance(where, Path):
                return None
            try:
                source = open_source(where)
            except SourceError:
                return None
            ends = max(ends, offset + ms_of(source.frames))
            source.close()
            files.append((str(where), offset))
        return tuple(files), ends

    def _can_be_read(self, clip: str) -> bool:
        try:
            open_source(self._sound_of(clip)).close()
        except SourceError:
            return False
        return True

    def _utc(self, mono_ns: int) -> UtcMs:
        utc, mono = self._clock()
        return (utc + mono_ns - mono) // _MILLION


def _closed_up(pieces: list[tuple[str, DurationMs]]) -> list[tuple[str, DurationMs]]:
    """Those that are left, from the start on."""
    first = min((offset for _, offset in pieces), default=0)
    return [(clip, offset - first) for clip, offset in pieces]


def sound_finder(sound_of: Callable[[str], Path], heads: Heads) -> Callable[[str], Path | Begun]:
    """Where the sound of a clip comes from: its file, or what an alert brought of it while there is none."""

    def find(name: str) -> Path | Begun:
        path, head = sound_of(name), heads.of(name)
        return Begun(head[1], head[0], path) if head is not None else path

    return find


def card_opener(name: str) -> Callable[[], Pcm]:
    """What opens the card of a setting: `alsa:NAME` or `file:PATH`. Raises ValueError on anything else."""
    kind, _, where = name.partition(":")
    if kind == "file" and where:
        return lambda: FileCard(Path(where))
    if kind == "alsa" and where:
        return lambda: AlsaCard(where)
    raise ValueError(f"“{name}”: dùng alsa:TÊN hoặc file:ĐƯỜNG_DẪN / use alsa:NAME or file:PATH")


def _nobody(_event: events.Event) -> None:
    """Before `start`, nobody listens."""
