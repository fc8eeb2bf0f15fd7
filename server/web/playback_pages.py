"""The page "Nhật ký": rows of the log by any choice, kept choices, one row with all that was told of it and what people
say against it, and the file for spreadsheets.

Imported by `server.app`.
"""

from collections.abc import Iterator
from functools import partial
from typing import Annotated
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response, StreamingResponse

from audio.language import Language
from schedules.clock import civil
from schedules.playback import Evidence, Outcome
from schedules.programme import BroadcastClass
from server import correcting, oversight, report_csv, viewing
from server.web import words
from server.web.documented import bytes_of
from server.web.frame import Frame, language_name, to
from server.web.log_choice import MOST_DAYS, Choice, meant
from server.web.log_table import log_sheet, reason_of
from server.web.places import to_choose

_Typed = Annotated[str, Form(max_length=200)]
_Long = Annotated[str, Form(max_length=2_000)]
LADDER = (Evidence.told, Evidence.stored, Evidence.decoded, Evidence.counted, Evidence.level, Evidence.heard)
"""Of the evidence, the lowest rung first."""


def choice_of(
    khu_vuc: str = "",
    noi: str = "",
    ngay: str = "",
    tu: str = "",
    den: str = "",
    ket_qua: str = "",
    loai: str = "",
    tieng: str = "",
    thieu: str = "",
    ban_tin: str = "",
    loa: str = "",
    xa: str = "",
) -> Choice:
    """The choice in an address."""
    return Choice(khu_vuc, noi, ngay, tu, den, ket_qua, loai, tieng, thieu, ban_tin, loa, xa)


_Chosen = Annotated[Choice, Depends(choice_of)]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/nhat-ky")
    def log(request: Request, choice: _Chosen, sau: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = meant(store, person, choice, sau, now)
            page = oversight.log_page(store, found.filter, now)
            areas, languages = to_choose(store, person, choice.khu_vuc), store.areas.languages()
            bulletins = store.logbook.bulletins_named(found.filter.paths, found.filter.since, found.filter.until)
            views = store.views.of(person.id)
            station = store.areas.names([choice.xa]).get(choice.xa, "") if choice.xa else ""
        after = urlencode({**choice.fields, "sau": "~".join(map(str, page.after))}) if page.after else ""
        return frame.page(
            request,
            "log.html",
            page=page,
            areas=areas,
            choice=choice,
            meant=found,
            most_days=MOST_DAYS,
            bulletins=bulletins,
            views=views,
            station=station,
            languages={tag: language_name(languages, tag) for tag in languages},
            classes=[each for each in BroadcastClass if each is not BroadcastClass.unknown],
            outcomes=[*(o for o in Outcome if o is not Outcome.unknown)],
            reasons=[reason_of(partial(frame.say, request), row, languages) for row in page.rows],
            addresses=[row_address(row.line.planned.loudspeaker, row.line.planned.occurrence) for row in page.rows],
            after=after,
            today=civil(now).strftime("%d/%m/%Y"),
        )

    @router.get("/nhat-ky.csv", responses=bytes_of("text/csv"))
    def log_csv(request: Request, choice: _Chosen) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            wanted = meant(store, person, choice, "", now).filter

        def lines() -> Iterator[str]:
            with desk.stores.open() as store:
                rows, languages = oversight.log_rows(store, wanted, now), store.areas.languages()
                yield from report_csv.lines(log_sheet(partial(frame.say, request), rows, languages, store))

        headers = {"content-disposition": 'attachment; filename="nhat-ky-phat.csv"'}
        return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)

    @router.post("/nhat-ky/xem")
    def keep_view(request: Request, name: _Typed = "", query: _Long = "") -> Response:
        person = frame.person(request)
        choice = _typed(query)
        with desk.stores.open() as store:
            viewing.keep(store, person, name, choice.fields, desk.clock())
        return to(f"/nhat-ky?{choice.query}")

    @router.post("/nhat-ky/xem/bo")
    def forget_view(request: Request, number: _Typed = "", query: _Long = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            viewing.forget(store, person, int(number) if number.isascii() and number.isdigit() else 0, desk.clock())
        return to(f"/nhat-ky?{_typed(query).query}")

    @router.get("/nhat-ky/{device}/{occurrence}")
    def row(request: Request, device: str, occurrence: str) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = correcting.row_page(store, person, device, occurrence, now)
            languages = store.areas.languages()
        return _row_page(frame, request, found, languages)

    @router.post("/nhat-ky/{device}/{occurrence}/dinh-chinh")
    def correct(
        request: Request, device: str, occurrence: str, outcome: _Typed = "", why: _Long = "", names: _Typed = ""
    ) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            correcting.correct(store, person, device, occurrence, names, outcome, why, desk.clock())
        desk.bell.ring("log")
        return to(row_address(device, occurrence))

    return router


def row_address(loudspeaker: str, occurrence: str) -> str:
    """The page of one row."""
    return f"/nhat-ky/{quote(loudspeaker, safe='')}/{quote(occurrence, safe='')}"


def _row_page(frame: Frame, request: Request, found: correcting.RowPage, languages: dict[str, Language]) -> Response:
    planned, playback = found.row.line.planned, found.row.line.playback
    reached = LADDER.index(playback.evidence) if playback and playback.evidence in LADDER else -1
    return frame.page(
        request,
        "log_row.html",
        found=found,
        row=found.row,
        reason=reason_of(partial(frame.say, request), found.row, languages),
        ladder=[(rung, number <= reached) for number, rung in enumerate(LADDER)] if playback else [],
        languages=[language_name(languages, tag) for tag in planned.languages],
        outcomes=[each for each in correcting.OUTCOMES if each is not found.counts.outcome],
        address=row_address(planned.loudspeaker, planned.occurrence),
        told=[words.why(lambda text: frame.say(request, text), line.playback.reason, "", "") for line in found.lines],
    )


def _typed(query: str) -> Choice:
    """What of an address is a choice."""
    known = dict(parse_qsl(query))
    return Choice(**{name: known[name] for name in Choice.__struct_fields__ if name in known})
