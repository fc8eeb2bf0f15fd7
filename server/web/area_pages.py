"""The pages "Địa bàn": communes and hamlets, their names and their days.

Imported by `server.app`.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schedules.clock import civil_day
from server import territory
from server.access import Person
from server.area import Area
from server.area_change import AreaFault
from server.repositories.store import Store
from server.web import area_words
from server.web.frame import Frame, day_typed, to
from server.web.places import LINES, Wish, narrowed

AREAS = "/khu-vuc"
_Change = Callable[[Store, Person], Area | AreaFault]
_Typed = Annotated[str, Form(max_length=300)]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(AREAS)
    def listed(request: Request, khu_vuc: str = "", tim: str = "", trang: str = "") -> Response:
        person, wish = frame.person(request), Wish(khu_vuc, tim, "", trang)
        with desk.stores.open() as store:
            every, levels = territory.places(store, person), store.areas.levels()
        found, total = narrowed(every, wish, lambda a: a, lambda a: a.name)
        names = {area.id: area.name for area in every}
        today = civil_day(desk.clock()).isoformat()
        return frame.page(
            request,
            "areas.html",
            found=found,
            names=names,
            levels=levels,
            total=total,
            lines=LINES,
            wish=wish,
            today=today,
        )

    @router.get(f"{AREAS}/{{area}}")
    def one(request: Request, area: str, xong: str = "") -> Response:
        return show(request, area, done=xong == "1")

    def show(request: Request, area: str, status: int = 200, **given: Any) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            page, levels = territory.page(store, person, area, now), store.areas.levels()
        given = {"typed": {}, "errors": {}, "done": False, **given}
        today = civil_day(now)
        return frame.page(
            request, "area.html", status, page=page, levels=levels, today=today.isoformat(),
            typed_today=today.strftime("%d/%m/%Y"), **given,
        )  # fmt: skip

    def changed(request: Request, area: str, field: str, typed: dict[str, str], change: _Change) -> Response:
        """Do it, or show the form again with what is wrong beside the field."""
        person = frame.fresh(request)
        with desk.stores.open() as store:
            done = change(store, person)
        if isinstance(done, AreaFault):
            where = {AreaFault.no_day: f"{field}-day", AreaFault.too_early: f"{field}-day"}.get(done, field)
            errors = {where: [frame.say(request, area_words.AREA_FAULTS[done])]}
            return show(request, area, 422, typed=typed, errors=errors)
        desk.bell.ring("programmes")
        return to(f"{AREAS}/{done.id}?xong=1")

    @router.post(f"{AREAS}/{{area}}/them")
    def add(request: Request, area: str, name: _Typed = "", level: _Typed = "", day: _Typed = "") -> Response:
        typed = {"add": name, "add-day": day, "level": level}
        return changed(
            request, area, "add", typed,
            lambda store, person: territory.add(
                store, person, area, level, name, day_typed(day), desk.clock(), desk.new_id
            ),
        )  # fmt: skip

    @router.post(f"{AREAS}/{{area}}/ten")
    def rename(request: Request, area: str, name: _Typed = "") -> Response:
        return changed(
            request, area, "name", {"name": name},
            lambda store, person: territory.rename(store, person, area, name, desk.clock()),
        )  # fmt: skip

    @router.post(f"{AREAS}/{{area}}/ket-thuc")
    def retire(request: Request, area: str, day: _Typed = "") -> Response:
        return changed(
            request, area, "end", {"end-day": day},
            lambda store, person: territory.retire(store, person, area, day_typed(day), desk.clock()),
        )  # fmt: skip

    @router.post(f"{AREAS}/{{area}}/sap-nhap")
    def merge(request: Request, area: str, into: _Typed = "", day: _Typed = "") -> Response:
        return changed(
            request, area, "merge", {"merge": into, "merge-day": day},
            lambda store, person: territory.merge(store, person, area, into, day_typed(day), desk.clock()),
        )  # fmt: skip

    return router
