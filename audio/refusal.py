"""Why a sound cannot become a clip. Pure.

Imported by the rooms that take sounds in, the server, and tests.
"""

import enum


class MasteringFault(enum.Enum):
    """Why a sound cannot become a clip."""

    no_tool = "no_tool"
    not_sound = "not_sound"
    damaged = "damaged"  # of a known kind, but nothing can be read out of it
    unfit = "unfit"  # more channels, or another sample rate, than any recorder makes
    too_large = "too_large"
    too_short = "too_short"
    too_long = "too_long"
    silent = "silent"
    clipped = "clipped"  # recorded so much too loud that nothing can be made of it
    not_speech = "not_speech"  # tones, noise or music, where nobody said that it is music
    timed_out = "timed_out"
    busy = "busy"
    going_on = "going_on"  # it is long, and not ready yet
    no_room = "no_room"


class MasteringError(Exception):
    """A sound cannot become a clip; `fault` says why. `length_ms`: how long a sound that is too long is, where it says
    so itself."""

    def __init__(self, fault: MasteringFault, words: str = "", length_ms: int = 0) -> None:
        super().__init__(f"{fault.value}: {words}")
        self.fault = fault
        self.length_ms = length_ms
