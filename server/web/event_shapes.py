"""The shape of a happening, for programs: as `/api/1/events` answers it and as webhooks bring it. A promise to programs
that we do not know: a field may be added, none is taken away.

Imported by the routes of the API and the description. Instants are ISO 8601 in UTC.
"""

from typing import Literal

from pydantic import Field

from server.web.api_shapes import Shape
from server.web.words import N_

EventName = Literal[
    "broadcast.approved",
    "broadcast.aired",
    "broadcast.failed",
    "bulletin.withdrawn",
    "emergency.issued",
    "emergency.ended",
    "loudspeaker.silent",
    "loudspeaker.back",
    "playback.corrected",
]


class EventBroadcast(Shape):
    """The broadcast that an event is about."""

    id: str
    bulletin: str
    title: str
    class_: str = Field(alias="class")
    area: str = Field(description=N_("on whose behalf"))
    targets: list[str]
    exercise: bool
    replaces: str


class EventShare(Shape):
    """At how many loudspeakers of the area it ended so."""

    outcome: str = Field(description=N_("an outcome of the log; “none”: not reported"))
    count: int
    share: float = Field(description=N_("of all loudspeakers of the area that it was for, 0 to 1"))


class EventLoudspeaker(Shape):
    """A loudspeaker that an event is about."""

    id: str
    name: str
    path: str = Field(description=N_("the ids from the province to itself, between slashes"))
    outcome: str | None
    reason: str | None = Field(description=N_("of a correction: the outcome before"))
    since: str | None = Field(description=N_("of one that is silent: since when"))


class EventShape(Shape):
    """Something that happened. The same event has the same `id` for everybody and at each try; of its figures and
    loudspeakers everybody gets those of their own area."""

    id: str
    cursor: str = Field(description=N_("ask /api/1/events with it for what came afterwards"))
    kind: EventName
    occurred_at: str
    broadcast: EventBroadcast | None
    occurrence: str | None
    planned: str | None
    revision: int = Field(description=N_("how often this occurrence has been told: late reports change it"))
    outcomes: list[EventShare]
    sounded: int
    failed: int
    loudspeakers: list[EventLoudspeaker] = Field(description=N_("the first hundred"))
    by: str
    note: str = Field(description=N_("why, or how an emergency ended: withdrawn, replaced, over"))


class EventPage(Shape):
    """Events in their order, the oldest first."""

    items: list[EventShape]
    next: str = Field(description=N_("ask on with it, also later: it is there at the end as well"))
    more: bool = Field(description=N_("there are more at once"))
    lost: bool = Field(description=N_("what came behind this cursor is older than 90 days, and is kept no more"))
