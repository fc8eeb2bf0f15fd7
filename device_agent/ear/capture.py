"""A microphone, or the line back from an amplifier, through ALSA's own library. A shell.

Imported by `device_agent.ear.__main__` and tests.
"""

import contextlib
import ctypes
import errno
from collections.abc import Callable
from typing import Any

from device_agent.sound.alsa import library_of_alsa
from device_agent.sound.pcm import FRAME_BYTES

_CAPTURE, _BLOCKING, _S16_LE, _RW_INTERLEAVED = 1, 0, 2, 3
_ONE_CHANNEL, _RESAMPLE_IF_NEEDED = 1, 1
_LATENCY_US = 500_000
_READ = 1600


class CaptureError(Exception):
    """Nothing can be recorded; the text is for a technician."""


def record(name: str, rate: int, until_ns: int, mono_ns: Callable[[], int]) -> tuple[bytes, int]:
    """What comes in at a device (`plughw:CARD=Device,DEV=0`) until a monotonic instant: mono, 16 bit, and the instant
    of its first frame. What is lost where this process is too slow is silence.
    Raises `CaptureError`."""
    alsa, pcm = library_of_alsa(), ctypes.c_void_p()
    _check(alsa, alsa.snd_pcm_open(ctypes.byref(pcm), name.encode(), _CAPTURE, _BLOCKING), name)
    try:
        shape = (_S16_LE, _RW_INTERLEAVED, _ONE_CHANNEL, rate, _RESAMPLE_IF_NEEDED, _LATENCY_US)
        _check(alsa, alsa.snd_pcm_set_params(pcm, *shape), name)
        _check(alsa, alsa.snd_pcm_start(pcm), name)
        first_ns, heard = mono_ns(), bytearray()
        buffer = ctypes.create_string_buffer(_READ * FRAME_BYTES)
        while (now := mono_ns()) < until_ns:
            got = alsa.snd_pcm_readi(pcm, buffer, _READ)
            if got == -errno.EPIPE:
                alsa.snd_pcm_prepare(pcm)
                _check(alsa, alsa.snd_pcm_start(pcm), name)
                heard += bytes(max((now - first_ns) * rate // 1_000_000_000 * FRAME_BYTES - len(heard), 0))
                continue
            _check(alsa, got, name)
            heard += buffer.raw[: got * FRAME_BYTES]
        return bytes(heard), first_ns
    finally:
        with contextlib.suppress(OSError):
            alsa.snd_pcm_close(pcm)


def _check(alsa: Any, result: int, name: str) -> None:
    if result < 0:
        words: bytes = alsa.snd_strerror(result)
        raise CaptureError(f"{name}: {words.decode(errors='replace')}")
