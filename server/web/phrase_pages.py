"""The pages of the phrase bank: its languages, and the editions of their templates.

Imported by `server.app`.
"""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from audio.phrase_values import VALUES, blank, wordings
from server import phrase_editions, phrases
from server.phrase import EditionText
from server.phrase_catalogue import templates
from server.refusals import OwnWork, Stale
from server.web import phrase_words, words
from server.web.frame import Frame, near, to

SHOWN = 60
"""Of what is missing: the page says how much more there is."""
_LONGEST_NUMBER = 9


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/ngan-hang-cau")
    def bank(request: Request) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            lines = phrases.overview(store, person)
        return frame.page(request, "phrases.html", lines=lines, count=len(templates()))

    @router.get("/ngan-hang-cau/{language}")
    def one_language(request: Request, language: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            line = phrases.line(store, person, language)
            values = store.phrases.edition(language, VALUES)
        editions = {edition.template: edition for edition in line.editions}
        return frame.page(
            request,
            "phrase_language.html",
            line=line,
            editions=editions,
            templates=templates(),
            shown=SHOWN,
            values=values,
        )

    def show(request: Request, language: str, template: str, status: int = 200, **given: Any) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            page = phrase_editions.page(store, person, language, template)
            languages = store.areas.languages()
            values = phrase_editions.values_of(store, language) if template == VALUES else ()
        newest = page.savings[0] if page.savings else None
        text = newest.text if newest else ""
        typed = {
            "text": blank(values, wordings(text)) if values else text,
            "translator": newest.translator if newest else "",
            "reviewer": "",
            "errors": {},
        }
        context = {
            "page": page,
            "values": template == VALUES,
            "newest": newest,
            "language": languages[language],
            "when": lambda at: near(at, now),
        }
        return frame.page(request, "phrase_edition.html", status, **{**context, **typed, **given})

    @router.get("/ngan-hang-cau/{language}/mau/{template}")
    def edition(request: Request, language: str, template: str) -> Response:
        return show(request, language, template)

    @router.post("/ngan-hang-cau/{language}/mau/{template}")
    def write(
        request: Request,
        language: str,
        template: str,
        text: Annotated[str, Form()] = "",
        translator: Annotated[str, Form()] = "",
        number: Annotated[str, Form()] = "",
    ) -> Response:
        person = frame.person(request)
        typed = {"text": text, "translator": translator}
        try:
            with desk.stores.open() as store:
                found = phrase_editions.write(
                    store, person, language, template, text, translator, _number(number), desk.clock()
                )
        except Stale:
            error = frame.say(request, words.REFUSALS["stale"])
            return show(request, language, template, 409, **typed, errors={"text": [error]})
        if not isinstance(found, EditionText):
            errors: dict[str, list[str]] = {}
            for fault in found:
                field, sentence = phrase_words.text_problem(partial(frame.say, request), fault)
                errors.setdefault(field, []).append(sentence)
            return show(request, language, template, 422, **typed, errors=errors)
        return to(f"/ngan-hang-cau/{language}/mau/{template}")

    @router.post("/ngan-hang-cau/{language}/mau/{template}/duyet")
    def approve(
        request: Request,
        language: str,
        template: str,
        number: Annotated[str, Form()] = "",
        reviewer: Annotated[str, Form()] = "",
    ) -> Response:
        person = frame.person(request)
        say = partial(frame.say, request)
        try:
            with desk.stores.open() as store:
                found = phrase_editions.approve(
                    store, person, language, template, _number(number), reviewer, desk.clock()
                )
        except OwnWork as own:
            error = {"reviewer": [say(words.REFUSALS[own.code])]}
            return show(request, language, template, 403, reviewer=reviewer, errors=error)
        if not isinstance(found, EditionText):
            sentences = [phrase_words.text_problem(say, fault)[1] for fault in found]
            return show(request, language, template, 422, reviewer=reviewer, errors={"reviewer": sentences})
        return to(f"/ngan-hang-cau/{language}/mau/{template}")

    return router


def _number(typed: str) -> int:
    """A saving's number; 0 for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _LONGEST_NUMBER else 0
