"""Pages of oversight: the playback log and its CSV, loudspeakers, and live news of them.

Imported by `server.app`.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator
from datetime import date
from functools import partial
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from sse_starlette import EventSourceResponse

from audio.language import Language
from schedules.clock import DAY, UtcMs, at_civil, civil
from schedules.playback import Outcome
from server import oversight
from server.access import Act, Person, scope
from server.area import LOUDSPEAKER, Area
from server.oversight import LogRow
from server.repositories.logbook import NO_REPORT, LogFilter
from server.repositories.store import Store
from server.web import cause_words, tune_words, words
from server.web.documented import bytes_of
from server.web.frame import Frame, day_typed, language_name, when
from server.web.places import LINES, Wish, narrowed, shown

DAYS_SHOWN = 7
_FORMULA = "=+-@\t\r"


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
            reasons=[reason_of(frame, request, row, languages) for row in page.rows],
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
            yield "\ufeff" + _csv_line(_heads(frame, request))
            with desk.stores.open() as store:
                languages, answering = store.areas.languages(), Answering(store)
                for row in oversight.log_rows(store, wanted, now):
                    yield _csv_line([*_cells(frame, request, row, languages), *answering.of(row)])

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


def reason_of(frame: Frame, request: Request, row: LogRow, languages: dict[str, Language]) -> str:
    """Why, in words; with the languages that did not sound."""
    playback = row.line.playback
    if playback is None:
        return ""
    missing = ", ".join(language_name(languages, tag) for tag in playback.missing)
    said = words.why(partial(frame.say, request), playback.reason, row.other or playback.other, missing)
    if playback.lowered_from:
        parts = {"asked": playback.lowered_from, "volume": playback.volume}
        said = f"{said} {frame.say(request, words.LOWERED, **parts)}".strip()
    if playback.without:
        said = f"{said} {frame.say(request, tune_words.WITHOUT_CHIME)}".strip()
    return said


class Answering:
    """Who answers for what the rows of a log tell of, each bulletin asked for once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[str, str, str]] = {}

    def of(self, row: LogRow) -> list[str]:
        """Who issued it, who answers for it, why it is an emergency, and the seal that it sounded by, or was to."""
        id_ = row.line.planned.bulletin
        if id_ not in self._known:
            found = self._store.broadcasts.bulletins([id_]).get(id_)
            self._known[id_] = (found.authority, found.responsible, found.reason) if found else ("", "", "")
        told = row.line.playback.seal if row.line.playback else ""
        return [*self._known[id_], told or row.line.planned.seal]


def _heads(frame: Frame, request: Request) -> list[str]:
    heads = (
        words.N_("Commune"),
        words.N_("Hamlet"),
        words.N_("Loudspeaker"),
        words.N_("Bulletin"),
        words.N_("Class"),
        words.N_("Planned"),
        words.N_("Really"),
        words.N_("Outcome"),
        words.N_("Reason"),
        words.N_("Seconds sounded"),
        words.N_("Evidence"),
        words.N_("Clock"),
        words.N_("± ms"),
        words.N_("Issued by"),
        words.N_("Answers for it"),
        words.N_("Why it is an emergency"),
        words.N_("Seal"),
    )
    return [frame.say(request, head) for head in heads]


def _cells(frame: Frame, request: Request, row: LogRow, languages: dict[str, Language]) -> list[str]:
    planned, playback = row.line.planned, row.line.playback
    place = [*row.where]
    what = [planned.title, frame.say(request, words.CLASSES[planned.broadcast_class]), _instant(planned.planned)]
    if playback is None:
        return [*place, *what, "", frame.say(request, words.LOG_STATES[row.state]), "", "", "", "", ""]
    sounded = "" if playback.sounded_ms is None else f"{playback.sounded_ms / 1000:.1f}".replace(".", ",")
    return [
        *place,
        *what,
        _instant(playback.started) if playback.started else "",
        frame.say(request, words.OUTCOMES[playback.outcome]),
        reason_of(frame, request, row, languages),
        sounded,
        frame.say(request, words.EVIDENCE[playback.evidence]),
        frame.say(request, words.TRUSTS[playback.trust]),
        str(playback.bound_ms),
    ]


def _instant(utc: UtcMs) -> str:
    return civil(utc).strftime("%d/%m/%Y %H:%M:%S")


def _csv_line(cells: list[str]) -> str:
    """A line for a spreadsheet; a text that begins like a formula is given an apostrophe."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow("'" + c if c[:1] and c[0] in _FORMULA else c for c in cells)
    return out.getvalue()
