"""Pages of people: sign in, sign out, choose the language.

Imported by `server.app`.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import staff
from server.staff import SignedIn
from server.web import words
from server.web.frame import LANGUAGE_COOKIE, LANGUAGES, SESSION_COOKIE, Frame, to

YEAR_S = 365 * 24 * 3600


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/dang-nhap")
    def sign_in_form(request: Request, tiep: str = "") -> Response:
        return frame.page(request, "sign_in.html", error="", username="", next_page=_own_path(tiep))

    @router.post("/dang-nhap")
    def sign_in(
        request: Request,
        username: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        tiep: Annotated[str, Form()] = "",
    ) -> Response:
        address = request.client.host if request.client else ""
        with desk.stores.open() as store:
            result = staff.sign_in(store, desk.hasher, username, password, address, desk.clock(), desk.new_token())
        if not isinstance(result, SignedIn):
            error = frame.say(request, words.SIGN_IN[result])
            return frame.page(
                request, "sign_in.html", 422, error=error, username=username[:100], next_page=_own_path(tiep)
            )
        answer = to(_own_path(tiep))
        secure = desk.settings.behind_tls
        answer.set_cookie(SESSION_COOKIE, result.token, httponly=True, samesite="lax", secure=secure, path="/")
        return answer

    @router.post("/dang-xuat")
    def sign_out(request: Request) -> Response:
        with desk.stores.open() as store:
            staff.sign_out(store, request.cookies.get(SESSION_COOKIE, ""))
        answer = to("/dang-nhap")
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    @router.post("/ngon-ngu")
    def choose_language(request: Request, language: Annotated[str, Form()] = "vi") -> Response:
        answer = to(_own_path(request.headers.get("referer", "")))
        if language in LANGUAGES:
            answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax", httponly=True)
        return answer

    return router


def _own_path(address: str) -> str:
    """The page of ours that an address leads to, never another site's."""
    parts = urlsplit(address)
    own = parts.path.startswith("/") and not parts.path.startswith(("//", "/\\"))
    return (f"{parts.path}?{parts.query}" if parts.query else parts.path) if own else "/"
