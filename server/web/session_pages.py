"""The page on which a presenter records the prompts of the phrase bank, one after the other, on a telephone.

Imported by `server.app`. With its script the page goes on without a link and sends what was recorded when it is back;
without, or where the browser hands over no microphone, each prompt takes a file.
"""

from collections.abc import Sequence
from functools import partial

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from audio.phrase_take import TakeFault
from audio.refusal import MasteringError
from server import phrases
from server.access import Act, Person, scope
from server.originals import Upload
from server.phrases import Session
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store
from server.take_archive import Examined
from server.web import phrase_words, sound_words
from server.web.documented import SAID, SAYING, bytes_of
from server.web.frame import Frame, to
from server.web.take_pages import number_in, recorder
from server.web.upload_form import read_form


class Verdict(msgspec.Struct, frozen=True):
    """What the script is told of a prompt: whether it is kept now, or why it has to be said once more, in words; and
    how far the session is."""

    kept: bool
    says: str
    recorded: int
    all: int


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/ngan-hang-cau/{language}/ghi-am")
    def page(request: Request, language: str, nguoi: str = "", cau: str = "") -> Response:
        return show(request, recorder(frame, request), language, nguoi, cau)

    def show(
        request: Request, person: Person, language: str, presenter: str, unit: str = "", problems: Sequence[str] = ()
    ) -> Response:
        with desk.stores.open() as store:
            known = store.areas.languages().get(language)
            if known is None:
                raise NotFound
            there = [who for who in phrases.visible_presenters(store, person) if language in who.languages]
            if not there and language not in _near(store, person):
                raise NotFound
            found = phrases.session(store, person, language, presenter) if presenter else None
        if found is not None and not found.presenter.lends:
            raise NotAllowed
        wanted = _wanted(found, unit)
        context = {"language": known, "presenters": [who for who in there if who.lends], "session": found}
        status = 422 if problems else 200
        return frame.page(request, "session.html", status, **context, wanted=wanted, problems=problems)

    @router.post("/ngan-hang-cau/{language}/ghi-am", openapi_extra=SAID)
    async def by_file(request: Request, language: str) -> Response:
        person = await run_in_threadpool(recorder, frame, request)
        async with read_form(request, desk.originals) as sent:
            presenter, unit = str(sent.fields.get("presenter", "")), str(sent.fields.get("unit", ""))
            return await run_in_threadpool(filed, request, person, language, presenter, unit, sent.files.get("take"))

    def filed(
        request: Request, person: Person, language: str, presenter: str, unit: str, upload: Upload | None
    ) -> Response:
        with desk.stores.open() as store:
            phrases.prompt_of(store, person, language, unit, presenter)
        problems = [] if upload else [frame.say(request, sound_words.NO_FILE)]
        if upload is not None:
            problems = kept_or_why(request, person, language, presenter, unit, upload)
        if problems:
            return show(request, person, language, presenter, unit, problems)
        return to(f"/ngan-hang-cau/{language}/ghi-am?nguoi={presenter}")

    @router.post(
        "/ngan-hang-cau/{language}/ghi-am/{take}", openapi_extra=SAYING, responses=bytes_of("application/json")
    )
    async def spoken(request: Request, language: str, take: str) -> Response:
        person = await run_in_threadpool(recorder, frame, request)
        async with read_form(request, desk.originals) as sent:
            fields = {name: str(value) for name, value in sent.fields.items()}
        return await run_in_threadpool(judged, request, person, language, take, fields)

    def judged(request: Request, person: Person, language: str, take: str, fields: dict[str, str]) -> Response:
        presenter, unit = fields.get("presenter", ""), fields.get("unit", "")
        with desk.stores.open() as store:
            phrases.prompt_of(store, person, language, unit, presenter)
        problems: list[str] = []
        if not desk.recordings.used(person, take):
            upload = desk.recordings.gathered(person, take, number_in(fields.get("total", "")))
            try:
                problems = kept_or_why(request, person, language, presenter, unit, upload)
            finally:
                upload.discard()
            if not problems:
                desk.recordings.use(person, take, unit)
        with desk.stores.open() as store:
            found = phrases.session(store, person, language, presenter)
        verdict = Verdict(not problems, " ".join(problems), found.recorded, len(found.prompts))
        return Response(msgspec.json.encode(verdict), media_type="application/json")

    def kept_or_why(
        request: Request, person: Person, language: str, presenter: str, unit: str, upload: Upload
    ) -> list[str]:
        """Keep a recording of a prompt, or say what is wrong with it."""
        say = partial(frame.say, request)
        with desk.stores.open() as store:
            prompt = phrases.prompt_of(store, person, language, unit, presenter)
        try:
            examined: Examined = desk.takes.examine(upload, prompt.words)
        except MasteringError as error:
            return [sound_words.mastering_refused(say, error)]
        faults: tuple[TakeFault, ...] = examined.faults
        if not faults:
            with desk.stores.open() as store:
                phrases.keep_take(store, person, language, unit, presenter, examined, desk.clock(), desk.new_id)
        return [say(phrase_words.TAKE_FAULTS[fault]) for fault in faults]

    return router


def _near(store: Store, person: Person) -> set[str]:
    """The languages that are spoken where this person writes."""
    paths = {path for act in (Act.write, Act.alarm) for path in scope(person.grants, act)}
    return {tag for area in store.areas.below(paths) for tag in area.languages}


def _wanted(found: Session | None, unit: str) -> str:
    """The prompt that the page shows first: the one that is asked for, or the first that is missing."""
    if found is None:
        return ""
    known = {state.prompt.key for state in found.prompts}
    following = found.next
    return unit if unit in known else following.key if following else ""
