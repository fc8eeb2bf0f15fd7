"""The step log: every step of the core as one JSON line, so that whatever a loudspeaker did can be replayed. A shell.

Imported by the composition root. Meant for a folder in memory: a memory card would wear out under it.
"""

import os
from pathlib import Path

from device_agent.events import Event, TimePassed
from device_agent.replay import line_of
from device_agent.state import State, Step
from schedules.clock import Now

LARGEST_FILE = 8 * 1024 * 1024


class StepLog:
    """Writes `steps.jsonl` in a folder; a full one becomes `steps.1.jsonl`, and the one before it goes. A timer
    that changed nothing is left out."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "steps.jsonl"
        self._file = self._path.open("ab", buffering=0)
        self._state: State | None = None

    def __call__(self, event: Event, now: Now, step: Step) -> None:
        """One more step. A disk that is full does not stop a loudspeaker."""
        unchanged, self._state = step.state is self._state, step.state
        if unchanged and isinstance(event, TimePassed) and not step.actions:
            return
        try:
            line = line_of(event, now, step)
            before = self._file.seek(0, os.SEEK_END)
            if self._file.write(line) < len(line):  # no room: half a line could not be read, nor the one behind it
                self._file.truncate(before)
            if self._file.tell() > LARGEST_FILE:
                self._file.close()
                self._path.rename(self._path.with_name("steps.1.jsonl"))
                self._file = self._path.open("ab", buffering=0)
        except OSError:
            return


def no_log(_event: Event, _now: Now, _step: Step) -> None:
    """Where no step log is wanted."""
