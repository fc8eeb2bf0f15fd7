"""The page "Soạn bản tin": write, hear, choose where and when, send for approval.

Imported by `server.app`.
"""

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from audio.language import VIETNAMESE, Language
from audio.refusal import MasteringError, MasteringFault
from audio.sound_file import LARGEST_UPLOAD
from audio.spoken_text import SpokenText
from audio.voice import VoiceError
from schedules.programme import BroadcastClass
from server import before_sending, bulletins
from server.access import Act, Person, may_anywhere, scope
from server.area import Area
from server.composing import ComposeForm, Draft, FieldError, Mode, Problem, check, spoken
from server.outlay import Sound, estimated
from server.refusals import NotAllowed, NotFound
from server.repositories.store import Store
from server.studio import Rendered
from server.web import words
from server.web.frame import Frame, to
from server.web.places import chosen_before, shown

LONGEST_FIELD = 200_000
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
        context = {"form": form, "choices": choices, "sounds": sounds, "spoken": _spoken(form), "rendered": None}
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

    @router.post("/ban-tin/soan")
    async def compose(request: Request) -> Response:
        person = await run_in_threadpool(_writer, frame, request)
        async with request.form(max_files=40, max_fields=2000, max_part_size=LONGEST_FIELD * 4) as typed:
            form, uploads = await _read(typed)
        action, within = str(typed.get("action", "save")), str(typed.get("within", ""))
        if action == "places":
            return await run_in_threadpool(show, request, person, form, within=within)
        return await run_in_threadpool(composed, request, person, form, uploads, action)

    def composed(
        request: Request, person: Person, form: ComposeForm, uploads: dict[str, bytes], action: str
    ) -> Response:
        form, errors = _recorded(frame, request, form, uploads)
        with desk.stores.open() as store:
            result = check(form, bulletins.offered(store, person), desk.clock())
        if not isinstance(result, Draft):
            for error in _heeded(result, action):
                errors.setdefault(error.field, []).append(_sentence(frame, request, error))
        if action == "listen":
            rendered = None if errors.keys() & {"text", "answers"} else _rendered_text(frame, request, form, errors)
            return show(request, person, form, errors=errors, rendered=rendered)
        if errors or not isinstance(result, Draft):
            return show(request, person, form, errors=errors)
        rendered_all = _rendered(frame, request, result, errors)
        if errors:
            return show(request, person, form, errors=errors)
        with desk.stores.open() as store:
            broadcast = bulletins.compose(store, person, result, rendered_all, desk.clock(), desk.new_id)
        desk.bell.ring("log")
        return to(f"/ban-tin/{broadcast}")

    @router.post("/ban-tin/doc")
    async def spoken_text(request: Request) -> Response:
        await run_in_threadpool(_writer, frame, request)
        async with request.form(max_part_size=LONGEST_FIELD * 4) as typed:
            form, _ = await _read(typed)
        return frame.page(request, "spoken.html", form=form, spoken=_spoken(form), errors={})

    @router.post("/ban-tin/du-lieu")
    async def cost(request: Request) -> Response:
        """What the page says of data, as the form is filled."""
        person = await run_in_threadpool(_writer, frame, request)
        async with request.form(max_fields=2000, max_part_size=LONGEST_FIELD * 4) as typed:
            form, _ = await _read(typed)
        context = await run_in_threadpool(_outlay, frame, person, form)
        return frame.page(request, "outlay.html", **context)

    @router.post("/ban-tin/nghe-thu")
    async def heard(request: Request) -> Response:
        await run_in_threadpool(_writer, frame, request)
        async with request.form(max_part_size=LONGEST_FIELD * 4) as typed:
            form, _ = await _read(typed)
        return await run_in_threadpool(rendered_alone, request, form)

    def rendered_alone(request: Request, form: ComposeForm) -> Response:
        """What the button "Nghe thử" puts into the page that is open; without scripts it sends the whole form."""
        person, errors = frame.person(request), dict[str, list[str]]()
        with desk.stores.open() as store:
            result = check(form, bulletins.offered(store, person), desk.clock())
        for error in _heeded(result, "listen") if not isinstance(result, Draft) else ():
            errors.setdefault(error.field, []).append(_sentence(frame, request, error))
        rendered = None if errors else _rendered_text(frame, request, form, errors)
        answer = frame.page(request, "heard.html", rendered=rendered, errors=errors)
        answer.headers["hx-trigger"] = "heard"
        return answer

    @router.get("/am-thanh/{name}.mp3")
    def preview(request: Request, name: str) -> Response:
        frame.person(request)
        path = desk.archive.preview(name)
        if path is None:
            raise NotFound
        headers = {"cache-control": "private, max-age=31536000, immutable"}
        return FileResponse(path, media_type="audio/mpeg", headers=headers)

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


async def _read(typed: FormData) -> tuple[ComposeForm, dict[str, bytes]]:
    """The form as it was typed, and the files that came with it, by language."""
    uploads: dict[str, bytes] = {}
    texts: dict[str, str] = {}
    recordings: dict[str, str] = {}
    for field, value in typed.multi_items():
        kind, _, tag = field.partition("-")
        if isinstance(value, UploadFile):
            if kind == "file" and value.size:
                uploads[tag] = await value.read(LARGEST_UPLOAD + 1)
        elif kind == "text" and tag:
            texts[tag] = value
        elif kind == "recording" and tag:
            recordings[tag] = value
    leftovers, answers = _strings(typed, "leftover"), _strings(typed, "answer")
    return (
        ComposeForm(
            title=str(typed.get("title", "")),
            topic=str(typed.get("topic", "")),
            broadcast_class=str(typed.get("broadcast_class", "")),
            text=str(typed.get("text", "")),
            answers=dict(zip(leftovers, answers, strict=False)),
            texts=texts,
            recordings=recordings,
            targets=tuple(_strings(typed, "targets")),
            mode=str(typed.get("mode", "")),
            date=str(typed.get("date", "")),
            time=str(typed.get("time", "")),
            days=tuple(_strings(typed, "days")),
            last=str(typed.get("last", "")),
        ),
        uploads,
    )


def _strings(typed: FormData, field: str) -> list[str]:
    return [value for value in typed.getlist(field) if isinstance(value, str)][:_MANY]


def _spoken(form: ComposeForm) -> SpokenText:
    return spoken(form.text, form.answers) if form.text.strip() else SpokenText("")


def _recorded(
    frame: Frame, request: Request, form: ComposeForm, uploads: dict[str, bytes]
) -> tuple[ComposeForm, dict[str, list[str]]]:
    """Master what was uploaded at once: browsers do not send a file twice, so the form carries the clip's name."""
    errors: dict[str, list[str]] = {}
    recordings = {tag: name for tag, name in form.recordings.items() if name and frame.desk.studio.find(name)}
    for tag, content in uploads.items():
        try:
            recordings[tag] = frame.desk.studio.record(content, tag).clip.sha256
        except MasteringError as error:
            errors[f"recording-{tag}"] = [frame.say(request, words.MASTERING_FAULTS[error.fault])]
    return msgspec.structs.replace(form, recordings=recordings), errors


def _heeded(found: tuple[FieldError, ...], action: str) -> list[FieldError]:
    """Who only wants to hear is not yet asked where and when."""
    fields = ("text", "answers") if action == "listen" else None
    return [error for error in found if fields is None or error.field in fields]


def _sentence(frame: Frame, request: Request, error: FieldError) -> str:
    details = error.details if error.problem is not Problem.empty else ""
    return frame.say(request, words.PROBLEMS[error.problem], details=details)


def _rendered_text(frame: Frame, request: Request, form: ComposeForm, errors: dict[str, list[str]]) -> Rendered | None:
    words_said = _spoken(form).words
    return _voiced(frame, request, words_said, errors) if words_said else None


def _voiced(frame: Frame, request: Request, said: str, errors: dict[str, list[str]]) -> Rendered | None:
    try:
        return frame.desk.studio.speak(said, VIETNAMESE)
    except VoiceError as error:
        errors["text"] = [frame.say(request, words.VOICE_FAULTS[error.fault])]
    except MasteringError as error:
        fault = MasteringFault.silent if error.fault is MasteringFault.too_short else error.fault
        errors["text"] = [frame.say(request, words.MASTERING_FAULTS[fault])]
    return None


def _rendered(frame: Frame, request: Request, draft: Draft, errors: dict[str, list[str]]) -> dict[str, Rendered]:
    """The sound of each variant."""
    found: dict[str, Rendered] = {}
    for variant in draft.variants:
        if variant.recording:
            sound = frame.desk.studio.find(variant.recording)
        else:
            sound = _voiced(frame, request, variant.spoken, errors)
        if sound is None:
            errors.setdefault(f"recording-{variant.language}", []).append(
                frame.say(request, words.PROBLEMS[Problem.no_sound])
            )
        else:
            found[variant.language] = msgspec.structs.replace(
                sound, clip=msgspec.structs.replace(sound.clip, language=variant.language)
            )
    return found
