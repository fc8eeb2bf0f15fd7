"""What programs send by the JSON API: a bulletin, as a draft or for approval. Nothing that they send sounds before a
person has approved it.

Imported by `api_pages`. The form is the one that people fill, and is judged by the same rules.
"""

import hashlib
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response

from server import bulletins, drafts
from server.compose_form import ComposeForm, FieldError, Problem
from server.composing import Draft
from server.draft import Basis
from server.repositories.store import Store
from server.studio import Rendered
from server.tokens import ANSWERS_KEPT, Caller
from server.web import words
from server.web.api_door import ApiDoor, TurnedAway, router_of
from server.web.api_shapes import BulletinKept, BulletinSent, FieldProblem
from server.web.form_words import checked_by
from server.web.frame import API, Frame
from server.web.narrating import sounds_of
from server.web.words import N_

LONGEST_KEY = 200
_NOT_EVEN_A_DRAFT = frozenset({Problem.control_characters, Problem.too_long, Problem.not_offered})
_AGAIN_S = "5"
_WHEN = frozenset({"mode", "date", "time", "days", "last", "month_days", "every", "until", "repeats", "gap"})


def routes(frame: Frame, door: ApiDoor) -> APIRouter:
    """The routes of this family."""
    router, desk = router_of(), frame.desk

    @router.post(
        "/bulletins",
        status_code=201,
        response_model=BulletinKept,
        summary=N_("Send a bulletin: kept as a draft, or sent for approval"),
    )
    def send(
        request: Request,
        sent: BulletinSent,
        idempotency_key: Annotated[
            str, Header(description=N_("a word of your own: the same bulletin with the same key is kept once"))
        ] = "",
    ) -> Response:
        caller = door.caller(request, writes=True)
        if not 1 <= len(idempotency_key) <= LONGEST_KEY or not idempotency_key.isprintable():
            raise TurnedAway("key_missing", 400)
        digest = hashlib.sha256(sent.model_dump_json(by_alias=True).encode()).hexdigest()
        with desk.stores.open() as store:
            before = answered(store, caller, idempotency_key, digest)
        if before is not None:
            return before
        form = form_of(sent)
        with desk.stores.open() as store:
            found = checked_by(store, caller.person, form, desk.clock())
        if sent.submit:
            draft, rendered = sounding(request, caller, found)
        else:
            draft, rendered = None, {}
            refused = [error for error in _faults(found) if error.problem in _NOT_EVEN_A_DRAFT]
            refuse(request, {error.field: [_said(frame, request, error)] for error in refused})
        with desk.stores.open() as store:
            if store.tokens.claim(caller.token.staff, idempotency_key, digest, desk.clock()):
                return keep(store, caller, form, draft, rendered, idempotency_key)
        with desk.stores.open() as store:  # the same came twice at once, and the other was faster
            again = answered(store, caller, idempotency_key, digest)
        if again is None:
            raise TurnedAway("still_reading", 503, {"retry-after": _AGAIN_S})
        return again

    def sounding(
        request: Request, caller: Caller, found: Draft | tuple[FieldError, ...]
    ) -> tuple[Draft, dict[str, Rendered]]:
        """A bulletin without faults, and its sound in each language."""
        errors: dict[str, list[str]] = {}
        for error in _faults(found):
            errors.setdefault(error.field, []).append(_said(frame, request, error))
        refuse(request, errors)
        if not isinstance(found, Draft):
            raise TurnedAway("unfit", 422)
        rendered, heard = sounds_of(frame, request, caller.person, found, "", errors)
        if heard.narration is not None:
            raise TurnedAway("still_reading", 503, {"retry-after": _AGAIN_S})
        refuse(request, errors)
        return found, rendered

    def refuse(_request: Request, errors: dict[str, list[str]]) -> None:
        told = [FieldProblem(field=_field(name), message=each) for name, every in errors.items() for each in every]
        if told:
            raise TurnedAway("unfit", 422, errors=told)

    def keep(
        store: Store, caller: Caller, form: ComposeForm, draft: Draft | None, rendered: dict[str, Rendered], key: str
    ) -> Response:
        person, now = caller.person, desk.clock()
        store.tokens.forget(now - ANSWERS_KEPT)
        kept = drafts.keep(store, person, form, Basis(), now, desk.new_id)
        told = BulletinKept(
            kind="draft", id=kept.draft, bulletin=None, state="draft", page=f"/ban-tin/soan?nhap={kept.draft}"
        )
        if draft is not None:
            # Who made the token has written whatever it sends: they approve none of it.
            made_by = frozenset({caller.token.made_by})
            sent = bulletins.compose(store, person, draft, rendered, now, desk.new_id, kept, beside=made_by)
            broadcast = store.broadcasts.find(sent)
            told = BulletinKept(
                kind="broadcast",
                id=sent,
                bulletin=broadcast.bulletin if broadcast else None,
                state="submitted",
                page=f"/ban-tin/{sent}",
            )
        body = told.model_dump_json()
        store.tokens.answer(person.id, key, 201, body)
        desk.bell.ring("log")
        return _kept(told.kind, told.id, 201, body)

    def answered(store: Store, caller: Caller, key: str, digest: str) -> Response | None:
        """What the same was answered before. Raises `TurnedAway` where it was another."""
        found = store.tokens.answered(caller.token.staff, key)
        if found is None:
            return None
        if found.digest != digest:
            raise TurnedAway("key_reused", 409)
        told = BulletinKept.model_validate_json(found.body)
        answer = _kept(told.kind, told.id, found.status, found.body)
        answer.headers["idempotent-replayed"] = "true"
        return answer

    return router


def form_of(sent: BulletinSent) -> ComposeForm:
    """The form as a person would have filled it."""
    when = sent.when
    return ComposeForm(
        title=sent.title,
        topic=sent.topic,
        broadcast_class=sent.class_,
        text=sent.texts.get("vi", ""),
        answers=sent.answers,
        texts={tag: text for tag, text in sent.texts.items() if tag != "vi"},
        targets=tuple(sent.targets),
        mode=when.mode,
        date=when.date,
        time=when.time,
        days=tuple(when.days),
        last=when.last,
        month_days=when.month_days,
        every=when.every,
        until=when.until,
        repeats=when.repeats,
        gap=when.gap,
        authority=sent.authority,
        responsible=sent.responsible,
        reason=sent.reason,
        exercise=sent.exercise,
    )


def _kept(kind: str, id_: str, status: int, body: str) -> Response:
    where = {"location": f"{API}/broadcasts/{id_}"} if kind == "broadcast" else {}
    return Response(body, status, media_type=JSONResponse.media_type, headers=where)


def _faults(found: Draft | tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    return () if isinstance(found, Draft) else found


def _said(frame: Frame, request: Request, error: FieldError) -> str:
    return words.problem(partial(frame.say, request), error)


def _field(name: str) -> str:
    """A field of the form, as a program calls it."""
    kind, _, tag = name.partition("-")
    if kind in ("text", "recording", "translator"):
        return f"texts.{tag or 'vi'}"
    return {"broadcast_class": "class", **{each: f"when.{each}" for each in _WHEN}}.get(name, name)
