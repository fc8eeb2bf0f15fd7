"""Signing in with the province's account: away to its provider, and back.

Imported by `server.app`. The routes are there only where a provider is set up.
"""

import logging

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from server import province_sign_in
from server.province_sign_in import Leaving, ProviderDown, ProviderRefused
from server.refusals import NotFound
from server.staff import SignedIn
from server.web import known_browsers, people_words
from server.web.frame import Frame, own_path, to
from server.web.people import admitted

AWAY, BACK, COOKIE = "/dang-nhap/tinh", "/dang-nhap/tinh/ve", "loaban_province"
_log = logging.getLogger(__name__)


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(AWAY)
    def away(request: Request, tiep: str = "", lai: str = "") -> Response:
        """Off to the provider. `lai`: to show there anew who one is."""
        if desk.provider is None:
            raise NotFound
        chance = [desk.new_token() for _ in range(3)]
        # A verifier has 43 letters at least (RFC 7636); those of a token are so many already.
        leaving = Leaving(chance[0], chance[1], chance[2].ljust(43, "-"), own_path(tiep), desk.clock(), bool(lai))
        try:
            answer = to(desk.provider.address(_back(frame, request), leaving))
        except ProviderDown as error:
            return refused(request, people_words.PROVIDER_DOWN, leaving.wanted, error)
        kept = province_sign_in.sealed(desk.vault, leaving)
        answer.set_cookie(COOKIE, kept, max_age=province_sign_in.ROUND_WITHIN // 1000, httponly=True, samesite="lax")
        return answer

    @router.get(BACK)
    def back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        """Back with a code. Whatever came of it, this round is over."""
        answer = _once(request, code, state, error)
        answer.delete_cookie(COOKIE)
        return answer

    def _once(request: Request, code: str, state: str, error: str) -> Response:
        if desk.provider is None:
            raise NotFound
        now = desk.clock()
        try:
            leaving = province_sign_in.opened(desk.vault, request.cookies.get(COOKIE, ""), state, now)
            if error or not code:
                return refused(request, people_words.PROVIDER_REFUSED, leaving.wanted)
            identity = desk.provider.identity(_back(frame, request), code, leaving, now)
        except ProviderDown as down:
            return refused(request, people_words.PROVIDER_DOWN, "/", down)
        except ProviderRefused as no:
            return refused(request, people_words.PROVIDER_REFUSED, "/", no)
        visit = msgspec.structs.replace(known_browsers.visit(request, desk.vault, identity.username), known_as="")
        with desk.stores.open() as store:
            result = province_sign_in.enter(store, desk.door, identity, visit, now, desk.new_token())
        if isinstance(result, SignedIn):
            return admitted(frame, request, result, leaving.wanted)
        return refused(request, people_words.SIGN_IN[result], leaving.wanted)

    def refused(request: Request, text: str, wanted: str, error: Exception | None = None) -> Response:
        """The password form still works."""
        if error is not None:
            _log.warning("sign-in with the province's account: %s", error)
        said = frame.say(request, text)
        return frame.page(request, "sign_in.html", 422, error=said, username="", next_page=own_path(wanted))

    return router


def _back(frame: Frame, request: Request) -> str:
    """The address that the provider sends browsers back to; it is registered there."""
    scheme = "https" if frame.desk.settings.behind_tls else request.url.scheme
    return f"{scheme}://{request.url.netloc}{BACK}"
