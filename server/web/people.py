"""Pages of the door: sign in, show the code, sign out, show again who one is, choose the language.

Imported by `server.app`.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from server import staff
from server.staff import SignedIn, SignInRefused, Step
from server.web import known_browsers, people_words
from server.web.frame import LANGUAGE_COOKIE, LANGUAGES, SESSION_COOKIE, Frame, own_path, to

YEAR_S = 365 * 24 * 3600
CONFIRM = "/xac-nhan"
CARRY_ON, SECRET = "xac_nhan_toi", "xac_nhan_bang"
"""Fields of the page that asks again; the other fields are those of the form that waits."""
FIRST = {Step.password: "/tai-khoan/mat-khau", Step.second_factor: "/tai-khoan/buoc-hai"}
"""Where one does what is to be done before anything else."""


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/dang-nhap")
    def sign_in_form(request: Request, tiep: str = "") -> Response:
        return frame.page(request, "sign_in.html", error="", username="", next_page=own_path(tiep))

    @router.post("/dang-nhap")
    def sign_in(
        request: Request,
        username: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        tiep: Annotated[str, Form()] = "",
    ) -> Response:
        visit = known_browsers.visit(request, desk.vault, username)
        with desk.stores.open() as store:
            result = staff.sign_in(store, desk.door, username, password, visit, desk.clock(), desk.new_token())
        if isinstance(result, SignedIn):
            return admitted(frame, request, result, tiep)
        error, next_page = frame.say(request, people_words.SIGN_IN[result]), own_path(tiep)
        return frame.page(request, "sign_in.html", 422, error=error, username=username[:100], next_page=next_page)

    @router.get("/dang-nhap/ma")
    def code_form(request: Request, tiep: str = "") -> Response:
        with desk.stores.open() as store:
            owing = staff.owing(store, request.cookies.get(SESSION_COOKIE, ""), desk.clock())
        if owing is None:
            return to("/dang-nhap")
        return frame.page(request, "code.html", error="", next_page=own_path(tiep))

    @router.post("/dang-nhap/ma")
    def show_code(request: Request, code: Annotated[str, Form()] = "", tiep: Annotated[str, Form()] = "") -> Response:
        half, now = request.cookies.get(SESSION_COOKIE, ""), desk.clock()
        with desk.stores.open() as store:
            owing = staff.owing(store, half, now)
            visit = known_browsers.visit(request, desk.vault, owing.username if owing else "")
            result = staff.show_code(store, desk.door, half, code, visit, now, desk.new_token())
        if isinstance(result, SignedIn):
            return admitted(frame, request, result, tiep)
        error, next_page = frame.say(request, people_words.SIGN_IN[result]), own_path(tiep)
        if result is SignInRefused.code_too_late:
            return frame.page(request, "sign_in.html", 422, error=error, username="", next_page=next_page)
        return frame.page(request, "code.html", 422, error=error, next_page=next_page)

    @router.post(
        CONFIRM, responses={307: {"description": "Confirmed: the same form goes on to where it was meant for"}}
    )
    def confirm(
        request: Request, xac_nhan_toi: Annotated[str, Form()] = "", xac_nhan_bang: Annotated[str, Form()] = ""
    ) -> Response:
        """Carries on where `frame.fresh` stopped: the browser sends the same form to the same address once more."""
        person = frame.standing(request).person
        visit = known_browsers.visit(request, desk.vault, person.username)
        token = request.cookies.get(SESSION_COOKIE, "")
        with desk.stores.open() as store:
            refused = staff.confirm(store, desk.door, token, xac_nhan_bang, visit, desk.clock())
        if refused is None:
            wanted = own_path(xac_nhan_toi)
            return RedirectResponse(wanted, 307) if wanted != CONFIRM else to("/")
        raise Unconfirmed(refused)

    @router.post("/dang-xuat")
    def sign_out(request: Request) -> Response:
        with desk.stores.open() as store:
            staff.sign_out(store, request.cookies.get(SESSION_COOKIE, ""), desk.clock())
        answer = to("/dang-nhap")
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    @router.post("/ngon-ngu")
    def choose_language(request: Request, language: Annotated[str, Form()] = "vi") -> Response:
        answer = to(own_path(request.headers.get("referer", "")))
        if language in LANGUAGES:
            answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax", httponly=True)
        return answer

    return router


class Unconfirmed(Exception):
    """What was shown was not right; the page asks once more."""

    def __init__(self, refused: SignInRefused) -> None:
        super().__init__(refused)
        self.refused = refused


def admitted(frame: Frame, request: Request, result: SignedIn, wanted: str) -> Response:
    """On to the page that was wanted, or first to the code. The browser is known from now on."""
    page, vault = own_path(wanted), frame.desk.vault
    before = request.cookies.get(SESSION_COOKIE, "")
    if before:
        # What this browser had open before: nobody holds its token any more, and nobody could end it.
        with frame.desk.stores.open() as store:
            store.sessions.end(staff.hashed(before))
    code = f"/dang-nhap/ma?tiep={quote(page, safe='/')}" if page != "/" else "/dang-nhap/ma"
    answer = to(code if result.owes_code else page)
    secure = frame.desk.settings.behind_tls
    answer.set_cookie(SESSION_COOKIE, result.token, httponly=True, samesite="lax", secure=secure, path="/")
    if not result.owes_code:
        known = known_browsers.visit(request, vault, result.username).known_as
        known_browsers.remember(answer, vault, result.username, known or frame.desk.new_id("browser"))
    return answer


async def ask_again(frame: Frame, request: Request, error: str = "") -> Response:
    """The page that asks somebody to show again who they are, and holds the form that waits for it."""
    if request.method != "POST":
        return to("/")
    form = [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
    own = request.url.path == CONFIRM
    wanted = next((value for name, value in form if name == CARRY_ON), "/") if own else request.url.path
    waiting = [(name, value) for name, value in form if name not in (CARRY_ON, SECRET)]
    return frame.page(
        request,
        "confirm.html",
        422,
        error=error,
        wanted=own_path(wanted),
        waiting=waiting,
        codes=frame.desk.door.asks_codes,
    )
