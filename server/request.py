"""A request for a recording: who is asked to speak a bulletin in a language, and what became of it. Pure.

Imported by the use cases, the repository and the pages.
"""

import enum

import msgspec

from schedules.clock import UtcMs

LONGEST_NOTE = 500


class RequestState(enum.Enum):
    """What has become of it."""

    open = "open"
    done = "done"  # a recording in this language has been sent
    declined = "declined"
    taken_back = "taken_back"


class RecordingRequest(msgspec.Struct, frozen=True):
    """`id`: given by the database. `broadcast`: the version that somebody was asked for, `line`: the first version of
    it: a recording that is sent with any later version fulfils it. `staff`: who is asked, `by`: who asks, with a
    `note`; `answer`: what the asked person wrote when they declined."""

    id: int
    line: str
    broadcast: str
    language: str
    staff: str
    by: str
    at: UtcMs
    note: str = ""
    state: RequestState = RequestState.open
    answer: str = ""
    ended_at: UtcMs = 0
