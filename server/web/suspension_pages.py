"""The pages "Tạm ngừng phát": on which days a place wants silence.

Imported by `server.app`.
"""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import suspending
from server.suspending import SuspensionForm
from server.web import words
from server.web.frame import Frame, to

_Typed = Annotated[str, Form(max_length=500)]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/tam-ngung/{area}")
    def calendar(request: Request, area: str) -> Response:
        return show(request, area)

    def show(request: Request, area: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found, held, may_set = suspending.of_area(store, person, area, desk.clock())
        given = {"errors": {}, "form": SuspensionForm(), **given}
        return frame.page(request, "suspensions.html", status, area=found, held=held, may_set=may_set, **given)

    @router.post("/tam-ngung/{area}")
    def suspend(
        request: Request,
        area: str,
        name: _Typed = "",
        first: _Typed = "",
        last: _Typed = "",
        start: _Typed = "",
        end: _Typed = "",
        priority: _Typed = "",
    ) -> Response:
        person, now = frame.person(request), desk.clock()
        form = SuspensionForm(name, first, last, start, end, priority == "1")
        wanted = suspending.read(form, now)
        if isinstance(wanted, tuple):
            errors: dict[str, list[str]] = {}
            for error in wanted:
                errors.setdefault(error.field, []).append(words.problem(partial(frame.say, request), error))
            return show(request, area, 422, form=form, errors=errors)
        with desk.stores.open() as store:
            suspending.suspend(store, person, area, wanted, now)
        desk.bell.ring("programmes")
        return to(f"/tam-ngung/{area}")

    @router.post("/tam-ngung/{area}/bo")
    def lift(request: Request, area: str, which: _Typed = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            suspending.lift(store, person, area, which, desk.clock())
        desk.bell.ring("programmes")
        return to(f"/tam-ngung/{area}")

    return router
