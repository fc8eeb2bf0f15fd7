"""The pages of reports that go out by e-mail: to whom, when, what became of them, and the files behind a link.

Imported by `server.app`.
"""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, Response

from server import report_mailings
from server.access import Act, may_anywhere
from server.export import TYPES
from server.manifest import SUFFIX
from server.period import Every, Period, period_of
from server.refusals import NotAllowed, NotFound
from server.report_mailing import FORMATS, Order, leaves_at, understood
from server.report_post import FOLDER, files_in
from server.web import report_mail_words, report_words
from server.web.documented import bytes_of
from server.web.frame import Frame, to
from server.web.places import shown

MAIL = "/bao-cao/gui-thu"
_Typed = Annotated[str, Form(max_length=200)]
_Addresses = Annotated[str, Form(max_length=8_000)]
_Ticked = Annotated[list[str], Form(alias="format", max_length=len(FORMATS))]
_NOTHING = Order(Every.month, FORMATS[:2], 5, ())


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(MAIL)
    def listed(request: Request, khu_vuc: str = "") -> Response:
        return show(request, area=khu_vuc)

    def show(
        request: Request, status: int = 200, *, area: str = "", typed: Order = _NOTHING, addresses: str = ""
    ) -> Response:
        person, now = frame.person(request), desk.clock()
        if not may_anywhere(person.grants, Act.hand_out):
            raise NotAllowed
        with desk.stores.open() as store:
            found = report_mailings.listed(store, person, now)
            areas = shown(report_mailings.places(store, person), area, {area})
        return frame.page(
            request,
            "report_mailings.html",
            status,
            listed=[(each, named(request, each.next), leaves_at(each.mailing, each.next)) for each in found],
            areas=areas,
            area=area,
            typed=typed,
            addresses=addresses,
            every=tuple(Every),
            formats=FORMATS,
            set_up=bool(desk.settings.smtp),
            limit=desk.settings.mail_attachments_mb,
            named=lambda text: named(request, period_of(text)),
            report_words=report_words,
            report_mail_words=report_mail_words,
        )

    def named(request: Request, period: Period | None) -> str:
        return report_words.period_name(partial(frame.say, request), period) if period is not None else ""

    @router.post(MAIL)
    def order(
        request: Request,
        area: _Typed = "",
        every: _Typed = "",
        kind: _Ticked = [],  # noqa: B006
        day: _Typed = "",
        addresses: _Addresses = "",
    ) -> Response:
        person = frame.fresh(request)
        wanted = understood(every, kind, day, addresses)
        with desk.stores.open() as store:
            if not wanted.faults:
                language, id_ = frame.language(request), desk.new_id("bc")
                report_mailings.order(store, person, area, wanted, language, id_, desk.clock())
        return show(request, 422, area=area, typed=wanted, addresses=addresses) if wanted.faults else to(MAIL)

    @router.post(f"{MAIL}/{{mailing}}/dung")
    def end(request: Request, mailing: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            report_mailings.end(store, person, mailing, desk.clock())
        return to(MAIL)

    @router.post(f"{MAIL}/{{mailing}}/gui-lai")
    def again(request: Request, mailing: str, period: _Typed = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            report_mailings.again(store, person, mailing, period, desk.clock())
        return to(MAIL)

    @router.get(f"{MAIL}/{{mailing}}/{{period}}")
    def files(request: Request, mailing: str, period: str) -> Response:
        person, wanted = frame.person(request), period_of(period)
        with desk.stores.open() as store:
            found = report_mailings.readable(store, person, mailing)
            area = store.areas.find(found.area)
        if wanted is None or area is None:
            raise NotFound
        there: list[dict[str, Any]] = [
            {"name": path.name, "size": path.stat().st_size} for path in lying(mailing, wanted)
        ]
        name = report_words.period_name(partial(frame.say, request), wanted)
        return frame.page(request, "report_mailed.html", area=area, name=name, period=wanted, files=there)

    @router.get(f"{MAIL}/{{mailing}}/{{period}}/{{file}}", responses=bytes_of(*TYPES.values(), "application/json"))
    def fetch(request: Request, mailing: str, period: str, file: str) -> Response:
        person, wanted = frame.person(request), period_of(period)
        with desk.stores.open() as store:
            report_mailings.readable(store, person, mailing)
        path = next((each for each in lying(mailing, wanted) if each.name == file), None) if wanted else None
        if path is None:
            raise NotFound
        kind = "application/json" if file.endswith(SUFFIX) else TYPES[path.suffix.removeprefix(".")]
        return FileResponse(path, media_type=kind, filename=path.name, headers={"cache-control": "no-store"})

    def lying(mailing: str, period: Period) -> list[Path]:
        """What is read of the disk is named by what the database and the calendar know, never by what was typed."""
        return files_in(desk.settings.data_folder / FOLDER / mailing / period.text)

    return router
