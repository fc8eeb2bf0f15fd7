"""Pages of putting up loudspeakers: a new one, its claim code, shutting it out; and the door at which a loudspeaker
brings its code.

Imported by `server.app`.
"""

from typing import Annotated, Any

import msgspec
import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from schedules.enrolling import AUTHORITY_PATH, CLAIM_PATH, LARGEST_REQUEST, Claim, Enrolled, Turned
from schedules.wire import decode
from server import enrolment
from server.access import Act, Person, may, may_anywhere
from server.administration import Unfit
from server.area import COMMUNE, Area
from server.bell import CERTIFICATES
from server.checkup import is_here
from server.enrolment import ClaimRefused
from server.refusals import NotFound
from server.repositories.store import Store
from server.web.documented import CLAIMED, bytes_of
from server.web.frame import Frame, to

_LARGEST_CLAIM = LARGEST_REQUEST + 1024
_STATUS = {ClaimRefused.too_many: 429, ClaimRefused.bad_request: 400}


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/loa/them")
    def form(request: Request) -> Response:
        return _form(frame, request, frame.person(request), {})

    @router.post("/loa/them")
    def add(
        request: Request,
        place: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        serial: Annotated[str, Form()] = "",
        where: Annotated[str, Form()] = "",
    ) -> Response:
        person, given = frame.person(request), {"place": place, "name": name, "serial": serial, "where": where}
        errors = {field for field in ("place", "name") if not given[field].strip()}
        errors |= {field for field, text in given.items() if len(text) > _LONGEST[field] or not text.isprintable()}
        if errors:
            return _form(frame, request, person, given, errors)
        try:
            with desk.stores.open() as store:
                area = enrolment.put_up(store, person, place, name, serial.strip(), where.strip(), desk.clock())
        except Unfit:
            return _form(frame, request, person, given, {"name"})
        desk.bell.ring("programmes")
        return to(f"/loa/{area.id}/ghi-danh")

    @router.get("/loa/{device}/ghi-danh")
    def page(request: Request, device: str) -> Response:
        return _page(frame, request, device)

    @router.post("/loa/{device}/ghi-danh")
    def code(request: Request, device: str) -> Response:
        person, now, chance = frame.person(request), desk.clock(), desk.new_token().encode()
        with desk.stores.open() as store:
            made = enrolment.make_code(store, person, device, desk.office, chance, now)
        return _page(frame, request, device, made)

    @router.post("/loa/{device}/chan")
    def shut_out(request: Request, device: str) -> Response:
        with desk.stores.open() as store:
            enrolment.shut_out(store, frame.person(request), device, desk.clock())
        desk.bell.ring(CERTIFICATES)
        return to(f"/loa/{device}/ghi-danh")

    @router.get(AUTHORITY_PATH, responses=bytes_of("application/x-pem-file"))
    def authority() -> Response:
        return Response(desk.office.authority.pem(desk.clock()), media_type="application/x-pem-file")

    @router.post(CLAIM_PATH, responses=CLAIMED, openapi_extra=_CLAIM_BODY)
    async def claim(request: Request) -> Response:
        body = await request.body()
        address = request.client.host if request.client else ""
        answer = await run_in_threadpool(_claimed, frame, body, address)
        if isinstance(answer, Enrolled):
            return Response(msgspec.json.encode(answer), media_type="application/json")
        refused = msgspec.json.encode(Turned(answer.value))
        return Response(refused, _STATUS.get(answer, 403), media_type="application/json")

    return router


_LONGEST = {"place": 64, "name": 80, "serial": 64, "where": 200}
_CLAIM_BODY: dict[str, Any] = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ("code", "request", "serial")},
                    "required": ["code", "request"],
                }
            }
        }
    }
}


def _claimed(frame: Frame, body: bytes, address: str) -> Enrolled | ClaimRefused:
    """What a loudspeaker gets for its code. The slow hash stands between two transactions: whoever tries codes keeps
    nobody from the database."""
    desk, now = frame.desk, frame.desk.clock()
    with desk.stores.open() as store:
        if not enrolment.may_try(store, address, now):
            return ClaimRefused.too_many
    given = decode(Claim, body) if len(body) <= _LARGEST_CLAIM else None
    if given is None:
        return ClaimRefused.bad_request
    hashed = enrolment.hash_of(desk.office, given.code, now)
    with desk.stores.open() as store:
        answer = enrolment.claim(store, desk.office, given, hashed, address, now)
    if isinstance(answer, Enrolled):
        for topic in (CERTIFICATES, "programmes", "fleet"):
            desk.bell.ring(topic)
    return answer


def _form(
    frame: Frame, request: Request, person: Person, given: dict[str, str], errors: set[str] | None = None
) -> Response:
    if not may_anywhere(person.grants, Act.install):
        raise NotFound
    with frame.desk.stores.open() as store:
        places = enrolment.places(store, person)
        names = _names(store, places)
    empty = dict.fromkeys(_LONGEST, "")
    status = 422 if errors else 200
    return frame.page(
        request,
        "new_loudspeaker.html",
        status,
        places=[
            (area, f"{area.name}, {names[area.parent]}" if area.level != COMMUNE else area.name) for area in places
        ],
        given={**empty, **given},
        errors=errors or set(),
    )


def _names(store: Store, areas: list[Area]) -> dict[str | None, str]:
    return {area.id: area.name for area in store.areas.named(area.parent for area in areas if area.parent).values()}


def _page(frame: Frame, request: Request, device: str, code: str = "") -> Response:
    person, now = frame.person(request), frame.desk.clock()
    with frame.desk.stores.open() as store:
        area = store.areas.find(device) if store.fleet.is_known(device) else None
        if area is None or not may(person.grants, Act.see, area.path):
            raise NotFound
        claim, held = store.certificates.claims().get(device), store.certificates.current(device, now)
        chain = store.areas.chain(area)
    address = address_of(frame, request)
    command = f"sudo loaban-agent enrol {code} {address}" if code else ""
    return frame.page(
        request,
        "enrolment.html",
        area=area,
        where=[each.name for each in reversed(chain[1:-1])],
        command=command,
        code=code,
        picture=segno.make(command, error="m").svg_data_uri(scale=5, border=3, light="#fff") if command else "",
        claim=claim,
        waiting=claim is not None and claim.used_at is None and claim.expires_at > now,
        held=held,
        broker=frame.desk.office.broker,
        plain=address.startswith("http:") and not is_here(request.url.hostname or ""),
        certified=frame.desk.office.broker.startswith("mqtts:"),
        may_install=may(person.grants, Act.install, area.path),
    )


def address_of(frame: Frame, request: Request) -> str:
    """Of these pages, as the person's browser knows them."""
    scheme = "https" if frame.desk.settings.behind_tls else request.url.scheme
    return f"{scheme}://{request.url.netloc}"
