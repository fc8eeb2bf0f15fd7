"""Legal holds: what is kept beyond its time, and who holds it.

Imported by `server.app`.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import holding
from server.access import Act, Person, may_anywhere
from server.compose_form import FieldError, Problem
from server.composing import check_note
from server.refusals import NotAllowed
from server.retention import AREA, BULLETIN
from server.web import words
from server.web.frame import Frame, to


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def show(request: Request, status: int = 200, **given: object) -> Response:
        person = _administrator(frame, request)
        with desk.stores.open() as store:
            lines, areas = holding.standing(store, person), holding.areas(store, person)
        context = {"errors": {}, "reason": "", "chosen": "", **given}
        months = desk.settings.retention_months
        return frame.page(request, "keeping.html", status, lines=lines, areas=areas, months=months, **context)

    @router.get("/luu-giu")
    def keeping(request: Request) -> Response:
        return show(request)

    @router.post("/luu-giu")
    def put(
        request: Request,
        area: Annotated[str, Form()] = "",
        bulletin: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
    ) -> Response:
        person = _administrator(frame, request)
        checked = check_note(reason)
        if isinstance(checked, FieldError):
            text = words.NO_HOLD_REASON if checked.problem is Problem.empty else words.PROBLEMS[checked.problem]
            error = frame.say(request, text, details=checked.details)
            return show(request, 422, errors={"reason": [error]}, reason=reason, chosen=area)
        kind, subject = (BULLETIN, bulletin) if bulletin else (AREA, area)
        with desk.stores.open() as store:
            holding.put(store, person, kind, subject, checked, desk.clock(), desk.new_id)
        return to("/luu-giu")

    @router.post("/luu-giu/{hold}/bo")
    def lift(request: Request, hold: str) -> Response:
        person = _administrator(frame, request)
        with desk.stores.open() as store:
            holding.lift(store, person, hold, desk.clock())
        return to("/luu-giu")

    return router


def _administrator(frame: Frame, request: Request) -> Person:
    person = frame.person(request)
    if not may_anywhere(person.grants, Act.set_area):
        raise NotAllowed
    return person
