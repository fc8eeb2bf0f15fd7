"""Whether the server lives, and whether it is ready to work, for who watches over it: no session, no secret.

Imported by `server.app`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from server import vitals
from server.web import health_words
from server.web.documented import Answers, bytes_of
from server.web.frame import Frame

UNREADY: Answers = {503: {"description": "Something is missing", "content": {"application/json": {}}}}


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()
    desk = frame.desk

    @router.get("/healthz", responses=bytes_of("application/json"))
    async def lives() -> JSONResponse:
        """It answers at all: without the database, and without waiting for anything else."""
        return JSONResponse({"ok": True})

    @router.get("/readyz", responses={**bytes_of("application/json"), **UNREADY})
    def ready(request: Request) -> JSONResponse:
        missing = vitals.wants(desk.stores, desk.ready, desk.settings.data_folder)
        told = {each.value: frame.say(request, health_words.WANTS[each]) for each in missing}
        return JSONResponse({"ok": not told, "missing": told}, 503 if told else 200)

    return router
