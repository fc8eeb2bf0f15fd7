"""Pages of repairs: a ticket of a loudspeaker from its opening to its end.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import oversight, repairing
from server.refusals import NotFound
from server.repair import OWNERS
from server.repairing import Senseless
from server.tending import may_repair
from server.web import cause_words, words
from server.web.frame import Frame, to

_Typed = Annotated[str, Form(max_length=2_000)]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.post("/loa/{device}/sua-chua")
    def take_up(request: Request, device: str, trouble: _Typed = "", owner: _Typed = "") -> Response:
        person = frame.person(request)
        try:
            with desk.stores.open() as store:
                repairing.take_up(store, person, device, desk.new_id("sc"), trouble, owner, desk.clock())
        except Senseless:
            return to(f"/loa/{device}#sua-chua")
        desk.bell.ring("fleet")
        return to(f"/loa/{device}#sua-chua")

    @router.get("/sua-chua/{repair}")
    def page(request: Request, repair: str) -> Response:
        return shown(request, repair)

    def shown(request: Request, repair: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found = store.care.repair(repair)
            if found is None:
                raise NotFound
            area = oversight.visible_area(store, person, found.device)
            notes = store.care.notes([repair]).get(repair, [])
            names, places = store.staff.names(), oversight.names_of(store, [area])
        given = {"errors": {}, "typed": {}, **given}
        return frame.page(
            request,
            "repair.html",
            status,
            repair=found,
            area=area,
            where=oversight.where_of(area, places),
            notes=notes,
            names=names,
            owners=OWNERS,
            may_repair=may_repair(person, area),
            cause_words=cause_words,
            **given,
        )

    @router.post("/sua-chua/{repair}")
    def add(
        request: Request,
        repair: str,
        words_: Annotated[str, Form(alias="words", max_length=2_000)] = "",
        parts: _Typed = "",
        owner: _Typed = "",
    ) -> Response:
        person = frame.person(request)
        try:
            with desk.stores.open() as store:
                repairing.add(store, person, repair, words_, parts, owner, desk.clock())
        except Senseless as fault:
            typed = {"words": words_[:600], "parts": parts[:200], "owner": owner}
            return shown(request, repair, 422, errors=_errors(frame, request, fault), typed=typed)
        desk.bell.ring("fleet")
        return to(f"/sua-chua/{repair}")

    @router.post("/sua-chua/{repair}/xong")
    def close(request: Request, repair: str, found: _Typed = "", parts: _Typed = "") -> Response:
        person = frame.person(request)
        try:
            with desk.stores.open() as store:
                done = repairing.close(store, person, repair, found, parts, desk.clock())
        except Senseless as fault:
            typed = {"found": found[:600], "used": parts[:200]}
            return shown(request, repair, 422, errors=_errors(frame, request, fault), typed=typed)
        desk.bell.ring("fleet")
        return to(f"/loa/{done.device}#sua-chua")

    return router


def _errors(frame: Frame, request: Request, fault: Senseless) -> dict[str, list[str]]:
    return {fault.field: [frame.say(request, words.REPAIR_FAULTS[fault.field])]}
