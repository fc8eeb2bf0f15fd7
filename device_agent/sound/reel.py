"""The reel: the pieces of one sound as one long run of frames, read from their sources as they are needed. A shell.

Imported by the engine. Nothing is held in memory but what is read at a time, so that an hour costs no more than a
second.
"""

import array
from collections.abc import Sequence
from pathlib import Path

from device_agent.sound.pcm import FRAME_BYTES
from device_agent.sound.placing import frames_of
from device_agent.sound.source import Begun, Source, SourceError, open_source

_FULL = 100


class Reel:
    """`pieces`: sounds and how many milliseconds after the start each begins; between them is silence."""

    def __init__(self, pieces: Sequence[tuple[Path | Begun, int]], volume_percent: int = _FULL) -> None:
        """Opens every piece, so that a missing one is known before air. Raises `SourceError`."""
        self._volume = max(0, min(volume_percent, _FULL))
        self._pieces: list[tuple[int, Source]] = []
        try:
            for where, offset_ms in pieces:
                self._pieces.append((frames_of(offset_ms), open_source(where)))
        except SourceError:
            self.close()
            raise
        self.frames = max((first + piece.frames for first, piece in self._pieces), default=0)
        if not self.frames:
            raise SourceError("no sound at all")

    def read(self, first: int, count: int) -> bytes:
        """Frames `first` to `first + count`, in full length; silence where there is no piece. Raises `SourceError`, or
        `NotYet` where a piece is still on its way."""
        out = bytearray(count * FRAME_BYTES)
        for start, piece in self._pieces:
            begin, end = max(first, start), min(first + count, start + piece.frames)
            if begin < end:
                frames = self._gained(piece.read(begin - start, end - begin))
                at = (begin - first) * FRAME_BYTES
                out[at : at + len(frames)] = frames
        return bytes(out)

    def close(self) -> None:
        """Give everything back."""
        for _, piece in self._pieces:
            piece.close()

    def _gained(self, frames: bytes) -> bytes:
        if self._volume == _FULL:
            return frames
        gain = self._volume * 256 // _FULL
        return array.array("h", [sample * gain >> 8 for sample in array.array("h", frames)]).tobytes()
