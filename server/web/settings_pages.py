"""The page "Cài đặt": where everything is that is set up once and seldom touched.

Imported by `server.app`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from server.web.frame import Frame


def routes(frame: Frame) -> APIRouter:
    """The routes of this family."""
    router = APIRouter()

    @router.get("/cai-dat")
    def settings(request: Request) -> Response:
        frame.person(request)
        return frame.page(request, "settings.html")

    return router
