"""What an office has sent down: who took it and who did not, reminding those who are silent, and the word that goes by
itself when nobody answers. Use cases.

Imported by the web, the messenger and tests.
"""

from collections import Counter

import msgspec

from schedules.clock import HOUR, DurationMs, UtcMs
from schedules.programme import HORIZON
from schedules.recurrence import occurrences
from server import answering, bulletins
from server.access import Act, Person, may, scope
from server.answering import Asked
from server.area import Area
from server.bulletin import Broadcast, Bulletin, state_of
from server.bulletins import BroadcastPage
from server.lifecycle import BroadcastState
from server.reaching import reach_of
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store
from server.uptake import Answer, Reply, Uptake, asks, level_due

MOST = 30
AGAIN: DurationMs = 1 * HOUR
"""Nobody is reminded more often."""
LATE = {1: "late_below", 2: "late_above"}
"""What the audit says when nobody answers, by how far up it is told."""


class Sent(msgspec.Struct, frozen=True):
    """A broadcast that was sent down, with the communes that it is for that this person may see. `hours`: when it is
    due next; `since`: when it was approved, 0 before; `open`: an answer still changes something."""

    page: BroadcastPage
    issuer: Area
    asked: tuple[Asked, ...]
    hours: tuple[UtcMs, ...]
    since: UtcMs
    open: bool
    may_remind: bool

    @property
    def counts(self) -> dict[Uptake, int]:
        """How many communes there are of each."""
        found = Counter(each.state for each in self.asked)
        return {state: found[state] for state in Uptake if found[state]}

    @property
    def waiting(self) -> tuple[Asked, ...]:
        """Those that have not answered what waits for their word."""
        return self.among(Uptake.waiting)

    def among(self, state: Uptake) -> tuple[Asked, ...]:
        """Those that stand like this."""
        return tuple(each for each in self.asked if each.state is state)


def listed(store: Store, person: Person, before: UtcMs, now: UtcMs) -> list[Sent]:
    """What the areas of this person have sent down, the newest first."""
    found = store.broadcasts.named(store.uptakes.sent_down(scope(person.grants, Act.see), before, MOST))
    sent = [_sent(store, person, page, now) for page in bulletins.visible(store, person, found)]
    return sorted(sent, key=lambda each: -each.page.broadcast.created_at)


def opened(store: Store, person: Person, broadcast: str, now: UtcMs) -> Sent:
    """One of them. Raises `NotFound`: who is only below it looks at what came from above."""
    page = bulletins.page(store, person, broadcast)
    sent = _sent(store, person, page, now)
    if not page.broadcast.pushed or not may(person.grants, Act.see, sent.issuer.path):
        raise NotFound
    return sent


def remind(store: Store, person: Person, broadcast: str, commune: str, now: UtcMs) -> int:
    """Ask those who have not answered once more, or one of them; how many were. Raises `Changed` where nobody waits any
    more, or all have been reminded within the hour, `NotAllowed`, `NotFound`."""
    sent = opened(store, person, broadcast, now)
    if not sent.may_remind:
        raise NotAllowed
    silent = [each for each in sent.waiting if commune in ("", each.commune.id)]
    due = [each for each in silent if now - each.reply.reminded_at >= AGAIN]
    if not due or not sent.open:
        raise Changed
    for each in due:
        store.uptakes.keep(msgspec.structs.replace(each.reply, reminded_at=now, reminded_by=person.id))
        store.trail.note(now, person, "remind_below", broadcast, area=each.commune.id, after=each.commune.id)
    return len(due)


def hurry(store: Store, now: UtcMs) -> int:
    """Note where nobody has answered for too long, each time once: people are told from the audit. How many lines that
    were."""
    told = 0
    active = [b for b in store.broadcasts.active(now) if b.pushed and not b.ordered]
    written = store.broadcasts.bulletins(b.bulletin for b in active)
    for broadcast in active:
        told += _hurry(store, written[broadcast.bulletin], broadcast, now)
    return told


def _hurry(store: Store, bulletin: Bulletin, broadcast: Broadcast, now: UtcMs) -> int:
    decision, rule = broadcast.decision, broadcast.recurrence
    if decision is None or rule is None or state_of(bulletin, broadcast) is not BroadcastState.approved:
        return 0
    due = next(iter(occurrences(rule, decision.at, decision.at + HORIZON)), None)
    level = level_due(decision.at, due, now) if due is not None else 0
    if not level or not asks(bulletin.broadcast_class, pushed=broadcast.pushed):
        return 0
    replies, told = store.uptakes.of([broadcast.id])[broadcast.id], 0
    for commune in reach_of(store, bulletin, broadcast).parts:
        reply = replies.get(commune, Reply(broadcast.id, commune))
        if reply.answer is Answer.none and reply.level < level:
            store.uptakes.keep(msgspec.structs.replace(reply, level=level))
            store.trail.note(now, "", LATE[level], broadcast.id, area=commune, after=commune)
            told += 1
    return told


def _sent(store: Store, person: Person, page: BroadcastPage, now: UtcMs) -> Sent:
    issuer = store.areas.named([page.bulletin.area])[page.bulletin.area]
    communes = store.areas.in_order(reach_of(store, page.bulletin, page.broadcast).parts)
    decision, rule = page.broadcast.decision, page.broadcast.recurrence
    approved = decision is not None and decision.approved
    still = answering.is_open(page, now)
    return Sent(
        page=page,
        issuer=issuer,
        asked=answering.asked_of(store, person, page, issuer, communes, now),
        hours=occurrences(rule, now, now + HORIZON)[: answering.NEXT] if rule is not None and still else (),
        since=decision.at if decision is not None and approved else 0,
        open=still,
        may_remind=may(person.grants, Act.write, issuer.path),
    )
