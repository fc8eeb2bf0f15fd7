"""Telling people: what stands in the audit becomes notices, and letters to those who are not looking. Use cases.

Imported by the parts, the use cases of concerns, the web and tests. Every act stands in the audit, so whoever does
anything need know nothing of notices, and what was done while this was not running is told afterwards.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterable

import msgspec

from schedules.clock import UtcMs
from schedules.programme import BroadcastClass
from server import happenings
from server.access import Person
from server.area import Area
from server.audit import AuditLine
from server.bulletin import Broadcast, Bulletin, passage_of
from server.letter import Letter, LetterState
from server.lifecycle import DUE, BroadcastState
from server.notice import DECIDES, Event, Notice, NoticeKind, above, takers, told
from server.notice_choice import Way, due
from server.reaching import reach_of
from server.repositories.store import Store
from server.uptake import Answer

AT_ONCE = 200
"""Lines of the audit in one transaction."""
LIST_LENGTH = 50


def follow(store: Store, now: UtcMs) -> tuple[int, int]:
    """Tell of what has been done since the last time. How many lines were read (there may be more where they are
    `AT_ONCE`), and how many notices there are now that were not there before."""
    mark = store.notices.mark()
    lines = list(itertools.islice(store.trail.lines(mark), AT_ONCE))
    if not lines:
        return 0, 0
    happenings.from_lines(store, lines)
    people = everybody(store, now)
    events = [event for line in lines if (event := event_of(store, line)) is not None]
    fresh = sum(tell(store, event, people, now) for event in events)
    store.notices.set_mark(lines[-1].number)
    return len(lines), fresh


def everybody(store: Store, now: UtcMs) -> list[Person]:
    """All who may sign in, with what is in force."""
    usable = [account.id for account in store.staff.accounts() if not account.disabled_at]
    return [person for staff in usable if (person := store.staff.person(staff, now)) is not None]


def tell(store: Store, event: Event, people: Iterable[Person], now: UtcMs) -> int:
    """Tell everybody who is to know, and the systems that listen there; how many people had not been told before."""
    fresh = [kept for notice in told(event, people) if (kept := store.notices.add(notice)) is not None]
    for notice in fresh:
        _send(store, notice, event, now)
    _tell_systems(store, event, now)
    return len(fresh)


def event_of(store: Store, line: AuditLine) -> Event | None:
    """What a line of the audit is to people; None for most. As things stand now: what was decided in the meantime
    waits for nobody."""
    read = _READS.get(line.act)
    found = store.broadcasts.find(line.subject) if read is not None else None
    if read is None or found is None:
        return None
    bulletin = store.broadcasts.bulletins([found.bulletin])[found.bulletin]
    return read(store, line, found, bulletin)


def listed(store: Store, person: Person, before: int | None = None) -> list[Notice]:
    """What this person has been told, the newest first; `before`: only older ones than this number."""
    return store.notices.of(person.id, LIST_LENGTH, before)


def read(store: Store, person: Person, now: UtcMs, number: int | None = None) -> Notice | None:
    """They have read one of their own, or all. The one; None where it is not theirs."""
    store.notices.read(person.id, now, number)
    found = store.notices.find(number) if number is not None else None
    return found if found is not None and found.staff == person.id else None


def _send(store: Store, notice: Notice, event: Event, now: UtcMs) -> None:
    choice = store.notices.choice(notice.staff)
    for way in choice.ways(notice.matter):
        to = [each.id for each in store.notices.subscriptions(notice.staff)] if way is Way.push else [notice.staff]
        for recipient in to:
            leaves = due(notice, choice, now)
            store.notices.post(letter_of(way, recipient, event, now, leaves, notice.number))


def _tell_systems(store: Store, event: Event, now: UtcMs) -> None:
    """Those of the areas in which it happened. What is meant for one person alone is for no system."""
    ids = {id_ for path in event.paths for id_ in path.strip("/").split("/")}
    for webhook in store.notices.webhooks(ids) if ids else ():
        if event.matter in webhook.matters:
            letter = letter_of(Way.webhook, webhook.id, event, now, now)
            store.notices.post(letter)


def letter_of(way: Way, to: str, event: Event, now: UtcMs, leaves: UtcMs, notice: int = 0) -> Letter:
    """A letter, with an id that the same event to the same recipient has again."""
    id_ = hashlib.sha256(f"{way.value} {to} {notice} {event.key}".encode()).hexdigest()[:32]
    return Letter(id_, way, to, event, now, leaves, notice)


def still_wanted(store: Store, letter: Letter) -> bool:
    """Whether it is still to be sent: not read in the page in the meantime, nor switched off. What is left unsent is
    noted on it."""
    notice = store.notices.find(letter.notice) if letter.notice else None
    if notice is None:
        return True
    wanted = letter.way in store.notices.choice(notice.staff).ways(notice.matter)
    return wanted and notice.read_at == 0


def dropped(letter: Letter, now: UtcMs) -> Letter:
    """It is not sent any more."""
    return Letter(
        letter.id, letter.way, letter.to, letter.event, letter.made_at, letter.due, letter.notice, letter.tries,
        LetterState.dropped, now, letter.why,
    )  # fmt: skip


def _submitted(store: Store, line: AuditLine, broadcast: Broadcast, bulletin: Bulletin) -> Event | None:
    """It waits for an approval."""
    if passage_of(bulletin, broadcast).state not in DUE:
        return None
    return _of(store, NoticeKind.waits, line, broadcast, bulletin)


def _decided(store: Store, line: AuditLine, broadcast: Broadcast, bulletin: Bulletin) -> Event | None:
    kind = NoticeKind.approved if line.act == "approve" else NoticeKind.sent_back
    decision = broadcast.decision
    note = decision.note if decision is not None and not decision.approved else ""
    return _of(store, kind, line, broadcast, bulletin, _writers(broadcast, bulletin), note)


def _alone(store: Store, line: AuditLine, broadcast: Broadcast, bulletin: Bulletin) -> Event | None:
    return _of(store, NoticeKind.alone, line, broadcast, bulletin) if broadcast.review is None else None


def _objected(store: Store, line: AuditLine, broadcast: Broadcast, bulletin: Bulletin) -> Event | None:
    officer = {broadcast.decision.approver} if broadcast.decision is not None else set()
    writers = _writers(broadcast, bulletin) | officer
    return _of(store, NoticeKind.objected, line, broadcast, bulletin, writers, line.after)


def _asked(store: Store, line: AuditLine, broadcast: Broadcast, bulletin: Bulletin) -> Event | None:
    tag, _, staff = line.after.partition(" ")
    language = store.areas.languages().get(tag)
    note = language.name if language is not None else tag
    return _of(store, NoticeKind.recording_asked, line, broadcast, bulletin, frozenset({staff}), note)


def _came_down(store: Store, line: AuditLine, broadcast: Broadcast, bulletin: Bulletin) -> Event | None:
    """For the communes that are asked, or told what sounds there by force."""
    if passage_of(bulletin, broadcast).state is not BroadcastState.approved:
        return None
    communes = store.areas.named(reach_of(store, bulletin, broadcast).parts)
    return _below(store, NoticeKind.came_down, line, broadcast, bulletin, communes.values())


def _asked_again(store: Store, line: AuditLine, broadcast: Broadcast, bulletin: Bulletin) -> Event | None:
    """For one commune, if it has still not answered."""
    commune, replies = store.areas.find(line.after), store.uptakes.of([broadcast.id])[broadcast.id]
    reply = replies.get(line.after)
    if commune is None or (reply is not None and reply.answer is not Answer.none):
        return None
    if line.act != "late_above":
        kind = NoticeKind.asked_again if line.act == "remind_below" else NoticeKind.unanswered
        return _below(store, kind, line, broadcast, bulletin, [commune])
    issuer = store.areas.named([bulletin.area])[bulletin.area]
    named = above(everybody(store, line.at), issuer.path, commune.path) | _writers(broadcast, bulletin)
    told = _of(store, NoticeKind.unanswered_below, line, broadcast, bulletin, named, commune.name)
    return msgspec.structs.replace(told, link=f"/day-ban-tin/{broadcast.id}", paths=(issuer.path, commune.path))


def _below(
    store: Store, kind: NoticeKind, line: AuditLine, broadcast: Broadcast, bulletin: Bulletin, communes: Iterable[Area]
) -> Event:
    people, paths = everybody(store, line.at), [commune.path for commune in communes]
    named = frozenset().union(*(takers(people, path) for path in paths))
    issuer = store.areas.named([bulletin.area])[bulletin.area]
    told = _of(store, kind, line, broadcast, bulletin, named, issuer.name)
    return msgspec.structs.replace(told, link=f"/tu-cap-tren/{broadcast.id}", paths=(issuer.path, *paths))


_READS: dict[str, Callable[[Store, AuditLine, Broadcast, Bulletin], Event | None]] = {
    "compose": _submitted,
    "approve": _decided,
    "send_back": _decided,
    "alarm": _alone,
    "object_to_alarm": _objected,
    "ask_recording": _asked,
    "send_down": _came_down,
    "remind_below": _asked_again,
    "late_below": _asked_again,
    "late_above": _asked_again,
}


def _of(
    store: Store,
    kind: NoticeKind,
    line: AuditLine,
    broadcast: Broadcast,
    bulletin: Bulletin,
    named: frozenset[str] = frozenset(),
    note: str = "",
) -> Event:
    """The event of a broadcast. Who may decide must do so at every place, as the page of approvals asks it."""
    areas = store.areas.named({bulletin.area, *broadcast.targets})
    paths = tuple(areas[id_].path for id_ in (bulletin.area, *broadcast.targets) if id_ in areas)
    emergency = bulletin.broadcast_class is BroadcastClass.emergency
    return Event(
        kind=kind,
        key=f"{line.act} {line.number}",
        at=line.at,
        link=f"/ban-tin/{broadcast.id}",
        about={"title": bulletin.title, "by": store.staff.names().get(line.staff, ""), "note": note},
        paths=paths,
        by=line.staff,
        writers=_writers(broadcast, bulletin),
        named=named,
        urgent=emergency and kind in (*DECIDES, NoticeKind.objected),
    )


def _writers(broadcast: Broadcast, bulletin: Bulletin) -> frozenset[str]:
    return frozenset(passage_of(bulletin, broadcast).writers)
