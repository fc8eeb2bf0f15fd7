"""The page "Kết nối": other systems that are told what happens in an area.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import webhooks
from server.access import Act, may_anywhere
from server.notice import Matter
from server.outward import is_url
from server.refusals import NotAllowed
from server.web import notice_words
from server.web.frame import Frame, to
from server.web.places import shown

HOOKS = "/ket-noi"
_Typed = Annotated[str, Form(max_length=1_000)]
_Ticked = Annotated[list[str], Form(max_length=len(Matter))]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(HOOKS)
    def listed(request: Request, xong: str = "") -> Response:
        return show(request, done=xong == "1")

    def show(request: Request, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        if not may_anywhere(person.grants, Act.set_area):
            raise NotAllowed
        with desk.stores.open() as store:
            found = webhooks.listed(store, person)
            areas = shown(webhooks.places(store, person))
        given = {"url": "", "area": "", "ticked": frozenset(Matter), "error": "", "secret": "", "done": False, **given}
        return frame.page(request, "webhooks.html", status, listed=found, areas=areas, matters=tuple(Matter), **given)

    @router.post(HOOKS)
    def make(
        request: Request,
        area: _Typed = "",
        url: _Typed = "",
        matter: _Ticked = [],  # noqa: B006
    ) -> Response:
        person, url = frame.fresh(request), url.strip()
        ticked = frozenset(each for each in Matter if each.value in matter)
        error = "" if ticked else notice_words.NO_MATTERS
        if not is_url(url, plain=desk.settings.private_targets):
            error = notice_words.NO_URL
        if not may_anywhere(person.grants, Act.set_area):
            raise NotAllowed
        if error:
            return show(request, 422, url=url, area=area, ticked=ticked, error=frame.say(request, error))
        id_, secret = desk.new_id("kn"), desk.new_token()
        with desk.stores.open() as store:
            webhooks.make(store, person, area, url, ticked, desk.vault, id_, secret, desk.clock())
        return show(request, secret=secret)

    @router.post(f"{HOOKS}/{{webhook}}/thu")
    def try_out(request: Request, webhook: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            webhooks.try_out(store, person, webhook, desk.new_id("thu"), desk.clock())
        desk.post()
        return to(f"{HOOKS}?xong=1")

    @router.post(f"{HOOKS}/{{webhook}}/bo")
    def end(request: Request, webhook: str) -> Response:
        person = frame.fresh(request)
        with desk.stores.open() as store:
            webhooks.end(store, person, webhook, desk.clock())
        return to(HOOKS)

    return router
