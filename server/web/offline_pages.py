"""What makes the pages an app on a telephone: the manifest, the service worker, and the page for times without a
network, which shows the programme as it was last seen and keeps what is written until it can be sent.

Imported by `server.app`.
"""

import hashlib
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from audio.language import VIETNAMESE, Language
from schedules.clock import civil_day
from schedules.programme import BroadcastClass
from server import timetable
from server.access import Act, Person, may_anywhere, scope
from server.area import Area
from server.compose_form import ComposeForm
from server.web import carrying_on, words
from server.web.documented import bytes_of
from server.web.frame import HERE, SESSION_COOKIE, Frame, language_name
from server.web.places import chosen_before

DAYS = 2
MOST = 40
"""Lines of one day: it is a small page, kept on every telephone."""
KEPT = (
    "loaban.css",
    "fonts/regular.woff2",
    "fonts/bold.woff2",
    "loa.svg",
    "vendor/htmx.min.js",
    "live.js",
    "device.js",
    "words_kept.js",
    "offline.js",
    "offline_take.js",
    "take_queue.js",
    "microphone.js",
    "icons/loa-192.png",
)
"""Files that the page needs when no network is there."""
ICONS = (("loa-192.png", "192", "any"), ("loa-512.png", "512", "any"), ("loa-full-192.png", "192", "maskable"),
         ("loa-full-512.png", "512", "maskable"))  # fmt: skip


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()

    @router.get("/loaban.webmanifest", responses=bytes_of("application/manifest+json"))
    def manifest(request: Request) -> Response:
        return Response(msgspec.json.encode(_manifest(frame, request)), media_type="application/manifest+json")

    @router.get("/tho-nen.js", responses=bytes_of("text/javascript"))
    def service_worker() -> Response:
        return Response(_service_worker(frame), media_type="text/javascript")

    @router.get("/ngoai-tuyen")
    def offline(request: Request) -> Response:
        """For who has not signed in it is the same without anything of anybody."""
        if SESSION_COOKIE not in request.cookies:
            return frame.page(request, "offline.html", **_NOTHING)
        return frame.page(request, "offline.html", **_seen(frame, frame.person(request)))

    return router


_NOTHING: dict[str, Any] = {"days": (), "names": {}, "writes": False, "languages": (), "given": (), "more": 0}


def _seen(frame: Frame, person: Person) -> dict[str, Any]:
    """What the page tells this person: today and tomorrow in their places, and what they may write in."""
    now = frame.desk.clock()
    with frame.desk.stores.open() as store:
        found = timetable.days(store, person, None, civil_day(now), DAYS, now)
        languages = store.areas.languages()
        own = store.areas.below(scope(person.grants, Act.write))
        spoken = {tag for area in store.areas.below(scope(person.grants, Act.see)) for tag in area.languages}
    days = [msgspec.structs.replace(day, lines=day.lines[:MOST]) for day in found]
    return {
        "days": days,
        "more": sum(len(day.lines) for day in found) - sum(len(day.lines) for day in days),
        "names": {tag: language_name(languages, tag) for day in days for line in day.lines for tag in line.languages},
        "writes": any(may_anywhere(person.grants, act) for act in (Act.write, Act.alarm)),
        "languages": [each for tag, each in sorted(languages.items(), key=_vietnamese_first) if tag in spoken],
        "given": _given(frame, person, own),
    }


def _vietnamese_first(named: tuple[str, Language]) -> bool:
    return named[0] != VIETNAMESE


def _given(frame: Frame, person: Person, own: list[Area]) -> list[tuple[str, str]]:
    """What a form that is begun anew says already, field by field, and whose it is."""
    klass = ComposeForm().broadcast_class if own else BroadcastClass.emergency.value
    whose = carrying_on.mark(frame, person)
    fields = [("broadcast_class", klass), ("mode", ComposeForm().mode), (carrying_on.WHOSE, whose)]
    return [*fields, *(("targets", area) for area in chosen_before(own))]


def _manifest(frame: Frame, request: Request) -> dict[str, object]:
    return {
        "id": "/",
        "name": frame.say(request, words.APP),
        "short_name": "Loa Bản",
        "lang": frame.language(request),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#0b5394",
        "theme_color": "#0b5394",
        "icons": [
            {
                "src": frame.static_url(f"icons/{name}"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in ICONS
        ],
    }


def _service_worker(frame: Frame) -> bytes:
    """The script, after a line that names the files of this version: another version is another script."""
    files = [frame.static_url(name) for name in KEPT]
    stamp = hashlib.sha256("\n".join(files).encode()).hexdigest()[:10]
    said = {"STAMP": stamp, "FILES": files, "ICON": frame.static_url("icons/loa-192.png")}
    line = b" ".join(b"const %s = %s;" % (name.encode(), msgspec.json.encode(value)) for name, value in said.items())
    return line + b"\n" + (HERE / "static" / "service_worker.js").read_bytes()
