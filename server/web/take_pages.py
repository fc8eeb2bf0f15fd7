"""Recording in the browser: takes come here chunk by chunk while somebody speaks, are heard, cut and mended.

Imported by `server.app`. The answers are parts of a page, for the recorder's script; a take that was left unfinished
can also be used without it, by the form that it was for.
"""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from audio.refusal import MasteringError
from server.access import Act, Person, may_anywhere
from server.recording import Taken
from server.refusals import Changed, NoRoom, NotAllowed, NotFound, TooLongTake
from server.take import LARGEST_CHUNK, MOST_CHUNKS, ChunkFault, Purpose
from server.web import sound_words
from server.web.documented import BEGUN, CHUNK, CHUNKED, CUT
from server.web.frame import Frame, no_content
from server.web.upload_form import read_form

Form = dict[str, str]
_REFUSED = {
    ChunkFault.too_large: TooLongTake,
    ChunkFault.other: Changed,
    ChunkFault.no_room: NoRoom,
}
_LONGEST_NUMBER = 9


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/thu-am/dang-do")
    def waiting(request: Request, ngon_ngu: str = "") -> Response:
        """What was left unfinished, as the form shows it."""
        left = desk.recordings.waiting(recorder(frame, request), Purpose.bulletin)
        return frame.page(request, "unfinished.html", tag=ngon_ngu, unfinished=left)

    @router.post("/thu-am/{take}", openapi_extra=BEGUN)
    async def begin(request: Request, take: str) -> Response:
        person, form = await asked(request)
        purpose = Purpose.bank if form.get("purpose") == Purpose.bank.value else Purpose.bulletin
        language, subject = form.get("language", ""), form.get("subject", "")[:200]
        await run_in_threadpool(desk.recordings.begin, person, take, purpose, language, subject)
        return no_content()

    @router.post("/thu-am/{take}/{number}/doan", openapi_extra=CHUNK, responses=CHUNKED)
    async def chunk(request: Request, take: str, number: str) -> Response:
        person = await run_in_threadpool(recorder, frame, request)
        content = bytearray()
        async for piece in request.stream():
            content += piece
            if len(content) > LARGEST_CHUNK:
                raise TooLongTake
        which = number_in(number)
        if which is None or which >= MOST_CHUNKS:
            raise NotFound
        fault = await run_in_threadpool(desk.recordings.put, person, take, which, bytes(content))
        if fault is not None:
            raise _REFUSED[fault]
        return no_content()

    @router.post("/thu-am/{take}/xong", openapi_extra=CUT)
    async def finish(request: Request, take: str) -> Response:
        person, form = await asked(request)
        deed = partial(
            desk.recordings.finish, person, take, number_in(form.get("total", "")), music=bool(form.get("music"))
        )
        return await run_in_threadpool(made, request, deed)

    @router.post("/thu-am/{take}/cat", openapi_extra=CUT)
    async def cut(request: Request, take: str) -> Response:
        person, form = await asked(request)
        begins, ends = number_in(form.get("from", "")), number_in(form.get("to", ""))
        return await run_in_threadpool(
            made, request, partial(desk.recordings.cut, person, take, begins or 0, ends or 0)
        )

    @router.post("/thu-am/{take}/thay", openapi_extra=CUT)
    async def replace(request: Request, take: str) -> Response:
        person, form = await asked(request)
        begins, ends, by = number_in(form.get("from", "")) or 0, number_in(form.get("to", "")) or 0, form.get("by", "")
        deed = partial(desk.recordings.replace, person, take, begins, ends, by, number_in(form.get("total", "")))
        return await run_in_threadpool(made, request, deed)

    @router.post("/thu-am/{take}/hoan-tac")
    def undo(request: Request, take: str) -> Response:
        return made(request, partial(desk.recordings.undo, recorder(frame, request), take))

    @router.post("/thu-am/{take}/bo")
    def drop(request: Request, take: str) -> Response:
        desk.recordings.drop(recorder(frame, request), take)
        desk.bell.ring("log")
        return no_content()

    async def asked(request: Request) -> tuple[Person, Form]:
        person = await run_in_threadpool(recorder, frame, request)
        async with read_form(request, desk.originals) as sent:
            return person, {name: str(value) for name, value in sent.fields.items()}

    def made(request: Request, deed: Callable[[], Taken]) -> Response:
        try:
            taken = deed()
        except MasteringError as error:
            said = sound_words.mastering_refused(partial(frame.say, request), error)
            return frame.page(request, "untaken.html", 422, message=said)
        return frame.page(request, "taken.html", take=taken.take, sound=taken.sound)

    return router


def recorder(frame: Frame, request: Request) -> Person:
    """Who may record: who may write, or have an emergency sound. Raises `NotAllowed`."""
    person = frame.person(request)
    if not may_anywhere(person.grants, Act.write) and not may_anywhere(person.grants, Act.alarm):
        raise NotAllowed
    return person


def number_in(text: str) -> int | None:
    """A whole number as a script sends it; None where there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else None
