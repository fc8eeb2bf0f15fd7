"""Processes beside the one that is measured: one that takes all it can of a core, and what one holds in memory.

Imported by the measurements.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SPIN = "while True: pass"


@contextlib.contextmanager
def busy_core() -> Iterator[None]:
    """The last core of those that this process may use is busy; what is measured may run anywhere."""
    process = subprocess.Popen([sys.executable, "-c", SPIN])
    try:
        os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
        yield
    finally:
        process.kill()
        process.wait()


def resident_mb(pid: int) -> float:
    """Resident megabytes of a process and all below it."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    own = next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(resident_mb(int(child)) for child in children)
