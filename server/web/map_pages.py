"""The map: what it shows, as data that a page fetches only when somebody asks for the map; where a place stands; and
the import of borders.

Imported by `server.app`. Whatever the map shows stands in a list as well.
"""

from functools import partial
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, Response

from server import mapping, oversight, seed
from server.access import Act, may, may_anywhere
from server.boundary import MOST_BYTES, Fault, Ring
from server.mapping import LOST, NEVER, UNWELL, WELL, Drawn, Mark
from server.upkeep import NoPlace, place_of
from server.web import map_words, words
from server.web.frame import Frame, to

_Typed = Annotated[str, Form(max_length=1_000)]
_LINKS = {"loudspeaker": "/loa/{}", "commune": "/loa?khu_vuc={}"}
_SHAPES = {WELL: "✓", UNWELL: "!", LOST: "✗", NEVER: "?", "": "●"}


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk
    centres = seed.centres()

    @router.get("/ban-do.json", response_class=JSONResponse)
    def loudspeakers(request: Request, khu_vuc: str = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            now, linked = desk.clock(), desk.ready()
            drawn = mapping.loudspeakers(store, person, khu_vuc, centres, linked=linked, now=now)
            borders = mapping.borders(store, person)
        return _answer(frame, request, drawn, borders)

    @router.get("/ban-do/noi.json", response_class=JSONResponse)
    def places(request: Request) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            drawn, borders = mapping.places(store, person, centres), mapping.borders(store, person)
        return _answer(frame, request, drawn, borders)

    @router.get("/ban-do/ranh-gioi")
    def form(request: Request, nhan: str = "") -> Response:
        return borders_form(request, taken=nhan if nhan.isdigit() else "")

    def borders_form(request: Request, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            there = oversight.names_of(store, store.areas.named(mapping.borders(store, person)).values())
        given = {"problem": "", "taken": "", "there": sorted(there.values()), **given}
        may_bring = may_anywhere(person.grants, Act.set_area)
        return frame.page(request, "borders.html", status, may_bring=may_bring, **given)

    @router.post("/ban-do/ranh-gioi")
    def bring(request: Request, file: Annotated[UploadFile | str, File()] = "") -> Response:
        person = frame.person(request)
        content = b"" if isinstance(file, str) else file.file.read(MOST_BYTES + 1)
        with desk.stores.open() as store:
            found = mapping.bring(store, person, content, desk.clock())
        if isinstance(found, Fault):
            problem = frame.say(request, map_words.BOUNDARY_FAULTS[found.fault], about=found.about)
            return borders_form(request, 422, problem=problem)
        return to(f"/ban-do/ranh-gioi?nhan={found}")

    @router.get("/vi-tri/{area}")
    def place(request: Request, area: str) -> Response:
        return place_form(request, area)

    def place_form(request: Request, area: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found = oversight.visible_area(store, person, area)
        typed = {"lat": _degrees(found.lat), "lon": _degrees(found.lon), "errors": {}, **given}
        may_set = may(person.grants, Act.install, found.path)
        return frame.page(request, "place.html", status, area=found, may_set=may_set, **typed)

    @router.post("/vi-tri/{area}")
    def put(request: Request, area: str, lat: _Typed = "", lon: _Typed = "") -> Response:
        person = frame.person(request)
        where = place_of(lat, lon)
        if isinstance(where, NoPlace):
            errors = {"lat": [frame.say(request, words.UPKEEP_FAULTS["lat"])]}
            return place_form(request, area, 422, lat=lat[:20], lon=lon[:20], errors=errors)
        with desk.stores.open() as store:
            mapping.put(store, person, area, where, desk.clock())
        return to(f"/vi-tri/{area}")

    return router


def _answer(frame: Frame, request: Request, drawn: Drawn, borders: dict[str, list[Ring]]) -> Response:
    say = partial(frame.say, request)
    told = [
        {
            "id": mark.id,
            "name": mark.name,
            "at": [mark.spot.lat, mark.spot.lon],
            "state": mark.state,
            "shape": _SHAPES[mark.state],
            "said": _said(frame, request, mark),
            "href": _LINKS.get(mark.level, "").format(mark.id) if mark.state else "",
        }
        for mark in drawn.marks
    ]
    note = say(map_words.NOWHERE, count=drawn.nowhere) if drawn.nowhere else ""
    labels = [{"name": name, "at": at} for name, at in drawn.labels]
    words_ = {name: say(text) for name, text in map_words.BROWSER.items()}
    body = {"marks": told, "labels": labels, "borders": list(borders.values()), "note": note, "words": words_}
    return Response(msgspec.json.encode(body), media_type="application/json")


def _said(frame: Frame, request: Request, mark: Mark) -> str:
    """A mark in words, for whoever does not see it, and beside it for everybody."""
    parts = [mark.name]
    if mark.count > 1:
        parts.append(frame.say(request, map_words.COUNTED, bad=mark.bad, count=mark.count))
    elif mark.state:
        parts.append(frame.say(request, map_words.STATES[mark.state]))
    if not mark.spot.exact:
        parts.append(frame.say(request, map_words.NEAR))
    return ": ".join(parts[:1]) + (": " + "; ".join(parts[1:]) if parts[1:] else "")


def _degrees(number: float | None) -> str:
    return "" if number is None else f"{number:.6f}".rstrip("0").rstrip(".")
