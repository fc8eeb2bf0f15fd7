"""The page "Soạn bản tin": write, hear, choose where and when; keep it as a draft, or send it for approval.

Imported by `server.app`.
"""

from functools import partial
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from schedules.programme import BroadcastClass
from server import bulletins, drafts, place_groups, readings, recall
from server.access import Act, Person, may_anywhere, scope
from server.compose_form import ComposeForm, FieldError, Mode
from server.composing import Draft
from server.draft import Basis
from server.reading import Reading
from server.refusals import NotAllowed, Stale
from server.uptake import is_office
from server.web import carrying_on, draft_words, words
from server.web.compose_choices import choices_of
from server.web.documented import COMPOSED, TYPED
from server.web.forecast import forecast, settled
from server.web.form_sounds import Spoken, hearable, recorded, unfinished_of
from server.web.form_words import checked_by, said_of
from server.web.frame import Frame, near, to
from server.web.narrating import NOTHING, listened, sounds_of
from server.web.places import chosen_before
from server.web.typed_form import basis_typed, typed
from server.web.upload_form import read_form


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def show(request: Request, person: Person, form: ComposeForm, **given: Any) -> Response:
        basis = given.setdefault("basis", Basis())
        with desk.stores.open() as store:
            choices = choices_of(store, person, form, given.setdefault("within", ""), given.setdefault("find", ""))
        errors: dict[str, list[str]] = given.pop("errors", {})
        sounds = {tag: desk.studio.find(name) for tag, name in form.recordings.items() if name}
        context = {"form": form, "choices": choices, "sounds": sounds, "heard": NOTHING, **said_of(frame, person, form)}
        context |= unfinished_of(frame, person)
        written = {tag for tag, text in form.texts.items() if text} | sounds.keys() | context["left_over"]
        context["more_open"] = given.pop("more", False) or any(
            {f"text-{lang.tag}", f"recording-{lang.tag}"} & errors.keys() or lang.tag in written
            for lang in choices.others
        )
        context |= forecast(frame, request, person, form, basis)
        context |= {"note": "", "saved": "", "theirs": "", "group_name": ""}
        context |= {"whose": carrying_on.mark(frame, person), "unsaved": request.method == "POST"}
        status = given.pop("status", 422 if errors else 200)
        return frame.page(request, "compose.html", status, **{**context, "errors": errors, **given})

    @router.get("/ban-tin/soan")
    def blank(request: Request, mau: str = "", sua: str = "", nhap: str = "", lan: str = "", day: str = "") -> Response:
        person = _writer(frame, request)
        if nhap:
            return draft_again(request, person, nhap, lan)
        if sua:
            return next_version(request, person, sua)
        with desk.stores.open() as store:
            if mau:
                page = bulletins.page(store, person, mau)
                return show(request, person, drafts.form_of(page.bulletin, page.broadcast))
            own = store.areas.below(scope(person.grants, Act.write))
        if not own:  # an emergency officer
            return show(request, person, ComposeForm(broadcast_class=BroadcastClass.emergency.value))
        down = bool(day) and is_office(own, scope(person.grants, Act.write))
        mode = Mode.once if down else Mode.now
        return show(request, person, ComposeForm(targets=chosen_before(own), pushed=down, mode=mode.value))

    def draft_again(request: Request, person: Person, draft: str, number: str) -> Response:
        wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0
        with desk.stores.open() as store:
            working, edition = drafts.opened(store, person, draft, wanted)
            if working.broadcast and not wanted:
                return to(f"/ban-tin/{working.broadcast}")
            drafts.heard_with(store, person, edition, desk.clock())
            basis, by = drafts.basis_of(store, working), store.staff.names().get(edition.staff, "")
            note = drafts.last_note(store, working.replaces)
        saved = frame.say(request, draft_words.SAVED, name=by, when=near(edition.at, desk.clock()))
        return show(request, person, hearable(frame, person, edition.form), basis=basis, saved=saved, note=note)

    def next_version(request: Request, person: Person, broadcast: str) -> Response:
        with desk.stores.open() as store:
            page = bulletins.page(store, person, broadcast)
            newest = drafts.newest(store, page.broadcast)
            if newest.id != broadcast:
                return to(f"/ban-tin/{newest.id}")
            if not page.may_edit:
                raise NotAllowed
            form, note = drafts.form_to_edit(store, page), drafts.last_note(store, broadcast)
        basis = Basis(replaces=broadcast, successor=page.broadcast.successor)
        return show(request, person, hearable(frame, person, form), basis=basis, note=note)

    @router.post("/ban-tin/soan", openapi_extra=COMPOSED)
    async def compose(request: Request) -> Response:
        person = await run_in_threadpool(_writer, frame, request)
        async with read_form(request, desk.originals) as sent:
            if carrying_on.somebody_elses(frame, person, sent.fields):
                return carrying_on.turned_away(frame, request, sent.fields, files=bool(sent.files))
            form, basis = typed(sent.fields), basis_typed(sent.fields)
            spoken = Spoken.typed(sent.fields, sent.files)
            action = "upload" if spoken.takes else str(sent.fields.get("action", "save"))
            if action == "places" or sent.fields.keys() & _LOOKS:
                return await run_in_threadpool(looked_again, request, person, form, basis, sent.fields)
            return await run_in_threadpool(composed, request, person, form, basis, spoken, action)

    def looked_again(request: Request, person: Person, form: ComposeForm, basis: Basis, fields: FormData) -> Response:
        """A button was pressed that only changes what the form says: its places, or its time."""
        given: dict[str, Any] = {"within": str(fields.get("within", "")), "find": str(fields.get("find", ""))}
        form = hearable(frame, person, form)
        with desk.stores.open() as store:
            if "group" in fields:
                form = msgspec.structs.replace(form, targets=place_groups.chosen(store, person, str(fields["group"])))
            elif "group_save" in fields:
                given["group_name"] = name = str(fields.get("group_name", ""))
                saved = place_groups.save(store, person, name, form.targets, desk.clock(), desk.new_id)
                if isinstance(saved, FieldError):
                    given["errors"] = {"group_name": [_sentence(frame, request, saved)]}
                else:
                    given["group_name"], form = "", msgspec.structs.replace(form, targets=saved.targets)
        if "settle" in fields:
            form = settled(form, str(fields["settle"]), desk.clock())
        if "keep_clash" in fields:
            form = msgspec.structs.replace(form, kept=(*form.kept, str(fields["keep_clash"])[:200]))
        return show(request, person, form, basis=basis, **given)

    def composed(
        request: Request, person: Person, form: ComposeForm, basis: Basis, spoken: Spoken, action: str
    ) -> Response:
        form, errors = recorded(frame, request, person, form, spoken)
        if action in ("upload", "more") or (action in ("keep", "drop") and errors):
            return show(request, person, form, errors=errors, basis=basis, more=action == "more")
        try:
            if action == "drop":
                return dropped(person, basis)
            if action == "keep":
                with desk.stores.open() as store:
                    kept = drafts.keep(store, person, form, basis, desk.clock(), desk.new_id)
                frame.desk.openings.tell(kept.draft)
                return to(f"/ban-tin/soan?nhap={kept.draft}")
            return sent_on(request, person, form, basis, errors, action)
        except Stale as stale:
            return overtaken(request, person, form, basis, stale)

    def sent_on(
        request: Request, person: Person, form: ComposeForm, basis: Basis, errors: dict[str, list[str]], action: str
    ) -> Response:
        with desk.stores.open() as store:
            result = checked_by(store, person, form, desk.clock())
            learnt = readings.remembered(store, person, form, desk.clock())
        for fault in learnt:
            if isinstance(fault, FieldError):
                errors.setdefault("answers", []).append(_sentence(frame, request, fault))
        if not isinstance(result, Draft):
            for error in _heeded(result, action):
                errors.setdefault(error.field, []).append(_sentence(frame, request, error))
        if action == "listen":
            form, _ = recalled(person, form)
            heard = NOTHING if errors.keys() & {"text", "answers"} else listened(frame, request, person, form, errors)
            return show(request, person, form, errors=errors, heard=heard, basis=basis)
        if errors or not isinstance(result, Draft):
            return show(request, person, form, errors=errors, basis=basis)
        if action == "alarm" and (result.broadcast_class, result.mode) != (BroadcastClass.emergency, Mode.now):
            errors["mode"] = [frame.say(request, words.REFUSALS["no_emergency"])]
            return show(request, person, form, errors=errors, basis=basis)
        rendered_all, heard = sounds_of(frame, request, person, result, form.confirmed, errors)
        if errors:
            return show(request, person, form, errors=errors, heard=heard, basis=basis)
        with desk.stores.open() as store:
            now = desk.clock()
            kept = drafts.keep(store, person, form, basis, now, desk.new_id)
            readings.keep(store, person, [reading for reading in learnt if isinstance(reading, Reading)])
            if action == "alarm":
                for sound in rendered_all.values():
                    store.makers.note(sound.clip.sha256, person.id, now)
                return_to = f"/ban-tin/nhap/{kept.draft}/phat-ngay"
            else:
                sent = bulletins.compose(store, person, result, rendered_all, now, desk.new_id, kept)
                return_to = f"/ban-tin/{sent}"
        desk.bell.ring("log")
        frame.desk.openings.tell(kept.draft)
        return to(return_to)

    def dropped(person: Person, basis: Basis) -> Response:
        if basis.draft:
            with desk.stores.open() as store:
                drafts.drop(store, person, basis.draft, basis.number, desk.clock())
            frame.desk.openings.tell(basis.draft)
        return to("/ban-tin")

    def overtaken(request: Request, person: Person, form: ComposeForm, basis: Basis, stale: Stale) -> Response:
        """Somebody else was faster: what was typed stays, and goes on from the newest when it is sent once more."""
        with desk.stores.open() as store:
            fresh = drafts.caught_up(store, basis)
            by = store.staff.names().get(stale.by, "")
        sentence = draft_words.OVERTAKEN_SENT if stale.broadcast else draft_words.OVERTAKEN
        error = frame.say(request, sentence, name=by, when=near(stale.at, desk.clock()))
        theirs = f"/ban-tin/{stale.broadcast}" if stale.broadcast else f"/ban-tin/soan?nhap={basis.draft}"
        return show(request, person, form, status=409, errors={"draft": [error]}, theirs=theirs, basis=fresh)

    @router.post("/ban-tin/doc", openapi_extra=TYPED)
    async def spoken_text(request: Request) -> Response:
        person = await run_in_threadpool(_writer, frame, request)
        async with read_form(request, desk.originals) as sent:
            form = typed(sent.fields)
        context = await run_in_threadpool(said_of, frame, person, form)
        return frame.page(request, "spoken.html", form=form, errors={}, **context)

    @router.post("/ban-tin/du-lieu", openapi_extra=TYPED)
    async def cost(request: Request) -> Response:
        """What the page says of the form, as it is filled."""
        person = await run_in_threadpool(_writer, frame, request)
        async with read_form(request, desk.originals) as sent:
            form, basis = typed(sent.fields), basis_typed(sent.fields)
        return await run_in_threadpool(told, request, person, form, basis)

    def told(request: Request, person: Person, form: ComposeForm, basis: Basis) -> Response:
        form, came = recalled(person, hearable(frame, person, form))
        with desk.stores.open() as store:
            choices = choices_of(store, person, form)
        sounds = {tag: desk.studio.find(form.recordings[tag]) for tag in came}
        context = forecast(frame, request, person, form, basis, oob=True)
        return frame.page(
            request, "before_sending.html", **context, form=form, choices=choices, came=came, sounds=sounds, errors={}
        )

    def recalled(person: Person, form: ComposeForm) -> tuple[ComposeForm, tuple[str, ...]]:
        """With the recordings that were approved with this text before, those that are still kept."""
        with desk.stores.open() as store:
            fuller, came = recall.recall(store, person, form, desk.clock())
        heard = hearable(frame, person, fuller)
        return heard, tuple(tag for tag in came if tag in heard.recordings)

    @router.post("/ban-tin/nghe-thu", openapi_extra=TYPED)
    async def heard_alone(request: Request) -> Response:
        await run_in_threadpool(_writer, frame, request)
        async with read_form(request, desk.originals) as sent:
            form = typed(sent.fields)
        return await run_in_threadpool(rendered_alone, request, form)

    def rendered_alone(request: Request, form: ComposeForm) -> Response:
        """What the button "Nghe thử" puts into the page that is open; without scripts it sends the whole form."""
        person, errors = frame.person(request), dict[str, list[str]]()
        form = hearable(frame, person, form)
        with desk.stores.open() as store:
            result = checked_by(store, person, form, desk.clock())
        for error in _heeded(result, "listen") if not isinstance(result, Draft) else ():
            errors.setdefault(error.field, []).append(_sentence(frame, request, error))
        heard = NOTHING if errors else listened(frame, request, person, form, errors)
        answer = frame.page(request, "heard.html", heard=heard, errors=errors, form=form)
        answer.headers["hx-trigger"] = "heard"
        return answer

    return router


_LOOKS = frozenset({"group", "group_save", "settle", "keep_clash"})
"""Names of buttons that send nothing on."""


def _writer(frame: Frame, request: Request) -> Person:
    person = frame.person(request)
    if not may_anywhere(person.grants, Act.write) and not may_anywhere(person.grants, Act.alarm):
        raise NotAllowed
    return person


def _heeded(found: tuple[FieldError, ...], action: str) -> list[FieldError]:
    """Who only wants to hear is not yet asked where and when."""
    fields = ("text", "answers") if action == "listen" else None
    return [error for error in found if fields is None or error.field in fields]


def _sentence(frame: Frame, request: Request, error: FieldError) -> str:
    return words.problem(partial(frame.say, request), error)
