"""The pages "Giờ và giới hạn": what loudspeakers of an area keep by themselves, how it is set, and what waits for a
second person.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import guarding
from server.access import Act, may_anywhere
from server.guard_form import CEILINGS, GuardForm, form_of, read
from server.loosening import Guard
from server.web import words
from server.web.frame import Frame, to
from server.web.places import LINES, Wish, narrowed

_Typed = Annotated[str, Form(max_length=100)]
_Lines = Annotated[list[str], Form(max_length=CEILINGS)]
_LARGEST = 2**31 - 1


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/gioi-han")
    def places(request: Request, khu_vuc: str = "", tim: str = "", trang: str = "") -> Response:
        person, wish = frame.person(request), Wish(khu_vuc, tim, "", trang)
        with desk.stores.open() as store:
            every = guarding.places(store, person)
            waiting = guarding.waiting(store, person, desk.clock())
        found, total = narrowed(every, wish, lambda a: a, lambda a: a.name)
        names = {area.id: area.name for area in every}
        return frame.page(
            request,
            "guard_places.html",
            found=found,
            names=names,
            total=total,
            lines=LINES,
            wish=wish,
            waiting=waiting,
        )

    @router.get("/cho-xac-nhan")
    def waiting(request: Request) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found = guarding.waiting(store, person, desk.clock())
        can_confirm = may_anywhere(person.grants, Act.set_area)
        return frame.page(request, "guards_waiting.html", waiting=found, can_confirm=can_confirm)

    @router.get("/gioi-han/{area}")
    def one(request: Request, area: str, cho: str = "") -> Response:
        return show(request, area, waits=cho == "1", done=cho == "0")

    def show(request: Request, area: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            page = guarding.page(store, person, area, desk.clock())
        given = {"errors": {}, "waits": False, "done": False, "form": form_of(page.area.settings), **given}
        return frame.page(request, "guards.html", status, page=page, guards=tuple(Guard), rows=CEILINGS, **given)

    @router.post("/gioi-han/{area}")
    def change(
        request: Request,
        area: str,
        quiet: _Typed = "",
        quiet_from: _Typed = "",
        quiet_to: _Typed = "",
        ceiling: _Typed = "",
        ceiling_from: _Lines = [],  # noqa: B006
        ceiling_percent: _Lines = [],  # noqa: B006
        longest: _Typed = "",
        rest: _Typed = "",
        daily: _Typed = "",
    ) -> Response:
        person = frame.person(request)
        lines = tuple(ceiling_from), tuple(ceiling_percent)
        form = GuardForm(quiet, quiet_from, quiet_to, ceiling, *lines, longest, rest, daily)
        settings, wrong = read(form)
        if wrong:
            errors = {field: [frame.say(request, words.GUARD_FAULTS[field])] for field in wrong}
            return show(request, area, 422, form=form, errors=errors)
        with desk.stores.open() as store:
            proposal = guarding.wish(store, person, area, settings, desk.clock())
        desk.bell.ring("programmes")
        return to(f"/gioi-han/{area}?cho={'1' if proposal else '0'}")

    @router.post("/cho-xac-nhan/{number}/xac-nhan")
    def confirm(request: Request, number: str, seen: _Typed = "") -> Response:
        person = frame.fresh(request)
        with desk.stores.open() as store:
            area = guarding.confirm(store, person, _number(number), seen, desk.clock())
        desk.bell.ring("programmes")
        return to(f"/gioi-han/{area.id}?cho=0")

    @router.post("/cho-xac-nhan/{number}/khong")
    def refuse(request: Request, number: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            guarding.refuse(store, person, _number(number), desk.clock())
        return to("/cho-xac-nhan")

    return router


def _number(text: str) -> int:
    """The number of a proposal; 0, which none has, for what is no number."""
    known = text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST))
    return min(int(text), _LARGEST) if known else 0
