"""The page on which a place writes how its abbreviations and names are said.

Imported by `server.app`.
"""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import readings
from server.compose_form import FieldError
from server.reading import Reading
from server.web import words
from server.web.frame import Frame, to
from server.web.places import Wish, narrowed, shown


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def show(
        request: Request, wish: Wish, error: FieldError | None = None, written: str = "", how: str = ""
    ) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            board = readings.board(store, person, wish.area)
            waiting = readings.otherwise(store, person, board.area.id, now)
        errors = {error.field: [words.problem(lambda text: frame.say(request, text), error)]} if error else {}
        lines, total = narrowed(
            board.readings, wish, lambda _: board.area, lambda reading: f"{reading.written} {reading.said}"
        )
        board = msgspec.structs.replace(board, areas=shown(board.areas, board.area.id))
        given = {"errors": errors, "written": written, "how": how, "wish": wish, "lines": lines, "total": total}
        return frame.page(request, "readings.html", 422 if error else 200, board=board, waiting=waiting, **given)

    @router.get("/cach-doc")
    def table(request: Request, khu_vuc: str = "", tim: str = "", trang: str = "") -> Response:
        return show(request, Wish(khu_vuc, tim, page=trang))

    @router.post("/cach-doc")
    def teach(
        request: Request,
        area: Annotated[str, Form()] = "",
        written: Annotated[str, Form()] = "",
        said: Annotated[str, Form()] = "",
    ) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            result = readings.teach(store, person, area, written, said, desk.clock())
        if not isinstance(result, Reading):
            return show(request, Wish(area), result, written, said)
        desk.reread()
        return to(f"/cach-doc?khu_vuc={area}")

    @router.post("/cach-doc/bo")
    def forget(request: Request, area: Annotated[str, Form()] = "", written: Annotated[str, Form()] = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            readings.forget(store, person, area, written, desk.clock())
        desk.reread()
        return to(f"/cach-doc?khu_vuc={area}")

    @router.post("/cach-doc/doc-lai")
    def render_again(request: Request, area: Annotated[str, Form()] = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            readings.otherwise(store, person, area, desk.clock())  # who may not write here may not ask for it
        desk.reread()
        return to(f"/cach-doc?khu_vuc={area}")

    return router
