"""Pages of oversight: loudspeakers, and live news of them.

Imported by `server.app`.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sse_starlette import EventSourceResponse

from server import oversight
from server.access import Act, Person, scope
from server.area import LOUDSPEAKER, Area
from server.repositories.store import Store
from server.trying import may_try
from server.web import cause_words, draft_pages
from server.web.documented import bytes_of
from server.web.frame import Frame, language_name, when
from server.web.places import LINES, Wish, narrowed, shown

DRAFT = "draft"


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/loa")
    def fleet(request: Request, khu_vuc: str = "", tim: str = "", mat: str = "", trang: str = "") -> Response:
        person, wish = frame.person(request), Wish(khu_vuc, tim, mat, trang)
        with desk.stores.open() as store:
            every = oversight.fleet_rows(store, person, desk.clock())
            languages, areas = store.areas.languages(), _areas(store, person, khu_vuc)
            repairs = store.care.open_repairs()
        wanted = [r for r in every if not mat or r.heard is None or not r.heard.status.online]
        rows, total = narrowed(wanted, wish, lambda r: r.area, lambda r: " ".join(r.where))
        names = {tag: language_name(languages, tag) for row in rows for tag in row.languages}
        with desk.stores.open() as store:
            chains = oversight.chains(store, every, rows, linked=desk.ready(), now=desk.clock(), repairs=repairs)
        told = partial(cause_words.fact, partial(frame.say, request), when=when, size=frame.size(request))
        return frame.page(
            request,
            "fleet.html",
            rows=rows,
            names=names,
            wish=wish,
            total=total,
            lines=LINES,
            areas=areas,
            chains=chains,
            repairs=repairs,
            may_try={row.area.id for row in rows if may_try(person, row.area)},
            fact=told,
            cause_words=cause_words,
        )

    @router.get("/su-kien", responses=bytes_of("text/event-stream"))
    async def live(request: Request, nhap: str = "") -> Response:
        person = await asyncio.to_thread(frame.person, request)
        open_draft = await asyncio.to_thread(draft_pages.follow, frame, request, person, nhap[:100])
        return EventSourceResponse(_rings(frame, open_draft), ping=20)

    @router.get("/khoe", response_class=JSONResponse)
    def health() -> dict[str, bool]:
        return {"ok": True, "broker": desk.ready()}

    return router


def _areas(store: Store, person: Person, chosen: str) -> list[Area]:
    """The areas to narrow down to."""
    areas = store.areas.below(scope(person.grants, Act.see))
    return [area for area in shown(areas, chosen, {chosen}) if area.level != LOUDSPEAKER]


async def _rings(frame: Frame, open_draft: draft_pages.Following | None = None) -> AsyncIterator[dict[str, str]]:
    """What has changed, as it changes; many rings in a moment are one. Of a draft, only to who has it open."""
    loop, rung = asyncio.get_running_loop(), asyncio.Event()
    topics: set[str] = set()

    def ring(topic: str) -> None:
        topics.add(topic)
        loop.call_soon_threadsafe(rung.set)

    leave = frame.desk.bell.listen(ring)
    if open_draft is not None:
        open_draft.enter(lambda: ring(DRAFT))
        topics.add(DRAFT)
        rung.set()
    try:
        yield {"event": "hello", "data": str(frame.desk.bell.rings)}
        while True:
            await rung.wait()
            rung.clear()
            await asyncio.sleep(0.2)
            while topics:
                topic = topics.pop()
                news = await asyncio.to_thread(open_draft.news) if open_draft is not None and topic == DRAFT else ""
                yield {"event": topic, "data": news}
    finally:
        leave()
        if open_draft is not None:
            open_draft.leave()
