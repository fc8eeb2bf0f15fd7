"""The web application, put together from its parts.

A composition root: imported by the command line, the demonstration and tests.
"""

from urllib.parse import SplitResult, quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse
from starlette.types import Scope

from schedules.clock import UtcMs
from server.refusals import NotFound, Refused
from server.staff import SignInRefused
from server.system_clock import mono_ms
from server.web import (
    account_pages,
    alarm_pages,
    api_door,
    api_pages,
    area_pages,
    bulletin_pages,
    carrying_on,
    compose_pages,
    concern_pages,
    coverage_pages,
    dashboard_pages,
    draft_pages,
    emergency_pages,
    enrolment_pages,
    event_pages,
    group_pages,
    guard_pages,
    hamlet_pages,
    handover_pages,
    health_pages,
    heard_pages,
    keeping_pages,
    language_pages,
    library_pages,
    log_pages,
    loudspeaker_pages,
    map_pages,
    moving_pages,
    notice_pages,
    offline_pages,
    people,
    people_words,
    phrase_pages,
    playback_pages,
    presenter_pages,
    province_pages,
    public_pages,
    reading_pages,
    repair_pages,
    report_mail_pages,
    report_pages,
    result_pages,
    session_pages,
    settings_pages,
    sound_pages,
    source_pages,
    staff_pages,
    suspension_pages,
    take_pages,
    template_pages,
    timetable_pages,
    token_pages,
    uptake_pages,
    volume_pages,
    webhook_pages,
    words,
)
from server.web.documented import ANSWERS, bytes_of
from server.web.frame import API, HERE, ConfirmationNeeded, Desk, Frame, SignInNeeded, StepNeeded, to, when
from server.web.requests_noted import Counting, RequestsNoted
from server.web.security import SAFE, BodyLimit, HouseCookies, Origins, SameOrigin, SecurityHeaders, headers

UPLOADS = ("/ban-tin/soan", "/thu-vien")
_STATUS = {
    "not_found": 404,
    "not_allowed": 403,
    "own_work": 403,
    "own_proposal": 403,
    "changed": 409,
    "too_late": 409,
    "trial_waits": 409,
    "too_many_trials": 409,
    "trial_refused": 409,
    "no_tone": 409,
    "stale": 409,
    "too_much": 409,
    "incomplete": 409,
    "too_many": 409,
    "too_long_take": 413,
    "no_room": 507,
    "many_exports": 409,
    "archive_missing": 503,
}
FAMILIES = (
    people,
    province_pages,
    account_pages,
    notice_pages,
    concern_pages,
    webhook_pages,
    area_pages,
    staff_pages,
    suspension_pages,
    timetable_pages,
    moving_pages,
    take_pages,
    session_pages,
    carrying_on,
    compose_pages,
    draft_pages,
    template_pages,
    group_pages,
    phrase_pages,
    presenter_pages,
    alarm_pages,
    emergency_pages,
    settings_pages,
    token_pages,
    api_pages,
    health_pages,
    public_pages,
    source_pages,
    sound_pages,
    uptake_pages,
    bulletin_pages,
    keeping_pages,
    library_pages,
    log_pages,
    report_mail_pages,
    report_pages,
    playback_pages,
    dashboard_pages,
    offline_pages,
    heard_pages,
    result_pages,
    reading_pages,
    enrolment_pages,
    loudspeaker_pages,
    repair_pages,
    volume_pages,
    handover_pages,
    map_pages,
    guard_pages,
    language_pages,
    hamlet_pages,
    coverage_pages,
)
_CODES = {404: "not_found", 405: "not_found", 403: "not_allowed", 413: "too_large"}


def build(desk: Desk) -> FastAPI:
    """The application on these parts. Nothing is asked of them before a request comes."""
    frame = Frame(desk)
    app = FastAPI(
        title="Loa Bản",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        default_response_class=HTMLResponse,
        responses=ANSWERS,
    )
    for family in FAMILIES:
        app.include_router(family.routes(frame))

    @app.get("/tinh/{stamp}/{name:path}", responses=bytes_of("*/*"))
    def static(stamp: str, name: str) -> Response:
        path = (HERE / "static" / name).resolve()
        if not stamp or not path.is_relative_to(HERE / "static") or not path.is_file():
            raise NotFound
        return FileResponse(path, headers={"cache-control": "public, max-age=31536000, immutable"})

    event_pages.describe_webhooks(app)
    _tell_faults(app, frame)
    api_door.tell_faults(app, frame)

    def secure() -> bool:
        return desk.settings.behind_tls

    def refusal(scope: Scope, code: str, status: int) -> Response:
        return _told(frame, Request(scope), code, status)

    def new_id(kind: str) -> str:
        return desk.new_id(kind)

    def counting() -> Counting | None:
        return desk.counting

    app.add_middleware(Origins)
    app.add_middleware(GZipMiddleware, minimum_size=500)
    app.add_middleware(BodyLimit, uploads=UPLOADS, refusal=refusal)
    app.add_middleware(SameOrigin, refusal=refusal, secure=secure)
    app.add_middleware(HouseCookies, secure=secure)
    app.add_middleware(SecurityHeaders, secure=secure)
    app.add_middleware(RequestsNoted, new_id=new_id, mono_ms=mono_ms, counting=counting)
    return app


def _tell_faults(app: FastAPI, frame: Frame) -> None:
    """Whatever is not done is told as a page, in the person's language."""

    @app.exception_handler(SignInNeeded)
    async def sign_in_needed(request: Request, _error: Exception) -> Response:
        return await _asked_to_sign_in(frame, request)

    @app.exception_handler(StepNeeded)
    async def step_needed(request: Request, error: Exception) -> Response:
        page = people.FIRST[error.step] if isinstance(error, StepNeeded) else "/"
        if request.url.path == "/su-kien":
            return Response(status_code=204)
        return Response(status_code=401, headers={"hx-redirect": page}) if "hx-request" in request.headers else to(page)

    @app.exception_handler(ConfirmationNeeded)
    async def confirmation_needed(request: Request, _error: Exception) -> Response:
        return await people.ask_again(frame, request)

    @app.exception_handler(people.Unconfirmed)
    async def unconfirmed(request: Request, error: Exception) -> Response:
        refused = error.refused if isinstance(error, people.Unconfirmed) else SignInRefused.wrong
        return await people.ask_again(frame, request, frame.say(request, people_words.CONFIRMATION[refused]))

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Exception) -> Response:
        code, hour = (error.code, error.hour) if isinstance(error, Refused) else ("refused", None)
        return _told(frame, request, code, _STATUS.get(code, 422), hour)

    @app.exception_handler(HTTPException)
    async def not_served(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return _told(frame, request, _CODES.get(status, "refused"), status)

    @app.exception_handler(RequestValidationError)
    async def senseless(request: Request, error: Exception) -> Response:
        own = request.url.path.startswith(API)
        return api_door.senseless(frame, request, error) if own else _told(frame, request, "refused", 422)

    @app.exception_handler(Exception)
    async def failed(request: Request, _error: Exception) -> Response:
        answer = _told(frame, request, "failed", 500)
        # The framework gives this answer from outside all middleware.
        wanted = headers(request.scope, secure=frame.desk.settings.behind_tls)
        answer.raw_headers.extend(h for h in wanted if h[0].decode() not in answer.headers)
        return answer


async def _asked_to_sign_in(frame: Frame, request: Request) -> Response:
    """Off to sign in; but nobody is taken away from what they are writing."""
    page = urlsplit(request.headers.get("hx-current-url", ""))
    part = "hx-request" in request.headers
    if request.url.path == "/su-kien" or (part and page.path in carrying_on.HELD):
        return Response(status_code=204)
    if part:
        return Response(status_code=401, headers={"hx-redirect": _sign_in(page)})
    if request.method == "POST" and request.url.path in carrying_on.HELD:
        return await carrying_on.caught(frame, request)
    return to(_sign_in(urlsplit(str(request.url))) if request.method in SAFE else "/dang-nhap")


def _told(frame: Frame, request: Request, code: str, status: int, hour: UtcMs | None = None) -> Response:
    parts = {"hour": when(hour)} if hour is not None else {}
    if request.url.path.startswith(f"{API}/"):
        return api_door.problem(frame, request, code, status, parts=parts)
    return frame.page(request, "refused.html", status, message=frame.say(request, words.REFUSALS[code], **parts))


def _sign_in(wanted: SplitResult) -> str:
    """Where to sign in, to come back to this page afterwards."""
    page = f"{wanted.path}?{wanted.query}" if wanted.query else wanted.path
    return f"/dang-nhap?tiep={quote(page, safe='/')}" if wanted.path not in ("", "/") else "/dang-nhap"
