"""A process that takes all it can of one core while something is measured.

Imported by the measurements of sound.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

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
