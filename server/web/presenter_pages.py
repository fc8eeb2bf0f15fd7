"""The page of presenters: who lends their voice to the phrase bank, and the withdrawal of it.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import phrases, presenters
from server.access import Act, scope
from server.area import LOUDSPEAKER
from server.phrase import Presenter
from server.presenters import PresenterForm
from server.refusals import NotAllowed
from server.web import phrase_words
from server.web.frame import Frame, language_name, to
from server.web.places import shown


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def show(request: Request, form: PresenterForm, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found = phrases.visible_presenters(store, person)
            writes = [a for a in store.areas.below(scope(person.grants, Act.write)) if a.level != LOUDSPEAKER]
            if not writes and not scope(person.grants, Act.set_area):
                raise NotAllowed
            areas = store.areas.named({each.area for each in found})
            languages = store.areas.languages()
            near = [tag for tag in phrases.looked_after(store, person, Act.write) if tag in languages]
        names = {tag: language_name(languages, tag) for tag in languages}
        context = {
            "presenters": found,
            "places": {id_: area.name for id_, area in areas.items()},
            "areas": shown(writes, "", (form.area,)),
            "names": names,
            "near": near,
            "form": form,
            "errors": {},
        }
        return frame.page(request, "presenters.html", status, **{**context, **given})

    @router.get("/nguoi-doc")
    def everybody(request: Request) -> Response:
        return show(request, PresenterForm())

    @router.post("/nguoi-doc")
    def add(
        request: Request,
        name: Annotated[str, Form()] = "",
        area: Annotated[str, Form()] = "",
        languages: Annotated[list[str] | None, Form()] = None,
        consent_on: Annotated[str, Form()] = "",
        scope_: Annotated[str, Form(alias="scope")] = "",
        note: Annotated[str, Form()] = "",
    ) -> Response:
        person = frame.person(request)
        form = PresenterForm(name, area, tuple(languages or ()), consent_on, scope_, note)
        with desk.stores.open() as store:
            found = presenters.add(store, person, form, desk.clock(), desk.new_id)
        if not isinstance(found, Presenter):
            errors = {e.field: [frame.say(request, phrase_words.PRESENTER_FAULTS[e.fault])] for e in found}
            return show(request, form, 422, errors=errors)
        return to("/nguoi-doc")

    @router.post("/nguoi-doc/{presenter}/rut")
    def withdraw(request: Request, presenter: str, note: Annotated[str, Form()] = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            files = presenters.withdraw(store, person, presenter, note, desk.clock())
        presenters.forget(desk.takes, files)
        desk.bell.ring("programmes")
        return to("/nguoi-doc")

    return router
