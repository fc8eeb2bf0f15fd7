"""The page "Soạn bản tin": write, hear, choose where and when, send for approval.

Imported by `server.app`.
"""

from functools import partial
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from audio.language import VIETNAMESE, Language
from audio.refusal import MasteringError
from audio.spoken_text import SpokenText
from schedules.programme import BroadcastClass
from server import before_sending, bulletins, hearing
from server.access import Act, Person, may_anywhere, scope
from server.area import Area
from server.composing import ComposeForm, Draft, FieldError, Mode, Problem, check, spoken
from server.narrations import Ask
from server.originals import Upload
from server.outlay import Sound, estimated
from server.refusals import NotAllowed
from server.repositories.store import Store
from server.studio import Rendered
from server.web import words
from server.web.documented import COMPOSED, TYPED
from server.web.frame import Frame, to
from server.web.narrating import NOTHING, Heard, hear, sounds_of
from server.web.places import chosen_before, shown
from server.web.upload_form import read_form

_MANY = 200


class Choices(msgspec.Struct, frozen=True):
    """What the form offers: topics, areas in tree order (`narrowed`: not all of them), and languages that need a
    recording, those of the person's own hamlets first."""

    topics: dict[str, str]
    areas: list[Area]
    narrowed: bool
    spoken_here: list[Language]
    others: list[Language]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def show(request: Request, person: Person, form: ComposeForm, **given: Any) -> Response:
        with desk.stores.open() as store:
            choices = _choices(store, person, form.targets, given.setdefault("within", ""))
        errors: dict[str, list[str]] = given.pop("errors", {})
        sounds = {tag: desk.studio.find(name) for tag, name in form.recordings.items() if name}
        context = {"form": form, "choices": choices, "sounds": sounds, "spoken": _spoken(form), "heard": NOTHING}
        written = {tag for tag, text in form.texts.items() if text} | sounds.keys()
        context["more_open"] = any(
            {f"text-{lang.tag}", f"recording-{lang.tag}"} & errors.keys() or lang.tag in written
            for lang in choices.others
        )
        context |= _outlay(frame, person, form)
        status = 422 if errors else 200
        return frame.page(request, "compose.html", status, **{**context, "errors": errors, **given})

    @router.get("/ban-tin/soan")
    def blank(request: Request, mau: str = "") -> Response:
        person = _writer(frame, request)
        form = ComposeForm()
        if mau:
            with desk.stores.open() as store:
                page = bulletins.page(store, person, mau)
                form = bulletins.form_of(page.bulletin, page.broadcast)
                return show(request, person, form)
        with desk.stores.open() as store:
            own = store.areas.below(scope(person.grants, Act.write))
        return show(request, person, msgspec.structs.replace(form, targets=chosen_before(own)))

    @router.post("/ban-tin/soan", openapi_extra=COMPOSED)
    async def compose(request: Request) -> Response:
        person = await run_in_threadpool(_writer, frame, request)
        async with read_form(request, desk.originals) as sent:
            form = _typed(sent.fields)
            action, within = str(sent.fields.get("action", "save")), str(sent.fields.get("within", ""))
            if action == "places":
                form = await run_in_threadpool(_hearable, frame, person, form)
                return await run_in_threadpool(show, request, person, form, within=within)
            return await run_in_threadpool(composed, request, person, form, sent.files, action)

    def composed(
        request: Request, person: Person, form: ComposeForm, uploads: dict[str, Upload], action: str
    ) -> Response:
        form, errors = _recorded(frame, request, person, form, uploads)
        if action == "upload":
            return show(request, person, form, errors=errors)
        with desk.stores.open() as store:
            result = check(form, bulletins.offered(store, person), desk.clock())
        if not isinstance(result, Draft):
            for error in _heeded(result, action):
                errors.setdefault(error.field, []).append(_sentence(frame, request, error))
        if action == "listen":
            heard = NOTHING if errors.keys() & {"text", "answers"} else listened(request, person, form, errors)
            return show(request, person, form, errors=errors, heard=heard)
        if errors or not isinstance(result, Draft):
            return show(request, person, form, errors=errors)
        rendered_all, heard = sounds_of(frame, request, person, result, form.confirmed, errors)
        if errors:
            return show(request, person, form, errors=errors, heard=heard)
        with desk.stores.open() as store:
            broadcast = bulletins.compose(store, person, result, rendered_all, desk.clock(), desk.new_id)
        desk.bell.ring("log")
        return to(f"/ban-tin/{broadcast}")

    def listened(request: Request, person: Person, form: ComposeForm, errors: dict[str, list[str]]) -> Heard:
        said, recording = _spoken(form).words, form.recordings.get(VIETNAMESE, "")
        ask = Ask(said, VIETNAMESE, recording) if said or recording else None
        heard = hear(frame, request, person, ask, afresh=True) if ask else NOTHING
        if heard.error:
            errors["text"] = [heard.error]
        return heard

    @router.post("/ban-tin/doc", openapi_extra=TYPED)
    async def spoken_text(request: Request) -> Response:
        await run_in_threadpool(_writer, frame, request)
        async with read_form(request, desk.originals) as sent:
            form = _typed(sent.fields)
        return frame.page(request, "spoken.html", form=form, spoken=_spoken(form), errors={})

    @router.post("/ban-tin/du-lieu", openapi_extra=TYPED)
    async def cost(request: Request) -> Response:
        """What the page says of data, as the form is filled."""
        person = await run_in_threadpool(_writer, frame, request)
        async with read_form(request, desk.originals) as sent:
            form = _typed(sent.fields)
        form = await run_in_threadpool(_hearable, frame, person, form)
        context = await run_in_threadpool(_outlay, frame, person, form)
        return frame.page(request, "outlay.html", **context)

    @router.post("/ban-tin/nghe-thu", openapi_extra=TYPED)
    async def heard_alone(request: Request) -> Response:
        await run_in_threadpool(_writer, frame, request)
        async with read_form(request, desk.originals) as sent:
            form = _typed(sent.fields)
        return await run_in_threadpool(rendered_alone, request, form)

    def rendered_alone(request: Request, form: ComposeForm) -> Response:
        """What the button "Nghe thử" puts into the page that is open; without scripts it sends the whole form."""
        person, errors = frame.person(request), dict[str, list[str]]()
        form = _hearable(frame, person, form)
        with desk.stores.open() as store:
            result = check(form, bulletins.offered(store, person), desk.clock())
        for error in _heeded(result, "listen") if not isinstance(result, Draft) else ():
            errors.setdefault(error.field, []).append(_sentence(frame, request, error))
        heard = NOTHING if errors else listened(request, person, form, errors)
        answer = frame.page(request, "heard.html", heard=heard, errors=errors, form=form)
        answer.headers["hx-trigger"] = "heard"
        return answer

    return router


def _writer(frame: Frame, request: Request) -> Person:
    person = frame.person(request)
    if not may_anywhere(person.grants, Act.write):
        raise NotAllowed
    return person


def _choices(store: Store, person: Person, ticked: tuple[str, ...], within: str) -> Choices:
    areas = store.areas.below(scope(person.grants, Act.write))
    languages = store.areas.languages()
    near = dict.fromkeys(tag for area in areas for tag in area.languages if tag != VIETNAMESE)
    here = [languages[tag] for tag in near if tag in languages]
    others = [lang for tag, lang in languages.items() if tag not in near and tag != VIETNAMESE]
    few = shown(areas, within, ticked)
    return Choices(store.areas.topics(), few, len(few) < len(areas) or bool(within), here, others)


def _outlay(frame: Frame, person: Person, form: ComposeForm) -> dict[str, Any]:
    """What it would cost to send the form as it stands. What nobody has spoken yet is estimated."""
    studio, said = frame.desk.studio, _spoken(form).words
    known = [(tag, studio.find(name)) for tag, name in form.recordings.items() if name]
    sounds = [Sound(tag, kept.clip.size, kept.clip.sha256) for tag, kept in known if kept]
    if said and all(tag != VIETNAMESE for tag, _ in known):
        spoken_once = studio.spoken_before(said, VIETNAMESE)
        clip = spoken_once.clip if spoken_once else None
        sounds.append(Sound(VIETNAMESE, clip.size, clip.sha256) if clip else estimated(said, VIETNAMESE))
    with frame.desk.stores.open() as store:
        found = before_sending.outlay_of(store, person, form.targets, sounds, frame.desk.clock())
    return {
        "outlay": found,
        "sounded": bool(sounds),
        "repeated": form.mode in (Mode.daily.value, Mode.weekly.value),
        "urgent": form.broadcast_class == BroadcastClass.emergency.value,
    }


def _typed(fields: FormData) -> ComposeForm:
    """The form as it was typed."""
    texts: dict[str, str] = {}
    recordings: dict[str, str] = {}
    dropped = {field.partition("-")[2] for field in fields if field.startswith("drop-")}
    for field, value in fields.multi_items():
        kind, _, tag = field.partition("-")
        if kind == "text" and tag:
            texts[tag] = str(value)
        elif kind == "recording" and tag and tag not in dropped:
            recordings[tag] = str(value)
    leftovers, answers = _strings(fields, "leftover"), _strings(fields, "answer")
    return ComposeForm(
        title=str(fields.get("title", "")),
        topic=str(fields.get("topic", "")),
        broadcast_class=str(fields.get("broadcast_class", "")),
        text=str(fields.get("text", "")),
        answers=dict(zip(leftovers, answers, strict=False)),
        texts=texts,
        recordings=recordings,
        targets=tuple(_strings(fields, "targets")),
        mode=str(fields.get("mode", "")),
        date=str(fields.get("date", "")),
        time=str(fields.get("time", "")),
        days=tuple(_strings(fields, "days")),
        last=str(fields.get("last", "")),
        confirmed=str(fields.get("confirmed", "")),
    )


def _strings(typed: FormData, field: str) -> list[str]:
    return [value for value in typed.getlist(field) if isinstance(value, str)][:_MANY]


def _spoken(form: ComposeForm) -> SpokenText:
    return spoken(form.text, form.answers) if form.text.strip() else SpokenText("")


def _hearable(frame: Frame, person: Person, form: ComposeForm) -> ComposeForm:
    """The form with those of its recordings that this person may hear: to know a name alone gives nothing."""
    there = {tag: name for tag, name in form.recordings.items() if name and frame.desk.studio.find(name)}
    with frame.desk.stores.open() as store:
        mine = {tag: name for tag, name in there.items() if hearing.may_hear(store, person, name)}
    return msgspec.structs.replace(form, recordings=mine)


def _recorded(
    frame: Frame, request: Request, person: Person, form: ComposeForm, uploads: dict[str, Upload]
) -> tuple[ComposeForm, dict[str, list[str]]]:
    """Master what was uploaded at once: browsers do not send a file twice, so the form carries the clip's name."""
    errors: dict[str, list[str]] = {}
    recordings = _hearable(frame, person, form).recordings
    say = partial(frame.say, request)
    with frame.desk.stores.open() as store:
        languages = store.areas.languages()
    for tag, upload in uploads.items():
        if tag not in languages:
            errors[f"recording-{tag}"] = [say(words.PROBLEMS[Problem.not_offered])]
            continue
        try:
            recordings[tag] = _made_by(frame, person, frame.desk.studio.take(upload, tag)).clip.sha256
        except MasteringError as error:
            errors[f"recording-{tag}"] = [words.mastering_refused(say, error)]
    return msgspec.structs.replace(form, recordings=recordings), errors


def _heeded(found: tuple[FieldError, ...], action: str) -> list[FieldError]:
    """Who only wants to hear is not yet asked where and when."""
    fields = ("text", "answers") if action == "listen" else None
    return [error for error in found if fields is None or error.field in fields]


def _sentence(frame: Frame, request: Request, error: FieldError) -> str:
    details = error.details if error.problem is not Problem.empty else ""
    return frame.say(request, words.PROBLEMS[error.problem], details=details)


def _made_by(frame: Frame, person: Person, sound: Rendered) -> Rendered:
    with frame.desk.stores.open() as store:
        hearing.made(store, person, sound.clip.sha256, frame.desk.clock())
    return sound
