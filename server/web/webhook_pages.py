"""The page "Kết nối": other systems that are told what happens in an area.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import webhooks
from server.access import Act, may_anywhere
from server.happening import HappeningKind
from server.notice import Matter
from server.outward import is_url
from server.refusals import NotAllowed
from server.web import notice_words
from server.web.frame import Frame, to
from server.web.places import shown

HOOKS = "/ket-noi"
_Typed = Annotated[str, Form(max_length=1_000)]
_Ticked = Annotated[list[str], Form(max_length=20)]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(HOOKS)
    def listed(request: Request, xong: str = "") -> Response:
        return show(request, done=notice_words.HOOK_DONE.get(xong, ""))

    def show(request: Request, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        if not may_anywhere(person.grants, Act.set_area):
            raise NotAllowed
        with desk.stores.open() as store:
            found = webhooks.listed(store, person, desk.clock())
            areas = shown(webhooks.places(store, person))
        ticked = frozenset({*Matter, *HappeningKind})
        given = {
            "url": "",
            "area": "",
            "ticked": ticked,
            "error": "",
            "secret": "",
            "rotated": False,
            "done": "",
            **given,
        }
        kinds = {"matters": tuple(Matter), "kinds": tuple(HappeningKind)}
        return frame.page(request, "webhooks.html", status, listed=found, areas=areas, **kinds, **given)

    @router.post(HOOKS)
    def make(
        request: Request,
        area: _Typed = "",
        url: _Typed = "",
        matter: _Ticked = [],  # noqa: B006
        happening: _Ticked = [],  # noqa: B006
    ) -> Response:
        person, url = frame.fresh(request), url.strip()
        matters = frozenset(each for each in Matter if each.value in matter)
        kinds = frozenset(each for each in HappeningKind if each.value in happening)
        ticked = matters | kinds
        error = "" if ticked else notice_words.NO_MATTERS
        if not is_url(url, plain=desk.settings.private_targets):
            error = notice_words.NO_URL
        if not may_anywhere(person.grants, Act.set_area):
            raise NotAllowed
        if error:
            return show(request, 422, url=url, area=area, ticked=ticked, error=frame.say(request, error))
        id_, secret = desk.new_id("kn"), desk.new_token()
        with desk.stores.open() as store:
            webhooks.make(store, person, area, url, (matters, kinds), desk.vault, id_, secret, desk.clock())
        return show(request, secret=secret)

    @router.post(f"{HOOKS}/{{webhook}}/thu")
    def try_out(request: Request, webhook: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            webhooks.try_out(store, person, webhook, desk.new_id("thu"), desk.clock())
        desk.post()
        return to(f"{HOOKS}?xong=1")

    @router.post(f"{HOOKS}/{{webhook}}/khoa")
    def rotate(request: Request, webhook: str) -> Response:
        person, secret = frame.fresh(request), desk.new_token()
        with desk.stores.open() as store:
            webhooks.rotate(store, person, webhook, desk.vault, secret, desk.clock())
        return show(request, secret=secret, rotated=True)

    @router.post(f"{HOOKS}/{{webhook}}/tiep")
    def go_on(request: Request, webhook: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            webhooks.go_on(store, person, webhook, desk.clock())
        desk.post()
        return to(f"{HOOKS}?xong=tiep")

    @router.post(f"{HOOKS}/{{webhook}}/gui-lai")
    def send_again(request: Request, webhook: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            webhooks.send_again(store, person, webhook, desk.clock())
        desk.post()
        return to(f"{HOOKS}?xong=gui-lai")

    @router.post(f"{HOOKS}/{{webhook}}/bo")
    def end(request: Request, webhook: str) -> Response:
        person = frame.fresh(request)
        with desk.stores.open() as store:
            webhooks.end(store, person, webhook, desk.clock())
        return to(HOOKS)

    return router
