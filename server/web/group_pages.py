"""The page "Nhóm loa": saved choices of places, renamed and removed. They are saved and chosen in the form.

Imported by `server.app`.
"""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import place_groups
from server.access import Act, Person, may_anywhere
from server.compose_form import FieldError
from server.refusals import NotAllowed
from server.web import words
from server.web.frame import Frame, to


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def show(request: Request, person: Person, wrong: str = "", typed: str = "", fault: str = "") -> Response:
        with desk.stores.open() as store:
            groups = place_groups.offered(store, person)
            targets = {target for group in groups for target in group.targets}
            areas = store.areas.named(targets | {group.area for group in groups})
        return frame.page(
            request,
            "groups.html",
            422 if fault else 200,
            groups=groups,
            areas=areas,
            wrong=wrong,
            typed=typed,
            fault=fault,
        )

    @router.get("/nhom-loa")
    def groups(request: Request) -> Response:
        return show(request, _writer(frame, request))

    @router.post("/nhom-loa/{group}/ten")
    def rename(request: Request, group: str, group_name: Annotated[str, Form()] = "") -> Response:
        person = _writer(frame, request)
        with desk.stores.open() as store:
            wrong = place_groups.rename(store, person, group, group_name, desk.clock())
        if isinstance(wrong, FieldError):
            return show(request, person, group, group_name, words.problem(partial(frame.say, request), wrong))
        return to("/nhom-loa")

    @router.post("/nhom-loa/{group}/bo")
    def remove(request: Request, group: str) -> Response:
        person = _writer(frame, request)
        with desk.stores.open() as store:
            place_groups.remove(store, person, group, desk.clock())
        return to("/nhom-loa")

    return router


def _writer(frame: Frame, request: Request) -> Person:
    person = frame.person(request)
    if not may_anywhere(person.grants, Act.write) and not may_anywhere(person.grants, Act.alarm):
        raise NotAllowed
    return person
