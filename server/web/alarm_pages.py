"""An emergency on one signature: look at it once more, and have it sound. The second person looks at it afterwards.

Imported by `server.app`.
"""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from audio.language import VIETNAMESE
from schedules.programme import BroadcastClass
from server import alarms, covering, drafts
from server.access import Act, Person, may_anywhere
from server.compose_form import ComposeForm, FieldError, Mode, Problem
from server.composing import Draft, check_note
from server.draft import Basis
from server.prospect import prospect
from server.refusals import NoEmergency, NotAllowed, Stale
from server.web import gap_words, words
from server.web.bulletin_pages import show_bulletin
from server.web.forecast import length_said
from server.web.form_sounds import hearable
from server.web.form_words import checked_by
from server.web.frame import Frame, language_name, to
from server.web.narrating import sounds_of


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def opened(person: Person, draft: str) -> tuple[ComposeForm, Basis, Draft | tuple[FieldError, ...]]:
        with desk.stores.open() as store:
            working, edition = drafts.opened(store, person, draft)
            if working.broadcast or working.dropped_at is not None:
                raise Stale(edition.staff, edition.at, working.broadcast)
            drafts.heard_with(store, person, edition, desk.clock())
            basis = drafts.basis_of(store, working)
        form = hearable(frame, person, edition.form)
        with desk.stores.open() as store:
            return form, basis, checked_by(store, person, form, desk.clock())

    @router.get("/ban-tin/nhap/{draft}/phat-ngay")
    def look(request: Request, draft: str) -> Response:
        person = _officer(frame.person(request))
        form, basis, checked = opened(person, draft)
        if not isinstance(checked, Draft):
            return to(f"/ban-tin/soan?nhap={draft}")
        errors: dict[str, list[str]] = {}
        sounds, _ = sounds_of(frame, request, person, checked, "", errors)
        with desk.stores.open() as store:
            clips = [sound.clip for sound in sounds.values()]
            length = length_said(partial(frame.say, request), prospect(store, person, form, clips, basis, desk.clock()))
            areas = store.areas.named(checked.targets)
            number = len(store.fleet.below({area.path for area in areas.values()}))
            languages = store.areas.languages()
            gaps = covering.gaps_at(store, person, checked.targets, sounds.keys(), emergency=True)
        names = {tag: language_name(languages, tag) for tag in sounds}
        context: dict[str, Any] = {"draft": checked, "basis": basis, "sounds": sounds, "names": names}
        context |= gap_words.told(frame, request, languages, gaps)
        context["variants"] = sorted(checked.variants, key=lambda v: v.language != VIETNAMESE)
        return frame.page(
            request,
            "alarm.html",
            422 if errors else 200,
            **context,
            areas=areas,
            number=number,
            length=length,
            errors=errors,
        )

    @router.post("/ban-tin/nhap/{draft}/phat-ngay")
    def alarm(request: Request, draft: str, number: Annotated[str, Form()] = "") -> Response:
        person = _officer(frame.fresh(request))
        _, basis, checked = opened(person, draft)
        if str(basis.number) != number:
            raise Stale("", 0)
        if not isinstance(checked, Draft):
            return to(f"/ban-tin/soan?nhap={draft}")
        if (checked.broadcast_class, checked.mode) != (BroadcastClass.emergency, Mode.now):
            raise NoEmergency
        errors: dict[str, list[str]] = {}
        sounds, _ = sounds_of(frame, request, person, checked, "", errors)
        if errors:
            return to(f"/ban-tin/soan?nhap={draft}")
        with desk.stores.open() as store:
            sent = alarms.alarm(
                store, person, checked, sounds, desk.clock(), desk.new_id, basis, samples=desk.settings.demo
            )
        desk.bell.ring("programmes")
        return to(f"/ban-tin/{sent}")

    @router.post("/ban-tin/{broadcast}/xem-lai")
    def review(
        request: Request, broadcast: str, verdict: Annotated[str, Form()] = "", note: Annotated[str, Form()] = ""
    ) -> Response:
        person = frame.person(request)
        confirmed = verdict == "confirm"
        checked = check_note(note, required=not confirmed)
        if isinstance(checked, FieldError):
            text = words.NO_OBJECTION_NOTE if checked.problem is Problem.empty else words.PROBLEMS[checked.problem]
            error = frame.say(request, text, details=checked.details)
            return show_bulletin(frame, request, broadcast, 422, errors={"review": [error]}, review_note=note)
        with desk.stores.open() as store:
            alarms.review(
                store,
                person,
                broadcast,
                confirmed=confirmed,
                note=checked,
                now=desk.clock(),
                samples=desk.settings.demo,
            )
        desk.bell.ring("log")
        return to(f"/ban-tin/{broadcast}")

    return router


def _officer(person: Person) -> Person:
    if not may_anywhere(person.grants, Act.alarm):
        raise NotAllowed
    return person
