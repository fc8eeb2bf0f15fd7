"""The door of the JSON API: who comes with a token, how often, and how it is told what is not done. Cookies open
nothing here.

Imported by the routes of the API and `server.app`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer

from schedules.clock import SECOND, civil
from server import tokens
from server.tokens import Caller
from server.web.api_shapes import FieldProblem, ProblemShape
from server.web.api_words import API_REFUSALS
from server.web.documented import Answers
from server.web.frame import API, Frame
from server.web.words import REFUSALS

PROBLEM = "application/problem+json"


def _whole_schema() -> dict[str, Any]:
    """Of a problem, with what it names inside of it: a description of an answer knows no other place."""
    schema = ProblemShape.model_json_schema()
    [inner] = schema.pop("$defs").values()
    schema["properties"]["errors"]["items"] = inner
    return schema


_TOLD: dict[str, Any] = {PROBLEM: {"schema": _whole_schema()}}


class ProblemAnswer(JSONResponse):
    """Problem details."""

    media_type = PROBLEM


ANSWERS: Answers = {
    400: {"description": "A header is missing", "content": _TOLD},
    401: {"description": "No token, or one that opens nothing", "content": _TOLD},
    403: {"description": "This token may not", "content": _TOLD},
    404: {"description": "There is no such thing, for this token", "content": _TOLD},
    405: {"description": "Nobody asks so", "content": _TOLD},
    409: {"description": "Something stands against it", "content": _TOLD},
    413: {"description": "Too large", "content": _TOLD},
    422: {"description": "Something in it is to be mended", "content": _TOLD},
    429: {"description": "Too many questions", "content": _TOLD},
    503: {"description": "Not yet: send it again", "content": _TOLD},
}
_BEARER = HTTPBearer(auto_error=False, description="A token, made by an administrator under Settings")


class TurnedAway(Exception):
    """Not done. `code`: a word of the API's dictionary, or of the pages'."""

    def __init__(
        self,
        code: str,
        status: int,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(code)
        self.code, self.status, self.headers, self.errors = code, status, headers, errors


class ApiDoor:
    """Lets in who brings a token, as often as it may come."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def caller(self, request: Request, *, writes: bool = False) -> Caller:
        """Who asks. Raises `TurnedAway`."""
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret.strip():
            raise TurnedAway("token_missing", 401, {"www-authenticate": "Bearer"})
        with self._frame.desk.stores.open() as store:
            found = tokens.caller(store, secret.strip(), self._frame.desk.clock())
        if found is None:
            raise TurnedAway("token_unfit", 401, {"www-authenticate": 'Bearer error="invalid_token"'})
        self._pace(found)
        if writes and not found.token.writes:
            raise TurnedAway("read_only", 403)
        return found

    def _pace(self, found: Caller) -> None:
        desk = self._frame.desk
        wait = desk.paces.wait_ms(found.token.staff, desk.settings.api_per_minute, desk.clock())
        if wait:
            raise TurnedAway("too_many", 429, {"retry-after": str(-(-wait // SECOND))})


def router_of() -> APIRouter:
    """A family of the API: with its answers, and with the token in its description."""
    bearer = Annotated[object, Depends(_BEARER)]

    def token(_given: bearer) -> None:
        """Described here, looked at by `ApiDoor`."""

    return APIRouter(prefix=API, dependencies=[Depends(token)], responses=ANSWERS, default_response_class=JSONResponse)


def problem(
    frame: Frame,
    request: Request,
    code: str,
    status: int,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldProblem] = (),
    parts: Mapping[str, str] | None = None,
) -> Response:
    """What was not done, and why."""
    sentence = API_REFUSALS.get(code) or REFUSALS.get(code) or REFUSALS["refused"]
    told = ProblemShape(
        type=f"{API}#{code}",
        title=frame.say(request, sentence, **(parts or {})),
        status=status,
        errors=list(errors),
    )
    language = {"content-language": frame.language(request), "vary": "Accept-Language"}
    return ProblemAnswer(told.model_dump(), status, headers={**language, **(headers or {})})


def tell_faults(app: FastAPI, frame: Frame) -> None:
    """Whoever is turned away is told why."""

    @app.exception_handler(TurnedAway)
    async def turned_away(request: Request, error: Exception) -> Response:
        if not isinstance(error, TurnedAway):
            return problem(frame, request, "refused", 422)
        return problem(frame, request, error.code, error.status, headers=error.headers, errors=error.errors)


def senseless(frame: Frame, request: Request, error: Exception) -> Response:
    """What was sent is of another form than described."""
    every = error.errors() if isinstance(error, RequestValidationError) else ()
    found = [FieldProblem(field=".".join(map(str, each["loc"][1:])), message=str(each["msg"])) for each in every]
    return problem(frame, request, "bad_values", 422, errors=found[:50])


def iso(utc: int | None) -> str | None:
    """An instant for programs; None for none."""
    return instant(utc) if utc else None


def instant(utc: int) -> str:
    """An instant for programs."""
    return f"{civil(utc // 1000 * 1000).astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{utc % 1000:03d}Z"
