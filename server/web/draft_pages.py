"""Drafts that save themselves, and what their pages are told while they are open: who else has the draft open, and what
they have saved.

Imported by `server.app` and the pages that carry the news.
"""

from collections.abc import Callable

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from server import drafts
from server.access import Act, Person, may_anywhere
from server.compose_form import ComposeForm
from server.draft import Basis
from server.openings import Opening
from server.refusals import NotAllowed, NotFound, Refused, Stale
from server.web import carrying_on, draft_words
from server.web.documented import COMPOSED, KEPT, bytes_of
from server.web.form_sounds import Spoken, recorded
from server.web.frame import Frame, near
from server.web.typed_form import basis_typed, number_typed, tab_in, typed
from server.web.upload_form import read_form

JSON = "application/json"


class Answer(msgspec.Struct, frozen=True):
    """What a page that saves by itself is told. `state`: `saved`; `empty`, nothing to save yet; `stale`, somebody else
    has gone on; `other`, somebody else is signed in. `fields`: what its form goes on with; `problems`: what was left
    out, in words."""

    state: str
    said: str = ""
    address: str = ""
    draft: str = ""
    fields: dict[str, str] = {}
    problems: list[str] = []


class News(msgspec.Struct, frozen=True):
    """What a page with an open draft is told. `number`: of its newest edition; `newer`: who saved that, or sent or
    dropped it, in words; `over`: nothing more can be saved to it; `others`: who else has it open, in words."""

    draft: str
    number: int
    newer: str
    address: str
    over: bool
    others: list[str]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.post("/ban-tin/nhap", openapi_extra=COMPOSED, responses=KEPT)
    async def save(request: Request) -> Response:
        """The form, as it stands: saved by the page itself, whatever is missing in it."""
        person = await run_in_threadpool(writer, frame, request)
        async with read_form(request, None) as sent:
            if carrying_on.somebody_elses(frame, person, sent.fields):
                return _json(Answer("other"), 403)
            return await run_in_threadpool(saved, request, person, sent.fields)

    def saved(request: Request, person: Person, fields: FormData) -> Response:
        basis = basis_typed(fields)
        form, problems = _with_takes(frame, request, person, fields)
        try:
            with desk.stores.open() as store:
                now = desk.clock()
                kept = drafts.keep(store, person, form, basis, now, desk.new_id, automatic=True)
        except Stale as stale:
            return _json(_stale(frame, request, person, basis, stale), 409)
        if not kept.draft:
            return _json(Answer("empty"))
        frame.desk.openings.tell(kept.draft)
        said = frame.say(request, draft_words.SAVED_ITSELF, when=near(now, now))
        return _json(Answer("saved", said, _address(kept.draft), kept.draft, _fields(kept), problems))

    @router.get("/ban-tin/nhap/co-chua", responses=bytes_of(JSON))
    def there(request: Request, tab: str = "", turn: str = "") -> Response:
        """Whether what a page had typed has arrived, though it never heard so."""
        person = writer(frame, request)
        with desk.stores.open() as store:
            kept = drafts.has(store, person, tab_in(tab), number_typed(turn))
        return Response(msgspec.json.encode({"kept": kept}), media_type=JSON)

    return router


def writer(frame: Frame, request: Request) -> Person:
    """Who may write, or have an emergency sound. Raises `NotAllowed`."""
    person = frame.person(request)
    if not may_anywhere(person.grants, Act.write) and not may_anywhere(person.grants, Act.alarm):
        raise NotAllowed
    return person


class Following:
    """A page on which this person has a draft open, from `enter` to `leave`."""

    def __init__(self, frame: Frame, request: Request, person: Person, draft: str) -> None:
        self._frame, self._request, self._person, self.draft = frame, request, person, draft
        self._opening = Opening(person.id, person.display_name, frame.desk.clock())
        self.leave: Callable[[], None] = lambda: None

    def enter(self, changed: Callable[[], None]) -> None:
        """The others are told; `changed` is called whenever there is news."""
        self.leave = self._frame.desk.openings.enter(self.draft, self._opening, changed)

    def news(self) -> str:
        """What there is to tell now, as JSON; empty where the draft is theirs to write no more."""
        frame, now = self._frame, self._frame.desk.clock()
        with frame.desk.stores.open() as store:
            try:
                working, edition = drafts.opened(store, self._person, self.draft)
            except NotFound:
                return ""
            by = store.staff.names().get(edition.staff, "")
        over = bool(working.broadcast) or working.dropped_at is not None
        over_said = draft_words.NEWER_SENT if working.broadcast else draft_words.NEWER_DROPPED
        sentence = over_said if over else draft_words.NEWER
        newer = frame.say(self._request, sentence, name=by, when=near(working.dropped_at or edition.at, now))
        address = f"/ban-tin/{working.broadcast}" if working.broadcast else _address(self.draft)
        news = News(self.draft, working.number, newer, address, over, self._others(now))
        return msgspec.json.encode(news).decode()

    def _others(self, now: int) -> list[str]:
        told = []
        for each in self._frame.desk.openings.of(self.draft):
            if each is not self._opening:
                sentence = draft_words.ALSO_ELSEWHERE if each.staff == self._person.id else draft_words.ALSO_OPEN
                told.append(self._frame.say(self._request, sentence, name=each.name, when=near(each.since, now)))
        return told


def follow(frame: Frame, request: Request, person: Person, draft: str) -> Following | None:
    """The page of somebody who has this draft open; None for a draft that is not theirs to write."""
    if not draft:
        return None
    try:
        with frame.desk.stores.open() as store:
            drafts.opened(store, person, draft)
    except NotFound:
        return None
    return Following(frame, request, person, draft)


def _with_takes(frame: Frame, request: Request, person: Person, fields: FormData) -> tuple[ComposeForm, list[str]]:
    """The form with the recordings that this person may hear, and with those that it brings from times without a
    network; and what is wrong with them, in words. The words are saved either way."""
    form, spoken = typed(fields), Spoken.typed(fields, {})
    try:
        form, errors = recorded(frame, request, person, form, spoken)
    except Refused:  # a take that is not there any more, or of somebody else
        form, _ = recorded(frame, request, person, form, Spoken({}, {}, frozenset()))
        return form, [frame.say(request, draft_words.TAKE_GONE)]
    return form, [sentence for told in errors.values() for sentence in told]


def _stale(frame: Frame, request: Request, person: Person, basis: Basis, stale: Stale) -> Answer:
    with frame.desk.stores.open() as store:
        by = store.staff.names().get(stale.by, "")
        draft = basis.draft or store.drafts.begun(person.id, basis.tab)
    now = frame.desk.clock()
    sentence = draft_words.NEWER_SENT if stale.broadcast else draft_words.NEWER
    said = frame.say(request, sentence, name=by, when=near(stale.at, now))
    return Answer("stale", said, f"/ban-tin/{stale.broadcast}" if stale.broadcast else _address(draft))


def _fields(kept: Basis) -> dict[str, str]:
    return {
        "draft": kept.draft,
        "number": str(kept.number),
        "replaces": kept.replaces,
        "successor": kept.successor,
    }


def _address(draft: str) -> str:
    return f"/ban-tin/soan?nhap={draft}" if draft else ""


def _json(answer: Answer, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type=JSON)
