"""What programs read by the JSON API: bulletins, broadcasts, playbacks, loudspeakers, places, topics.

Imported by `api_pages` and the other routes of the API. Whose they are is decided where it is decided for pages.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from fastapi import APIRouter, Query, Request

from schedules.clock import DAY, UtcMs
from schedules.recurrence import Recurrence
from server import bulletins, oversight
from server.access import Act, Person, scope
from server.repositories.listings import Listed, Mark
from server.repositories.store import Store
from server.web import rule_words
from server.web.api_door import ApiDoor, TurnedAway, router_of
from server.web.api_shapes import (
    AreaPage,
    BroadcastPage,
    BroadcastShape,
    BulletinPage,
    BulletinShape,
    ClassName,
    Code,
    LoudspeakerPage,
    LoudspeakerShape,
    PlaybackPage,
    StateName,
    TopicPage,
    TopicShape,
)
from server.web.api_tellings import area_told, broadcast_told, bulletin_told, loudspeaker_told, playback_told
from server.web.frame import Frame
from server.web.words import N_

MOST, USUAL = 200, 50
LOOKED_AT = 20
"""So many times as many as were asked for are looked at, where only some states are wished for."""
_FAR: UtcMs = 1 << 52
Limit = Annotated[int, Query(ge=1, le=MOST, description=N_("how many on a page"))]
Cursor = Annotated[str, Query(max_length=500, description=N_("from “next” of the page before"))]
Since = Annotated[datetime | None, Query(description=N_("from this instant on (ISO 8601)"))]
Until = Annotated[datetime | None, Query(description=N_("before this instant (ISO 8601)"))]
AreaId = Annotated[Code, Query(description=N_("this area with all below it; else all that the token may see"))]
Outcomes = Literal["", "none", "played", "late", "cut", "skipped", "missed", "failed", "unknown"]
_Line = TypeVar("_Line")


def routes(frame: Frame, door: ApiDoor) -> APIRouter:
    """The routes of this family."""
    router, desk = router_of(), frame.desk

    def in_words(request: Request) -> Callable[[Recurrence], str]:
        return partial(rule_words.told, partial(frame.say, request))

    @router.get("/bulletins", summary=N_("Bulletins, the newest first"))
    def bulletin_list(
        request: Request,
        area: AreaId = "",
        class_: Annotated[ClassName | None, Query(alias="class")] = None,
        topic: Code = "",
        since: Since = None,
        until: Until = None,
        cursor: Cursor = "",
        limit: Limit = USUAL,
    ) -> BulletinPage:
        person = door.caller(request).person
        with desk.stores.open() as store:
            wanted = _listed(store, person, area, since, until, class_, topic, cursor)
            marks = store.listings.bulletins(wanted, limit)
            found = store.broadcasts.bulletins(id_ for _, id_ in marks)
            names = store.staff.names()
            told = [bulletin_told(store, found[id_], names) for _, id_ in marks]
        return BulletinPage(items=told, next=_next(marks, limit))

    @router.get("/bulletins/{bulletin}", summary=N_("A bulletin"))
    def one_bulletin(request: Request, bulletin: Code) -> BulletinShape:
        person = door.caller(request).person
        with desk.stores.open() as store:
            found = store.broadcasts.bulletins([bulletin]).get(bulletin)
            # Whoever may see any airing of it may read it.
            if found is None or not bulletins.visible(store, person, store.broadcasts.of_bulletin(bulletin)):
                raise TurnedAway("not_found", 404)
            return bulletin_told(store, found, store.staff.names())

    @router.get("/broadcasts", summary=N_("Broadcasts, the newest first"))
    def broadcast_list(
        request: Request,
        area: AreaId = "",
        state: Annotated[list[StateName], Query(max_length=7)] = [],  # noqa: B006 - FastAPI copies it
        class_: Annotated[ClassName | None, Query(alias="class")] = None,
        topic: Code = "",
        since: Since = None,
        until: Until = None,
        cursor: Cursor = "",
        limit: Limit = USUAL,
    ) -> BroadcastPage:
        person, told, more = door.caller(request).person, list[BroadcastShape](), True
        with desk.stores.open() as store:
            wanted = _listed(store, person, area, since, until, class_, topic, cursor)
            for _ in range(LOOKED_AT):
                marks = store.listings.broadcasts(wanted, limit)
                some = store.broadcasts.named(id_ for _, id_ in marks)
                pages = {p.broadcast.id: p for p in bulletins.visible(store, person, some)}
                for mark in marks:
                    wanted = msgspec.structs.replace(wanted, after=mark)
                    page = pages.get(mark[1])
                    if page is not None and (not state or page.state.value in state):
                        told.append(broadcast_told(page, in_words(request)))
                    if len(told) == limit:
                        break
                more = len(marks) == limit
                if not more or len(told) == limit:
                    break
        return BroadcastPage(items=told, next=_cursor(wanted.after) if more and wanted.after else None)

    @router.get("/broadcasts/{broadcast}", summary=N_("A broadcast"))
    def one_broadcast(request: Request, broadcast: Code) -> BroadcastShape:
        person = door.caller(request).person
        with desk.stores.open() as store:
            return broadcast_told(bulletins.page(store, person, broadcast), in_words(request))

    @router.get("/playbacks", summary=N_("Planned plays with what was reported of them, the latest planned first"))
    def playbacks(
        request: Request,
        area: AreaId = "",
        outcome: Outcomes = "",
        bulletin: Code = "",
        since: Since = None,
        until: Until = None,
        cursor: Cursor = "",
        limit: Limit = USUAL,
    ) -> PlaybackPage:
        """Of the last seven days and the coming one, unless other instants are asked for."""
        person, now = door.caller(request).person, desk.clock()
        first = now - 7 * DAY if since is None else instant_of(since)
        last = now + DAY if until is None else instant_of(until)
        with desk.stores.open() as store:
            wanted = oversight.filter_of(store, person, area, first, last, outcome, bulletin)
            after = _mark(cursor, (int, str, str)) if cursor else None
            lines = store.logbook.lines(msgspec.structs.replace(wanted, after=after), limit)
        last_ = lines[-1].planned if len(lines) == limit else None
        mark = (last_.planned, last_.occurrence, last_.loudspeaker) if last_ else None
        return PlaybackPage(items=[playback_told(line, now) for line in lines], next=_cursor(mark) if mark else None)

    @router.get("/loudspeakers", summary=N_("Loudspeakers, in the order of their names"))
    def loudspeakers(request: Request, area: AreaId = "", cursor: Cursor = "", limit: Limit = USUAL) -> LoudspeakerPage:
        person = door.caller(request).person
        with desk.stores.open() as store:
            every = sorted(store.fleet.below(_paths(store, person, area)), key=lambda a: a.id)
            some, more = _behind(every, lambda a: a.id, cursor, limit)
            heard = store.fleet.heard((a.id for a in some), desk.clock())
            assigned = store.fleet.assignments(a.id for a in some)
        told = [loudspeaker_told(a, heard.get(a.id), assigned.get(a.id)) for a in some]
        return LoudspeakerPage(items=told, next=more)

    @router.get("/loudspeakers/{device}", summary=N_("A loudspeaker"))
    def one_loudspeaker(request: Request, device: Code) -> LoudspeakerShape:
        person = door.caller(request).person
        with desk.stores.open() as store:
            area = oversight.visible_area(store, person, device)
            if not store.fleet.is_known(device):
                raise TurnedAway("not_found", 404)
            heard, assigned = store.fleet.heard([device], desk.clock()), store.fleet.assignments([device])
        return loudspeaker_told(area, heard.get(device), assigned.get(device))

    @router.get("/areas", summary=N_("Places that bulletins can be for"))
    def areas(
        request: Request, level: Code = "", cursor: Cursor = "", limit: Annotated[int, Query(ge=1, le=1000)] = MOST
    ) -> AreaPage:
        person = door.caller(request).person
        with desk.stores.open() as store:
            every = store.areas.below(scope(person.grants, Act.see), level or None)
        some, more = _behind(sorted(every, key=lambda a: a.id), lambda a: a.id, cursor, limit)
        return AreaPage(items=[area_told(a) for a in some], next=more)

    @router.get("/topics", summary=N_("Topics"))
    def topics(request: Request) -> TopicPage:
        door.caller(request)
        with desk.stores.open() as store:
            found = store.areas.topics()
        return TopicPage(items=[TopicShape(id=id_, name=name) for id_, name in found.items()])

    return router


def _paths(store: Store, person: Person, area: str) -> tuple[str, ...]:
    return (oversight.visible_area(store, person, area).path,) if area else scope(person.grants, Act.see)


def _listed(
    store: Store,
    person: Person,
    area: str,
    since: datetime | None,
    until: datetime | None,
    class_: str | None,
    topic: str,
    cursor: str,
) -> Listed:
    first = 0 if since is None else instant_of(since)
    last = _FAR if until is None else instant_of(until)
    after = _mark(cursor, (int, str)) if cursor else None
    return Listed(_paths(store, person, area), first, last, class_ or "", topic, after)


def instant_of(typed: datetime) -> UtcMs:
    """One without an offset is refused: nobody knows whose clock it is by."""
    if typed.tzinfo is None or typed.year < 1970:
        raise TurnedAway("bad_values", 422)
    return round(typed.timestamp() * 1000)


def _behind(
    every: list[_Line], name: Callable[[_Line], str], cursor: str, limit: int
) -> tuple[list[_Line], str | None]:
    """A page of what is in order, and the cursor of the next."""
    after = _mark(cursor, (str,))[0] if cursor else ""
    rest = [each for each in every if name(each) > after]
    some = rest[:limit]
    return some, _cursor((name(some[-1]),)) if len(rest) > limit else None


def _next(marks: list[Mark], limit: int) -> str | None:
    return _cursor(marks[-1]) if len(marks) == limit else None


def _cursor(mark: Iterable[object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(mark)).encode()).decode().rstrip("=")


def _mark(cursor: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """Where a page ended, as its cursor says it."""
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or [type(each) for each in found] != list(kinds):
        raise TurnedAway("bad_cursor", 422)
    if any(isinstance(each, int) and abs(each) > _FAR for each in found) or any("\0" in str(each) for each in found):
        raise TurnedAway("bad_cursor", 422)
    return tuple(found)
