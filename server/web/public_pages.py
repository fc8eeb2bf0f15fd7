"""The public page of a commune: what was broadcast, by months, to be heard again; a feed of it; and the page on which
an approver opens it.

Imported by `server.app`. It sets and reads no cookie, needs no script, and may be kept by caches.
"""

import hashlib
import re
import threading
from datetime import date
from typing import Annotated
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

from audio.language import Language
from schedules.clock import DAY, SECOND, UtcMs, at_civil, civil, civil_day
from server import publishing
from server.api_token import Bucket, drawn
from server.public_page import PublicLine, openness_of
from server.refusals import NotFound
from server.web import public_words
from server.web.documented import SOUND, Answers, bytes_of
from server.web.frame import PUBLIC, Frame, language_name, to

PER_MINUTE = 120
"""Of one address: who reads does not come near it."""
KEPT_S = 300
FEED_DAYS, FEED_LINES = 60, 50
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_ATOM = "http://www.w3.org/2005/Atom"
_TOO_MANY: Answers = {429: {"description": "Too many questions", "content": {"text/plain": {}}}}
_MOST_ADDRESSES = 10_000
ROBOTS = f"User-agent: *\nAllow: {PUBLIC}/\nAllow: /tinh/\nDisallow: /\n"


class Crowd:
    """How often each address comes."""

    def __init__(self) -> None:
        self._lock, self._buckets = threading.Lock(), dict[str, Bucket]()

    def waits(self, address: str, now: UtcMs) -> int:
        """Seconds that this address has to wait; 0: it may come in."""
        with self._lock:
            if len(self._buckets) >= _MOST_ADDRESSES:
                self._buckets.clear()
            self._buckets[address], wait = drawn(self._buckets.get(address), PER_MINUTE, now)
        return -(-wait // SECOND)


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router, crowd = APIRouter(), Crowd()
    desk = frame.desk

    def slowed(request: Request) -> Response | None:
        wait = crowd.waits(request.client.host if request.client else "", desk.clock())
        if not wait:
            return None
        return PlainTextResponse(frame.say(request, public_words.TOO_MANY), 429, headers={"retry-after": str(wait)})

    def kept(request: Request, answer: Response) -> Response:
        """What caches may keep for a while, and ask for anew by its tag."""
        tag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:20]}"'
        told = {"cache-control": f"public, max-age={KEPT_S}", "etag": tag, "vary": "Accept-Language"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=told)
        answer.headers.update(told)
        return answer

    @router.get(f"{PUBLIC}/{{commune}}", responses=_TOO_MANY)
    def page(request: Request, commune: str, thang: str = "", tim: str = "") -> Response:
        late = slowed(request)
        if late is not None:
            return late
        now = desk.clock()
        month, words = _month(thang, now), tim.strip()[:100]
        with desk.stores.open() as store:
            found = publishing.open_commune(store, commune)
            since, until = (now - publishing.SEARCHED, now) if words else _span(month)
            lines = publishing.lines(store, found, since, until, now, words)
            first = store.airings.first(found.path, now)
            languages = store.areas.languages()
        earlier, later = _around(month, first, now)
        return kept(
            request,
            frame.page(
                request,
                "public.html",
                commune=found,
                days=_by_day(lines, languages),
                month=month,
                words_=words,
                earlier=earlier,
                later=later,
            ),
        )

    @router.get(f"{PUBLIC}/{{commune}}/tin.atom", responses={**bytes_of("application/atom+xml"), **_TOO_MANY})
    def feed(request: Request, commune: str) -> Response:
        late = slowed(request)
        if late is not None:
            return late
        now = desk.clock()
        with desk.stores.open() as store:
            found = publishing.open_commune(store, commune)
            lines = publishing.lines(store, found, now - FEED_DAYS * DAY, now, now, limit=FEED_LINES)
        title = frame.say(request, public_words.TITLE, name=found.name)
        root = f"{request.url.scheme}://{request.url.netloc}{PUBLIC}/{found.id}"
        return kept(request, Response(_feed(lines, title, root, now), media_type="application/atom+xml"))

    @router.get(f"{PUBLIC}/{{commune}}/{{name}}.mp3", responses={**SOUND, **_TOO_MANY})
    def sound(request: Request, commune: str, name: str) -> Response:
        late = slowed(request)
        if late is not None:
            return late
        with desk.stores.open() as store:
            found = publishing.open_commune(store, commune)
            allowed = publishing.may_be_heard(store, found, name, desk.clock())
        path = desk.archive.preview(name) if allowed else None
        if path is None:
            raise NotFound
        told = {"cache-control": f"public, max-age={KEPT_S}", "etag": f'"{name}"'}
        if told["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=told)
        return FileResponse(path, media_type="audio/mpeg", headers=told)

    @router.get("/robots.txt", responses=bytes_of("text/plain"))
    def robots() -> Response:
        return PlainTextResponse(ROBOTS)

    @router.get("/cai-dat/cong-khai")
    def switches(request: Request) -> Response:
        person = frame.person(request)
        with desk.stores.open() as store:
            areas = publishing.switchable(store, person)
        return frame.page(
            request, "publishing.html", areas=[(a, openness_of(a)) for a in areas], choices=public_words.OPENNESS
        )

    @router.post("/cai-dat/cong-khai")
    def switch(
        request: Request, area: Annotated[str, Form()] = "", public: Annotated[str, Form()] = ""
    ) -> Response:  # fmt: skip
        person = frame.person(request)
        with desk.stores.open() as store:
            publishing.switch(store, person, area, public, desk.clock())
        return to("/cai-dat/cong-khai")

    return router


def _month(typed: str, now: UtcMs) -> date:
    """The first day of a month as yyyy-mm; of this one where it is none, or lies ahead."""
    today, found = civil_day(now).replace(day=1), _MONTH.fullmatch(typed)
    try:
        wanted = date(int(found[1]), int(found[2]), 1) if found else today
    except ValueError:
        return today
    return wanted if wanted <= today and wanted.year > 1999 else today


def _span(month: date) -> tuple[UtcMs, UtcMs]:
    return at_civil(month, 0), at_civil(_next(month), 0)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _around(month: date, first: UtcMs | None, now: UtcMs) -> tuple[str, str]:
    """The months before and after, where something may stand in them."""
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    earlier = f"{before:%Y-%m}" if first is not None and civil_day(first).replace(day=1) <= before else ""
    after = _next(month)
    return earlier, f"{after:%Y-%m}" if after <= civil_day(now) else ""


def _by_day(
    lines: list[PublicLine], languages: dict[str, Language]
) -> list[tuple[UtcMs, list[tuple[PublicLine, list[tuple[str, str, int]]]]]]:
    """The lines under their days, with the languages by name."""
    days: list[tuple[UtcMs, list[tuple[PublicLine, list[tuple[str, str, int]]]]]] = []
    for line in lines:
        day = civil_day(line.airing.planned)
        if not days or civil_day(days[-1][0]) != day:
            days.append((line.airing.planned, []))
        sounds = [(language_name(languages, tag), name, ms) for tag, name, ms in line.sounds]
        days[-1][1].append((line, sounds))
    return days


def _feed(lines: list[PublicLine], title: str, root: str, now: UtcMs) -> bytes:
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")

    def add(parent: ET.Element, tag: str, text: str = "", **given: str) -> ET.Element:
        made = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", given)
        made.text = text or None
        return made

    add(feed, "title", title)
    add(feed, "id", root)
    add(feed, "link", href=root)
    add(feed, "link", rel="self", href=f"{root}/tin.atom")
    add(feed, "updated", civil(lines[0].airing.planned if lines else now // DAY * DAY).isoformat())
    for line in lines:
        entry = add(feed, "entry")
        add(entry, "title", line.title)
        add(entry, "id", f"{root}#{line.airing.occurrence}")
        add(entry, "updated", civil(line.airing.planned).isoformat())
        add(add(entry, "author"), "name", line.office)
        add(entry, "link", href=f"{root}?thang={civil(line.airing.planned):%Y-%m}")
        for _, name, _ in line.sounds:
            add(entry, "link", rel="enclosure", type="audio/mpeg", href=f"{root}/{name}.mp3")
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))
