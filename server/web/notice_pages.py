"""The bell and the page "Thông báo": what somebody has been told; and how they want to be told.

Imported by `server.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server import noticing
from server.access import Person
from server.bell import NOTICES
from server.notice import Event, Matter, NoticeKind
from server.notice_choice import Choice, is_address
from server.outward import is_url
from server.recipient import Subscription, are_keys, subscription_id
from server.refusals import NotFound
from server.web import notice_words
from server.web.devices import device_name
from server.web.frame import GUIDE_COOKIE, LANGUAGES, Frame, to

NOTICES_PAGE, CHOICE_PAGE = "/thong-bao", "/tai-khoan/thong-bao"
MOST_BROWSERS = 10
_LARGEST = 2**31 - 1
_Typed = Annotated[str, Form(max_length=1_000)]
_Ticked = Annotated[list[str], Form(max_length=len(Matter))]


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get(NOTICES_PAGE)
    def notices(request: Request, truoc: str = "") -> Response:
        person, before = frame.person(request), number_of(truoc)
        with desk.stores.open() as store:
            found = noticing.listed(store, person, before)
        told = [(notice, frame.notice(request, notice.kind, notice.about)) for notice in found]
        older = found[-1].number if len(found) == noticing.LIST_LENGTH else None
        return frame.page(request, "notices.html", told=told, older=older)

    @router.get(f"{NOTICES_PAGE}/chuong")
    def bell(request: Request) -> Response:
        """What the page puts in the place of its bell when somebody has been told something."""
        frame.person(request)
        return frame.page(request, "bell.html")

    @router.post(f"{NOTICES_PAGE}/da-doc")
    def read_all(request: Request) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            noticing.read(store, person, desk.clock())
        desk.bell.ring(NOTICES)
        return to(NOTICES_PAGE)

    @router.post(f"{NOTICES_PAGE}/{{notice}}/mo")
    def open_one(request: Request, notice: str) -> Response:
        """To the page that it is about; it has been read then."""
        person, wanted = frame.person(request), number_of(notice)
        with desk.stores.open() as store:
            found = noticing.read(store, person, desk.clock(), wanted) if wanted is not None else None
        if found is None:
            raise NotFound
        desk.bell.ring(NOTICES)
        return to(found.link)

    @router.get(CHOICE_PAGE)
    def choice(request: Request, xong: str = "") -> Response:
        return show(request, done=xong)

    def show(request: Request, status: int = 200, **given: Any) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            chosen = store.notices.choice(person.id)
            browsers = store.notices.subscriptions(person.id)
        given = {"choice": chosen, "error": "", "browser_error": "", "done": "", **given}
        return frame.page(
            request,
            "notice_choice.html",
            status,
            matters=tuple(Matter),
            browsers=[(each, device_name(each.device)) for each in browsers],
            mails=bool(desk.settings.smtp),
            push_key=desk.push_key,
            **given,
        )

    @router.post(CHOICE_PAGE)
    def choose(
        request: Request,
        language: _Typed = "",
        address: _Typed = "",
        push: _Ticked = [],  # noqa: B006
        mail: _Ticked = [],  # noqa: B006
        quiet: _Typed = "",
    ) -> Response:
        person, address = frame.person(request), address.strip()
        told_in = language if language in LANGUAGES else LANGUAGES[0]
        wanted = Choice(told_in, address, _matters(push), _matters(mail), quiet == "1")
        if address and not is_address(address):
            return show(request, 422, choice=wanted, error=frame.say(request, notice_words.NO_ADDRESS))
        with desk.stores.open() as store:
            store.notices.choose(person.id, wanted)
            store.trail.note(desk.clock(), person, "notice_choice", person.id, after=address)
        return to(f"{CHOICE_PAGE}?xong=1")

    @router.post(f"{CHOICE_PAGE}/trinh-duyet")
    def subscribe(request: Request, endpoint: _Typed = "", p256dh: _Typed = "", auth: _Typed = "") -> Response:
        person = frame.person(request)
        if not is_url(endpoint, plain=desk.settings.private_targets) or not are_keys(p256dh, auth):
            return show(request, 422, browser_error=frame.say(request, notice_words.NO_BROWSER))
        id_, device = subscription_id(endpoint), request.headers.get("user-agent", "")[:300]
        with desk.stores.open() as store:
            there = [each.id for each in store.notices.subscriptions(person.id)]
            if id_ not in there and len(there) >= MOST_BROWSERS:
                return show(request, 422, browser_error=frame.say(request, notice_words.TOO_MANY_BROWSERS))
            store.notices.subscribe(Subscription(id_, person.id, endpoint, p256dh, auth, device, desk.clock()))
            store.trail.note(desk.clock(), person, "subscribe", id_, after=device_name(device))
        return to(f"{CHOICE_PAGE}?xong=2")

    @router.post(f"{CHOICE_PAGE}/trinh-duyet/{{browser}}/tat")
    def unsubscribe(request: Request, browser: str) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            found = store.notices.subscription(browser)
            if found is None or found.staff != person.id:
                raise NotFound
            store.notices.unsubscribe(browser)
            store.trail.note(desk.clock(), person, "unsubscribe", browser, before=device_name(found.device))
        return to(CHOICE_PAGE)

    @router.post(f"{CHOICE_PAGE}/thu")
    def try_out(request: Request) -> Response:
        """A message to oneself, by every way that one has chosen."""
        person, now = frame.person(request), desk.clock()
        with desk.stores.open() as store:
            noticing.tell(store, _trial(person, desk.new_id("thu"), now), [person], now)
        desk.bell.ring(NOTICES)
        desk.post()
        return to(f"{CHOICE_PAGE}?xong=3")

    @router.get("/huong-dan")
    def guide(request: Request, thoi: str = "") -> Response:
        """The guided first bulletin begins, or is left. Nothing but the notes on the pages changes."""
        frame.person(request)
        answer = to("/")
        if thoi == "1":
            answer.delete_cookie(GUIDE_COOKIE, samesite="lax", httponly=True)
        else:
            answer.set_cookie(GUIDE_COOKIE, "1", samesite="lax", httponly=True)
        return answer

    return router


def number_of(text: str) -> int | None:
    """A number of the database, as an address holds it."""
    known = text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST))
    return min(int(text), _LARGEST) if known else None


def _trial(person: Person, key: str, now: int) -> Event:
    return Event(NoticeKind.trial, key, now, NOTICES_PAGE, named=frozenset({person.id}), urgent=True)


def _matters(ticked: list[str]) -> frozenset[Matter]:
    return frozenset(matter for matter in Matter if matter.value in ticked)
