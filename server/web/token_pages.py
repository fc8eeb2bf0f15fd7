"""Tokens of the JSON API, under Cài đặt: making one, which is shown once, and ending it.

Imported by `server.app`. Both ask first whether it is really the administrator.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import personnel, tokens
from server.api_token import PREFIX, Faults, TokenForm
from server.area import LOUDSPEAKER
from server.web import token_words
from server.web.frame import Frame, to
from server.web.places import shown

TOKENS = "/cai-dat/ket-noi"


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def show(request: Request, form: TokenForm, status: int = 200, faults: Faults | None = None) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            held = tokens.held(store, person)
            areas = [
                a for a in shown(personnel.places(store, person), form.area, {form.area}) if a.level != LOUDSPEAKER
            ]
        told = (faults or {}).items()
        errors = {field: [frame.say(request, token_words.TOKEN_FAULTS[fault])] for field, fault in told}
        return frame.page(request, "tokens.html", status, held=held, areas=areas, form=form, errors=errors)

    @router.get(TOKENS)
    def page(request: Request) -> Response:
        return show(request, TokenForm())

    @router.post(TOKENS)
    def make(
        request: Request,
        name: Annotated[str, Form()] = "",
        area: Annotated[str, Form()] = "",
        scope: Annotated[str, Form()] = "",
        until: Annotated[str, Form()] = "",
    ) -> Response:
        person, secret = frame.fresh(request), f"{PREFIX}{desk.new_token()}"
        form = TokenForm(name, area, scope, until)
        with desk.stores.open() as store:
            made = tokens.make(store, person, form, secret, desk.clock(), desk.new_id)
        if isinstance(made, dict):
            return show(request, form, 422, made)
        return frame.page(request, "new_token.html", token=made, secret=secret)

    @router.post(f"{TOKENS}/{{token}}/thu-hoi")
    def revoke(request: Request, token: str) -> Response:
        person = frame.fresh(request)
        with desk.stores.open() as store:
            tokens.revoke(store, person, token, desk.clock())
        return to(TOKENS)

    return router
