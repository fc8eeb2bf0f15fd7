"""Pages of people, for their administrators: who there is, which roles they hold, their accounts.

Imported by `server.app`. Whatever changes something asks first whether it is really the administrator.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from schedules.clock import UtcMs
from server import personnel
from server.area import LOUDSPEAKER, Area
from server.granting import Faults, GrantForm
from server.personnel import Member, Newcomer
from server.refusals import NotAllowed
from server.repositories.store import Store
from server.web import people_words
from server.web.devices import device_name
from server.web.frame import Frame, to
from server.web.places import LINES, MOST, Wish, narrowed, shown

PEOPLE = "/can-bo"


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(PEOPLE)
    def people(request: Request, khu_vuc: str = "", tim: str = "", trang: str = "") -> Response:
        person, now, wish = frame.person(request), desk.clock(), Wish(khu_vuc, tim, "", trang)
        with desk.stores.open() as store:
            found = personnel.members(store, person, now)
            areas = _offered(personnel.places(store, person), khu_vuc)
        lines, total = narrowed_members(found, wish)
        return frame.page(request, "people.html", lines=lines, total=total, wish=wish, areas=areas, line_count=LINES)

    @router.get(f"{PEOPLE}/them")
    def newcomer_form(request: Request, trong: str = "") -> Response:
        return show_newcomer(request, Newcomer(), GrantForm(area=trong))

    @router.post(f"{PEOPLE}/them")
    def make(
        request: Request,
        username: Annotated[str, Form()] = "",
        display_name: Annotated[str, Form()] = "",
        role: Annotated[str, Form()] = "",
        area: Annotated[str, Form()] = "",
        since: Annotated[str, Form()] = "",
        until: Annotated[str, Form()] = "",
    ) -> Response:
        person, password = frame.fresh(request), desk.new_password()
        who, form = Newcomer(username, display_name), GrantForm(role, area, since, until)
        with desk.stores.open() as store:
            made = personnel.make(store, person, who, form, desk.hasher, password, desk.clock())
        if isinstance(made, dict):
            return show_newcomer(request, who, form, 422, made)
        return frame.page(request, "first_password.html", name=display_name, username=made, password=password)

    @router.get(f"{PEOPLE}/{{staff}}")
    def one(request: Request, staff: str, trong: str = "") -> Response:
        return show(request, staff, GrantForm(area=trong))

    @router.post(f"{PEOPLE}/{{staff}}/quyen")
    def give(
        request: Request,
        staff: str,
        role: Annotated[str, Form()] = "",
        area: Annotated[str, Form()] = "",
        since: Annotated[str, Form()] = "",
        until: Annotated[str, Form()] = "",
    ) -> Response:
        person, form = frame.fresh(request), GrantForm(role, area, since, until)
        with desk.stores.open() as store:
            faults = personnel.give(store, person, staff, form, desk.clock())
        return show(request, staff, form, 422, faults) if faults else to(f"{PEOPLE}/{staff}")

    @router.post(f"{PEOPLE}/{{staff}}/quyen/{{grant}}/ket-thuc")
    def end(request: Request, staff: str, grant: str) -> Response:
        person = frame.fresh(request)
        with desk.stores.open() as store:
            personnel.end(store, person, staff, grant, desk.clock())
        return to(f"{PEOPLE}/{staff}")

    @router.post(f"{PEOPLE}/{{staff}}/mat-khau")
    def set_password(request: Request, staff: str) -> Response:
        person, password = frame.fresh(request), desk.new_password()
        with desk.stores.open() as store:
            personnel.set_password(store, person, staff, desk.hasher, password, desk.clock())
            account = store.staff.account(staff)
        name = account.display_name if account else staff
        return frame.page(request, "first_password.html", name=name, username=staff, password=password)

    @router.post(f"{PEOPLE}/{{staff}}/khoa")
    def switch_off(request: Request, staff: str) -> Response:
        return switch(request, staff, on=False)

    @router.post(f"{PEOPLE}/{{staff}}/mo-khoa")
    def switch_on(request: Request, staff: str) -> Response:
        return switch(request, staff, on=True)

    @router.post(f"{PEOPLE}/{{staff}}/dang-xuat")
    def sign_out(request: Request, staff: str) -> Response:
        person = frame.fresh(request)
        with desk.stores.open() as store:
            personnel.sign_out(store, person, staff, desk.clock())
        return to(f"{PEOPLE}/{staff}")

    def switch(request: Request, staff: str, *, on: bool) -> Response:
        person = frame.fresh(request)
        with desk.stores.open() as store:
            personnel.switch(store, person, staff, desk.clock(), on=on)
        return to(f"{PEOPLE}/{staff}")

    def show_newcomer(
        request: Request, who: Newcomer, form: GrantForm, status: int = 200, faults: Faults | None = None
    ) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            everywhere = personnel.places(store, person)
        if not everywhere:
            raise NotAllowed
        return frame.page(
            request,
            "newcomer.html",
            status,
            who=who,
            form=form,
            areas=_offered(everywhere, form.area),
            many=len(everywhere) > MOST,
            errors=_errors(frame, request, faults),
        )

    def show(
        request: Request, staff: str, form: GrantForm, status: int = 200, faults: Faults | None = None
    ) -> Response:
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            found = personnel.member(store, person, staff, now)
            given = _given(store, found, now)
            everywhere = personnel.places(store, person)
        return frame.page(
            request,
            "member.html",
            status,
            **given,
            form=form,
            areas=_offered(everywhere, form.area),
            many=len(everywhere) > MOST,
            errors=_errors(frame, request, faults),
        )

    return router


def narrowed_members(found: list[Member], wish: Wish) -> tuple[list[Member], int]:
    """One page of the people that are wished for, and how many there are."""
    placed = [(member, _areas_of(member)) for member in found]
    if wish.area:
        placed = [(m, areas) for m, areas in placed if any(wish.area in area.ids for area in areas)]
    lines = [member for member, _ in placed]
    unplaced = Wish("", wish.words, "", wish.page)
    return narrowed(
        lines, unplaced, lambda m: _areas_of(m)[0], lambda m: f"{m.account.display_name} {m.account.username}"
    )


def _areas_of(member: Member) -> list[Area]:
    return [*(held.area for held in member.held), *([member.home] if member.home else [])]


def _given(store: Store, found: Member, now: UtcMs) -> dict[str, Any]:
    sessions = personnel.sessions(store, found, now)
    return {"member": found, "sessions": [(session, device_name(session.device)) for session in sessions]}


def _offered(areas: list[Area], within: str) -> list[Area]:
    """The areas in which roles are held: a loudspeaker is nobody's office."""
    return [area for area in shown(areas, within, {within}) if area.level != LOUDSPEAKER]


def _errors(frame: Frame, request: Request, faults: Faults | None) -> dict[str, list[str]]:
    told = (faults or {}).items()
    return {field: [frame.say(request, people_words.PERSONNEL_FAULTS[fault])] for field, fault in told}
