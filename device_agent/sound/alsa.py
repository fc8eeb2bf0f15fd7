"""A real sound card, through ALSA's own library: no wheel, no compiler, nothing between the program and the card.

Imported by the composition root of the agent, the bench and tests.
"""

import contextlib
import ctypes
import errno
from functools import cache
from typing import Any

from device_agent.sound.pcm import FRAME_BYTES, RATE, RING_FRAMES, CardLost, CardMissing, Underrun

_PLAYBACK, _NONBLOCK, _S16_LE, _RW_INTERLEAVED = 0, 1, 2, 3
_ONE_CHANNEL, _RESAMPLE_IF_NEEDED = 1, 1
_RAN_DRY = (-errno.EPIPE, -errno.ESTRPIPE)
_SILENT_ERRORS = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)


def _no_words(*_given: Any) -> None:
    """ALSA would write to standard error thousands of times while a card is away."""


_quiet = _SILENT_ERRORS(_no_words)


@cache
def library_of_alsa() -> Any:
    """libasound, which writes nothing to standard error. Raises `CardMissing` where there is none."""
    try:
        library = ctypes.CDLL("libasound.so.2")
    except OSError as error:
        raise CardMissing(
            "Thiếu thư viện ALSA; cài bằng: sudo apt-get install libasound2 / the ALSA library is missing"
        ) from error
    library.snd_strerror.restype = ctypes.c_char_p
    library.snd_pcm_writei.restype = ctypes.c_long
    library.snd_pcm_writei.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong]
    library.snd_pcm_readi.restype = ctypes.c_long
    library.snd_pcm_readi.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong]
    library.snd_pcm_delay.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_long)]
    for verb in ("start", "drop", "prepare", "close"):
        getattr(library, f"snd_pcm_{verb}").argtypes = [ctypes.c_void_p]
    library.snd_lib_error_set_handler(_quiet)
    return library


class AlsaCard:
    """An open ALSA playback device, by name (`plughw:CARD=Device,DEV=0`), never by number: numbers change at boot.
    `Pcm` says what the methods do."""

    def __init__(self, name: str) -> None:
        """Raises `CardMissing` if it cannot be opened now."""
        self._alsa = library_of_alsa()
        self._pcm = ctypes.c_void_p()
        self._dry = False
        self._check_open(self._alsa.snd_pcm_open(ctypes.byref(self._pcm), name.encode(), _PLAYBACK, _NONBLOCK), name)
        ring_us = RING_FRAMES * 1_000_000 // RATE
        shape = (_S16_LE, _RW_INTERLEAVED, _ONE_CHANNEL, RATE, _RESAMPLE_IF_NEEDED, ring_us)
        try:
            self._check_open(self._alsa.snd_pcm_set_params(self._pcm, *shape), name)
        except CardMissing:
            self.close()
            raise

    def write(self, frames: bytes) -> int:
        taken: int = self._alsa.snd_pcm_writei(self._pcm, frames, len(frames) // FRAME_BYTES)
        return 0 if taken == -errno.EAGAIN else self._checked(taken)

    def delay(self) -> int:
        if self._dry:  # some plug-ins forget it
            raise Underrun
        found = ctypes.c_long()
        self._checked(self._alsa.snd_pcm_delay(self._pcm, ctypes.byref(found)))
        return max(found.value, 0)

    def start(self) -> None:
        result = self._alsa.snd_pcm_start(self._pcm)
        if result != -errno.EBADFD:  # it has started by itself, the ring being full
            self._checked(result)

    def drop(self) -> None:
        self._alsa.snd_pcm_drop(self._pcm)
        self._checked(self._alsa.snd_pcm_prepare(self._pcm))
        self._dry = False

    def close(self) -> None:
        if self._pcm:
            with contextlib.suppress(OSError):
                self._alsa.snd_pcm_close(self._pcm)
            self._pcm = ctypes.c_void_p()

    def _checked(self, result: int) -> int:
        if result in _RAN_DRY:
            self._dry = True
            raise Underrun
        if result < 0:
            raise CardLost(self._words(result))
        return result

    def _check_open(self, result: int, name: str) -> None:
        if result < 0:
            raise CardMissing(f"{name}: {self._words(result)}")

    def _words(self, result: int) -> str:
        words: bytes = self._alsa.snd_strerror(result)
        return words.decode(errors="replace")
