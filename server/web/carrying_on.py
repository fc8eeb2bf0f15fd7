"""A form that was sent when its writer was no longer signed in: the page that asks them to sign in holds it, and sends
it on when they have. It works without JavaScript, and nothing is kept on the server.

Imported by `server.app` and the pages whose forms say whose they are.
"""

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from server import staff
from server.access import Person
from server.staff import SignedIn, SignInRefused
from server.web import known_browsers, people_words
from server.web.documented import WAITING
from server.web.frame import SESSION_COOKIE, Frame, to
from server.web.people import admitted
from server.web.upload_form import read_form

EMERGENCY = "/khan-cap/soan"
HELD = ("/ban-tin/soan", EMERGENCY)
"""The forms that are carried on; they say whose they are."""
_PRESSED = "held"
AGAIN = "lai"
"""An emergency waits without the word that its button was held, and with this one: its page shows it once more, and
sends nothing."""
WHOSE = "whose"
NAME, SECRET, CODE, WANTED = "lai_ten", "lai_mat_khau", "lai_ma", "lai_toi"
"""Fields of the page itself; the others are those of the form that waits."""
_OWN = (NAME, SECRET, CODE, WANTED)


class Again(msgspec.Struct, frozen=True):
    """What the page shows. `code`: the password was right, and the code is asked for; `other`: somebody else is signed
    in; `files`: there were some, and they must be chosen anew."""

    waiting: tuple[tuple[str, str], ...]
    wanted: str
    username: str = ""
    error: str = ""
    code: bool = False
    other: bool = False
    files: bool = False


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()

    @router.post(
        "/dang-nhap/lai",
        openapi_extra=WAITING,
        responses={307: {"description": "Signed in: the same form goes on to where it was meant for"}},
    )
    async def again(request: Request) -> Response:
        async with read_form(request, None) as sent:
            return await run_in_threadpool(_signed_in, frame, request, sent.fields)

    return router


def mark(frame: Frame, person: Person) -> str:
    """What a form says of whose it is: nobody else can have it sent on under their name, at a computer that is
    shared."""
    return frame.desk.vault.mark("words", person.id)


def somebody_elses(frame: Frame, person: Person, fields: FormData) -> bool:
    """Whether a form was begun by another person than the one who is signed in now."""
    return is_somebody_elses(frame, person, str(fields.get(WHOSE, "")))


def is_somebody_elses(frame: Frame, person: Person, whose: str) -> bool:
    """The same by what it says of whose it is."""
    return bool(whose) and not frame.desk.vault.marked(whose, "words", person.id)


async def caught(frame: Frame, request: Request) -> Response:
    """The answer to a form from somebody who is not signed in any more."""
    async with read_form(request, None) as sent:
        if not sent.fields.get(WHOSE):
            return to("/dang-nhap")
        return page(
            frame, request, Again(_waiting(sent.fields, request.url.path), request.url.path, files=bool(sent.ignored))
        )


def turned_away(frame: Frame, request: Request, fields: FormData, *, files: bool) -> Response:
    """The answer to a form that somebody else has begun: they sign in, and it is theirs again."""
    return page(frame, request, Again(_waiting(fields, request.url.path), request.url.path, other=True, files=files))


def page(frame: Frame, request: Request, shown: Again) -> Response:
    """The page that asks, with the form in it."""
    request.state.person = request.state.standing = None  # it is for somebody who is still to show who they are
    return frame.page(request, "sign_in_again.html", 422, again=shown)


def _waiting(fields: FormData, wanted: str) -> tuple[tuple[str, str], ...]:
    kept = tuple((name, str(value)) for name, value in fields.multi_items() if name not in _OWN)
    if wanted != EMERGENCY:
        return kept
    return (*((name, value) for name, value in kept if name not in (_PRESSED, AGAIN)), (AGAIN, "1"))


def _signed_in(frame: Frame, request: Request, fields: FormData) -> Response:
    wanted = str(fields.get(WANTED, ""))
    if wanted not in HELD:
        return to("/dang-nhap")
    shown = Again(_waiting(fields, wanted), wanted, str(fields.get(NAME, ""))[:100], code=CODE in fields)
    result = _code_shown(frame, request, fields) if shown.code else _password_shown(frame, request, fields)
    if isinstance(result, SignedIn) and not result.owes_code:
        answer = admitted(frame, request, result, wanted)
        answer.status_code = 307  # the browser sends the same form to the same address once more
        return answer
    if isinstance(result, SignedIn):
        first = admitted(frame, request, result, wanted)
        answer = page(frame, request, msgspec.structs.replace(shown, code=True))
        answer.raw_headers.extend(header for header in first.raw_headers if header[0] == b"set-cookie")
        return answer
    late = result is SignInRefused.code_too_late
    said = frame.say(request, people_words.NOT_THEIRS if result is None else people_words.SIGN_IN[result])
    return page(frame, request, msgspec.structs.replace(shown, error=said, code=shown.code and not late))


def _password_shown(frame: Frame, request: Request, fields: FormData) -> SignedIn | SignInRefused | None:
    """None: the form that waits is not theirs, or there is no such person: both look the same."""
    desk, username = frame.desk, str(fields.get(NAME, "")).strip().lower()
    with desk.stores.open() as store:
        account = store.staff.find(username)
        if account is None or not desk.vault.marked(str(fields.get(WHOSE, "")), "words", account.id):
            return None
        visit = known_browsers.visit(request, desk.vault, username)
        secret = str(fields.get(SECRET, ""))
        return staff.sign_in(store, desk.door, username, secret, visit, desk.clock(), desk.new_token())


def _code_shown(frame: Frame, request: Request, fields: FormData) -> SignedIn | SignInRefused | None:
    desk, half, now = frame.desk, request.cookies.get(SESSION_COOKIE, ""), frame.desk.clock()
    with desk.stores.open() as store:
        owing = staff.owing(store, half, now)
        if owing is None:
            return SignInRefused.code_too_late
        if not desk.vault.marked(str(fields.get(WHOSE, "")), "words", owing.id):
            return None
        visit = known_browsers.visit(request, desk.vault, owing.username)
        return staff.show_code(store, desk.door, half, str(fields.get(CODE, "")), visit, now, desk.new_token())
