"""The clocks of the machine, and the only randomness of the agent: a shell.

Imported by the composition root, which hands the clock on.
"""

import ctypes
import secrets
import threading
import time
from pathlib import Path

from device_agent import timekeeping
from device_agent.timekeeping import Reading, Timekeeping
from schedules.clock import MonoMs, Now, UtcMs
from schedules.wire import TimeAnswer

_CLOCK_UNSYNCHRONISED = 0x40
_SET_FROM_RTC = Path("/sys/class/rtc/rtc0/hctosys")
_MILLION = 1_000_000


class _Timex(ctypes.Structure):
    """The head of the kernel's `struct timex`; the rest is room for what this program does not read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


class SystemClock:
    """What time it is, by the rules of `timekeeping`. Safe to use from several threads."""

    def __init__(self, remembered: UtcMs = 0) -> None:
        """`remembered`: an instant that is certainly past, from the journal."""
        self._keeping = Timekeeping(remembered=remembered)
        self._lock = threading.Lock()
        self._libc = ctypes.CDLL(None)
        self._has_rtc = _set_from_rtc()

    def now(self) -> Now:
        """The time now, with its trust."""
        with self._lock:
            return timekeeping.now(self._keeping, self._reading())

    @property
    def past(self) -> UtcMs:
        """An instant that has certainly passed."""
        return self._keeping.remembered

    def mono(self) -> MonoMs:
        """The clock that never steps."""
        return time.monotonic_ns() // _MILLION

    def utc_and_mono_ns(self) -> tuple[int, int]:
        """One instant on both clocks, in nanoseconds, for the sound card."""
        mono = time.monotonic_ns()
        system = time.time_ns()
        shift = self.now().utc - system // _MILLION
        return (system if abs(shift) <= 1 else system + shift * _MILLION), mono

    def ask(self) -> tuple[str, MonoMs]:
        """A nonce for a new question to the server, and when it is asked."""
        nonce, mono = secrets.token_hex(8), time.monotonic_ns() // _MILLION
        with self._lock:
            self._keeping = timekeeping.asked(self._keeping, nonce, mono)
        return nonce, mono

    def learn(self, answer: TimeAnswer) -> None:
        """Take the server's answer."""
        with self._lock:
            self._keeping = timekeeping.learnt(self._keeping, answer, time.monotonic_ns() // _MILLION)

    def _reading(self) -> Reading:
        timex = _Timex()
        state = self._libc.adjtimex(ctypes.byref(timex))
        synchronised = state >= 0 and not timex.status & _CLOCK_UNSYNCHRONISED
        return Reading(
            system=time.time_ns() // _MILLION,
            mono=time.monotonic_ns() // _MILLION,
            synchronised=synchronised,
            bound_ms=timex.maxerror // 1000 + 1,
            has_rtc=self._has_rtc,
        )


def new_name() -> str:
    """A name that no other journal, or run, has."""
    return secrets.token_hex(6)


def luck() -> float:
    """A number in [0, 1), so that loudspeakers do not all return in the same instant."""
    return secrets.randbelow(1_000_000) / 1_000_000


def _set_from_rtc() -> bool:
    try:
        return _SET_FROM_RTC.read_text().strip() == "1"
    except OSError:
        return False
