"""Asking somebody to record a bulletin in a language: use cases.

Imported by the use case that sends bulletins, the web and tests. A request is for all versions of a bulletin: who sends
a recording in its language with any of them fulfils it.
"""

from collections.abc import Iterable

import msgspec

from schedules.clock import UtcMs
from schedules.programme import BroadcastClass
from server.access import Act, Grant, Person, may, may_compose
from server.area import sort_key
from server.bulletin import RECORDING, Broadcast, Bulletin
from server.composing import cleaned, is_control
from server.refusals import Changed, NotAllowed, NotFound
from server.repositories.store import Store
from server.request import LONGEST_NOTE, RecordingRequest, RequestState

MOST = 20


class Asked(msgspec.Struct, frozen=True):
    """A request as pages show it: names of the asked person and of who asks; `title`: of the bulletin, `broadcast`: its
    newest version. `mine`: this person is asked; `may_take_back`: they asked."""

    request: RecordingRequest
    name: str
    by: str
    title: str
    broadcast: str
    mine: bool
    may_take_back: bool


def candidates(store: Store, bulletin: Bulletin, broadcast: Broadcast, now: UtcMs) -> dict[str, str]:
    """Who can be asked: names, by id, of all who may send a version of it, in their order."""
    areas = store.areas.named({bulletin.area, *broadcast.targets})
    emergency = bulletin.broadcast_class is BroadcastClass.emergency
    held: dict[str, list[Grant]] = {}
    for given in store.staff.given():
        if (grant := given.in_force(now)) is not None:
            held.setdefault(given.staff, []).append(grant)
    accounts = {account.id: account for account in store.staff.accounts() if not account.disabled_at}
    names = {
        staff: accounts[staff].display_name
        for staff, grants in held.items()
        if staff in accounts and all(may_compose(grants, area.path, emergency=emergency) for area in areas.values())
    }
    return dict(sorted(names.items(), key=lambda pair: sort_key(pair[1])))


def ask(
    store: Store, person: Person, broadcast: str, language: str, staff: str, note: str, now: UtcMs
) -> RecordingRequest:
    """Ask somebody. Raises `Changed` where there is a newer version, or they have been asked already."""
    found, bulletin = _standing(store, person, broadcast)
    if language not in store.areas.languages() or staff not in candidates(store, bulletin, found, now):
        raise NotFound
    line = first_version(store, found)
    same = [r for r in store.requests.of([line]) if (r.language, r.staff) == (language, staff)]
    if found.successor or any(r.state is RequestState.open for r in same):
        raise Changed
    made = store.requests.add(
        RecordingRequest(0, line, found.id, language, staff, person.id, now, _plain(note)[:LONGEST_NOTE])
    )
    store.trail.note(now, person, "ask_recording", found.id, area=bulletin.area, after=f"{language} {staff}")
    return made


def decline(store: Store, person: Person, request: int, answer: str, now: UtcMs) -> RecordingRequest:
    """The asked person will not, or cannot. Raises `NotFound` for anybody else."""
    found = store.requests.find(request)
    if found is None or found.staff != person.id:
        raise NotFound
    return _ended(store, person, found, RequestState.declined, now, _plain(answer)[:LONGEST_NOTE])


def take_back(store: Store, person: Person, request: int, now: UtcMs) -> RecordingRequest:
    """Who asked, or may write in it, asks no more."""
    found = store.requests.find(request)
    if found is None:
        raise NotFound
    if found.by != person.id:
        _standing(store, person, found.broadcast)
    return _ended(store, person, found, RequestState.taken_back, now, "")


def fulfil(store: Store, person: Person, broadcast: Broadcast, bulletin: Bulletin, now: UtcMs) -> None:
    """What has just been sent brings recordings: whoever was asked for one is done, whoever recorded it."""
    recorded = {variant.language for variant in bulletin.variants if variant.source == RECORDING}
    if not recorded or not broadcast.replaces:
        return
    for request in store.requests.of([first_version(store, broadcast)]):
        if request.state is RequestState.open and request.language in recorded:
            _ended(store, person, request, RequestState.done, now, "")


def of_broadcast(store: Store, person: Person, broadcast: Broadcast) -> list[Asked]:
    """The requests for a bulletin, in whichever version, oldest first."""
    return _asked(store, person, store.requests.of([first_version(store, broadcast)]))


def of_broadcasts(store: Store, person: Person, broadcasts: Iterable[str]) -> dict[str, list[Asked]]:
    """The requests for several, by the broadcast given."""
    lines: dict[str, str] = {}
    for id_ in broadcasts:
        found = store.broadcasts.find(id_)
        if found is not None:
            lines[id_] = first_version(store, found)
    asked = _asked(store, person, store.requests.of(lines.values()))
    return {id_: [each for each in asked if each.request.line == line] for id_, line in lines.items()}


def of_person(store: Store, person: Person) -> list[Asked]:
    """What this person is asked for, and has not done, of bulletins that stand."""
    return [each for each in _asked(store, person, store.requests.open_of(person.id, MOST)) if each.broadcast]


def first_version(store: Store, broadcast: Broadcast) -> str:
    """The id of the first version of a broadcast."""
    seen = {broadcast.id}
    while broadcast.replaces and broadcast.replaces not in seen:
        older = store.broadcasts.find(broadcast.replaces)
        if older is None:
            break
        seen.add(older.id)
        broadcast = older
    return broadcast.id


def _asked(store: Store, person: Person, requests: list[RecordingRequest]) -> list[Asked]:
    names = store.staff.names() if requests else {}
    found = []
    newest: dict[str, tuple[str, str]] = {}
    for request in requests:
        if request.line not in newest:
            newest[request.line] = _newest(store, request.broadcast)
        broadcast, title = newest[request.line]
        is_open = request.state is RequestState.open
        found.append(
            Asked(
                request,
                names.get(request.staff, ""),
                names.get(request.by, ""),
                title,
                broadcast,
                mine=is_open and request.staff == person.id,
                may_take_back=is_open and request.by == person.id,
            )
        )
    return found


def _newest(store: Store, broadcast: str) -> tuple[str, str]:
    """The newest version and its title; empty for what was withdrawn."""
    found = store.broadcasts.find(broadcast)
    seen: set[str] = set()
    while found is not None and found.successor and found.id not in seen:
        seen.add(found.id)
        found = store.broadcasts.find(found.successor)
    if found is None or found.withdrawn_at is not None:
        return "", ""
    return found.id, store.broadcasts.bulletins([found.bulletin])[found.bulletin].title


def _standing(store: Store, person: Person, broadcast: str) -> tuple[Broadcast, Bulletin]:
    """A broadcast that this person may write for."""
    found = store.broadcasts.find(broadcast)
    if found is None:
        raise NotFound
    bulletin = store.broadcasts.bulletins([found.bulletin])[found.bulletin]
    area = store.areas.named([bulletin.area])[bulletin.area]
    emergency = bulletin.broadcast_class is BroadcastClass.emergency
    if not may(person.grants, Act.see, area.path):
        raise NotFound
    if not may_compose(person.grants, area.path, emergency=emergency):
        raise NotAllowed
    if found.withdrawn_at is not None:
        raise Changed
    return found, bulletin


def _ended(
    store: Store, person: Person, request: RecordingRequest, state: RequestState, now: UtcMs, answer: str
) -> RecordingRequest:
    if not store.requests.end(request.id, state, now, answer):
        raise Changed
    bulletin = store.broadcasts.find(request.broadcast)
    area = store.broadcasts.bulletins([bulletin.bulletin])[bulletin.bulletin].area if bulletin else ""
    told = f"{request.language} {request.staff} {answer}".strip()
    store.trail.note(now, person, f"{state.value}_recording", request.broadcast, area=area, after=told)
    return msgspec.structs.replace(request, state=state, answer=answer, ended_at=now)


def _plain(text: str) -> str:
    return "".join(c for c in cleaned(text) if not is_control(c))
