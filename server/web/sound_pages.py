"""The sound of clips, for the browser: only ever our own MP3, only for who may hear it.

Imported by `server.app`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from audio.clip import is_clip_name
from server import hearing, listening
from server.refusals import NotFound
from server.web.documented import SOUND
from server.web.frame import Frame


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/am-thanh/{name}.mp3", responses=SOUND)
    def preview(request: Request, name: str, duyet: str = "") -> Response:
        person = frame.person(request)
        path = desk.archive.preview(name) if is_clip_name(name) else None
        if path is None:
            raise NotFound
        with desk.stores.open() as store:
            if not hearing.may_hear(store, person, name):
                raise NotFound
            if duyet:  # somebody listens before deciding on this broadcast
                listening.fetched(store, person, duyet, name, desk.clock())
        # The browser keeps it and asks each time whether it may: the next person at this computer may not.
        headers = {"cache-control": "private, no-cache", "etag": f'"{name}"'}
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, media_type="audio/mpeg", headers=headers)

    return router
