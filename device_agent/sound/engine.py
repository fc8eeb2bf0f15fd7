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

from device_agent.sound.pcm import FRAME_BYTES, RING_FRAMES, CardError, CardMissing, Pcm, Underrun
from device_agent.sound.placing import Estimate, correction, ms_of
from device_agent.sound.reel import Reel, ReelError

OPEN_AHEAD_NS = 3_000_000_000
"""The card opens so long before a sound: the estimate needs a second, the amplifier's relay its lead-in."""
LINGER_NS = 2_500_000_000
"""The card stays open so long after a sound: the next one may follow."""
REFILL_S = 0.012
REOPEN_S = 0.25
STUCK_NS = 2_000_000_000
"""A card whose position has not moved for so long is gone, whatever it says."""
_CHUNK = RING_FRAMES // 4
_SILENCE = bytes(RING_FRAMES * FRAME_BYTES)
_REAL_TIME_PRIORITY = 20

_log = logging.getLogger("loaban.sound")


class Listener(Protocol):
    """Who is told what the card did, from the engine's thread. Instants are monotonic nanoseconds."""

    def started(self, name: str, mono_ns: int) -> None:
        """The first frame has sounded."""

    def ended(self, name: str, mono_ns: int, sounded_ms: int, whole: bool) -> None:  # noqa: FBT001
        """It has sounded to its end, or was cut on order."""

    def failed(self, name: str, mono_ns: int, sounded_ms: int, cause: str) -> None:
        """It could not sound (to its end): card_missing, card_lost or file_unreadable."""


class _Sound:
    """One sound on its way. `at` is the stream frame of its first frame, once placed; `head` the next of its
    frames to be written; `written_end` the stream frame after its last written one; `kept` how many of its frames
    have sounded in earlier runs of the stream."""

    def __init__(self, name: str, start_ns: int, reel: Reel) -> None:
        self.name, self.start_ns, self.reel = name, start_ns, reel
        self.at: int | None = None
        self.head = 0
        self.written = 0
        self.written_end = 0
        self.told_start = False
        self.cancelled = False

    def sounded(self, position: int) -> int:
        """How many of its frames have left the card when the stream is at this position."""
        return max(0, self.written - max(0, self.written_end - position))


class Engine:
    """`open_card()` opens the card or raises `CardMissing`; it is called from the engine's thread alone."""

    def __init__(self, open_card: Callable[[], Pcm], listener: Listener) -> None:
        self._open_card, self._listener = open_card, listener
        self._wake = threading.Condition()
        self._sounds: list[_Sound] = []
        self._urgent = False
        self._stopping = False
        self.fault = ""
        self._card: Pcm | None = None
        self._estimate = Estimate()
        self._stream = 0
        self._moved = (0, 0)
        self._idle_since = 0
        self._writing: _Sound | None = None
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
        self, name: str, start_ns: int, pieces: Sequence[tuple[Path, int]], volume_percent: int, *, urgent: bool = False
    ) -> None:
        """Let a sound start at a monotonic instant, or at once if that is past; `urgent` drops what is in the
        ring."""
        try:
            reel = Reel(pieces, volume_percent)
        except ReelError as error:
            _log.error("%s cannot sound: %s", name, error)
            self._listener.failed(name, time.monotonic_ns(), 0, "file_unreadable")
            return
        with self._wake:
            self._sounds.append(_Sound(name, start_ns, reel))
            self._sounds.sort(key=lambda sound: sound.start_ns)
            self._urgent |= urgent
            self._wake.notify()

    def cancel(self, name: str) -> None:
        """Stop a sound at once, or do not begin it. An unknown name is told as ended, with nothing sounded."""
        with self._wake:
            found = [sound for sound in self._sounds if sound.name == name]
            for sound in found:
                sound.cancelled = True
            self._wake.notify()
        if not found:
            self._listener.ended(name, time.monotonic_ns(), 0, False)  # noqa: FBT003

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_REAL_TIME_PRIORITY))
        while self._waited():
            try:
                self._turn()
            except Underrun:
                _log.warning("the card ran dry")
                self._restart()
            except CardError as error:
                self._lost(error)
        self._close()

    def _waited(self) -> bool:
        """Sleep until there is something to do; False to end."""
        with self._wake:
            if not self._stopping:
                self._wake.wait(self._patience())
            return not self._stopping

    def _patience(self) -> float | None:
        if self._card is not None:
            return REFILL_S
        if not self._sounds:
            return None
        ahead = self._sounds[0].start_ns - OPEN_AHEAD_NS - time.monotonic_ns()
        return max(ahead / 1e9, REOPEN_S if self.fault else 0.0)

    def _turn(self) -> None:
        now = time.monotonic_ns()
        self._drop_cancelled(now)
        if self._card is None:
            if not self._sounds or self._sounds[0].start_ns - OPEN_AHEAD_NS > now:
                return
            self._open(now)
            if self._card is None:
                return
        if self._urgent:
            self._urgent = False
            self._restart()
        self._refill()
        self._tell(time.monotonic_ns())
        self._close_if_idle(now)

    def _open(self, now: int) -> None:
        try:
            self._card = self._open_card()
        except CardMissing as error:
            if not self.fault:
                _log.error("no sound card: %s", error)
            self.fault = str(error) or "missing"
            self._give_up(now)
            return
        if self.fault:
            _log.info("the sound card is back")
        self.fault = ""
        self._begin_stream()

    def _begin_stream(self) -> None:
        """A run of the stream: position 0, nothing known of its clock; sounds under way will be placed anew."""
        self._estimate = Estimate()
        self._stream = 0
        self._moved = (0, time.monotonic_ns())
        self._idle_since = time.monotonic_ns()
        card = self._card
        if card is not None:
            self._stream = card.write(_SILENCE[: _CHUNK * FRAME_BYTES])
            card.start()

    def _restart(self) -> None:
        """Empty the ring and begin again: what it held has not sounded."""
        self._leave_stream()
        if self._card is not None:
            self._card.drop()
            self._begin_stream()

    def _leave_stream(self) -> None:
        """What was in the ring is lost: each sound has sounded as far as the card's position."""
        position = self._position()
        for sound in self._sounds:
            if sound.at is not None:
                sound.written = sound.sounded(position)
                sound.written_end = 0
                sound.at = None

    def _position(self) -> int:
        """The stream frame that sounds now."""
        if self._card is None:
            return 0
        try:
            return self._stream - self._card.delay()
        except Underrun:
            return self._stream
        except CardError:
            return min(self._stream, self._moved[0])

    def _refill(self) -> None:
        card = self._card
        if card is None:
            return
        delay = card.delay()
        now = time.monotonic_ns()
        self._estimate.read(now, self._stream, delay)
        self._watch(now, self._stream - delay)
        room = RING_FRAMES - delay
        while room > 0:
            frames = self._next_frames(min(room, _CHUNK))
            taken = card.write(frames)
            self._advance(taken, len(frames) // FRAME_BYTES)
            if taken * FRAME_BYTES < len(frames):
                return
            room -= taken

    def _watch(self, now: int, position: int) -> None:
        if position != self._moved[0]:
            self._moved = (position, now)
        elif now - self._moved[1] > STUCK_NS:
            raise CardError("its position stands still")

    def _next_frames(self, count: int) -> bytes:
        """What to write at the stream's head: silence up to the next sound, or the sound."""
        self._correct, self._writing = 0, None
        sound = next((s for s in self._sounds if s.head < s.reel.frames), None)
        if sound is None:
            return _SILENCE[: count * FRAME_BYTES]
        if sound.at is None and not self._placed(sound):
            return _SILENCE[: count * FRAME_BYTES]
        begin = sound.at or 0
        if self._stream < begin:
            return _SILENCE[: min(count, begin - self._stream) * FRAME_BYTES]
        self._writing = sound
        frames = sound.reel.read(sound.head, min(count, sound.reel.frames - sound.head))
        ideal = self._estimate.frame_at(sound.start_ns) + sound.head
        self._correct = correction(self._stream, ideal).frames if sound.head else 0
        if self._correct > 0:
            return frames[:FRAME_BYTES] + frames
        return frames[FRAME_BYTES:] if self._correct < 0 and len(frames) > FRAME_BYTES else frames

    def _placed(self, sound: _Sound) -> bool:
        """Fix the stream frame of a sound, if it is near enough to fix it well. What is late starts now; what was
        interrupted goes on where it would be by now."""
        ideal = self._estimate.frame_at(sound.start_ns)
        if ideal > self._stream + RING_FRAMES:
            return False
        begun = sound.told_start or sound.head > 0
        if ideal < self._stream and not begun:
            sound.start_ns, ideal = self._estimate.instant_of(self._stream), self._stream
        sound.head = min(max(self._stream - ideal, 0), sound.reel.frames)
        sound.at = max(ideal, self._stream)
        return sound.head < sound.reel.frames

    def _advance(self, taken: int, offered: int) -> None:
        self._stream += taken
        sound = self._writing
        if sound is None or taken == 0:
            return
        # A correction changes how many frames of the sound went out: one fewer was read than written, or one more.
        sound.head += taken - self._correct if taken == offered else taken
        sound.written += taken
        sound.written_end = self._stream

    def _tell(self, now: int) -> None:
        position = self._position()
        for sound in list(self._sounds):
            if not sound.told_start and sound.at is not None and position > sound.at:
                sound.told_start = True
                self._listener.started(sound.name, self._estimate.instant_of(sound.at))
            if sound.head >= sound.reel.frames and position >= sound.written_end:
                self._remove(sound)
                self._listener.ended(sound.name, now, ms_of(sound.written), True)  # noqa: FBT003

    def _remove(self, sound: _Sound) -> None:
        with self._wake:
            self._sounds.remove(sound)
        sound.reel.close()
        self._idle_since = time.monotonic_ns()

    def _drop_cancelled(self, now: int) -> None:
        for sound in [s for s in self._sounds if s.cancelled]:
            position = self._position()
            in_ring = sound.at is not None and sound.written_end > position
            sounded = sound.sounded(position)
            self._remove(sound)
            if in_ring:
                self._restart()
            self._listener.ended(sound.name, now, ms_of(sounded), False)  # noqa: FBT003

    def _close_if_idle(self, now: int) -> None:
        next_start = self._sounds[0].start_ns if self._sounds else None
        if next_start is not None and next_start - OPEN_AHEAD_NS <= now + LINGER_NS:
            return
        if now - self._idle_since > LINGER_NS:
            self._close()

    def _close(self) -> None:
        card, self._card = self._card, None
        if card is not None:
            with contextlib.suppress(CardError):
                card.close()

    def _lost(self, error: CardError) -> None:
        """The card is gone: sounds wait for it as long as they would last."""
        if not self.fault:
            _log.error("the sound card is lost: %s", error)
        self.fault = str(error) or "lost"
        self._leave_stream()
        self._close()
        self._give_up(time.monotonic_ns())

    def _give_up(self, now: int) -> None:
        """With no card: a sound whose time is over has failed."""
        for sound in list(self._sounds):
            if now > sound.start_ns + ms_of(sound.reel.frames) * 1_000_000:
                cause = "card_lost" if sound.told_start else "card_missing"
                self._remove(sound)
                self._listener.failed(sound.name, now, ms_of(sound.written), cause)
