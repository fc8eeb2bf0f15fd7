"""The pages "Đẩy bản tin", for the office that sends bulletins down, and "Từ cấp trên", for the communes that answer.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schedules.programme import Turn
from server import answering, bulletins, oversight, sending_down
from server.compose_form import FieldError, Problem
from server.composing import check_note
from server.web import uptake_words, words
from server.web.frame import Frame, language_name, to

SENT, ABOVE = "/day-ban-tin", "/tu-cap-tren"
_Typed = Annotated[str, Form(max_length=200)]
_Reason = Annotated[str, Form(max_length=5_000)]
_INSTANT = 15
FEW = 12
"""Of more communes than these only those that answered alike are shown together: a province has a hundred."""


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(SENT)
    def sent(request: Request, truoc: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = sending_down.listed(store, person, _before(truoc, now), now)
            office = bulletins.offered(store, person).office
        earlier = found[-1].page.broadcast.created_at if len(found) == sending_down.MOST else None
        return frame.page(
            request, "sent_down.html", found=found, earlier=earlier, office=office, uptake_words=uptake_words
        )

    @router.get(f"{SENT}/{{pushed}}")
    def one_sent(request: Request, pushed: str, nhac: str = "", xem: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = sending_down.opened(store, person, pushed, now)
        groups = {state: those for state in uptake_words.ORDER if (those := found.among(state))}
        chosen = next((state for state in groups if state.value == xem), next(iter(groups), None))
        every = len(found.asked) <= FEW and not xem
        rows = [one for state in groups if every or state is chosen for one in groups[state]]
        reminded = int(nhac) if nhac.isascii() and nhac.isdigit() and len(nhac) <= 5 else 0
        return frame.page(
            request, "sent_down_one.html", sent=found, groups=groups, chosen=None if every else chosen, rows=rows,
            reminded=reminded, again=sending_down.AGAIN, uptake_words=uptake_words,
        )  # fmt: skip

    @router.post(f"{SENT}/{{pushed}}/nhac")
    def remind(request: Request, pushed: str, area: _Typed = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            count = sending_down.remind(store, person, pushed, area, desk.clock())
        return to(f"{SENT}/{pushed}?nhac={count}")

    @router.get(ABOVE)
    def inbox(request: Request, truoc: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = answering.inbox(store, person, _before(truoc, now), now)
        oldest = min((each.page.broadcast.created_at for each in found), default=0)
        earlier = oldest if len(found) == answering.MOST else None
        return frame.page(request, "from_above.html", found=found, earlier=earlier, uptake_words=uptake_words)

    def show(request: Request, pushed: str, status: int = 200, **given: Any) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            told = answering.opened(store, person, pushed, now)
            languages = store.areas.languages()
            others = {entry.other for met in told.clashes.values() for entry in met}
            titles = oversight.titles(store, others)
            kept = {v.language for v in told.page.bulletin.variants if desk.archive.preview(v.clip.sha256) is not None}
        return frame.page(
            request,
            "from_above_one.html",
            status,
            **{
                "told": told,
                "names": {v.language: language_name(languages, v.language) for v in told.page.bulletin.variants},
                "titles": titles,
                "kept": kept,
                "turns": tuple(uptake_words.TURNS),
                "uptake_words": uptake_words,
                "errors": {},
                "area": "",
                "reason": "",
                **given,
            },
        )

    @router.get(f"{ABOVE}/{{pushed}}")
    def one_from_above(request: Request, pushed: str) -> Response:
        return show(request, pushed)

    @router.post(f"{ABOVE}/{{pushed}}/nhan")
    def accept(request: Request, pushed: str, area: _Typed = "", turn: _Typed = "") -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            answering.accept(store, person, pushed, area, Turn(turn), desk.clock())
        desk.bell.ring("programmes")
        return to(f"{ABOVE}/{pushed}")

    @router.post(f"{ABOVE}/{{pushed}}/tu-choi")
    def refuse(request: Request, pushed: str, area: _Typed = "", reason: _Reason = "") -> Response:
        person, checked = frame.person(request), check_note(reason)
        if isinstance(checked, FieldError):
            empty = checked.problem is Problem.empty
            text = uptake_words.NO_REASON if empty else words.PROBLEMS[checked.problem]
            error = frame.say(request, text, details=checked.details)
            return show(request, pushed, 422, errors={"reason": [error]}, area=area, reason=reason)
        with desk.stores.open() as store:
            answering.refuse(store, person, pushed, area, checked, desk.clock())
        desk.bell.ring("programmes")
        return to(f"{ABOVE}/{pushed}")

    return router


def _before(typed: str, now: int) -> int:
    """The instant before which a list goes on, as its link says."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _INSTANT else now + 1
