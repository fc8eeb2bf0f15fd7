"""The page "Cảnh báo": what is wrong with loudspeakers, who looks after it, and what an area is warned of.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import concerns, guarding
from server.concern import ConcernRules
from server.concern_form import LIMITS, Typed, checked
from server.refusals import NotFound
from server.web import notice_words
from server.web.frame import Frame, to
from server.web.notice_pages import number_of
from server.web.places import LINES, Wish, narrowed

CONCERNS, RULES = concerns.PAGE, f"{concerns.PAGE}/quy-tac"
_Typed = Annotated[str, Form(max_length=20)]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(CONCERNS)
    def standing(request: Request, xong: str = "") -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = concerns.standing(store, person, now)
            over = concerns.over(store, person, now)[:LINES]
        return frame.page(request, "concerns.html", standing=found, over=over, done=xong == "1")

    @router.post(f"{CONCERNS}/{{concern}}/da-biet")
    def acknowledge(request: Request, concern: str) -> Response:
        person, wanted = frame.person(request), number_of(concern)
        if wanted is None:
            raise NotFound
        with desk.stores.open() as store:
            concerns.acknowledge(store, person, wanted, desk.clock())
        return to(f"{CONCERNS}?xong=1")

    @router.get(RULES)
    def places(request: Request, khu_vuc: str = "", tim: str = "", trang: str = "") -> Response:
        person, wish = frame.person(request), Wish(khu_vuc, tim, "", trang)
        with desk.stores.open() as store:
            every = guarding.places(store, person)
            own = store.concerns.rules()
        found, total = narrowed(every, wish, lambda a: a, lambda a: a.name)
        names = {area.id: area.name for area in every}
        return frame.page(
            request, "concern_places.html", found=found, names=names, own=own, total=total, lines=LINES, wish=wish
        )

    @router.get(f"{RULES}/{{area}}")
    def rules(request: Request, area: str, xong: str = "") -> Response:
        return show(request, area, done=xong == "1")

    def show(request: Request, area: str, status: int = 200, **given: Any) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            page = concerns.rules_page(store, person, area)
        paused = page.rules.paused_until > now
        given = {"typed": typed_of(page.rules), "errors": {}, "done": False, **given}
        return frame.page(request, "concern_rules.html", status, page=page, paused=paused, **given)

    @router.post(f"{RULES}/{{area}}")
    def change(
        request: Request,
        area: str,
        own: _Typed = "",
        silent_h: _Typed = "",
        unknown: _Typed = "",
        clock: _Typed = "",
        disk_mb: _Typed = "",
        temperature_c: _Typed = "",
        share: _Typed = "",
        escalate_h: _Typed = "",
        quiet_from: _Typed = "",
        quiet_until: _Typed = "",
        paused_days: _Typed = "",
    ) -> Response:
        person, now = frame.person(request), desk.clock()
        numbers = dict(zip(LIMITS, (silent_h, unknown, disk_mb, temperature_c, share, escalate_h), strict=True))
        typed = Typed(numbers, clock == "1", quiet_from, quiet_until, paused_days)
        with desk.stores.open() as store:
            before = concerns.rules_page(store, person, area).rules
            wanted = checked(typed, before, now) if own == "1" else None
            if not isinstance(wanted, dict):
                concerns.set_rules(store, person, area, wanted, now)
        if isinstance(wanted, dict):
            errors = {field: [frame.say(request, notice_words.CONCERN_FAULTS[f])] for field, f in wanted.items()}
            return show(request, area, 422, typed=typed, errors=errors)
        return to(f"{RULES}/{area}?xong=1")

    return router


def typed_of(rules: ConcernRules) -> Typed:
    """The form as it stands."""
    numbers = {name: "" if (value := getattr(rules, name)) is None else str(value) for name in LIMITS}
    hours = [f"{m // 60:02d}:{m % 60:02d}" for m in (rules.quiet.start, rules.quiet.end)] if rules.quiet else ["", ""]
    return Typed(numbers, rules.clock, *hours)
