"""Pages of reports: the figures of a month or a quarter, and files of them, written beside the server.

Imported by `server.app`.
"""

from functools import partial
from typing import Annotated

import msgspec
from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, Response

from server import reporting
from server.export import TYPES, Ask, Export, Format
from server.manifest import SUFFIX
from server.period import Every, Period, current, period_of, recent
from server.refusals import NotFound
from server.sheet import Sheet, said
from server.web import report_words
from server.web.documented import bytes_of
from server.web.frame import Frame, to
from server.web.places import shown

MONTHS, QUARTERS = 24, 8
"""So many are offered; an address may name any."""
_Typed = Annotated[str, Form(max_length=200)]
_Kind = Annotated[str, Form(alias="format", max_length=20)]
_FILES = tuple(TYPES.values())


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/bao-cao")
    def report(request: Request, khu_vuc: str = "", ky: str = "") -> Response:
        person, now, say = frame.person(request), desk.clock(), partial(frame.say, request)
        period = period_of(ky) or current(now)
        with desk.stores.open() as store:
            areas = reporting.areas(store, person)
            told = reporting.told(store, reporting.area_of(store, person, khu_vuc), period, now) if areas else None
        chosen = told.area.id if told else ""
        point = "," if frame.language(request) == "vi" else "."
        tables = [_shown(table, point) for table in report_words.sheets(say, told)] if told else []
        offered = {*recent(now, MONTHS), *recent(now, QUARTERS, Every.quarter), period}
        return frame.page(
            request,
            "report.html",
            areas=shown(areas, chosen, {chosen}),
            chosen=chosen,
            period=period,
            periods=[(each.text, report_words.period_name(say, each)) for each in _sorted(offered)],
            tables=tables,
            told=told,
            typed_wrong=ky.strip() and period_of(ky) is None,
            exports=desk.exports.of(person.id),
            report_words=report_words,
        )

    @router.post("/bao-cao/xuat")
    def begin(request: Request, area: _Typed = "", period: _Typed = "", kind: _Kind = "") -> Response:
        person = frame.person(request)
        found = next((each for each in Format if each.value == kind), None)
        wanted = period_of(period)
        with desk.stores.open() as store:
            place = reporting.area_of(store, person, area)
        if found is None or wanted is None:
            raise NotFound
        id_ = desk.new_id("tep")
        ask = Ask(person.id, place.id, wanted.text, found, frame.language(request), desk.clock())
        desk.exports.begin(id_, ask)
        return to(f"/bao-cao/tep/{id_}")

    @router.get("/bao-cao/tep/{export}")
    def progress(request: Request, export: str) -> Response:
        found = own(request, export)
        with desk.stores.open() as store:
            area = store.areas.find(found.ask.area)
        period = period_of(found.ask.period)
        return frame.page(
            request,
            "report_file.html",
            export=found,
            area=area.name if area else found.ask.area,
            period=report_words.period_name(partial(frame.say, request), period) if period else "",
            suffix=SUFFIX,
            report_words=report_words,
        )

    @router.get("/bao-cao/tep/{export}/tai", responses=bytes_of(*_FILES))
    def download(request: Request, export: str) -> Response:
        return given(own(request, export))

    @router.get("/bao-cao/tep/{export}/chu-ky", responses=bytes_of("application/json"))
    def signature(request: Request, export: str) -> Response:
        return given(own(request, export), SUFFIX)

    @router.post("/bao-cao/tep/{export}/huy")
    def cancel(request: Request, export: str) -> Response:
        desk.exports.cancel(own(request, export))
        return to("/bao-cao")

    def own(request: Request, export: str) -> Export:
        """A file is for who asked for it, and nobody else."""
        found = desk.exports.look(export, frame.person(request).id)
        if found is None:
            raise NotFound
        return found

    def given(found: Export, suffix: str = "") -> Response:
        path = desk.exports.path(found, suffix)
        if path is None:
            raise NotFound
        kind = "application/json" if suffix else TYPES[path.suffix.removeprefix(".")]
        return FileResponse(path, media_type=kind, filename=path.name, headers={"cache-control": "no-store"})

    return router


def _shown(table: Sheet, point: str) -> Sheet:
    """With its cells as texts."""
    kinds = [column.kind for column in table.columns]
    rows = [tuple(said(cell, kind, point) for cell, kind in zip(row, kinds, strict=True)) for row in table.rows]
    return msgspec.structs.replace(table, rows=rows)


def _sorted(offered: set[Period]) -> list[Period]:
    return sorted(offered, key=lambda each: (each.every is Every.quarter, -each.year, -each.number))
