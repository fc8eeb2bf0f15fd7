"""Where the frames of one piece of sound come from: a whole file, or the beginning that an alert brought. A shell.

Imported by the reel, the speaker and the composition root.
"""

import wave
from pathlib import Path
from typing import Protocol

import msgspec

from device_agent.sound.opus import OpusError, OpusStream
from device_agent.sound.pcm import FRAME_BYTES, RATE

_KEPT = 2 * RATE * FRAME_BYTES
"""What was read in the last two seconds can be read again: so far a ring that is dropped goes back."""


class SourceError(Exception):
    """It cannot be read, or is not a mono 16-bit sound of the right rate."""


class NotYet(Exception):
    """The frames asked for are still on their way."""


class Begun(msgspec.Struct, frozen=True):
    """The first bytes of a clip as it travels, of `frames` frames in all; `whole` is where all of it will lie."""

    content: bytes
    frames: int
    whole: Path


class Source(Protocol):
    """`frames`: how many there are in all."""

    frames: int

    def read(self, first: int, count: int) -> bytes:
        """So many frames from `first` on, all of which it has. Raises `SourceError` or `NotYet`."""

    def close(self) -> None:
        """Give everything back."""


def open_source(where: Path | Begun) -> Source:
    """Raises `SourceError`."""
    if isinstance(where, Path):
        return WholeSource(where)
    try:
        return WholeSource(where.whole)
    except SourceError:
        return BegunSource(where)


class WholeSource:
    """A WAV file."""

    def __init__(self, path: Path) -> None:
        """Raises `SourceError`."""
        try:
            self._file = wave.open(str(path), "rb")  # noqa: SIM115
        except (OSError, wave.Error, EOFError) as error:
            raise SourceError(f"{path.name}: {error}") from error
        self.frames = self._file.getnframes()
        if (self._file.getnchannels(), self._file.getsampwidth(), self._file.getframerate()) != (1, FRAME_BYTES, RATE):
            self.close()
            raise SourceError(f"{path.name}: not a mono 16-bit WAV at {RATE} Hz")

    def read(self, first: int, count: int) -> bytes:
        """As `Source` says."""
        try:
            self._file.setpos(first)
            frames = self._file.readframes(count)
        except (OSError, EOFError, RuntimeError, wave.Error) as error:
            raise SourceError(repr(error)) from error
        if len(frames) != count * FRAME_BYTES:
            raise SourceError("the file ends before its time")
        return frames

    def close(self) -> None:
        """As `Source` says."""
        self._file.close()


class BegunSource:
    """Decodes what came with the alert as it sounds, and goes over to the whole file where that ends. It can be read
    again two seconds back, and skipped forward."""

    def __init__(self, begun: Begun) -> None:
        """Raises `SourceError`."""
        self._begun = begun
        self.frames = begun.frames
        self._whole: WholeSource | None = None
        self._first = 0
        self._held = bytearray()
        self._opus = self._opened()

    def read(self, first: int, count: int) -> bytes:
        """As `Source` says."""
        if self._whole is None and first < self._first:
            self._again()
        if self._whole is None and self._decoded(first + count):
            at = (first - self._first) * FRAME_BYTES
            frames = bytes(self._held[at : at + count * FRAME_BYTES])
            self._forget()
            return frames
        return self._read_whole(first, count)

    def close(self) -> None:
        """As `Source` says."""
        self._opus.close()
        if self._whole is not None:
            self._whole.close()

    def _opened(self) -> OpusStream:
        try:
            return OpusStream(self._begun.content)
        except OpusError as error:
            raise SourceError(str(error)) from error

    def _again(self) -> None:
        self._opus.close()
        self._opus, self._first, self._held = self._opened(), 0, bytearray()

    def _decoded(self, end: int) -> bool:
        """Whether the frames up to `end` could be decoded."""
        while self._first + len(self._held) // FRAME_BYTES < end:
            try:
                piece = self._opus.read()
            except OpusError:
                piece = b""
            if not piece:
                return False
            self._held += piece
        return True

    def _forget(self) -> None:
        surplus = len(self._held) - 2 * _KEPT
        if surplus > 0:
            del self._held[:surplus]
            self._first += surplus // FRAME_BYTES

    def _read_whole(self, first: int, count: int) -> bytes:
        """What the programme says of its length may be a few milliseconds off: the end is silence then."""
        if self._whole is None:
            try:
                self._whole = WholeSource(self._begun.whole)
            except SourceError as error:
                raise NotYet from error
        there = max(0, min(count, self._whole.frames - first))
        return (self._whole.read(first, there) if there else b"") + bytes((count - there) * FRAME_BYTES)
