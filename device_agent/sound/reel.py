"""The reel: the pieces of one sound as one long run of frames, read from their files as they are needed. A shell.

Imported by the engine. Nothing is held in memory but what is read at a time, so that an hour costs no more than a
second.
"""

import array
import wave
from collections.abc import Sequence
from pathlib import Path

from device_agent.sound.pcm import FRAME_BYTES, RATE
from device_agent.sound.placing import frames_of

_FULL = 100


class ReelError(Exception):
    """A file cannot be read, or is not a mono 16-bit WAV of the right rate."""


class Reel:
    """`pieces`: WAV files and how many milliseconds after the start each begins; between them is silence."""

    def __init__(self, pieces: Sequence[tuple[Path, int]], volume_percent: int = _FULL) -> None:
        """Opens every file, so that a missing one is known before air."""
        self._volume = max(0, min(volume_percent, _FULL))
        self._files: list[tuple[int, int, wave.Wave_read]] = []
        try:
            for path, offset_ms in pieces:
                file = _opened(path)
                self._files.append((frames_of(offset_ms), file.getnframes(), file))
        except ReelError:
            self.close()
            raise
        self.frames = max((first + count for first, count, _ in self._files), default=0)
        if not self.frames:
            raise ReelError("no sound at all")

    def read(self, first: int, count: int) -> bytes:
        """Frames `first` to `first + count`, in full length; silence where there is no piece. Raises `ReelError`."""
        out = bytearray(count * FRAME_BYTES)
        for start, length, file in self._files:
            begin, end = max(first, start), min(first + count, start + length)
            if begin < end:
                frames = self._gained(_frames(file, begin - start, end - begin))
                at = (begin - first) * FRAME_BYTES
                out[at : at + len(frames)] = frames
        return bytes(out)

    def close(self) -> None:
        """Close the files."""
        for _, _, file in self._files:
            file.close()

    def _gained(self, frames: bytes) -> bytes:
        if self._volume == _FULL:
            return frames
        gain = self._volume * 256 // _FULL
        return array.array("h", [sample * gain >> 8 for sample in array.array("h", frames)]).tobytes()


def _frames(file: wave.Wave_read, first: int, count: int) -> bytes:
    try:
        file.setpos(first)
        frames = file.readframes(count)
    except (OSError, EOFError, RuntimeError, wave.Error) as error:
        raise ReelError(repr(error)) from error
    if len(frames) != count * FRAME_BYTES:
        raise ReelError("the file ends before its time")
    return frames


def _opened(path: Path) -> wave.Wave_read:
    try:
        file = wave.open(str(path), "rb")  # noqa: SIM115
    except (OSError, wave.Error, EOFError) as error:
        raise ReelError(f"{path.name}: {error}") from error
    if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, FRAME_BYTES, RATE):
        file.close()
        raise ReelError(f"{path.name}: not a mono 16-bit WAV at {RATE} Hz")
    return file
