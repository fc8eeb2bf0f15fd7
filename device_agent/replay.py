"""A step as one JSON line, and the way back: whatever a loudspeaker did can be done again. Pure.

Imported by the step log and tests.
"""

from collections.abc import Iterable, Iterator

import msgspec

from device_agent.actions import Action
from device_agent.events import Event
from device_agent.loudspeaker import advance
from device_agent.state import State, Step, blank
from schedules.clock import MonoMs, Now


class Line(msgspec.Struct, frozen=True):
    """One step: what happened when, and what was done about it."""

    event: Event
    now: Now
    actions: tuple[Action, ...]
    wake_at: MonoMs | None


def line_of(event: Event, now: Now, step: Step) -> bytes:
    """A line of the step log, with its line end."""
    return msgspec.json.encode(Line(event, now, step.actions, step.wake_at)) + b"\n"


def read_line(line: bytes) -> Line:
    """The reverse of `line_of`; raises `msgspec.DecodeError` on anything else."""
    return msgspec.json.decode(line, type=Line)


def replay(lines: Iterable[Line], state: State | None = None) -> Iterator[tuple[Line, Step]]:
    """Do it all again from the first line on (which is a boot, unless a state is given): each line with the step
    that comes of it now."""
    state = state or blank("")
    for line in lines:
        step = advance(state, line.event, line.now)
        state = step.state
        yield line, step
