"""The pages "Ngôn ngữ": the languages of the province.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from audio.language import Language
from server import tongues
from server.hamlet import MOST_LANGUAGES
from server.language_form import Faults, LanguageForm, form_of
from server.refusals import NotAllowed
from server.web import language_words
from server.web.frame import Frame, to

_Typed = Annotated[str, Form(max_length=200)]
_Lines = Annotated[list[str], Form(max_length=MOST_LANGUAGES + 1)]
_SPARE_ROWS = 2


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/ngon-ngu")
    def languages(request: Request) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            lines, may_set = tongues.lines(store, desk.settings.voices), tongues.may_edit(store, person)
        return frame.page(request, "languages.html", lines=lines, may_set=may_set)

    @router.get("/ngon-ngu/them")
    def blank(request: Request) -> Response:
        return new(request, LanguageForm())

    def new(request: Request, form: LanguageForm, faults: Faults | None = None) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            if not tongues.may_edit(store, person):
                raise NotAllowed
        return frame.page(
            request,
            "language.html",
            422 if faults else 200,
            page=None,
            form=form,
            errors=_told(request, faults),
            done="",
        )

    def _told(request: Request, faults: Faults | None) -> dict[str, list[str]]:
        found = language_words.LANGUAGE_FAULTS
        return {field: [frame.say(request, found[fault])] for field, fault in (faults or {}).items()}

    @router.post("/ngon-ngu/them")
    def add(
        request: Request,
        tag: _Typed = "",
        name: _Typed = "",
        own_name: _Typed = "",
        variety: _Typed = "",
        orthography: _Typed = "",
        phrase_forms: _Typed = "",
    ) -> Response:
        person = frame.person(request)
        form = LanguageForm(tag, name, own_name, variety, orthography, phrase_forms=bool(phrase_forms))
        with desk.stores.open() as store:
            result = tongues.add(store, person, form, desk.settings.voices, desk.clock())
        return new(request, form, result) if not isinstance(result, Language) else to(f"/ngon-ngu/tieng/{result.tag}")

    @router.get("/ngon-ngu/tieng/{tag}")
    def one(request: Request, tag: str, xong: str = "") -> Response:
        return show(request, tag, done=xong[:1])

    def show(request: Request, tag: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            page = tongues.page(store, person, tag, desk.settings.voices)
        given = {"form": form_of(page.language), "errors": {}, "done": "", **given}
        return frame.page(request, "language.html", status, page=page, **given)

    @router.post("/ngon-ngu/tieng/{tag}")
    def change(
        request: Request,
        tag: str,
        name: _Typed = "",
        own_name: _Typed = "",
        variety: _Typed = "",
        orthography: _Typed = "",
        own_engines: _Typed = "",
        engine: _Lines = [],  # noqa: B006
        phrase_forms: _Typed = "",
        retired: _Typed = "",
    ) -> Response:
        person = frame.person(request)
        ticks = bool(own_engines), bool(phrase_forms), bool(retired)
        form = LanguageForm(tag, name, own_name, variety, orthography, tuple(engine), *ticks)
        with desk.stores.open() as store:
            result = tongues.change(store, person, form, desk.settings.voices, desk.clock())
        if not isinstance(result, Language):
            return show(request, tag, 422, form=form, errors=_told(request, result))
        return to(f"/ngon-ngu/tieng/{tag}?xong=1")

    @router.post("/ngon-ngu/tieng/{tag}/nguoi-tham-dinh")
    def add_reviewer(request: Request, tag: str, username: _Typed = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            known = tongues.add_reviewer(store, person, tag, username, desk.clock())
        if not known:
            return show(request, tag, 422, errors={"username": [frame.say(request, language_words.NOBODY)]})
        return to(f"/ngon-ngu/tieng/{tag}?xong=1")

    @router.post("/ngon-ngu/tieng/{tag}/thoi-tham-dinh")
    def drop_reviewer(request: Request, tag: str, staff: _Typed = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            tongues.drop_reviewer(store, person, tag, staff, desk.clock())
        return to(f"/ngon-ngu/tieng/{tag}?xong=1")

    return router
