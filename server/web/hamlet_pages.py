"""The pages on which it is set what each hamlet speaks.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from audio.language import full_name
from server import hamlets
from server.access import Act, scope
from server.area import LOUDSPEAKER
from server.hamlet import MOST_LANGUAGES, Spoken
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

    return router
