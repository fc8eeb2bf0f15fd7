"""The page "Dời giờ": what a broadcast moved to another hour or day changes; dragging on the timetable leads here too.

Imported by `server.app`.
"""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schedules.clock import UtcMs, civil
from schedules.recurrence import Once
from server import moving, oversight, timing
from server.compose_form import ComposeForm, FieldError, Mode
from server.moving import Move
from server.shift import Unmovable
from server.web import rule_words, words
from server.web.frame import Frame, to

_Typed = Annotated[str, Form(max_length=20)]
_INSTANT = 15
"""Digits of an instant that can be one."""


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/ban-tin/{broadcast}/doi-gio")
    def look(request: Request, broadcast: str, lan: str = "", ngay: str = "", gio: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        at, errors = _instant(lan), list[FieldError]()
        wanted = _time(ngay, gio, now, errors) if ngay or gio else None
        with desk.stores.open() as store:
            found = moving.look(store, person, broadcast, at, wanted if not errors else None, now)
            titles = oversight.titles(store, (entry.other for entry in found.clashes))
        return show(request, found, (ngay, gio), errors, titles)

    @router.post("/ban-tin/{broadcast}/doi-gio")
    def move(request: Request, broadcast: str, lan: _Typed = "", ngay: _Typed = "", gio: _Typed = "") -> Response:
        person, now = frame.person(request), desk.clock()
        at, errors = _instant(lan), list[FieldError]()
        wanted = _time(ngay, gio, now, errors)
        with desk.stores.open() as store:
            found = moving.look(store, person, broadcast, at, wanted, now)
            done = moving.move(store, person, broadcast, at, wanted, now, desk.new_id) if wanted is not None else None
        if done is None or isinstance(done, Unmovable):
            return show(request, found, (ngay, gio), errors, {})
        desk.bell.ring("programmes")
        return to(f"/ban-tin/{done}")

    def show(
        request: Request, found: Move, typed: tuple[str, str], errors: list[FieldError], titles: dict[str, str]
    ) -> Response:
        say = partial(frame.say, request)
        told: dict[str, list[str]] = {}
        for error in errors:
            told.setdefault(error.field, []).append(words.problem(say, error))
        if found.unmovable is not None:
            told["time"] = [say(rule_words.UNMOVABLE[found.unmovable])]
        held = civil(found.at)
        context: dict[str, Any] = {
            "day": typed[0] or held.strftime("%d/%m/%Y"),
            "hour": typed[1] or held.strftime("%H:%M"),
        }
        return frame.page(request, "move.html", 422 if told else 200, move=found, errors=told, titles=titles, **context)

    return router


def _instant(typed: str) -> UtcMs:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _INSTANT else 0


def _time(day: str, hour: str, now: UtcMs, errors: list[FieldError]) -> UtcMs | None:
    """The instant that was typed, as in the form; what is wrong is added to the errors."""
    rule = timing.read(ComposeForm(mode=Mode.once.value, date=day, time=hour), now, errors)
    return rule.at if isinstance(rule, Once) else None
