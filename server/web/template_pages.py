"""The page on which a template is filled: its slots, which languages can speak it then, and who could record the rest.

Imported by `server.app`.
"""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from audio.phrase_slots import WEEKDAYS
from audio.refusal import MasteringError
from audio.voice import VoiceError
from server import drafts, phrase_filling
from server.access import Act, Person, may_anywhere, scope
from server.draft import Basis
from server.phrase_catalogue import template, templates
from server.phrase_filling import Filled
from server.refusals import NotAllowed, NotFound
from server.web import phrase_words, sound_words, words
from server.web.documented import TYPED
from server.web.frame import Frame, language_name, to
from server.web.places import chosen_before
from server.web.upload_form import read_form

LONGEST_VALUE = 200


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def show(request: Request, person: Person, wanted: str, status: int = 200, **given: Any) -> Response:
        chosen = template(wanted) or (None if wanted else templates()[0])
        if chosen is None:
            raise NotFound
        with desk.stores.open() as store:
            places, languages = phrase_filling.places(store, person), store.areas.languages()
        context = {
            "chosen": chosen,
            "templates": templates(),
            "places": places,
            "weekdays": WEEKDAYS,
            "name": partial(language_name, languages),
            "values": {},
            "errors": {},
            "found": None,
        }
        return frame.page(request, "template.html", status, **{**context, **given})

    @router.get("/ban-tin/mau-cau")
    def slots(request: Request, mau: str = "") -> Response:
        return show(request, _writer(frame, request), mau)

    @router.post("/ban-tin/mau-cau", openapi_extra=TYPED)
    async def fill(request: Request) -> Response:
        person = await run_in_threadpool(_writer, frame, request)
        async with read_form(request, desk.originals) as sent:
            fields = sent.fields
        return await run_in_threadpool(filled, request, person, fields)

    def filled(request: Request, person: Person, fields: FormData) -> Response:
        wanted = str(fields.get("mau", ""))
        values = {name[5:]: str(value)[:LONGEST_VALUE] for name, value in fields.items() if name.startswith("slot-")}
        say = partial(frame.say, request)
        with desk.stores.open() as store:
            found = phrase_filling.fill(store, person, wanted, values)
        if not isinstance(found, Filled):
            told = [phrase_words.slot_problem(say, fault) for fault in found]
            errors = {slot: [sentence] for slot, sentence in told}
            return show(request, person, wanted, 422, values=values, errors=errors)
        if fields.get("action") != "fill":
            return show(request, person, wanted, values=values, found=found)
        try:
            draft = _drafted(frame, person, found)
        except MasteringError as error:
            return show(request, person, wanted, 422, values=values, found=found,
                        errors={"fill": [sound_words.mastering_refused(say, error)]})  # fmt: skip
        except VoiceError as error:
            sentence = say(words.VOICE_FAULTS[error.fault])
            return show(request, person, wanted, 422, values=values, found=found, errors={"fill": [sentence]})
        return to(f"/ban-tin/soan?nhap={draft}")

    return router


def _drafted(frame: Frame, person: Person, found: Filled) -> str:
    """The filled template as a draft, with every sound that there can be; its id."""
    desk = frame.desk
    rendered = phrase_filling.sounds(desk.studio, desk.takes, found)
    with desk.stores.open() as store:
        kept = phrase_filling.keep_sounds(store, person, found, rendered, desk.clock())
        own = store.areas.below(scope(person.grants, Act.write))
        form = phrase_filling.form_of(found, kept, chosen_before(own) if own else ())
        return drafts.keep(store, person, form, Basis(), desk.clock(), desk.new_id).draft


def _writer(frame: Frame, request: Request) -> Person:
    person = frame.person(request)
    if not may_anywhere(person.grants, Act.write) and not may_anywhere(person.grants, Act.alarm):
        raise NotAllowed
    return person
