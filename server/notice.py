"""Notices: what people are told, and who is told of what. Pure.

Imported by the use cases, the repository and the web. A notice is for one person and stands in the page until they have
read it; by which other ways it goes to them is `notice_choice`. The alert of an emergency on the wire is another thing.
"""

import enum
from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import UtcMs
from server.access import Act, Person, may


class Matter(enum.Enum):
    """What people choose between when they say how they want to be told."""

    approval = "approval"
    decision = "decision"
    emergency = "emergency"
    recording = "recording"
    concern = "concern"
    from_above = "from_above"


class NoticeKind(enum.Enum):
    """What has happened; the words stand at the edge."""

    waits = "waits"  # a bulletin waits for an approval
    approved = "approved"
    sent_back = "sent_back"
    alone = "alone"  # an emergency aired on one signature
    objected = "objected"  # the second person says that it should not have
    recording_asked = "recording_asked"
    concern_raised = "concern_raised"
    concern_escalated = "concern_escalated"
    concern_cleared = "concern_cleared"
    came_down = "came_down"  # an office above has sent something down
    asked_again = "asked_again"  # it asks those who have not answered once more
    unanswered = "unanswered"  # they have not answered for too long
    unanswered_below = "unanswered_below"  # the same, for the office and for who stands between
    report = "report"  # by e-mail, with its files
    report_linked = "report_linked"  # its files are too large for that
    webhook_paused = "webhook_paused"  # another system takes nothing any more
    trial = "trial"  # somebody tries whether messages reach them


MATTER: Mapping[NoticeKind, Matter] = {
    NoticeKind.waits: Matter.approval,
    NoticeKind.approved: Matter.decision,
    NoticeKind.sent_back: Matter.decision,
    NoticeKind.alone: Matter.emergency,
    NoticeKind.objected: Matter.emergency,
    NoticeKind.recording_asked: Matter.recording,
    NoticeKind.concern_raised: Matter.concern,
    NoticeKind.concern_escalated: Matter.concern,
    NoticeKind.concern_cleared: Matter.concern,
    NoticeKind.came_down: Matter.from_above,
    NoticeKind.asked_again: Matter.from_above,
    NoticeKind.unanswered: Matter.from_above,
    NoticeKind.unanswered_below: Matter.from_above,
    NoticeKind.report: Matter.decision,
    NoticeKind.report_linked: Matter.decision,
    NoticeKind.webhook_paused: Matter.concern,
    NoticeKind.trial: Matter.emergency,
}
DECIDES: Mapping[NoticeKind, Act] = {NoticeKind.waits: Act.approve, NoticeKind.alone: Act.review}
"""Those are for whoever may do this at every place concerned, and has not written it."""


class Event(msgspec.Struct, frozen=True):
    """Something of which people are told. `key` names it for ever: whatever happens, nobody is told twice of one key.
    `about`: what its words quote; `link`: the page where one acts; `paths`: of the places concerned, the issuing area
    first; `by`: who did it; `named`: who is told, where it is not for whoever may decide; `urgent`: it passes the
    quiet of the night."""

    kind: NoticeKind
    key: str
    at: UtcMs
    link: str
    about: dict[str, str] = {}
    paths: tuple[str, ...] = ()
    by: str = ""
    writers: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    urgent: bool = False

    @property
    def matter(self) -> Matter:
        """What it belongs to."""
        return MATTER[self.kind]


class Notice(msgspec.Struct, frozen=True):
    """What one person is told. `number`: given by the database; `read_at`: 0 until then."""

    staff: str
    kind: NoticeKind
    key: str
    at: UtcMs
    link: str
    about: dict[str, str] = {}
    urgent: bool = False
    number: int = 0
    read_at: UtcMs = 0

    @property
    def matter(self) -> Matter:
        """What it belongs to."""
        return MATTER[self.kind]


def told(event: Event, people: Iterable[Person]) -> tuple[Notice, ...]:
    """A notice for everybody who is to know; never for who did it."""
    act = DECIDES.get(event.kind)
    return tuple(
        Notice(person.id, event.kind, event.key, event.at, event.link, event.about, event.urgent)
        for person in people
        if person.id != event.by and (person.id in event.named if act is None else _decides(person, act, event))
    )


def watchers(people: Iterable[Person], path: str) -> frozenset[str]:
    """Who is told what goes wrong in an area: who holds a role on exactly this node. Whoever stands further up is told
    when nobody below has acknowledged it."""
    return frozenset(
        person.id
        for person in people
        if any(not grant.past and grant.area_path == path and Act.see in grant.acts for grant in person.grants)
    )


def takers(people: Iterable[Person], path: str) -> frozenset[str]:
    """Who is told what came down to a commune: who writes or approves for exactly this node."""
    return frozenset(
        person.id for person in people if any(g.area_path == path and Act.write in g.acts for g in person.grants)
    )


def above(people: Iterable[Person], issuer_path: str, path: str) -> frozenset[str]:
    """Who is told that a commune does not answer: who writes or approves for the office that asks, or between."""
    return frozenset(
        person.id
        for person in people
        if any(
            g.area_path.startswith(issuer_path) and path.startswith(g.area_path) and g.area_path != path
            for g in person.grants
            if Act.write in g.acts
        )
    )


def _decides(person: Person, act: Act, event: Event) -> bool:
    allowed = bool(event.paths) and all(may(person.grants, act, path) for path in event.paths)
    return allowed and person.id not in event.writers
