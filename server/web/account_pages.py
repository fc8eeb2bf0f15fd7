"""Pages of one's own account: the password, the second factor, where one is signed in.

Imported by `server.app`. People see them before they may see any other page, so they ask `frame.standing`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import own_account, second_factor, staff
from server.staff import SignInRefused, Standing, Step
from server.web import known_browsers, people_words
from server.web.devices import device_name
from server.web.frame import Frame, to
from server.web.qr import picture

ACCOUNT, PASSWORD, SECOND = "/tai-khoan", "/tai-khoan/mat-khau", "/tai-khoan/buoc-hai"


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(ACCOUNT)
    def account(request: Request) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = store.staff.account(person.id)
            sessions = staff.sessions_of(store, person.id, now)
            left = store.factors.recovery_left(person.id)
        return frame.page(
            request,
            "account.html",
            account=found,
            left=left,
            sessions=[(session, device_name(session.device)) for session in sessions],
            here=frame.standing(request).session,
        )

    @router.get(PASSWORD)
    def password_form(request: Request) -> Response:
        return frame.page(request, "password.html", first=_first(frame.standing(request)), error="")

    @router.post(PASSWORD)
    def change_password(
        request: Request, password: Annotated[str, Form()] = "", again: Annotated[str, Form()] = ""
    ) -> Response:
        standing = frame.confirmed(request)
        with desk.stores.open() as store:
            fault = own_account.change_password(store, desk.hasher, standing, password, again, desk.clock())
        if fault is None:
            return to("/" if standing.step else ACCOUNT)
        error = frame.say(request, people_words.PASSWORD_FAULTS[fault])
        return frame.page(request, "password.html", 422, first=_first(standing), error=error)

    @router.get(SECOND)
    def second_form(request: Request) -> Response:
        return show_second(request, frame.standing(request))

    @router.post(f"{SECOND}/bat-dau")
    def begin_second(request: Request) -> Response:
        """The secret is shown to who has just shown who they are, and not to who found an open browser."""
        frame.confirmed(request)
        return to(SECOND)

    @router.post(SECOND)
    def confirm_second(
        request: Request, code: Annotated[str, Form()] = "", old: Annotated[str, Form()] = ""
    ) -> Response:
        standing, now = frame.confirmed(request), desk.clock()
        person = standing.person
        visit = known_browsers.visit(request, desk.vault, person.username)
        with desk.stores.open() as store:
            refused = staff.replacing_refused(store, desk.door, person, old, visit, now)
            done: Any = refused or second_factor.confirm(
                store, desk.vault, person, code, now, desk.new_token(), standing.session
            )
        if isinstance(done, SignInRefused):
            return show_second(request, standing, 422, frame.say(request, people_words.OLD_CODE[done]))
        if isinstance(done, second_factor.CodeRefused):
            return show_second(request, standing, 422, frame.say(request, people_words.FIRST_CODE[done]))
        return frame.page(request, "recovery.html", codes=done)

    @router.post("/tai-khoan/ma-du-phong")
    def renew_recovery(request: Request) -> Response:
        person = frame.fresh(request)
        with desk.stores.open() as store:
            if not store.factors.of(person.id).secret:
                return to(SECOND)
            codes = second_factor.renew_recovery(store, desk.vault, person, desk.clock(), desk.new_token())
        return frame.page(request, "recovery.html", codes=codes)

    @router.post("/tai-khoan/phien/khac/ket-thuc")
    def end_others(request: Request) -> Response:
        standing = frame.standing(request)
        with desk.stores.open() as store:
            own_account.end_other_sessions(store, standing, desk.clock())
        return to(ACCOUNT)

    @router.post("/tai-khoan/phien/{session}/ket-thuc")
    def end_session(request: Request, session: str) -> Response:
        person = frame.standing(request).person
        with desk.stores.open() as store:
            own_account.end_session(store, person, session, desk.clock())
        return to(ACCOUNT)

    def show_second(request: Request, standing: Standing, status: int = 200, error: str = "") -> Response:
        person, secret = standing.person, ""
        with desk.stores.open() as store:
            there = bool(store.factors.of(person.id).secret)
            if standing.fresh(desk.clock()):
                secret = second_factor.begin(store, desk.vault, person, desk.new_token())
        shown = picture(second_factor.address_of(secret, person.username)) if secret else ""
        grouped = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
        return frame.page(
            request, "second.html", status, picture=shown, secret=grouped, there=there, error=error, owed=standing.step
        )

    return router


def _first(standing: Standing) -> bool:
    """Whether somebody still has a password that another person knows."""
    return standing.step is Step.password
