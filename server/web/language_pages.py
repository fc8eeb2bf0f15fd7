"""The pages "Ngôn ngữ": the languages of the province, and what each hamlet speaks.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from audio.language import Language, full_name
from server import hamlets, tongues
from server.access import Act, scope
from server.area import LOUDSPEAKER
from server.hamlet import MOST_LANGUAGES, Spoken
from server.language_form import Faults, LanguageForm, form_of
from server.refusals import NotAllowed
from server.web import language_words
from server.web.frame import Frame, language_name, to
from server.web.places import LINES, Wish, narrowed, shown

_Typed = Annotated[str, Form(max_length=200)]
_Lines = Annotated[list[str], Form(max_length=MOST_LANGUAGES + 1)]
_SPARE_ROWS = 2


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk
    order = desk.settings.voices

    @router.get("/ngon-ngu")
    def languages(request: Request) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            lines, may_set = tongues.lines(store, order), tongues.may_edit(store, person)
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
            result = tongues.add(store, person, form, order, desk.clock())
        return new(request, form, result) if not isinstance(result, Language) else to(f"/ngon-ngu/tieng/{result.tag}")

    @router.get("/ngon-ngu/tieng/{tag}")
    def one(request: Request, tag: str, xong: str = "") -> Response:
        return show(request, tag, done=xong[:1])

    def show(request: Request, tag: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            page = tongues.page(store, person, tag, order)
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
            result = tongues.change(store, person, form, order, desk.clock())
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

    _places(frame, router)
    return router


def _places(frame: Frame, router: APIRouter) -> None:
    """What each hamlet speaks."""
    desk = frame.desk

    @router.get("/thon")
    def places(request: Request, khu_vuc: str = "", tim: str = "", tieng: str = "", trang: str = "") -> Response:
        person, wish = frame.person(request), Wish(khu_vuc, tim, "", trang, tieng)
        with desk.stores.open() as store:
            every = hamlets.speaking(store, person, tieng)
            found, total = narrowed(every, wish, lambda a: a, lambda a: a.name)
            parents = store.areas.named(area.parent for area in found if area.parent)
            languages = store.areas.languages()
            seen = store.areas.below(scope(person.grants, Act.see))
        areas = [area for area in shown(seen, khu_vuc, {khu_vuc}) if area.level != LOUDSPEAKER]
        names = {tag: language_name(languages, tag) for area in found for tag in area.languages}
        return frame.page(
            request,
            "hamlets_spoken.html",
            hamlets=found,
            parents=parents,
            names=names,
            wish=wish,
            total=total,
            lines=LINES,
            areas=areas,
            languages=languages,
        )

    @router.get("/thon/{area}")
    def place(request: Request, area: str, xong: str = "") -> Response:
        return show(request, area, done=xong == "1")

    def show(request: Request, area: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            page = hamlets.page(store, person, area)
            languages = store.areas.languages()
        rows = [(tag, str(page.area.shares.get(tag, ""))) for tag in page.area.languages]
        given = {"rows": rows, "households": str(page.area.households or ""), "error": "", "done": False, **given}
        given["rows"] = [*given["rows"], *[("", "")] * _SPARE_ROWS][: max(MOST_LANGUAGES, len(given["rows"]))]
        in_use = {tag: full_name(each) for tag, each in languages.items() if not each.retired or tag in page.holds}
        names = {tag: language_name(languages, tag) for tag in page.holds}
        return frame.page(request, "hamlet_spoken.html", status, page=page, languages=in_use, names=names, **given)

    @router.post("/thon/{area}")
    def change(
        request: Request,
        area: str,
        language: _Lines = [],  # noqa: B006
        share: _Lines = [],  # noqa: B006
        households: _Typed = "",
    ) -> Response:
        person = frame.person(request)
        rows = list(zip(language, share, strict=False))
        with desk.stores.open() as store:
            result = hamlets.set_spoken(store, person, area, rows, households, desk.clock())
        if not isinstance(result, Spoken):
            said = frame.say(request, language_words.HAMLET_FAULTS[result.fault])
            error = said % {"about": result.about[:40]} if "%(about)s" in said else said
            typed = [row for row in rows if any(row)]
            return show(request, area, 422, rows=typed, households=households, error=error)
        desk.bell.ring("programmes")
        return to(f"/thon/{area}?xong=1")
