"""The library of an area: its jingles, anthem and music, and which chimes stand around the words there.

Imported by `server.app`.
"""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from audio.clip import NO_LANGUAGE
from audio.preset import COLUMN, Preset
from audio.refusal import MasteringError
from server import library
from server.access import Person
from server.compose_form import FieldError, Problem
from server.library import Shelf, Wanted
from server.refusals import OwnWork
from server.tune import ANNOUNCED, CLOSING, LONGEST_CHIME
from server.web import sound_words, tune_words, words
from server.web.documented import TUNE_SENT
from server.web.frame import Frame, to
from server.web.upload_form import UploadForm, read_form

FILE = "tune"


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def show(request: Request, area: str, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            shelf = library.shelf(store, person, area)
        context = {"errors": {}, "name": "", "kind": "jingle", "rights": "", "full": False, **given}
        context.setdefault("wanted", _held(shelf))
        fit = [tune for tune in shelf.tunes if tune.clip.duration_ms <= LONGEST_CHIME]
        return frame.page(
            request, "library.html", status, shelf=shelf, fit=fit, announced=(*ANNOUNCED, CLOSING), **context
        )

    @router.get("/thu-vien")
    def table(request: Request, khu_vuc: str = "") -> Response:
        return show(request, khu_vuc)

    @router.post("/thu-vien", openapi_extra=TUNE_SENT)
    async def add(request: Request) -> Response:
        person = await run_in_threadpool(frame.person, request)
        async with read_form(request, desk.originals) as sent:
            return await run_in_threadpool(added, request, person, sent)

    def added(request: Request, person: Person, sent: UploadForm) -> Response:
        field = partial(_field, sent.fields)
        area, typed = field("area"), {name: field(name) for name in ("name", "kind", "rights")}
        checked = library.check(**typed)
        faults = [each for each in checked if isinstance(each, FieldError)]
        errors = _said(frame, request, faults)
        upload = sent.files.get(FILE)
        if upload is None:
            errors["file"] = [frame.say(request, words.PROBLEMS[Problem.no_sound])]
        full = field("full") == "1"
        with desk.stores.open() as store:
            library.may_add(store, person, area)
        if upload is None or errors:
            return show(request, area, 422, errors=errors, full=full, **typed)
        preset: Preset | None = COLUMN if full else None
        try:
            sound = desk.studio.take(upload, NO_LANGUAGE, preset, music=True)
        except MasteringError as error:
            errors["file"] = [sound_words.mastering_refused(partial(frame.say, request), error)]
            return show(request, area, 422, errors=errors, full=full, **typed)
        with desk.stores.open() as store:
            library.add(store, person, area, checked, sound, desk.clock(), desk.new_id)  # type: ignore[arg-type]
        return to(f"/thu-vien?khu_vuc={area}")

    @router.post("/thu-vien/bo")
    async def retire(request: Request) -> Response:
        person = await run_in_threadpool(frame.person, request)
        async with read_form(request, desk.originals) as sent:
            tune, area = _field(sent.fields, "tune"), _field(sent.fields, "area")
        await run_in_threadpool(retired, person, tune)
        return to(f"/thu-vien?khu_vuc={area}")

    def retired(person: Person, tune: str) -> None:
        with desk.stores.open() as store:
            library.retire(store, person, tune, desk.clock())
        desk.bell.ring("programmes")

    @router.post("/thu-vien/nhac-hieu")
    async def choose(request: Request) -> Response:
        async with read_form(request, desk.originals) as sent:
            return await run_in_threadpool(chosen, request, sent.fields)

    def chosen(request: Request, fields: FormData) -> Response:
        person, field = frame.person(request), partial(_field, fields)
        area = field("area")
        wanted = Wanted(
            field("chime") == "1",
            {name: field(f"chime-{name}") for name in (*ANNOUNCED, CLOSING)},
            field("pause"),
            field("times"),
            field("again"),
        )
        with desk.stores.open() as store:
            if field("action") == "inherit":
                library.inherit_signals(store, person, area, desk.clock())
                faults: tuple[FieldError, ...] = ()
            else:
                try:
                    faults = library.set_signals(store, person, area, wanted, desk.clock())
                except OwnWork:
                    error = {"chimes": [frame.say(request, tune_words.OWN_TUNE)]}
                    return show(request, area, 403, errors=error, wanted=wanted)
        if faults:
            return show(request, area, 422, errors=_said(frame, request, faults), wanted=wanted)
        desk.bell.ring("programmes")
        return to(f"/thu-vien?khu_vuc={area}")

    return router


def _field(fields: FormData, name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def _said(frame: Frame, request: Request, faults: "list[FieldError] | tuple[FieldError, ...]") -> dict[str, list[str]]:
    say = partial(frame.say, request)
    return {
        each.field: [say(tune_words.NO_SECONDS) if each.problem is Problem.no_such_number else words.problem(say, each)]
        for each in faults
    }


def _held(shelf: Shelf) -> Wanted:
    """The form as it is filled for what holds in an area."""
    holds = shelf.holds
    own = {tune.id for tune in shelf.tunes}
    return Wanted(
        holds.chime,
        {name: chosen for name, chosen in holds.chimes.items() if chosen in own},
        _seconds(holds.chime_pause_ms),
        str(holds.emergency_times),
        _seconds(holds.again_after_ms),
    )


def _seconds(ms: int) -> str:
    whole, tenths = divmod(ms // 100, 10)
    return f"{whole},{tenths}" if tenths else str(whole)
