"""The pages "Phủ tiếng nói": what is covered, what is missing, who is asked to record it; and who says that a language
is right.

Imported by `server.app`.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import asking, covering, vetting
from server.refusals import NotFound
from server.web.frame import Frame, language_name, to

_Typed = Annotated[str, Form(max_length=200)]
_Note = Annotated[str, Form(max_length=2_000)]
_LARGEST = 2**31 - 1


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/ngon-ngu/phu")
    def coverage(request: Request, tieng: str = "", co: str = "", sau: str = "") -> Response:
        return one_language(request, tieng, _number(sau), there=co == "1") if tieng else all_languages(request)

    def all_languages(request: Request) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            page, languages = covering.coverage(store, person, now), store.areas.languages()
            asked = asking.of_person(store, person)
        names = {tag: language_name(languages, tag) for tag in _tags(page, asked)}
        return frame.page(request, "coverage.html", page=page, names=names, asked=asked, days=covering.AROUND_DAYS)

    def one_language(request: Request, language: str, after: int, *, there: bool) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            known = store.languages.find(language)
            if known is None:
                raise NotFound
            page = covering.of_language(store, person, language, after, now, there=there)
            asked = asking.of_broadcasts(store, person, [each.airing.broadcast for each in page.found])
        mine = {id_: [each for each in all_ if each.request.language == language] for id_, all_ in asked.items()}
        name = language_name({language: known}, language)
        days = covering.AROUND_DAYS
        return frame.page(
            request, "lacking.html", page=page, name=name, tag=language, asked=mine, there=there, days=days
        )

    @router.post("/ban-tin/{broadcast}/nho-ghi-am")
    def ask(request: Request, broadcast: str, language: _Typed = "", staff: _Typed = "", note: _Note = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            asking.ask(store, person, broadcast, language, staff, note, desk.clock())
        desk.bell.ring("log")
        return to(f"/ban-tin/{broadcast}#h-missing")

    @router.post("/nho-ghi-am/{asked}/tu-choi")
    def decline(request: Request, asked: str, answer: _Note = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            ended = asking.decline(store, person, _number(asked), answer, desk.clock())
        desk.bell.ring("log")
        return to(f"/ban-tin/{ended.broadcast}#h-missing")

    @router.post("/nho-ghi-am/{asked}/thoi")
    def take_back(request: Request, asked: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            ended = asking.take_back(store, person, _number(asked), desk.clock())
        desk.bell.ring("log")
        return to(f"/ban-tin/{ended.broadcast}#h-missing")

    @router.post("/ban-tin/{broadcast}/tham-dinh")
    def vet(request: Request, broadcast: str, language: _Typed = "", seal: _Typed = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            vetting.vet(store, person, broadcast, language, seal, desk.clock())
        desk.bell.ring("log")
        return to(f"/ban-tin/{broadcast}")

    return router


def _tags(page: covering.CoveragePage, asked: list[asking.Asked]) -> set[str]:
    return {tally.language for tally in page.tallies} | {each.request.language for each in asked}


def _number(text: str) -> int:
    """A number from an address; 0 for what is none."""
    known = text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST))
    return min(int(text), _LARGEST) if known else 0
