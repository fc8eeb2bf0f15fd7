"""What came from above, as a commune sees it, and what the commune says to it: use cases.

Imported by the use cases of who sends it, the web and tests.
"""

from collections.abc import Iterable, Mapping

import msgspec

from schedules.clock import UtcMs
from schedules.programme import HORIZON, BroadcastClass, Turn
from schedules.recurrence import last_due, occurrences
from schedules.rundown import Entry
from server import bulletins, clashing
from server.access import Act, Person, may, may_anywhere, scope, within_reach
from server.area import Area
from server.bulletins import BroadcastPage
from server.lifecycle import DUE, BroadcastState
from server.reaching import reach_of
from server.refusals import Changed, NotAllowed, NotFound, OwnWork
from server.repositories.store import Store
from server.uptake import Answer, Reply, Uptake, asks, may_answer, uptake_of

MOST = 30
NEXT = 3
"""Hours that are named."""


class Asked(msgspec.Struct, frozen=True):
    """A commune that a broadcast is for. `by`: who answered, by name; `due`: plays that were due there by now, of which
    `sounded` did; `answers`: this person may answer for it."""

    commune: Area
    state: Uptake
    reply: Reply
    by: str = ""
    due: int = 0
    sounded: int = 0
    answers: bool = False

    @property
    def share(self) -> int | None:
        """Per cent that sounded; None where nothing was due yet."""
        return self.sounded * 100 // self.due if self.due else None


class FromAbove(msgspec.Struct, frozen=True):
    """A broadcast of an area above (`issuer`), and how it stands at the communes of this person. `hours`: when it is
    due next; `open`: it can still be answered; `asks`: it sounds only where it is accepted; `clashes`: by commune, what
    meets it there on air."""

    page: BroadcastPage
    issuer: Area
    asked: tuple[Asked, ...]
    hours: tuple[UtcMs, ...]
    open: bool
    asks: bool
    clashes: dict[str, tuple[Entry, ...]] = {}

    @property
    def orders(self) -> bool:
        """Whether a commune may put it before or behind its own."""
        return self.page.bulletin.broadcast_class is BroadcastClass.priority

    @property
    def waits(self) -> int:
        """How many of these communes it waits for."""
        return sum(each.state is Uptake.waiting for each in self.asked)


def inbox(store: Store, person: Person, before: UtcMs, now: UtcMs) -> list[FromAbove]:
    """What came from above for the places of this person: what waits for an answer first, then the newest."""
    paths = scope(person.grants, Act.see)
    above = {id_ for path in paths for id_ in path.strip("/").split("/")[:-1]}
    found = store.broadcasts.named(store.uptakes.from_above(above, paths, before, MOST))
    told = [_told(store, person, page, now) for page in bulletins.from_above(store, person, found)]
    ordered = sorted((each for each in told if each.asked), key=lambda each: -each.page.broadcast.created_at)
    return sorted(ordered, key=lambda each: not each.waits)


def waiting(store: Store, person: Person, now: UtcMs) -> list[FromAbove]:
    """What waits for the answer of communes for which this person answers."""
    if not may_anywhere(person.grants, Act.approve):
        return []
    found = inbox(store, person, now + 1, now)
    return [each for each in found if any(one.answers and one.state is Uptake.waiting for one in each.asked)]


def opened(store: Store, person: Person, broadcast: str, now: UtcMs) -> FromAbove:
    """One of them. Raises `NotFound`."""
    found = store.broadcasts.find(broadcast)
    pages = bulletins.from_above(store, person, [found]) if found is not None else []
    told = _told(store, person, pages[0], now) if pages else None
    if told is None or not told.asked:
        raise NotFound
    met = {
        each.commune.id: tuple(
            clashing.clashes(store, told.page, now, now + HORIZON, each.commune, each.reply.turn)
        )
        for each in told.asked
        if told.open and each.state is not Uptake.refused
    }  # fmt: skip
    return msgspec.structs.replace(told, clashes=met)


def accept(store: Store, person: Person, broadcast: str, commune: str, turn: Turn, now: UtcMs) -> None:
    """The commune takes it, or has seen what sounds by force; of a priority item it says where it stands among its own.
    Raises `Changed`, `NotAllowed`, `NotFound`, `OwnWork`."""
    told, asked = _to_answer(store, person, broadcast, commune, now)
    before = asked.reply
    turn = turn if told.orders else Turn.as_ruled
    since = before.accepted_at if before.answer is Answer.accepted else now
    fresh = msgspec.structs.replace(
        before, answer=Answer.accepted, turn=turn, reason="", by=person.id, at=now, accepted_at=since
    )
    store.uptakes.keep(fresh)
    store.trail.note(
        now, person, "accept_from_above", broadcast, area=commune, before=_shown(before), after=_shown(fresh)
    )


def refuse(store: Store, person: Person, broadcast: str, commune: str, reason: str, now: UtcMs) -> None:
    """The commune does not take it, and says why; only what waits for its word can be refused. Raises as `accept`."""
    told, asked = _to_answer(store, person, broadcast, commune, now)
    if not told.asks:
        raise NotAllowed
    fresh = msgspec.structs.replace(
        asked.reply, answer=Answer.refused, turn=Turn.as_ruled, reason=reason, by=person.id, at=now
    )
    store.uptakes.keep(fresh)
    store.trail.note(
        now, person, "refuse_from_above", broadcast, area=commune, before=_shown(asked.reply), after=_shown(fresh)
    )


def asked_of(
    store: Store, person: Person, page: BroadcastPage, issuer: Area, communes: Iterable[Area], now: UtcMs
) -> tuple[Asked, ...]:
    """How it stands at these communes."""
    broadcast, names = page.broadcast, store.staff.names()
    replies: Mapping[str, Reply] = store.uptakes.of([broadcast.id])[broadcast.id]
    sounded = store.uptakes.sounded(broadcast.id, now)
    over = page.state not in DUE and not is_open(page, now)
    found = []
    for commune in communes:
        reply = replies.get(commune.id)
        state = uptake_of(page.bulletin.broadcast_class, reply, pushed=broadcast.pushed, over=over)
        due, done = sounded.get(commune.id, (0, 0))
        told = reply or Reply(broadcast.id, commune.id)
        answers = broadcast.pushed and may_answer(person.grants, issuer.path, commune.path)
        found.append(Asked(commune, state, told, names.get(told.by, ""), due, done, answers))
    return tuple(found)


def is_open(page: BroadcastPage, now: UtcMs) -> bool:
    """Whether an answer still changes anything."""
    rule = page.broadcast.recurrence
    last = last_due(rule) if rule is not None else None
    return page.state is BroadcastState.approved and rule is not None and (last is None or last > now)


def asks_first(page: BroadcastPage) -> bool:
    """Whether it sounds only where it is accepted."""
    return asks(page.bulletin.broadcast_class, pushed=page.broadcast.pushed)


def _told(store: Store, person: Person, page: BroadcastPage, now: UtcMs) -> FromAbove:
    issuer = store.areas.named([page.bulletin.area])[page.bulletin.area]
    communes = store.areas.in_order(reach_of(store, page.bulletin, page.broadcast).parts)
    mine = [
        area
        for area in communes
        if may(person.grants, Act.see, area.path) or within_reach(person.grants, Act.see, area.path)
    ]
    rule = page.broadcast.recurrence
    hours = occurrences(rule, now, now + HORIZON)[:NEXT] if rule is not None else ()
    return FromAbove(
        page=page,
        issuer=issuer,
        asked=asked_of(store, person, page, issuer, mine, now),
        hours=hours if is_open(page, now) else (),
        open=is_open(page, now),
        asks=asks_first(page),
    )


def _to_answer(store: Store, person: Person, broadcast: str, commune: str, now: UtcMs) -> tuple[FromAbove, Asked]:
    told = opened(store, person, broadcast, now)
    asked = next((each for each in told.asked if each.commune.id == commune), None)
    if asked is None:
        raise NotFound
    if not asked.answers:
        raise NotAllowed
    if told.page.own:
        raise OwnWork
    if not told.open:
        raise Changed
    return told, asked


def _shown(reply: Reply) -> str:
    said = reply.answer.value if reply.turn is Turn.as_ruled else f"{reply.answer.value} {reply.turn.value}"
    return f"{said}: {reply.reason}" if reply.reason else said
