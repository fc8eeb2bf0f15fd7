"""Work that is done again and again on a machine whose power goes on order: in a child process each time.

Imported by tests of what lies on the memory card.
"""

import importlib
import os
import subprocess
import sys
from pathlib import Path

from tests.fault.machine import BEFORE, Machine, shim


class Doomed:
    """`work(folder)`, a function of a test module by its whole name; `close` ends the process that waits to do it."""

    def __init__(self, folder: Path, work: str) -> None:
        self.machine = Machine(folder / "machine", shim(folder))
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.unit.agent.doomed", work],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.machine.environment},
        )

    def does(self, folder: Path, number: int, when: int = BEFORE, luck: int = 0) -> bool:
        """The work is begun in this folder, and the power goes at its n-th write or flush there; whether it was done
        before that. A number of 0: it does not go."""
        if number:
            self.machine.power_goes_at_write(number, f"/{folder.name}/", when, luck)
        else:
            self.machine.heal()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer in ("done\n", "dark\n"), answer
        return answer == "done\n"

    def close(self) -> None:
        """No more work."""
        self._process.communicate("")


def _wait_for_work(name: str) -> None:
    """In the process: a child for each line, until there are no more."""
    module, _, function = name.rpartition(".")
    work = getattr(importlib.import_module(module), function)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            work(Path(line.strip()))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("dark" if os.WIFSIGNALED(status) else "done" if not status else "failed", flush=True)


if __name__ == "__main__":
    _wait_for_work(sys.argv[1])
