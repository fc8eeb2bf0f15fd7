"""Pages of oversight: the playback log and its CSV, loudspeakers, and live news of them.

Imported by `server.app`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from functools import partial
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from sse_starlette import EventSourceResponse

from schedules.clock import DAY, UtcMs, at_civil, civil
from schedules.playback import Outcome
from server import oversight, report_csv
from server.access import Act, Person, scope
from server.area import LOUDSPEAKER, Area
from server.repositories.logbook import NO_REPORT, LogFilter
from server.repositories.store import Store
from server.web import cause_words
from server.web.documented import bytes_of
from server.web.frame import Frame, day_typed, language_name, when
from server.web.log_table import log_sheet, reason_of
from server.web.places import LINES, Wish, narrowed, shown

DAYS_SHOWN = 7


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/nhat-ky")
    def log(
        request: Request, khu_vuc: str = "", ngay: str = "", ket_qua: str = "", ban_tin: str = "", sau: str = ""
    ) -> Response:
        person, now = frame.person(request), desk.clock()
        choice = {"khu_vuc": khu_vuc, "ngay": ngay, "ket_qua": ket_qua, "ban_tin": ban_tin}
        with desk.stores.open() as store:
            wanted, problem = _filter(store, person, choice, sau, now)
            page = oversight.log_page(store, wanted, now)
            areas = _areas(store, person, khu_vuc)
            languages = store.areas.languages()
            bulletins = store.logbook.bulletins_named(wanted.paths, wanted.since, wanted.until)
        after = urlencode({**choice, "sau": "~".join(map(str, page.after))}) if page.after else ""
        return frame.page(
            request,
            "log.html",
            page=page,
            areas=areas,
            choice=choice,
            bulletins=bulletins,
            outcomes=[*(o for o in Outcome if o is not Outcome.unknown)],
            no_report=NO_REPORT,
            reasons=[reason_of(partial(frame.say, request), row, languages) for row in page.rows],
            query=urlencode(choice),
            after=after,
            problem=problem,
            today=civil(now).strftime("%d/%m/%Y"),
        )

    @router.get("/nhat-ky.csv", responses=bytes_of("text/csv"))
    def log_csv(request: Request, khu_vuc: str = "", ngay: str = "", ket_qua: str = "", ban_tin: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        choice = {"khu_vuc": khu_vuc, "ngay": ngay, "ket_qua": ket_qua, "ban_tin": ban_tin}
        with desk.stores.open() as store:
            wanted, _ = _filter(store, person, choice, "", now)

        def lines() -> Iterator[str]:
            with desk.stores.open() as store:
                rows, languages = oversight.log_rows(store, wanted, now), store.areas.languages()
                yield from report_csv.lines(log_sheet(partial(frame.say, request), rows, languages, store))

        headers = {"content-disposition": 'attachment; filename="nhat-ky-phat.csv"'}
        return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)

    @router.get("/loa")
    def fleet(request: Request, khu_vuc: str = "", tim: str = "", mat: str = "", trang: str = "") -> Response:
        person, wish = frame.person(request), Wish(khu_vuc, tim, mat, trang)
        with desk.stores.open() as store:
            every = oversight.fleet_rows(store, person, desk.clock())
            languages, areas = store.areas.languages(), _areas(store, person, khu_vuc)
        wanted = [r for r in every if not mat or r.heard is None or not r.heard.status.online]
        rows, total = narrowed(wanted, wish, lambda r: r.area, lambda r: " ".join(r.where))
        names = {tag: language_name(languages, tag) for row in rows for tag in row.languages}
        chains = oversight.chains(every, rows, linked=desk.ready(), now=desk.clock())
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
            fact=told,
            cause_words=cause_words,
        )

    @router.get("/su-kien", responses=bytes_of("text/event-stream"))
    async def live(request: Request) -> Response:
        await asyncio.to_thread(frame.person, request)
        return EventSourceResponse(_rings(frame), ping=20)

    @router.get("/khoe", response_class=JSONResponse)
    def health() -> dict[str, bool]:
        return {"ok": True, "broker": desk.ready()}

    return router


def _areas(store: Store, person: Person, chosen: str) -> list[Area]:
    """The areas to narrow down to."""
    areas = store.areas.below(scope(person.grants, Act.see))
    return [area for area in shown(areas, chosen, {chosen}) if area.level != LOUDSPEAKER]


async def _rings(frame: Frame) -> AsyncIterator[dict[str, str]]:
    """What has changed, as it changes; many rings in a moment are one."""
    loop, rung = asyncio.get_running_loop(), asyncio.Event()
    topics: set[str] = set()

    def ring(topic: str) -> None:
        topics.add(topic)
        loop.call_soon_threadsafe(rung.set)

    leave = frame.desk.bell.listen(ring)
    try:
        yield {"event": "hello", "data": str(frame.desk.bell.rings)}
        while True:
            await rung.wait()
            rung.clear()
            await asyncio.sleep(0.2)
            while topics:
                yield {"event": topics.pop(), "data": ""}
    finally:
        leave()


def _filter(store: Store, person: Person, choice: dict[str, str], after: str, now: UtcMs) -> tuple[LogFilter, str]:
    """The filter of the choice; the second says which day is none."""
    day = day_typed(choice["ngay"])
    problem = _no_day(choice["ngay"], day)
    since = at_civil(day, 0) if day else now - DAYS_SHOWN * DAY
    until = since + DAY if day else now + 2 * DAY
    found = oversight.filter_of(store, person, choice["khu_vuc"], since, until, choice["ket_qua"], choice["ban_tin"])
    parts = after.split("~")
    if len(parts) == 3 and parts[0].isdigit():
        found = msgspec.structs.replace(found, after=(int(parts[0]), parts[1], parts[2]))
    return found, problem


def _no_day(typed: str, day: date | None) -> str:
    """What was typed for a day and is none."""
    return typed.strip()[:40] if day is None else ""
