"""Pages of one loudspeaker: how it is and was, what it did, its trial tone, and what people write down about it.

Imported by `server.app`, after the pages of putting up a new one.
"""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schedules.clock import DAY
from server import tending, trying
from server.repair import OWNERS
from server.trying import TrialRefused
from server.upkeep import NoPlace, Upkeep, fitted, place_of
from server.volumes import steps
from server.web import cause_words, loudspeaker_words, words
from server.web.frame import Frame, language_name, to, when
from server.web.log_table import reason_of

_Typed = Annotated[str, Form(max_length=1_000)]
SPANS = {"7": 7, "30": 30}


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/loa/{device}")
    def page(request: Request, device: str, ngay: str = "") -> Response:
        return shown(request, device, SPANS.get(ngay, 7))

    def shown(request: Request, device: str, days: int = 7, status: int = 200, problem: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = tending.tended(store, person, device, linked=desk.ready(), now=now)
            languages = store.areas.languages()
        say = partial(frame.say, request)
        row = found.row
        return frame.page(
            request,
            "loudspeaker.html",
            status,
            found=found,
            row=row,
            told=row.heard.status if row.heard else None,
            health=loudspeaker_words.health(say, row.heard, now),
            fact=partial(cause_words.fact, say, when=when, size=frame.size(request)),
            cause_words=cause_words,
            reasons=[reason_of(partial(frame.say, request), each, languages) for each in found.plays],
            names=[language_name(languages, tag) for tag in row.languages],
            steps=steps(found.holds),
            drawn=loudspeaker_words.drawn(found.conditions, now - days * DAY, now),
            days=days,
            owners=OWNERS,
            problem=problem,
            why_trial=_why(frame, request, found.tried),
        )

    @router.post("/loa/{device}/phat-thu")
    def try_it(request: Request, device: str) -> Response:
        person = frame.person(request)
        try:
            with desk.stores.open() as store:
                trying.order(store, person, device, desk.new_id("pt"), desk.clock())
        except TrialRefused as refused:
            reason = words.why(partial(frame.say, request), refused.entry.reason, refused.title)
            return shown(request, device, status=409, problem=reason)
        desk.bell.ring("programmes")
        return to(f"/loa/{device}#phat-thu")

    @router.get("/loa/{device}/thong-tin")
    def form(request: Request, device: str) -> Response:
        return upkeep_form(request, device)

    def upkeep_form(request: Request, device: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found = tending.tended(store, person, device, linked=desk.ready(), now=desk.clock())
        area = found.area
        typed = {"lat": _degrees(area.lat), "lon": _degrees(area.lon), "upkeep": found.upkeep, "errors": {}}
        return frame.page(request, "upkeep.html", status, found=found, **{**typed, **given})

    @router.post("/loa/{device}/thong-tin")
    def write_down(
        request: Request,
        device: str,
        serial: _Typed = "",
        model: _Typed = "",
        sim: _Typed = "",
        place: _Typed = "",
        caretaker: _Typed = "",
        telephone: _Typed = "",
        switching: _Typed = "",
        lat: _Typed = "",
        lon: _Typed = "",
    ) -> Response:
        person = frame.person(request)
        upkeep, wrong = fitted(Upkeep(serial, model, sim, place, caretaker, telephone, switching))
        where = place_of(lat, lon)
        if wrong or isinstance(where, NoPlace):
            faults = (*wrong, *(("lat",) if isinstance(where, NoPlace) else ()))
            errors = {
                field: [frame.say(request, words.UPKEEP_FAULTS.get(field, words.UPKEEP_FAULT))] for field in faults
            }
            return upkeep_form(request, device, 422, upkeep=upkeep, lat=lat[:20], lon=lon[:20], errors=errors)
        with desk.stores.open() as store:
            tending.write_down(store, person, device, upkeep, where, desk.clock())
        return to(f"/loa/{device}")

    return router


def _why(frame: Frame, request: Request, tried: trying.Tried | None) -> str:
    """Why the last trial did not sound, in words."""
    if tried is None or tried.playback is None:
        return ""
    return words.why(partial(frame.say, request), tried.playback.reason, tried.other or tried.playback.other)


def _degrees(number: float | None) -> str:
    return "" if number is None else f"{number:.6f}".rstrip("0").rstrip(".")
