"""The sound of clips, for the browser, and its picture: only ever our own files, only for who may hear it. And how far
a text is that is being read out.

Imported by `server.app`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from audio.clip import is_clip_name
from server import hearing, listening
from server.refusals import NotFound
from server.web.documented import SOUND, bytes_of
from server.web.frame import Frame
from server.web.narrating import look

AGAIN_S = "2"
"""A page without scripts looks again after so many seconds."""


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    def heard_by(request: Request, name: str) -> dict[str, str]:
        """The headers of what this person may hear. The browser keeps it and asks each time whether it may: the next
        person at this computer may not."""
        person = frame.person(request)
        with desk.stores.open() as store:
            if not is_clip_name(name) or not hearing.may_hear(store, person, name):
                raise NotFound
        return {"cache-control": "private, no-cache", "etag": f'"{name}"'}

    @router.get("/am-thanh/{name}.mp3", responses=SOUND)
    def preview(request: Request, name: str, duyet: str = "") -> Response:
        headers, path = heard_by(request, name), desk.archive.preview(name)
        if path is None:
            raise NotFound
        if duyet:  # somebody listens before deciding on this broadcast
            with desk.stores.open() as store:
                listening.fetched(store, frame.person(request), duyet, name, desk.clock())
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, media_type="audio/mpeg", headers=headers)

    @router.get("/am-thanh/{name}.svg", responses=bytes_of("image/svg+xml"))
    def picture(request: Request, name: str) -> Response:
        headers, path = heard_by(request, name), desk.studio.picture(name)
        if path is None:
            raise NotFound
        return FileResponse(path, media_type="image/svg+xml", headers=headers)

    @router.get("/ban-tin/nghe-thu/{key}")
    def progress(request: Request, key: str) -> Response:
        """How far a text is. With scripts it is a part of the form that is open; without, a page that looks again by
        itself."""
        person = frame.person(request)
        heard = look(frame, request, person, key)
        if heard is None:
            raise NotFound
        errors = {"text": [heard.error]} if heard.error else {}
        part = "hx-request" in request.headers
        answer = frame.page(request, "heard.html" if part else "narration.html", heard=heard, errors=errors)
        if heard.narration is not None and not part:
            answer.headers["refresh"] = AGAIN_S
        if heard.rendered is not None and part:
            answer.headers["hx-trigger"] = "heard"
        return answer

    return router
