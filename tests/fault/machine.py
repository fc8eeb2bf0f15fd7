"""A machine whose clock, power and disk fail on order: the shim `machine.c`, built once, and one machine's orders.

Imported by the fault tests. It is preloaded into real processes of the product; their monotonic clock stays true.
"""

import errno
import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("machine.c")
_LAYOUT = struct.Struct("qqqqqqq64s")
_MILLION = 1_000_000
BEFORE, WITHIN, AFTER = range(3)
"""Where in a write the power goes."""


@cache
def shim(folder: Path) -> Path:
    """The shared library, compiled into this folder."""
    if shutil.which("gcc") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("gcc is missing: apt-get install gcc libc6-dev")
    library = folder / "machine.so"
    command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return library


class Machine:
    """One machine: what is written here holds from its next look at the clock or write to the disk on. A process on
    it starts with `environment`."""

    def __init__(self, folder: Path, library: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file, self._chip = folder / "machine", folder / "machine.hctosys"
        self._chip.write_text("1\n")
        self._offset_ms = self._synchronised = self._clock_chip = 0
        if not self._file.exists():
            self._file.write_bytes(bytes(_LAYOUT.size))
        self._library = library
        self._write(0, 0, 0, b"")

    @property
    def environment(self) -> Mapping[str, str]:
        """To be added to the environment of a process."""
        return {
            "LD_PRELOAD": str(self._library),
            "LOABAN_MACHINE": str(self._file),
            "LOABAN_MACHINE_CHIP": str(self._chip),
        }

    def clock_off_by(self, offset_ms: int) -> None:
        """Its wall clock is off by so much from now on."""
        self._offset_ms = offset_ms
        self._write(0, 0, 0, b"")

    def clock_source(self, *, synchronised: bool = False, clock_chip: bool = False) -> None:
        """NTP holds its clock; or a clock chip has set it at boot; or neither."""
        self._synchronised, self._clock_chip = int(synchronised), int(clock_chip)
        self._write(0, 0, 0, b"")

    def power_goes_at_write(self, number: int, word: str, when: int = BEFORE, luck: int = 0) -> None:
        """The power goes at this write or flush (1 is the next) of a file whose path holds the word. `luck`: which
        pieces of what was written to such files since this order, and not flushed, are lost with it; 0: none."""
        self._write(number, when, 0, word.encode(), luck)

    def disk_full(self, word: str) -> None:
        """Writes to files whose path holds the word find no room."""
        self._write(0, 0, errno.ENOSPC, word.encode())

    def disk_read_only(self, word: str) -> None:
        """Writes to files whose path holds the word are refused, as by a card that has given up."""
        self._write(0, 0, errno.EROFS, word.encode())

    def heal(self) -> None:
        """Power and disk are well again; the clock stays as it is."""
        self._write(0, 0, 0, b"")

    def _write(self, die_in: int, die_when: int, refuse: int, word: bytes, luck: int = 0) -> None:
        clock = self._offset_ms * _MILLION, self._synchronised, self._clock_chip
        with self._file.open("r+b") as file:  # in place: the process has mapped it
            file.write(_LAYOUT.pack(*clock, die_in, die_when, refuse, luck, word))
