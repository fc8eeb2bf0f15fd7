"""The red pages "Phát khẩn cấp": ready words, a button that must be held, and what the loudspeakers do meanwhile.

Imported by `server.app`.
"""

from functools import partial
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from audio.language import VIETNAMESE
from schedules.clock import DAY
from server import alarms, before_air, bulletins, drafts
from server.access import Act, Person, may, may_anywhere, may_compose, scope
from server.area import Area
from server.compose_form import ComposeForm, FieldError
from server.composing import Draft
from server.emergency import EmergencyKind, form_for, form_over
from server.exercise import announced
from server.lifecycle import STANDING
from server.narrations import Ask
from server.refusals import NotAllowed, NotFound
from server.repositories.logbook import LogFilter
from server.repositories.store import Store
from server.studio import Rendered
from server.web import carrying_on, words
from server.web.emergency_words import KINDS
from server.web.form_words import checked_by, spoken_of
from server.web.frame import Frame, to
from server.web.narrating import sounds_of
from server.web.places import chosen_before, shown

_Text = Annotated[str, Form(max_length=20_000)]
_Line = Annotated[str, Form(max_length=1_000)]
_Word = Annotated[str, Form(max_length=100)]
_Many = Annotated[list[str], Form(max_length=500)]

_RED, _EXERCISE = "red", "exercise"


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/khan-cap")
    def kinds(request: Request, dien_tap: str = "") -> Response:
        person = _caller(frame, request)
        if dien_tap:
            return frame.page(request, "exercise_kinds.html", body_class=_EXERCISE, kinds=KINDS)
        with desk.stores.open() as store:
            stored = bulletins.visible(store, person, store.broadcasts.stored())
        ready = [page for page in stored if page.may_order]
        return frame.page(request, "emergency_kinds.html", body_class=_RED, stored=ready, kinds=KINDS)

    @router.get("/khan-cap/soan")
    def blank(request: Request, loai: str = EmergencyKind.other.value, dien_tap: str = "") -> Response:
        person, chosen = _caller(frame, request), _kind(loai)
        with desk.stores.open() as store:
            areas = _areas(store, person, exercise=dien_tap != "")
        targets = chosen_before(areas)
        names = [area.name for area in areas if area.id in targets]
        form = form_for(chosen, names, targets, _by(person, areas), exercise=dien_tap != "")
        if form.text:  # so that it is spoken by the time that the button has been held
            said = spoken_of(frame, person, form)
            if not said.leftovers:
                desk.narrations.begin(Ask(said.words, VIETNAMESE, urgent=True), person.id)
        return show(request, person, chosen, form)

    def show(request: Request, person: Person, kind: EmergencyKind, form: ComposeForm, **given: Any) -> Response:
        with desk.stores.open() as store:
            areas = shown(_areas(store, person, exercise=form.exercise), "", form.targets)
            number = _loudspeakers(store, form.targets)
        given = {"errors": {}, "draft": "", "again": False, "whose": carrying_on.mark(frame, person), **given}
        return frame.page(
            request,
            "emergency.html",
            422 if given["errors"] else 200,
            body_class=_EXERCISE if form.exercise else _RED,
            kind=kind,
            kinds=KINDS,
            form=form,
            areas=areas,
            number=number,
            alone=may_anywhere(person.grants, Act.alarm) and not form.exercise,
            **given,
        )

    @router.post("/khan-cap/soan")
    def send(
        request: Request,
        loai: _Word = EmergencyKind.other.value,
        title: _Line = "",
        text: _Text = "",
        reason: _Line = "",
        authority: _Line = "",
        responsible: _Line = "",
        targets: _Many = [],  # noqa: B006
        held: _Word = "",
        dien_tap: _Word = "",
        whose: _Line = "",
        lai: _Word = "",
    ) -> Response:
        person = _caller(frame, request)
        if carrying_on.is_somebody_elses(frame, person, whose):
            given = {"loai": loai, "title": title, "text": text, "reason": reason, "authority": authority}
            given |= {"responsible": responsible, "dien_tap": dien_tap, "whose": whose}
            fields = FormData([*given.items(), *(("targets", target) for target in targets)])
            return carrying_on.turned_away(frame, request, fields, files=False)
        if held and not lai:
            frame.fresh(request)
        chosen = _kind(loai)
        by = ComposeForm(authority=authority, responsible=responsible)
        ready = form_for(chosen, (), tuple(targets), by, exercise=dien_tap != "")
        form = announced(msgspec.structs.replace(ready, title=title, text=text, reason=reason))
        if lai:  # whoever signed in again has pressed no button for it
            return show(request, person, chosen, form, again=True)
        errors: dict[str, list[str]] = {}
        checked, sounds = prepared(request, person, form, errors)
        if errors or checked is None:
            with desk.stores.open() as store:
                kept = drafts.keep(store, person, form, bulletins.NEW, desk.clock(), desk.new_id)
            return show(request, person, chosen, form, errors=errors, draft=kept.draft)
        with desk.stores.open() as store:
            return to(sent(store, person, form, checked, sounds, alone=held == "1"))

    def prepared(
        request: Request, person: Person, form: ComposeForm, errors: dict[str, list[str]]
    ) -> tuple[Draft | None, dict[str, Rendered]]:
        """The draft and its sound; what is wrong is added to `errors`."""
        with desk.stores.open() as store:
            checked = checked_by(store, person, form, desk.clock())
        if not isinstance(checked, Draft):
            for error in checked:
                errors.setdefault(error.field, []).append(_sentence(frame, request, error))
            return None, {}
        sounds, _ = sounds_of(frame, request, person, checked, "", errors)
        return checked, sounds

    def sent(
        store: Store, person: Person, form: ComposeForm, checked: Draft, sounds: dict[str, Rendered], *, alone: bool
    ) -> str:
        """Have it sound, where this person may do so alone and has held the button; ask once more where the button was
        only pressed; send it for approval where they may not. The page that follows."""
        now = desk.clock()
        kept = drafts.keep(store, person, form, bulletins.NEW, now, desk.new_id)
        for sound in sounds.values():
            store.makers.note(sound.clip.sha256, person.id, now)
        areas = store.areas.named(checked.targets).values()
        if form.exercise or not all(may(person.grants, Act.alarm, area.path) for area in areas):
            broadcast = bulletins.compose(store, person, checked, sounds, now, desk.new_id, kept)
            desk.bell.ring("log")
            return f"/ban-tin/{broadcast}"
        if not alone:
            return f"/ban-tin/nhap/{kept.draft}/phat-ngay"
        broadcast = alarms.alarm(store, person, checked, sounds, now, desk.new_id, kept, samples=desk.settings.demo)
        desk.bell.ring("programmes")
        return f"/khan-cap/dang-phat/{broadcast}"

    @router.get("/khan-cap/dang-phat/{broadcast}")
    def sounding(request: Request, broadcast: str) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            page = bulletins.page(store, person, broadcast)
            coming = before_air.coming(store, person, broadcast, now)
            since = page.broadcast.created_at
            wanted = LogFilter(scope(person.grants, Act.see), since, now + DAY, "", page.bulletin.id)
            outcomes = store.logbook.count(wanted)
        return frame.page(
            request,
            "emergency_sounding.html",
            body_class=_RED,
            page=page,
            coming=coming[0] if coming else None,
            outcomes=outcomes,
            total=sum(outcomes.values()),
            stands=page.state in STANDING,
        )

    @router.post("/khan-cap/het/{broadcast}")
    def over(request: Request, broadcast: str) -> Response:
        """Begin a draft that says that it is over; where to go on with it."""
        person = _caller(frame, request)
        with desk.stores.open() as store:
            page = bulletins.page(store, person, broadcast)
            if not page.may_withdraw:
                raise NotAllowed
            form = form_over(drafts.form_of(page.bulletin, page.broadcast))
            kept = drafts.keep(store, person, form, bulletins.NEW, desk.clock(), desk.new_id)
        return to(f"/ban-tin/soan?nhap={kept.draft}")

    return router


def _caller(frame: Frame, request: Request) -> Person:
    person = frame.person(request)
    if not any(may_anywhere(person.grants, act) for act in (Act.write, Act.alarm)):
        raise NotAllowed
    return person


def _kind(typed: str) -> EmergencyKind:
    try:
        return EmergencyKind(typed)
    except ValueError as error:
        raise NotFound from error


def _areas(store: Store, person: Person, *, exercise: bool = False) -> list[Area]:
    """Where this person may have an emergency sound, alone or with somebody's approval; or an exercise."""
    areas = store.areas.below([*scope(person.grants, Act.alarm), *scope(person.grants, Act.write)])
    return [area for area in areas if may_compose(person.grants, area.path, emergency=not exercise)]


def _by(person: Person, areas: list[Area]) -> ComposeForm:
    top = next((area for area in areas if area.level == "commune"), areas[0] if areas else None)
    return ComposeForm(authority=top.name if top else "", responsible=person.display_name)


def _loudspeakers(store: Store, targets: tuple[str, ...]) -> int:
    areas = store.areas.named(targets).values()
    return len(store.fleet.below({area.path for area in areas}))


def _sentence(frame: Frame, request: Request, error: FieldError) -> str:
    return words.problem(partial(frame.say, request), error)
