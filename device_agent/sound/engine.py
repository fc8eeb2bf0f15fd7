"""The engine: one thread that keeps the card fed and lets each sound start at its exact frame. A shell.

Imported by `device_agent.speaker`, the bench and tests.

The card is opened a little ahead and fed silence, so that the amplifier is awake and the card's own clock is known.
A sound then lies at the frame that will sound at its instant. Whatever happens to the card, a sound goes on where it
would be by now: late listeners of the same bulletin must not get an echo.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from device_agent.sound.pcm import FRAME_BYTES, RATE, RING_FRAMES, CardError, CardMissing, Pcm, Underrun
from device_agent.sound.placing import correction, ms_of
from device_agent.sound.queued import Queued, faded
from device_agent.sound.reel import Reel
from device_agent.sound.source import Begun, NotYet, SourceError
from device_agent.sound.stream import Stream, silence

LINGER_NS = 2_500_000_000
"""The card stays open so long after a sound: the next one may follow."""
REFILL_S = 0.0111
"""No whole ratio to the 10 ms or 1 ms steps in which cards show their position: so the readings fall between them
everywhere, and their earliest is exact."""
REOPEN_S = 0.25
LONGEST_STALL_S = 60
"""So long is the next part of an alert awaited while it sounds: each time anew, for a link that is slow still brings it
to its end."""
LOOK_AGAIN_S = 30.0
"""A card with a fault is looked for so often while nothing is to sound, so that its fault is not told for longer than
it lasts."""
_CHUNK = RING_FRAMES // 4
_REAL_TIME_PRIORITY = 20

_log = logging.getLogger("loaban.sound")


class Listener(Protocol):
    """Who is told what the card did, from the engine's thread. Instants are monotonic nanoseconds."""

    def started(self, name: str, mono_ns: int) -> None:
        """The first frame has sounded."""

    def ended(self, name: str, mono_ns: int, sounded_ms: int, whole: bool) -> None:
        """It has sounded to its end, or was cut on order."""

    def failed(self, name: str, mono_ns: int, sounded_ms: int, cause: str) -> None:
        """It could not sound (to its end): card_missing, card_lost, file_unreadable or clip_incomplete."""


class Engine:
    """`open_card()` opens the card or raises `CardMissing`; it is called from the engine's thread alone. `clock()` is
    monotonic, in nanoseconds. `fault` says what is wrong with the card; it is empty while all is well."""

    def __init__(
        self, open_card: Callable[[], Pcm], listener: Listener, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._open_card, self._listener, self._clock = open_card, listener, clock
        self._wake = threading.Condition()
        self._sounds: tuple[Queued, ...] = ()
        """In the order in which they get the card. Replaced whole, under the lock: the thread reads it without."""
        self._hurry = False
        self._stopping = False
        self.fault = ""
        self._stream: Stream | None = None
        self._idle_since = 0
        self._writing: Queued | None = None
        self._correct = 0
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)

    def start(self) -> None:
        """Begin; nothing is opened before it is needed."""
        self._thread.start()

    def stop(self) -> None:
        """Silence at once, close the card, end the thread."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(5)

    def place(
        self,
        name: str,
        start_ns: int,
        pieces: Sequence[tuple[Path | Begun, int]],
        volume_percent: int,
        *,
        lead_in_ms: int = 0,
        urgent: bool = False,
        joins: bool = False,
    ) -> None:
        """Let a sound start at a monotonic instant, or at once if that is past; not before the card has been open for
        the lead-in. An urgent one cuts what sounds and does not wait for what is in the ring. One that joins goes on
        where it would be by now."""
        try:
            reel = Reel(pieces, volume_percent)
        except SourceError as error:
            _log.error("%s cannot sound: %s", name, error)
            self._listener.failed(name, self._clock(), 0, "file_unreadable")
            return
        start_ns = start_ns if joins else max(start_ns, self._clock())
        sound = Queued(name, start_ns, reel, lead_in_ms * 1_000_000, urgent=urgent, joins=joins)
        with self._wake:
            self._sounds = tuple(sorted((*self._sounds, sound), key=lambda s: (not s.urgent, s.start_ns)))
            self._hurried()

    def cancel(self, name: str) -> None:
        """Stop a sound at once, or do not begin it. An unknown name is told as ended, with nothing sounded."""
        with self._wake:
            found = [sound for sound in self._sounds if sound.name == name]
            for sound in found:
                sound.cancelled = True
            self._hurried()
        if not found:
            self._listener.ended(name, self._clock(), 0, False)

    def shift(self, name: str, by_ns: int) -> None:
        """The instant of a sound has turned out to be off by so much in all: what sounds is moved there little by
        little. An unknown name has ended."""
        for sound in self._sounds:
            if sound.name == name:
                sound.shift_ns = by_ns

    def turn(self) -> None:
        """Look after the card once; whatever goes wrong, the next turn will come. The thread does this every
        `REFILL_S`; where there is none (a clock that is not real) the caller does."""
        try:
            self._turn()
        except CardError as error:
            self._lost(error)
        except Exception as error:  # noqa: BLE001
            _log.exception("a fault of this program")
            self._lost(CardError(repr(error)))

    def patience(self) -> float | None:
        """How many seconds the thread may sleep now; None: until it is called."""
        if self._stream is not None:
            return REFILL_S
        ahead = min((sound.opens_ns for sound in self._sounds), default=None)
        if ahead is None:
            return LOOK_AGAIN_S if self.fault else None
        return max((ahead - self._clock()) / 1e9, REOPEN_S if self.fault else 0.0)

    def _hurried(self) -> None:
        """Let the thread look at once, even if it was not asleep."""
        self._hurry = True
        self._wake.notify()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_REAL_TIME_PRIORITY))
        while self._waited():
            self.turn()
        self._close()
        for sound in self._sounds:
            sound.reel.close()

    def _waited(self) -> bool:
        """Sleep until there is something to do; False to end."""
        with self._wake:
            if not self._stopping and not self._hurry:
                self._wake.wait(self.patience())
            self._hurry = False
            return not self._stopping

    def _turn(self) -> None:
        now = self._clock()
        try:
            self._make_way()
            self._drop_cancelled(now)
            if self._stream is None and self._wanted(now):
                self._open(now)
            if self._stream is None:
                return
            self._make_room(self._stream)
            self._refill(self._stream)
        except Underrun:
            _log.warning("the card ran dry")
            self._restart()
        self._tell(self._clock())
        self._close_if_idle(now)

    def _wanted(self, now: int) -> bool:
        """Whether the card should be open."""
        return any(sound.opens_ns <= now for sound in self._sounds) or bool(self.fault and not self._sounds)

    def _make_way(self) -> None:
        """An urgent sound cuts what sounds."""
        if any(sound.urgent and not sound.told_start for sound in self._sounds):
            for sound in self._sounds:
                sound.cancelled |= sound.told_start and not sound.urgent

    def _make_room(self, stream: Stream) -> None:
        """If the frame at which an urgent sound should start is in the ring already, drop the ring."""
        first = self._sounds[0] if self._sounds else None
        if first is None or not first.urgent or first.at is not None:
            return
        if stream.estimate.frame_at(first.earliest_ns(stream.opened_ns)) < stream.head:
            self._restart()

    def _open(self, now: int) -> None:
        try:
            self._stream = Stream(self._open_card(), self._clock)
        except CardMissing as error:
            if not self.fault:
                _log.error("no sound card: %s", error)
            self.fault = str(error) or "missing"
            self._give_up(now)
            return
        if self.fault:
            _log.info("the sound card is back")
        self.fault = ""
        self._begin(self._stream)

    def _begin(self, stream: Stream, fade: bytes = b"") -> None:
        """A run of the stream: what should sound now is its first frame, after the end of what was cut."""
        self._idle_since = self._clock()
        fresh = [sound for sound in self._sounds if not sound.begun]
        stream.begin()
        if fade:
            stream.write(fade)
        self._write(stream, _CHUNK)
        stream.start()
        for sound in fresh:
            if sound.at is not None:  # placed by a guess a millisecond old: let it have begun when it did
                sound.start_ns = stream.estimate.instant_of(sound.at)

    def _restart(self, fade: bytes = b"") -> None:
        """Empty the ring and begin again: what it held has not sounded."""
        self._leave_stream()
        if self._stream is not None:
            self._stream.drop()
            self._begin(self._stream, fade)

    def _leave_stream(self) -> None:
        """What was in the ring is lost: each sound has sounded as far as the card's position."""
        if self._stream is not None:
            position = self._stream.position()
            for sound in self._sounds:
                sound.leave(position)

    def _refill(self, stream: Stream) -> None:
        room = stream.room()
        while room > 0:
            taken = self._write(stream, min(room, _CHUNK))
            if not taken:
                return
            room -= taken

    def _write(self, stream: Stream, count: int) -> int:
        """Offer the next frames to the card; how many it took. The first of them may be a correction: a frame said
        twice, or one left out before it."""
        frames = self._next_frames(stream, count)
        taken = stream.write(frames)
        sound = self._writing
        if sound is not None and taken:
            sound.corrected = sound.head if self._correct else sound.corrected
            sound.head += taken - self._correct
            sound.slew(taken)
            sound.written += taken
            sound.written_end = stream.head
        return taken

    def _next_frames(self, stream: Stream, count: int) -> bytes:
        """What comes next, about so many frames at most: silence up to the next sound, or the sound."""
        self._correct, self._writing = 0, None
        sound = next((s for s in self._sounds if s.head < s.reel.frames and not s.cancelled), None)
        if sound is None or (sound.at is None and not self._placed(sound, stream, count)):
            return silence(count)
        begin = sound.at or 0
        if stream.head < begin:
            return silence(min(count, begin - stream.head))
        try:
            frames = sound.reel.read(sound.head, min(count, sound.reel.frames - sound.head))
        except SourceError as error:
            _log.error("%s can no longer be read: %s", sound.name, error)
            sound.cancelled, sound.fault = True, "file_unreadable"
            return silence(count)
        except NotYet:
            return self._stalled(sound, count)
        self._writing, sound.stalled = sound, 0
        ideal = stream.estimate.frame_at(sound.start_ns + sound.head * 1_000_000_000 // RATE)
        since = sound.head - sound.corrected
        self._correct = correction(stream.head, ideal, since) if sound.head and len(frames) > FRAME_BYTES else 0
        if self._correct > 0:
            return frames[:FRAME_BYTES] + frames
        return frames[FRAME_BYTES:] if self._correct < 0 else frames

    def _stalled(self, sound: Queued, count: int) -> bytes:
        """The rest of an alert is still on its way: silence, after which it goes on where it stopped."""
        sound.stalled += count
        sound.start_ns += count * 1_000_000_000 // RATE
        if sound.stalled > LONGEST_STALL_S * RATE:
            _log.error("the rest of %s did not come", sound.name)
            sound.cancelled, sound.fault = True, "clip_incomplete"
        return silence(count)

    def _placed(self, sound: Queued, stream: Stream, count: int) -> bool:
        """Fix the stream frame of a sound, as late as can be, for the estimate gets better: if it lies among the next
        `count` frames. What is late starts now; what was interrupted goes on where it would be by now."""
        if not sound.begun:
            sound.start_ns = sound.earliest_ns(stream.opened_ns)
        ideal = stream.estimate.frame_at(sound.start_ns)
        if ideal >= stream.head + count:
            return False
        if ideal < stream.head and not sound.begun:
            sound.start_ns, ideal = stream.estimate.instant_of(stream.head), stream.head
        sound.head = min(max(stream.head - ideal, 0), sound.reel.frames)
        sound.at = max(ideal, stream.head)
        return sound.head < sound.reel.frames

    def _tell(self, now: int) -> None:
        stream = self._stream
        if stream is None:
            return
        position = stream.position()
        for sound in self._sounds:
            if not sound.told_start and sound.at is not None and position > sound.at:
                sound.told_start = True
                self._listener.started(sound.name, stream.estimate.instant_of(sound.at))
            if sound.head >= sound.reel.frames and position >= sound.written_end:
                self._over(sound, now)

    def _over(self, sound: Queued, now: int) -> None:
        """Its time is over, and the card has been there at the end. Less than half of it is not a play."""
        self._remove(sound)
        sounded = ms_of(sound.written)
        if sound.written * 2 >= sound.reel.frames:
            self._listener.ended(sound.name, now, sounded, True)
        else:
            self._listener.failed(sound.name, now, sounded, "card_lost")

    def _remove(self, sound: Queued) -> None:
        with self._wake:
            self._sounds = tuple(s for s in self._sounds if s is not sound)
        sound.reel.close()
        self._idle_since = self._clock()

    def _drop_cancelled(self, now: int) -> None:
        for sound in [s for s in self._sounds if s.cancelled]:
            position = self._stream.position() if self._stream else 0
            fade = faded(sound, position)
            sounded = ms_of(sound.sounded(position) + len(fade) // FRAME_BYTES)
            self._remove(sound)
            try:
                if sound.at is not None and sound.written_end > position:
                    self._restart(fade)
            finally:
                if sound.fault:
                    self._listener.failed(sound.name, now, sounded, sound.fault)
                else:
                    self._listener.ended(sound.name, now, sounded, False)

    def _close_if_idle(self, now: int) -> None:
        if any(sound.opens_ns <= now + LINGER_NS for sound in self._sounds):
            return
        if now - self._idle_since > LINGER_NS:
            self._close()

    def _close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _lost(self, error: CardError) -> None:
        """The card is gone: sounds wait for it as long as they would last."""
        if not self.fault:
            _log.error("the sound card is lost: %s", error)
        self.fault = str(error) or "lost"
        self._leave_stream()
        self._close()
        self._give_up(self._clock())

    def _give_up(self, now: int) -> None:
        """With no card: a sound whose time is over has failed."""
        for sound in self._sounds:
            if now > sound.start_ns + ms_of(sound.reel.frames) * 1_000_000:
                cause = "card_lost" if sound.told_start else "card_missing"
                self._remove(sound)
                self._listener.failed(sound.name, now, ms_of(sound.written), cause)
