"""Opus as clips travel (Ogg, mono) → frames for the card, through libopusfile. A shell.

Imported by the decoder, the reel, the bench and tests. Nothing is started and nothing copied: a sound can be heard a
millisecond after its first bytes are there, which is what an alert needs.
"""

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

from device_agent.sound.pcm import FRAME_BYTES

LIBRARY = "libopusfile.so.0"
_HOLE = -3
_LONGEST_PACKET = 5760
"""Frames: 120 ms at 48 kHz, the most that one packet holds."""


class OpusError(Exception):
    """This is no Ogg Opus with one channel, or it is damaged, or the library is missing."""


@cache
def _library() -> Any:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise OpusError(
            "Thiếu thư viện giải mã; cài bằng: sudo apt-get install libopusfile0 / libopusfile0 is missing"
        ) from error
    for name in ("op_open_memory", "op_open_file"):
        getattr(library, name).restype = ctypes.c_void_p
    library.op_open_memory.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_int)]
    library.op_open_file.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    library.op_channel_count.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.op_read.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    library.op_free.argtypes = [ctypes.c_void_p]
    library.op_free.restype = None
    return library


class OpusStream:
    """One sound, read from its beginning to its end, once."""

    def __init__(self, source: Path | bytes) -> None:
        """A file, or the bytes of one, which may be cut off anywhere after its first second. Raises `OpusError`."""
        self._opus = _library()
        error = ctypes.c_int(0)
        self._content = source  # the library reads from these bytes as long as it is open
        if isinstance(source, bytes):
            self._stream = self._opus.op_open_memory(source, len(source), ctypes.byref(error))
        else:
            self._stream = self._opus.op_open_file(str(source).encode(), ctypes.byref(error))
        if not self._stream:
            raise OpusError(f"not an Ogg Opus stream ({error.value})")
        self._buffer = ctypes.create_string_buffer(_LONGEST_PACKET * FRAME_BYTES)
        channels = self._opus.op_channel_count(self._stream, -1)
        if channels != 1:
            self.close()
            raise OpusError(f"{channels} channels, not one")

    def read(self) -> bytes:
        """The next frames, at most 120 ms of them; nothing at the end. Raises `OpusError` where it is damaged."""
        if not self._stream:
            return b""
        count = self._opus.op_read(self._stream, self._buffer, _LONGEST_PACKET, None)
        if count == _HOLE:
            raise OpusError("a part is missing")
        if count < 0:
            raise OpusError(f"damaged ({count})")
        return self._buffer.raw[: count * FRAME_BYTES]

    def close(self) -> None:
        """Give everything back."""
        stream, self._stream = self._stream, None
        if stream:
            self._opus.op_free(stream)
